"""`gridboss-assets doctor`: a deployment in order passes, and settings are read first."""

from tests.support.doctor import Doctor
from tests.support.proxy import S3Proxy
from tests.support.s3server import ORIGIN

# The checks with the application's keys, in order.
WITH_KEYS = {"credentials", "region", "bucket", "reading", "least privilege", "cors"}


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


def test_help_tells_every_exit_status(doctor: Doctor) -> None:
    run = doctor.program("--help")
    assert run.status == 0
    assert all(words in run.out for words in ("0 all is well", "1 something is wrong", "2 "))
