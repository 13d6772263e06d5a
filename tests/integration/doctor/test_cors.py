"""`gridboss-assets doctor` tells when a browser would not send an upload, or not read it."""

from typing import TYPE_CHECKING

from tests.support.doctor import Doctor
from tests.support.proxy import S3Proxy, matching
from tests.support.s3server import ORIGIN

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


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
