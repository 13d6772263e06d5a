"""Every storage that ships keeps the storage contract."""

import secrets
from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws

from gridboss_assets import Credentials, MemoryStorage, S3Storage
from gridboss_assets.storage.contract import StorageContract

if TYPE_CHECKING:
    from tests.support.cephserver import CephServer

    from gridboss_assets.dev.seaweed import SeaweedFS


class TestMemory(StorageContract):
    """The in-memory twin."""

    @pytest.fixture
    def storage(self) -> MemoryStorage:
        """Give an empty one."""
        return MemoryStorage()


class TestMoto(StorageContract):
    """The S3 adapter against moto, which asks no If-Match and has no lock at completion."""

    conditional_completion = False

    @pytest.fixture
    def storage(self) -> Iterator[S3Storage]:
        """Give an empty bucket."""
        with mock_aws():
            boto3.client(
                "s3", region_name="us-east-1", aws_access_key_id="k", aws_secret_access_key="s"
            ).create_bucket(Bucket="test-assets")
            storage = S3Storage("test-assets", "us-east-1", Credentials("k", "s"))
            yield storage
            storage.close()


class TestSeaweedFS(StorageContract):
    """The S3 adapter against a real server."""

    @pytest.fixture
    def storage(self, seaweed: "SeaweedFS", bucket: str) -> Iterator[S3Storage]:
        """Give an empty bucket."""
        storage = S3Storage(
            bucket,
            "us-east-1",
            Credentials(seaweed.access_key, seaweed.secret_key),
            endpoint=seaweed.endpoint,
            provider="seaweedfs",
        )
        yield storage
        storage.close()


class TestCeph(StorageContract):
    """The S3 adapter against Ceph's radosgw, which takes no notice of If-Match on a DELETE."""

    conditional_deletes = False

    @pytest.fixture
    def storage(self, ceph: "CephServer", ceph_bucket: str) -> Iterator[S3Storage]:
        """Give an empty bucket."""
        storage = S3Storage(
            ceph_bucket,
            "us-east-1",
            Credentials(ceph.access_key, ceph.secret_key),
            endpoint=ceph.endpoint,
            provider="ceph",
        )
        yield storage
        storage.close()


def test_a_session_token_that_ends_soon_shortens_the_signature() -> None:
    storage = S3Storage("test-assets", "us-east-1", Credentials("k", "s", secrets.token_hex(), 0.0))
    with pytest.raises(Exception, match="not set up correctly"):
        storage.sign_download("avatars/a.png", expires_in=60)
