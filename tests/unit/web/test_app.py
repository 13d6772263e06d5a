"""The HTTP service as an application's own tests use it: moto, TestClient, changed settings."""

import inspect
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import boto3
import pytest
from moto import mock_aws
from PIL import Image
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from app.main import app
from app.services.storage import generate_presigned_get_url
from gridboss_assets import ContentType, Kind, Kinds, MemoryStorage, errors
from gridboss_assets.access import Caller
from gridboss_assets.errors import Misconfigured, Unauthenticated
from gridboss_assets.web import create_app
from gridboss_assets.web.errors import status_of
from gridboss_config import Settings, get_settings

ENVIRONMENT = {
    "APP_ENV": "development",
    "S3_ENABLED": "true",
    "S3_BUCKET": "test-assets",
    "S3_REGION": "us-east-1",
    "S3_ACCESS_KEY": "test-access",
    "S3_SECRET_KEY": "test-secret",
    "S3_PRESIGN_TTL": "600",
}
client = TestClient(app)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    get_settings.cache_clear()
    yield monkeypatch
    get_settings.cache_clear()


@pytest.fixture
def s3() -> Iterator[Any]:
    with mock_aws():
        made = boto3.client(
            "s3",
            region_name="us-east-1",
            aws_access_key_id="test-access",
            aws_secret_access_key="test-secret",
        )
        made.create_bucket(Bucket="test-assets")
        yield made


def error_of(response: Any) -> tuple[int, str]:
    assert set(response.json()["detail"]) == {"error", "message"}
    return response.status_code, response.json()["detail"]["error"]


def post(path: str, **body: object) -> Any:
    return client.post(f"/uploads/{path}", json=body)


def test_sign_answers_with_everything_a_browser_needs() -> None:
    answer = post("sign", kind="avatar", filename="me.png", content_type="image/png").json()
    assert answer["bucket"] == "test-assets"
    assert answer["contentType"] == answer["fields"]["Content-Type"] == "image/png"
    assert answer["objectKey"].startswith("avatars/dev/")
    assert answer["fields"]["key"] == f"pending/{answer['objectKey']}"
    assert answer["maxSize"] == 2 * 1024 * 1024
    assert answer["expiresIn"] == 600
    assert answer["method"] == "POST"


def test_both_spellings_of_a_name_are_read() -> None:
    assert post("sign", kind="avatar", filename="a", contentType="image/png").status_code == 200
    assert post("download", object_key="exports/a.csv").status_code == 200


def test_a_picture_put_straight_at_its_key_is_cleaned_in_place(s3: Any) -> None:
    exif = Image.Exif()
    exif[0x9003] = "2024:01:01 00:00:00"
    buffer = BytesIO()
    Image.new("RGB", (10, 10), (128, 0, 128)).save(buffer, "JPEG", exif=exif)
    s3.put_object(
        Bucket="test-assets",
        Key="avatars/test.jpg",
        Body=buffer.getvalue(),
        ContentType="image/jpeg",
    )
    answer = post("complete", kind="avatar", objectKey="avatars/test.jpg").json()
    assert answer["objectKey"] == "avatars/test.jpg"
    assert "X-Amz-Signature" in answer["url"]
    stored = s3.get_object(Bucket="test-assets", Key="avatars/test.jpg")["Body"].read()
    assert answer["contentLength"] == len(stored)
    assert b"2024:01:01" not in stored


def test_a_picture_over_the_limit_answers_413(s3: Any) -> None:
    s3.put_object(Bucket="test-assets", Key="avatars/big.jpg", Body=bytes(2 * 1024 * 1024 + 1))
    response = post("complete", objectKey="avatars/big.jpg")
    assert error_of(response) == (413, "object_too_large")


