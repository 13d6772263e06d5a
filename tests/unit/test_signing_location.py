"""Where a bucket is reached. What botocore would answer is held in tests/properties."""

from typing import Any

import pytest

from gridboss_assets.errors import Misconfigured
from gridboss_assets.signing import BucketLocation, locate_bucket


def test_on_aws_the_bucket_stands_in_the_regional_host_name() -> None:
    assert locate_bucket("assets", "eu-west-1") == BucketLocation(
        bucket="assets",
        region="eu-west-1",
        base_url="https://assets.s3.eu-west-1.amazonaws.com",
        host="assets.s3.eu-west-1.amazonaws.com",
        path="",
        form_url="https://assets.s3.eu-west-1.amazonaws.com/",
    )


def test_on_a_custom_endpoint_the_bucket_stands_in_the_path() -> None:
    assert locate_bucket("assets", "us-east-1", endpoint="http://localhost:9000") == BucketLocation(
        bucket="assets",
        region="us-east-1",
        base_url="http://localhost:9000",
        host="localhost:9000",
        path="/assets",
        form_url="http://localhost:9000/assets/",
    )


def test_path_style_can_be_asked_for_on_aws() -> None:
    location = locate_bucket("assets", "eu-west-1", addressing_style="path")
    assert (location.host, location.path) == ("s3.eu-west-1.amazonaws.com", "/assets")


def test_virtual_style_can_be_asked_for_on_a_custom_endpoint() -> None:
    location = locate_bucket(
        "assets", "us-east-1", endpoint="http://localhost:9000", addressing_style="virtual"
    )
    assert (location.host, location.path) == ("assets.localhost:9000", "")


@pytest.mark.parametrize(
    "bucket", ["dotted.name", "Capitals", "under_score", "ab", "-ab", "a" * 64]
)
def test_a_name_that_no_certificate_or_host_name_can_hold_stays_in_the_path(bucket: str) -> None:
    location = locate_bucket(bucket, "eu-west-1", addressing_style="virtual")
    assert (location.host, location.path) == ("s3.eu-west-1.amazonaws.com", f"/{bucket}")


def test_a_name_with_dots_may_stand_in_the_host_name_under_plain_http() -> None:
    location = locate_bucket(
        "dotted.name", "us-east-1", endpoint="http://s3.test", addressing_style="virtual"
    )
    assert (location.host, location.path) == ("dotted.name.s3.test", "")


@pytest.mark.parametrize("bucket", ["10.0.0.1", "two..dots", "dash-.dot"])
def test_a_name_with_dots_that_is_no_host_name_stays_in_the_path(bucket: str) -> None:
    location = locate_bucket(
        bucket, "us-east-1", endpoint="http://s3.test", addressing_style="virtual"
    )
    assert (location.host, location.path) == ("s3.test", f"/{bucket}")


@pytest.mark.parametrize("address", ["127.0.0.1:9000", "[::1]:9000"])
@pytest.mark.parametrize("bucket", ["assets", "dotted.name"])
def test_no_bucket_stands_before_an_ip_address(address: str, bucket: str) -> None:
    location = locate_bucket(
        bucket, "us-east-1", endpoint=f"http://{address}", addressing_style="virtual"
    )
    assert (location.host, location.path) == (address, f"/{bucket}")


@pytest.mark.parametrize(
    ("endpoint", "host"),
    [
        ("http://s3.test:80", "s3.test"),
        ("https://s3.test:443", "s3.test"),
        ("https://s3.test:80", "s3.test:80"),
        ("http://S3.Test:8333", "s3.test:8333"),
        ("http://[FE80::1]:80", "[fe80::1]"),
    ],
)
def test_the_host_is_written_as_clients_send_it(endpoint: str, host: str) -> None:
    assert locate_bucket("assets", "us-east-1", endpoint=endpoint).host == host


def test_the_path_of_an_endpoint_comes_before_the_bucket() -> None:
    location = locate_bucket("assets", "us-east-1", endpoint="https://s3.test/storage/s3/")
    assert location.form_url == "https://s3.test/storage/s3/assets/"


@pytest.mark.parametrize(
    ("setting", "arguments"),
    [
        ("S3_BUCKET", {"bucket": ""}),
        ("S3_BUCKET", {"bucket": "assets/folder"}),
        ("S3_BUCKET", {"bucket": "evil.test#"}),
        ("S3_BUCKET", {"bucket": "assets--use1-az4--x-s3"}),
        ("S3_REGION", {"region": "auto"}),
        ("S3_REGION", {"region": "us-east-1a"}),
        ("S3_REGION", {"region": "aws-global"}),
        ("S3_REGION", {"region": "evil.test/", "endpoint": "http://localhost"}),
        ("S3_ENDPOINT", {"endpoint": ""}),
        ("S3_ENDPOINT", {"endpoint": "localhost:9000"}),
        ("S3_ENDPOINT", {"endpoint": "ftp://localhost"}),
        ("S3_ENDPOINT", {"endpoint": "http://"}),
        ("S3_ENDPOINT", {"endpoint": "http://localhost:port"}),
        ("S3_ENDPOINT", {"endpoint": "http://localhost:70000"}),
        ("S3_ENDPOINT", {"endpoint": "http://user:word@localhost"}),
        ("S3_ENDPOINT", {"endpoint": "http://localhost/?a=b"}),
        ("S3_ENDPOINT", {"endpoint": "http://m\u00fcnchen.test"}),
        ("S3_ENDPOINT", {"endpoint": "http://local host"}),
        ("S3_ENDPOINT", {"endpoint": "http://local\nhost"}),
    ],
)
def test_what_cannot_be_reached_is_refused_with_the_name_of_the_setting(
    setting: str, arguments: dict[str, Any]
) -> None:
    with pytest.raises(Misconfigured) as caught:
        locate_bucket(**({"bucket": "assets", "region": "us-east-1"} | arguments))
    assert (caught.value.detail or "").startswith(f"{setting}: ")
