"""What the tests of buckets share: settings, the desired state, and a bucket on moto."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws

from gridboss_assets.buckets.aws import Bucket
from gridboss_assets.buckets.desired import DesiredBucket, desired
from gridboss_assets.buckets.principals import Principals
from gridboss_assets.storage.providers import AWS, Provider
from gridboss_config import Settings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ACCOUNT = "123456789012"
APPLICATION = f"arn:aws:iam::{ACCOUNT}:user/gridboss-assets"
OPERATOR = f"arn:aws:iam::{ACCOUNT}:role/team/bucket-admin"
PRINCIPALS = Principals(APPLICATION, (OPERATOR,), ACCOUNT)
NAME = "test-assets"


def wanted(
    provider: Provider = AWS, principals: Principals | None = PRINCIPALS, **changes: Any
) -> DesiredBucket:
    """Say what a bucket should be; ``changes`` are settings."""
    given = {"s3_bucket": NAME, "s3_region": "us-east-1", "cors_origins": ("https://a.example",)}
    return desired(Settings(_env_file=None, **(given | changes)), principals, provider=provider)


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def s3() -> Iterator["S3Client"]:
    """Give a client of moto's S3."""
    with mock_aws():
        yield boto3.client(
            "s3", region_name="us-east-1", aws_access_key_id="k", aws_secret_access_key="s"
        )


@pytest.fixture
def bucket(s3: "S3Client") -> Bucket:
    """Give a bare bucket."""
    s3.create_bucket(Bucket=NAME)
    return Bucket(s3, NAME, "us-east-1", AWS)
