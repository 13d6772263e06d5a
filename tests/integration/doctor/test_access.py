"""`gridboss-assets doctor` with keys, regions, buckets and permissions that are wrong."""

from pathlib import Path

from moto.server import ThreadedMotoServer
from tests.support.doctor import Doctor, settings_of, signed_listing
from tests.support.proxy import S3Proxy, matching
from tests.support.proxy_http import Answer
from tests.support.s3server import ORIGIN

from gridboss_assets.dev.bucket import connect, prepare_bucket


def test_a_wrong_secret_is_told_from_an_unknown_key(doctor: Doctor) -> None:
    wrong = doctor(S3_SECRET_KEY="not-the-secret-of-this-key")
    unknown = doctor(S3_ACCESS_KEY="nobody-knows-me")
    assert (wrong.status, unknown.status) == (1, 1)
    assert wrong.named("fail") == unknown.named("fail") == {"credentials"}
    assert "S3_SECRET_KEY" in wrong.one("credentials")["remedy"]
    assert "does not know S3_ACCESS_KEY" in unknown.one("credentials")["detail"]


def test_a_session_that_is_over_is_told_apart(doctor: Doctor, proxy: S3Proxy) -> None:
    proxy.fail(signed_listing(), 400, "ExpiredToken")
    run = doctor(S3_SESSION_TOKEN="token-of-a-session")
    assert (run.status, run.named("fail")) == (1, {"credentials"})
    assert "S3_SESSION_TOKEN" in run.one("credentials")["detail"]


def test_a_missing_bucket_is_named(doctor: Doctor) -> None:
    run = doctor(S3_BUCKET="test-not-there")
    assert (run.status, run.named("fail")) == (1, {"bucket"})
    assert "test-not-there" in run.one("bucket")["detail"]
    assert run.of("cors") == run.of("reading") == []


def test_a_wrong_region_is_named_with_the_right_one(doctor: Doctor, proxy: S3Proxy) -> None:
    code = b"AuthorizationQueryParametersError"
    body = b"<Error><Code>" + code + b"</Code><Region>eu-central-1</Region></Error>"
    proxy.reply(signed_listing(), Answer(400, [("Content-Type", "application/xml")], body))
    run = doctor()
    assert (run.status, run.named("fail")) == (1, {"region"})
    assert "S3_REGION=eu-central-1" in run.one("region")["remedy"]


def test_a_redirect_to_another_region_is_not_followed(doctor: Doctor, proxy: S3Proxy) -> None:
    headers = [("Location", "http://127.0.0.1:9/"), ("x-amz-bucket-region", "eu-central-1")]
    proxy.reply(signed_listing(), Answer(301, headers, b""))
    assert "S3_REGION=eu-central-1" in doctor().one("region")["remedy"]


def test_keys_that_may_not_list_or_read_fail(doctor: Doctor, proxy: S3Proxy) -> None:
    proxy.fail(matching("GET", "/pending/doctor-"), 403, "AccessDenied", times=None)
    run = doctor()
    assert (run.status, run.one("reading")["status"]) == (1, "fail")
    assert "s3:GetObject" in run.one("reading")["remedy"]
    proxy.clear()
    proxy.fail(signed_listing(), 403, "AccessDenied", times=None)
    run = doctor()
    assert (run.status, run.named("fail")) == (1, {"bucket"})
    assert "s3:ListBucket" in run.one("bucket")["remedy"]


def test_keys_that_may_do_more_than_they_need_are_worth_a_warning(
    doctor: Doctor, proxy: S3Proxy
) -> None:
    found = doctor().one("least privilege")
    assert found["status"] == "warn"
    assert "list the account's buckets" in found["detail"]
    assert "policy" in found["detail"]
    assert "gridboss-assets iam policy" in found["remedy"]
    proxy.fail(matching("GET", "/?X-Amz"), 403, "AccessDenied", times=None)
    proxy.fail(matching("GET", "policy="), 403, "AccessDenied", times=None)
    run = doctor()
    assert (run.status, run.one("least privilege")["status"]) == (0, "pass")


def test_a_list_of_this_bucket_alone_is_no_permission_too_many(
    doctor: Doctor, proxy: S3Proxy, bucket: str
) -> None:
    names = f"<ListAllMyBucketsResult><Name>{bucket}</Name></ListAllMyBucketsResult>".encode()
    proxy.fail(matching("GET", "policy="), 403, "AccessDenied", times=None)
    proxy.reply(
        lambda request: request.path.startswith("/?"),
        Answer(200, [("Content-Type", "application/xml")], names),
    )
    assert doctor().one("least privilege")["status"] == "pass"
    assert doctor(S3_PROVIDER="aws").one("least privilege")["status"] == "warn"


def test_a_bucket_that_anybody_may_list_fails(tmp_path: Path) -> None:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        endpoint = f"http://127.0.0.1:{server.get_host_and_port()[1]}"
        prepare_bucket(connect(endpoint, "any-key", "any-secret"), "test-open", origins=[ORIGIN])
        run = Doctor(tmp_path, settings_of(endpoint, "test-open", "any-key", "any-secret"))()
    finally:
        server.stop()
    assert (run.status, run.named("fail")) == (1, {"public access"})
    assert "Anybody may list" in run.one("public access")["detail"]
