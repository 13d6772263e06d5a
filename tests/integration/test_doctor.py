"""`gridboss-assets doctor` on a real S3 server: each check passes, and fails for its reason."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from moto.server import ThreadedMotoServer
from tests.support.doctor import Doctor, settings_of
from tests.support.proxy import Matcher, S3Proxy, matching
from tests.support.proxy_http import Answer, Request
from tests.support.s3server import ORIGIN

from gridboss_assets.dev.bucket import connect, prepare_bucket
from gridboss_assets.dev.seaweed import SeaweedFS

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# The checks after the connection, in order.
WITH_KEYS = {"credentials", "region", "bucket", "reading", "least privilege", "cors"}


@pytest.fixture
def proxy(seaweed: SeaweedFS) -> Iterator[S3Proxy]:
    """Stand in front of the real server, and misbehave when told to."""
    with S3Proxy(seaweed.endpoint) as proxy:
        yield proxy


@pytest.fixture
def doctor(seaweed: SeaweedFS, bucket: str, proxy: S3Proxy, tmp_path: Path) -> Doctor:
    """Run the command on a bucket as it should be, through the proxy."""
    settings = settings_of(proxy.endpoint, bucket, seaweed.access_key, seaweed.secret_key)
    return Doctor(tmp_path, settings)


def listing() -> Matcher:
    """Match the signed listing of the bucket."""
    return lambda request: "list-type=2" in request.path and "X-Amz-Signature" in request.path


def unsigned(request: Request) -> bool:
    """Match what a stranger asks."""
    return request.method == "GET" and "X-Amz-Signature" not in request.path


def page(status: int = 200) -> Answer:
    """Return what a website or a console answers."""
    return Answer(status, [("Content-Type", "text/html")], b"<html>Welcome</html>")


# --- all is well ------------------------------------------------------------------------------


def test_a_deployment_in_order_passes(doctor: Doctor, proxy: S3Proxy) -> None:
    run = doctor()
    assert (run.status, run.named("fail", "unknown")) == (0, set())
    assert run.named("pass") >= WITH_KEYS - {"least privilege"} | {"settings", "dns", "clock"}
    assert {request.method for request in proxy.requests} == {"GET", "OPTIONS"}


def test_the_program_prints_results_on_stdout_and_progress_on_stderr(
    doctor: Doctor, bucket: str
) -> None:
    run = doctor.program()
    assert run.status == 0
    assert f"Bucket {bucket}" in run.out
    assert "credentials" in run.out
    assert run.err.startswith("Looking up names and connecting …\n")
    assert run.err.splitlines()[-1].endswith("warn")
    assert not set(run.err.splitlines()) & set(run.out.splitlines())


def test_the_program_prints_json_alone_on_stdout(doctor: Doctor) -> None:
    run = doctor.program("--json")
    assert run.report["status"] == run.status == 0
    assert {each["status"] for each in run.report["findings"]} == {"pass", "warn"}


def test_every_origin_is_tried_as_a_browser_would(doctor: Doctor, proxy: S3Proxy) -> None:
    doctor()
    forms = [each for each in proxy.requests if each.method == "OPTIONS"]
    assert [each.headers["origin"] for each in forms] == [
        ORIGIN,
        "https://gridboss-doctor.invalid",
    ]
    assert forms[0].path.endswith("/")  # where the form goes
    assert forms[0].headers["access-control-request-method"] == "POST"
    assert "access-control-request-headers" not in forms[0].headers
    proxy.clear()
    doctor(S3_UPLOAD_METHOD="put")
    put = next(each for each in proxy.requests if each.method == "OPTIONS")
    assert "X-Amz-Signature" in put.path
    assert put.headers["access-control-request-method"] == "PUT"
    assert put.headers["access-control-request-headers"] == (
        "content-type,if-none-match,x-amz-meta-filename"
    )


# --- settings ---------------------------------------------------------------------------------


def test_switched_off_fails_with_what_would_be_missing(doctor: Doctor, proxy: S3Proxy) -> None:
    run = doctor(S3_ENABLED="false", S3_REGION="", S3_SECRET_KEY="")
    assert run.status == 1
    (found,) = run.report["findings"]
    assert (found["check"], found["status"]) == ("settings", "fail")
    assert "S3_ENABLED=true" in found["remedy"]
    assert all(name in found["detail"] for name in ("S3_REGION", "S3_SECRET_KEY"))
    assert "S3_BUCKET" not in found["detail"]
    assert proxy.requests == []


def test_every_unusable_setting_is_named(doctor: Doctor, proxy: S3Proxy) -> None:
    run = doctor(S3_REGION="", S3_ACCESS_KEY="", JWT_SECRET="short")
    (found,) = run.report["findings"]
    assert (run.status, found["status"]) == (1, "fail")
    assert all(name in found["detail"] for name in ("S3_REGION", "S3_ACCESS_KEY", "JWT_SECRET"))
    assert proxy.requests == []


def test_a_region_that_no_address_can_be_made_of_is_a_setting_to_mend(doctor: Doctor) -> None:
    run = doctor(S3_ENDPOINT="", S3_REGION="auto", S3_BUCKET="test-nowhere")
    (found,) = run.report["findings"]
    assert (run.status, found["check"]) == (1, "settings")
    assert "S3_REGION" in found["detail"]


def test_a_missing_sign_in_is_worth_a_warning(doctor: Doctor) -> None:
    run = doctor(JWT_SECRET="")
    assert (run.status, run.one("sign-in")["status"]) == (0, "warn")
    assert doctor(JWT_SECRET="", APP_ENV="development").of("sign-in") == []


def test_a_provider_without_conditions_is_said_to_lack_them(doctor: Doctor) -> None:
    run = doctor(S3_PROVIDER="b2")
    assert run.status == 0
    assert "`size` is required" in run.one("upload method")["detail"]
    assert run.one("conditional writes")["status"] == "not available"
    assert run.one("versions")["status"] == "not available"


def test_forms_at_a_provider_that_has_none_fail(doctor: Doctor) -> None:
    run = doctor(S3_PROVIDER="r2", S3_UPLOAD_METHOD="post")
    assert [each["status"] for each in run.of("upload method")] == ["pass", "fail"]
    assert run.status == 1


# --- the network ------------------------------------------------------------------------------


def test_a_name_that_does_not_resolve_is_one_message(doctor: Doctor) -> None:
    run = doctor(S3_ENDPOINT="https://no-such-host.invalid")
    assert (run.status, run.named("fail")) == (1, {"dns"})
    assert "no-such-host.invalid" in run.one("dns")["detail"]
    assert run.named("unknown") == {"not tried"}
    assert not run.named("pass") & WITH_KEYS


@pytest.mark.parametrize("options", [(), ("--live",)], ids=["plain", "live"])
def test_a_server_that_is_down_is_one_message(
    doctor: Doctor, proxy: S3Proxy, options: tuple[str, ...]
) -> None:
    with proxy.down():
        run = doctor(*options)
    assert (run.status, run.named("fail")) == (1, {"connection"})
    assert "S3_ENDPOINT" in run.one("connection")["remedy"]
    assert run.named("unknown") == {"not tried"}
    assert not run.named("pass", "warn") & WITH_KEYS


def test_a_server_that_keeps_silent_is_waited_for_no_longer_than_said(
    doctor: Doctor, proxy: S3Proxy
) -> None:
    proxy.delay(lambda _: True, 1)
    run = doctor("--timeout", "0.2")
    assert (run.status, run.named("fail")) == (1, {"connection"})
    assert "0.2 s" in run.one("connection")["detail"]


def test_a_server_that_goes_away_in_the_middle_leaves_the_rest_unknown(
    doctor: Doctor, proxy: S3Proxy
) -> None:
    proxy.drop(listing())
    run = doctor()
    assert (run.status, run.named("fail")) == (2, set())
    assert run.one("credentials")["status"] == "unknown"
    assert not run.named("pass") & WITH_KEYS


@pytest.mark.parametrize("status", [200, 404])
def test_a_website_is_not_taken_for_an_s3_server(
    doctor: Doctor, proxy: S3Proxy, status: int
) -> None:
    proxy.reply(lambda _: True, page(status))
    run = doctor()
    assert run.status == 1
    assert "no S3 server" in run.one("bucket")["detail"]
    assert "S3_ENDPOINT" in run.one("bucket")["remedy"]
    assert not run.named("pass") & WITH_KEYS


def test_a_public_endpoint_out_of_reach_leaves_cors_unknown(
    doctor: Doctor, seaweed: SeaweedFS
) -> None:
    with S3Proxy(seaweed.endpoint) as edge, edge.down():
        run = doctor(S3_PUBLIC_ENDPOINT=edge.endpoint)
    assert (run.status, run.named("fail")) == (2, set())
    assert "S3_PUBLIC_ENDPOINT" in run.one("connection")["remedy"]
    assert run.of("cors") == []
    assert "CORS" in run.one("not tried")["detail"]
    assert run.one("bucket")["status"] == "pass"


def test_a_public_endpoint_whose_name_is_not_known_here_leaves_cors_unknown(doctor: Doctor) -> None:
    run = doctor(S3_PUBLIC_ENDPOINT="https://files.example.invalid")
    assert (run.status, run.named("fail")) == (2, set())
    assert [each["status"] for each in run.of("dns")] == ["pass", "unknown"]
    assert run.of("cors") == []


def test_browsers_preflights_go_to_the_public_endpoint(
    doctor: Doctor, proxy: S3Proxy, seaweed: SeaweedFS
) -> None:
    with S3Proxy(seaweed.endpoint) as edge:
        assert doctor(S3_PUBLIC_ENDPOINT=edge.endpoint).status == 0
        assert "OPTIONS" in {each.method for each in edge.requests}
    assert "OPTIONS" not in {each.method for each in proxy.requests}


# --- the clock --------------------------------------------------------------------------------

YEARS_AGO = "Wed, 01 Jan 2020 00:00:00 GMT"


def test_a_wrong_clock_fails(doctor: Doctor, proxy: S3Proxy) -> None:
    proxy.answer_with(date=YEARS_AGO)
    run = doctor()
    assert (run.status, run.named("fail")) == (1, {"clock"})
    assert "NTP" in run.one("clock")["remedy"]


def test_keys_are_not_blamed_for_a_wrong_clock(doctor: Doctor, proxy: S3Proxy) -> None:
    proxy.answer_with(date=YEARS_AGO)
    proxy.fail(listing(), 403, "AccessDenied", times=None)
    run = doctor()
    assert (run.status, run.named("fail")) == (1, {"clock"})
    assert run.of("credentials") == run.of("bucket") == []


def test_a_server_without_a_date_leaves_the_clock_unknown(doctor: Doctor, proxy: S3Proxy) -> None:
    proxy.answer_with(date=None)
    run = doctor()
    assert (run.status, run.one("clock")["status"]) == (2, "unknown")


# --- credentials, region, bucket --------------------------------------------------------------


def test_a_wrong_secret_is_told_from_an_unknown_key(doctor: Doctor) -> None:
    wrong = doctor(S3_SECRET_KEY="not-the-secret-of-this-key")
    unknown = doctor(S3_ACCESS_KEY="nobody-knows-me")
    assert (wrong.status, unknown.status) == (1, 1)
    assert wrong.named("fail") == unknown.named("fail") == {"credentials"}
    assert "S3_SECRET_KEY" in wrong.one("credentials")["remedy"]
    assert "does not know S3_ACCESS_KEY" in unknown.one("credentials")["detail"]


def test_a_session_that_is_over_is_told_apart(doctor: Doctor, proxy: S3Proxy) -> None:
    proxy.fail(listing(), 400, "ExpiredToken")
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
    proxy.reply(listing(), Answer(400, [("Content-Type", "application/xml")], body))
    run = doctor()
    assert (run.status, run.named("fail")) == (1, {"region"})
    assert "S3_REGION=eu-central-1" in run.one("region")["remedy"]


def test_a_redirect_to_another_region_is_not_followed(doctor: Doctor, proxy: S3Proxy) -> None:
    headers = [("Location", "http://127.0.0.1:9/"), ("x-amz-bucket-region", "eu-central-1")]
    proxy.reply(listing(), Answer(301, headers, b""))
    assert "S3_REGION=eu-central-1" in doctor().one("region")["remedy"]


# --- permissions ------------------------------------------------------------------------------


def test_keys_that_may_not_list_or_read_fail(doctor: Doctor, proxy: S3Proxy) -> None:
    proxy.fail(matching("GET", "/pending/doctor-"), 403, "AccessDenied", times=None)
    run = doctor()
    assert (run.status, run.one("reading")["status"]) == (1, "fail")
    assert "s3:GetObject" in run.one("reading")["remedy"]
    proxy.clear()
    proxy.fail(listing(), 403, "AccessDenied", times=None)
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


# --- CORS -------------------------------------------------------------------------------------


def test_a_bucket_without_cors_rules_fails(doctor: Doctor, proxy: S3Proxy) -> None:
    proxy.fail(matching("OPTIONS"), 403, "AccessForbidden", times=None)
    run = doctor()
    assert (run.status, run.named("fail")) == (1, {"cors"})
    assert ORIGIN in run.of("cors")[0]["detail"]
    assert "403 AccessForbidden" in run.of("cors")[0]["detail"]
    assert "gridboss-assets bucket apply" in run.of("cors")[0]["remedy"]


def test_a_seaweedfs_bucket_without_rules_lets_every_origin_in(
    doctor: Doctor, s3_client: "S3Client", bucket: str
) -> None:
    s3_client.delete_bucket_cors(Bucket=bucket)
    assert [each["status"] for each in doctor().of("cors")] == ["pass", "warn"]


def test_an_origin_that_the_bucket_does_not_know_fails_alone(doctor: Doctor) -> None:
    run = doctor(CORS_ORIGINS=f"{ORIGIN},https://new.example.com")
    assert [each["status"] for each in run.of("cors")] == ["pass", "fail", "pass"]
    assert "https://new.example.com" in run.of("cors")[1]["detail"]


def test_a_method_that_the_rules_lack_fails(
    doctor: Doctor, s3_client: "S3Client", bucket: str
) -> None:
    rule = {"AllowedOrigins": [ORIGIN], "AllowedMethods": ["GET", "POST"], "AllowedHeaders": ["*"]}
    s3_client.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [rule]})  # type: ignore[list-item]
    assert doctor(S3_UPLOAD_METHOD="put").of("cors")[0]["status"] == "fail"
    found = doctor().of("cors")[0]
    assert (found["status"], "ETag" in found["detail"]) == ("warn", True)


def test_a_page_that_may_upload_but_not_read_fails(doctor: Doctor, proxy: S3Proxy) -> None:
    proxy.strip(matching("GET"), "origin")
    found = doctor().of("cors")[0]
    assert (found["status"], "GET" in found["detail"]) == ("fail", True)


def test_a_bucket_that_lets_every_origin_in_is_worth_a_warning(
    doctor: Doctor, s3_client: "S3Client", bucket: str
) -> None:
    rule = {
        "AllowedOrigins": ["*"],
        "AllowedMethods": ["GET", "POST", "PUT"],
        "AllowedHeaders": ["*"],
        "ExposeHeaders": ["ETag"],
    }
    s3_client.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [rule]})  # type: ignore[list-item]
    run = doctor()
    assert run.status == 0
    assert [each["status"] for each in run.of("cors")] == ["pass", "warn"]


def test_a_service_that_lets_everybody_in_needs_a_bucket_that_does(doctor: Doctor) -> None:
    run = doctor(CORS_ORIGINS="*")
    assert (run.status, run.one("cors")["status"]) == (1, "fail")


def test_no_origins_are_worth_a_warning(doctor: Doctor, proxy: S3Proxy) -> None:
    run = doctor(CORS_ORIGINS="")
    assert (run.status, run.one("cors")["status"]) == (0, "warn")
    assert "CORS_ORIGINS" in run.one("cors")["remedy"]
    assert "OPTIONS" not in {each.method for each in proxy.requests}


def test_help_tells_every_exit_status(doctor: Doctor) -> None:
    run = doctor.program("--help")
    assert run.status == 0
    assert all(words in run.out for words in ("0 all is well", "1 something is wrong", "2 "))
