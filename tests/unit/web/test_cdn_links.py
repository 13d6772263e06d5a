"""Whoever hands out a link asks the same function: the service, its jobs, and jobs of one's own."""

import time

import pytest
from starlette.testclient import TestClient
from tests.support.cloudfront import KEY_PAIR_ID, admit_url, key_pair
from tests.support.in_memory import CSV, PHOTO, sign_csv, sign_photo

from app.services.storage import generate_presigned_get_url
from gridboss_assets import MemoryStorage
from gridboss_assets.uploads import Uploads
from gridboss_assets.web import create_app
from gridboss_config import Settings

BASE = "https://cdn.example.com"


def settings() -> Settings:
    return Settings(
        _env_file=None,
        app_env="development",
        s3_enabled=True,
        s3_region="eu-west-1",
        s3_bucket="test-assets",
        s3_access_key="test-access",
        s3_secret_key="test-secret",
        cdn_base_url=BASE,
        cdn_key_pair_id=KEY_PAIR_ID,
        cdn_private_key=key_pair("ecdsa").private,
    )


@pytest.fixture
def storage() -> MemoryStorage:
    return MemoryStorage()


@pytest.fixture
def service(storage: MemoryStorage) -> TestClient:
    return TestClient(create_app(settings(), storage=storage))


def test_a_completed_picture_is_answered_with_the_plain_url(
    service: TestClient, storage: MemoryStorage
) -> None:
    signed = sign_photo(Uploads(storage))
    storage.receive(signed, PHOTO)
    answer = service.post("/uploads/complete", json={"objectKey": signed.object_key}).json()
    assert answer["url"] == f"{BASE}/{signed.object_key}"
    assert answer["expiresIn"] == 86_400


def test_a_completed_export_is_answered_with_a_url_that_the_cdn_lets_in(
    service: TestClient, storage: MemoryStorage
) -> None:
    signed = sign_csv(Uploads(storage))
    storage.receive(signed, CSV)
    answer = service.post("/uploads/complete", json={"objectKey": signed.object_key}).json()
    assert answer["url"].startswith(f"{BASE}/{signed.object_key}?")
    assert answer["expiresIn"] == 3600
    admit_url(answer["url"], key_pair("ecdsa").public, now=time.time() + 3590)


def test_a_deletion_that_the_cdn_does_not_hear_of_says_for_how_long(service: TestClient) -> None:
    for key, seconds in (("avatars/a.png", 86_400), ("exports/a.csv", 10_800)):
        answer = service.request("DELETE", "/uploads", json={"objectKey": key})
        assert answer.json() == {
            "objectKey": key,
            "deleted": True,
            "cdnMayServeFor": seconds,
            "expiresIn": 0,
        }


def test_a_job_links_to_the_cdn() -> None:
    link = generate_presigned_get_url("exports/season.csv", settings())
    admit_url(str(link["url"]), key_pair("ecdsa").public, now=time.time())
    assert link["expiresIn"] == 3600
    assert generate_presigned_get_url("avatars/a.png", settings()) == {
        "url": f"{BASE}/avatars/a.png",
        "expiresIn": 86_400,
    }


def test_a_job_chooses_how_long_a_link_of_the_cdn_lives() -> None:
    link = generate_presigned_get_url("exports/season.csv", settings(), expires_in=30 * 86_400)
    assert link["expiresIn"] == 30 * 86_400
    admit_url(str(link["url"]), key_pair("ecdsa").public, now=time.time() + 29 * 86_400)