@pytest.mark.usefixtures("s3")
def test_a_missing_object_answers_404() -> None:
    assert error_of(post("complete", objectKey="avatars/none.jpg")) == (404, "object_not_found")


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("sign", {"kind": "x", "filename": "a", "content_type": "a"}, (400, "unsupported_kind")),
        (
            "sign",
            {"kind": "avatar", "filename": "a.gif", "content_type": "image/gif"},
            (400, "unsupported_content_type"),
        ),
        (
            "sign",
            {"kind": "avatar", "filename": "", "content_type": "image/png"},
            (400, "invalid_filename"),
        ),
        ("sign", {"kind": "avatar"}, (422, "invalid_request")),
        ("sign", {"kind": 7, "filename": "a", "content_type": "a"}, (422, "invalid_request")),
        (
            "download",
            {"kind": "avatar", "objectKey": "exports/a.csv"},
            (400, "invalid_object_key"),
        ),
        ("download", {"objectKey": "pending/avatars/a.png"}, (400, "invalid_object_key")),
        ("download", {"objectKey": "secrets/a.png"}, (400, "invalid_object_key")),
        ("complete", {"objectKey": "exports/../a.csv"}, (400, "invalid_object_key")),
    ],
)
def test_a_bad_request_answers_in_the_error_form(
    path: str, body: dict[str, object], expected: tuple[int, str]
) -> None:
    assert error_of(post(path, **body)) == expected


def test_a_body_that_is_not_json_answers_422() -> None:
    response = client.post(
        "/uploads/sign", content=b"{", headers={"Content-Type": "application/json"}
    )
    assert error_of(response) == (422, "invalid_request")


def test_a_body_that_is_not_declared_as_json_answers_415() -> None:
    response = client.post("/uploads/sign", content=b"{}", headers={"Content-Type": "text/plain"})
    assert error_of(response) == (415, "unsupported_media_type")


def test_a_huge_body_answers_413() -> None:
    assert error_of(post("sign", kind="x" * 70_000)) == (413, "request_too_large")


def test_an_unknown_address_and_method_answer_in_the_error_form() -> None:
    assert error_of(client.get("/nothing")) == (404, "not_found")
    response = client.get("/uploads/sign")
    assert error_of(response) == (405, "method_not_allowed")
    assert response.headers["allow"] == "POST"


