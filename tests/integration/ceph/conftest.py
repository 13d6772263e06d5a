"""What the tests of buckets on Ceph share: what is wanted there, and a way to it over TLS."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from tests.support.cephserver import CephServer

from gridboss_assets.buckets.desired import DesiredBucket, desired
from gridboss_assets.dev.bucket import connect
from gridboss_assets.storage.providers import CEPH
from gridboss_config import Settings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

EVERYTHING: dict[str, Any] = {
    # Over plain http nothing would be denied, and so there would be no policy.
    "s3_endpoint": "https://ceph.example",
    "s3_versioning": True,
    "s3_tags": {"app": "gridboss"},
}


def wanted(ceph: CephServer, bucket: str, **changes: Any) -> DesiredBucket:
    """Say what a bucket of these settings should be."""
    given = {"cors_origins": ("https://a.example",), "s3_endpoint": ceph.endpoint} | changes
    made = Settings(_env_file=None, s3_bucket=bucket, s3_region="us-east-1", **given)
    return desired(made, None, provider=CEPH)


@pytest.fixture
def over_tls(ceph: CephServer, monkeypatch: pytest.MonkeyPatch) -> Iterator["S3Client"]:
    """Give a client of the same bucket's owner that comes over TLS."""
    monkeypatch.setenv("AWS_CA_BUNDLE", ceph.certificate)
    client = connect(ceph.tls_endpoint, ceph.access_key, ceph.secret_key)
    yield client
    client.close()


def code_of(error: pytest.ExceptionInfo[ClientError]) -> str:
    """Return the code of a refusal."""
    return error.value.response["Error"]["Code"]
