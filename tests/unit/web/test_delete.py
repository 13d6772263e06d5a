"""``DELETE /uploads``: the answer tells how long a CDN may go on serving what is gone."""

from collections.abc import Sequence
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.support.serving import CDN, browser, signed_in

from gridboss_assets import MemoryStorage
from gridboss_assets.errors import CdnDenied, CdnUnavailable
from gridboss_assets.invalidation import CloudFrontInvalidator

PICTURE = f"avatars/driver-7/{'3' * 32}.png"
TABLE = f"exports/driver-7/{'1' * 32}.csv"


def deleting(**settings: Any) -> TestClient:
    client = browser({"storage": MemoryStorage()}, **settings)
    client.headers.update(signed_in())
    return client


def told(monkeypatch: pytest.MonkeyPatch, failure: Exception | None = None) -> list[str]:
    """Play CloudFront: note the paths it is told to forget, or fail."""
    paths: list[str] = []

    def invalidate(_self: CloudFrontInvalidator, wanted: Sequence[str]) -> str:
        paths.extend(wanted)
        if failure is not None:
            raise failure
        return "I2J0I21PCUYOIK"

    monkeypatch.setattr(CloudFrontInvalidator, "invalidate", invalidate)
    return paths


@pytest.mark.parametrize(
    ("settings", "key", "seconds"),
    [
        ({}, PICTURE, 0),
        ({"CDN_BASE_URL": CDN}, PICTURE, 86_400),
        ({"CDN_BASE_URL": CDN}, TABLE, 0),
    ],
    ids=["no CDN", "a picture", "an export that the CDN has not"],
)
def test_the_answer_tells_how_long_the_cdn_may_serve_it(
    settings: dict[str, Any], key: str, seconds: int
) -> None:
    answer = deleting(**settings).delete("/uploads", params={"objectKey": key})
    assert answer.status_code == 200
    assert answer.json() == {
        "objectKey": key,
        "deleted": True,
        "cdnMayServeFor": seconds,
        "expiresIn": 0,
    }


def test_a_cdn_that_was_told_serves_it_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    paths = told(monkeypatch)
    client = deleting(CDN_BASE_URL=CDN, CDN_DISTRIBUTION_ID="E1PA6795UKMFR9")
    answer = client.request("DELETE", "/uploads", json={"objectKey": PICTURE})
    assert answer.json()["cdnMayServeFor"] == 0
    assert paths == [f"/{PICTURE}"]


@pytest.mark.parametrize("failure", [CdnDenied(), CdnUnavailable()], ids=["denied", "away"])
def test_a_cdn_that_could_not_be_told_is_no_error_of_the_request(
    monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    told(monkeypatch, failure)
    client = deleting(CDN_BASE_URL=CDN, CDN_DISTRIBUTION_ID="E1PA6795UKMFR9")
    answer = client.delete("/uploads", params={"objectKey": PICTURE})
    assert (answer.status_code, answer.json()["cdnMayServeFor"]) == (200, 86_400)


def test_a_refused_deletion_tells_the_cdn_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    paths = told(monkeypatch)
    client = deleting(CDN_BASE_URL=CDN, CDN_DISTRIBUTION_ID="E1PA6795UKMFR9")
    answer = client.delete("/uploads", params={"objectKey": PICTURE.replace("-7", "-8")})
    assert answer.status_code == 403
    assert paths == []