def test_switched_off_uploads_answer_400(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("S3_ENABLED", "false")
    get_settings.cache_clear()
    response = post("sign", kind="avatar", filename="a.png", content_type="image/png")
    assert error_of(response) == (400, "s3_not_enabled")


def test_unusable_settings_answer_503_where_no_startup_ran(
    environment: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    environment.delenv("S3_BUCKET")
    get_settings.cache_clear()
    assert error_of(post("download", objectKey="exports/a.csv")) == (503, "misconfigured")
    assert "S3_BUCKET" in caplog.text


def test_unusable_settings_stop_the_start(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("S3_BUCKET")
    get_settings.cache_clear()
    with pytest.raises(Misconfigured), TestClient(app):
        pass


def test_a_missing_sign_in_is_named_along_with_the_settings(
    environment: pytest.MonkeyPatch,
) -> None:
    environment.delenv("APP_ENV")
    environment.delenv("S3_BUCKET")
    environment.setenv("S3_PRESIGN_TTL", "soon")
    get_settings.cache_clear()
    with pytest.raises(Misconfigured) as caught, TestClient(app):
        pass
    named = ("S3_BUCKET", "S3_PRESIGN_TTL", "JWT_SECRET")
    assert all(f"  {name}: " in str(caught.value.detail) for name in named)


def test_production_without_a_key_serves_nobody(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("APP_ENV")
    get_settings.cache_clear()
    assert error_of(post("download", objectKey="exports/a.csv")) == (503, "misconfigured")


@pytest.mark.usefixtures("s3")
def test_health_and_readiness() -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    with TestClient(create_app(Settings(_env_file=None))) as own:
        assert own.get("/readyz").json() == {
            "status": "ready",
            "checks": {"settings": "ok", "storage": "ok"},
        }


@mock_aws()
def test_readiness_names_the_check_that_failed() -> None:
    with TestClient(create_app(Settings(_env_file=None))) as own:
        response = own.get("/readyz")
    assert response.status_code == 503
    assert response.json()["checks"] == {"settings": "ok", "storage": "storage_error"}


def test_every_answer_has_a_request_id_and_keeps_a_given_one() -> None:
    assert len(client.get("/healthz").headers["x-request-id"]) == 16
    given = client.get("/nothing", headers={"X-Request-ID": "abc-1"})
    assert given.headers["x-request-id"] == "abc-1"
    forged = client.get("/healthz", headers={"X-Request-ID": 'a"} {"level": "fine"'})
    assert forged.headers["x-request-id"] != 'a"} {"level": "fine"'


def test_cors_follows_the_settings_of_the_moment(environment: pytest.MonkeyPatch) -> None:
    origin = {"Origin": "https://app.example"}
    assert "access-control-allow-origin" not in client.get("/healthz", headers=origin).headers
    environment.setenv("CORS_ORIGINS", "https://app.example")
    get_settings.cache_clear()
    headers = client.get("/uploads/nothing", headers=origin).headers
    assert headers["access-control-allow-origin"] == "https://app.example"
    assert headers["access-control-expose-headers"] == "Location, Retry-After, X-Request-ID"
    other = client.get("/healthz", headers={"Origin": "https://other.example"})
    assert "access-control-allow-origin" not in other.headers


def test_an_unexpected_error_is_answered_without_a_trace() -> None:
    class Broken(MemoryStorage):
        def delete(self, key: str, *, only_if_etag: str | None = None) -> None:
            raise RuntimeError("internal detail")

    own = TestClient(create_app(Settings(_env_file=None), storage=Broken()))
    response = own.delete("/uploads?objectKey=exports/a.csv")
    assert error_of(response) == (500, "internal_error")
    assert "internal detail" not in response.text


def test_an_embedder_brings_sign_in_rules_and_storage() -> None:
    def authenticate(request: Any) -> Caller:
        if "x-user" not in request.headers:
            raise Unauthenticated
        return Caller(request.headers["x-user"])

    own = TestClient(
        create_app(
            Settings(_env_file=None, S3_ENABLED=False),
            storage=MemoryStorage(),
            authenticate=authenticate,
            authorize=lambda caller, _action, _resource: caller.subject == "admin",
        )
    )
    body = {"objectKey": "exports/a.csv"}
    assert error_of(own.post("/uploads/download", json=body)) == (401, "unauthenticated")
    refused = own.post("/uploads/download", json=body, headers={"X-User": "eve"})
    assert error_of(refused) == (403, "forbidden")
    answer = own.post("/uploads/download", json=body, headers={"X-User": "admin"})
    assert answer.json()["url"].startswith("memory://")


def test_an_embedder_brings_kinds_of_its_own() -> None:
    livery = Kind(
        name="livery",
        prefix="liveries/",
        max_size=1024,
        content_types=(ContentType("image/png", ("png",)),),
        inspector="image",
        cache_control="private, no-store",
        disposition="inline",
        readable_by="owner",
    )
    made = create_app(Settings(_env_file=None), storage=MemoryStorage(), kinds=Kinds(livery))
    own = TestClient(made)
    assert [kind["name"] for kind in own.get("/uploads/kinds").json()["kinds"]] == ["livery"]
    body = {"kind": "livery", "filename": "a.png", "contentType": "image/png"}
    assert own.post("/uploads/sign", json=body).json()["objectKey"].startswith("liveries/dev/")


def test_the_service_can_be_mounted_in_another_application() -> None:
    outer = Starlette(
        routes=[Mount("/assets", create_app(Settings(_env_file=None), storage=MemoryStorage()))]
    )
    response = TestClient(outer).post(
        "/assets/uploads/download", json={"objectKey": "exports/a.csv"}
    )
    assert response.json()["url"].startswith("memory://")


def test_too_many_requests_say_when_to_come_back() -> None:
    own = TestClient(create_app(Settings(_env_file=None, RATE_LIMIT_PER_MINUTE=1)))
    body = {"objectKey": "exports/a.csv"}
    assert own.post("/uploads/download", json=body).status_code == 200
    response = own.post("/uploads/download", json=body)
    assert error_of(response) == (429, "too_many_requests")
    assert 1 <= int(response.headers["retry-after"]) <= 60


def test_jobs_link_to_objects() -> None:
    link = generate_presigned_get_url("exports/season.csv", expires_in=60)
    assert link["expiresIn"] == 60
    assert "X-Amz-Expires=60" in str(link["url"])
    assert generate_presigned_get_url("exports/season.csv")["expiresIn"] == 600


def test_every_class_of_errors_with_a_code_has_a_status_of_its_own() -> None:
    with_code = [
        found
        for _, found in inspect.getmembers(errors, inspect.isclass)
        if issubclass(found, errors.AssetsError) and "code" in vars(found)
    ]
    assert [e for e in with_code if status_of(e) == 500] == [errors.AssetsError]


def test_the_openapi_document_lists_the_error_codes_of_each_route() -> None:
    routes = client.get("/openapi.json").json()["paths"]
    assert (
        "`object_changed`" in routes["/uploads/complete"]["post"]["responses"]["409"]["description"]
    )
    assert routes["/uploads/sign"]["post"]["security"]
