"""Fixtures for tests against a real S3 server: SeaweedFS, bound to loopback."""

import json
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from tests.support.certificates import self_signed
from tests.support.edge_origin import Identity

from gridboss_assets.dev.bucket import connect, prepare_bucket
from gridboss_assets.dev.seaweed import SeaweedFS

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BUCKET = "test-assets"
ORIGIN = "http://127.0.0.1:8000"
"""The origin whose pages the test buckets' CORS rules let in."""


READER = Identity("reader", "test-reader", secrets.token_urlsafe(30))
"""An identity of the session's server without a right of its own; a bucket policy gives it some."""


class _Server(SeaweedFS):
    """SeaweedFS with a second identity."""

    def _write_identities(self) -> None:
        super()._write_identities()
        path = self.directory / "s3.json"
        identities = json.loads(path.read_text())
        keys = {"accessKey": READER.access_key, "secretKey": READER.secret_key}
        reader = {"name": READER.name, "credentials": [keys], "actions": []}
        identities["identities"].append(reader)
        path.write_text(json.dumps(identities))


def assert_disposable(endpoint: str, bucket: str) -> None:
    """Refuse to test on anything but a throw-away bucket on this machine."""
    if urlsplit(endpoint).hostname not in {"127.0.0.1", "localhost", "::1"}:
        pytest.fail(f"tests run against loopback only, not {endpoint}", pytrace=False)
    if not bucket.startswith("test-"):
        pytest.fail(f"tests use buckets named test-…, not {bucket}", pytrace=False)


@pytest.fixture(scope="session")
def seaweed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SeaweedFS]:
    """Run SeaweedFS with the bucket `test-assets` for the whole session."""
    server = _Server(
        tmp_path_factory.mktemp("seaweed"),
        access_key="test-access-key",
        secret_key=secrets.token_urlsafe(30),
    )
    with server:
        assert_disposable(server.endpoint, BUCKET)
        prepare_bucket(client_for(server), BUCKET, origins=[ORIGIN])
        yield server


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Make a certificate for this machine that nobody trusts, and its key."""
    return self_signed(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(scope="session")
def s3_client(seaweed: SeaweedFS) -> "S3Client":
    """Return a boto3 client of the session's server, with its root-like identity."""
    return client_for(seaweed)


@pytest.fixture
def bucket(seaweed: SeaweedFS, s3_client: "S3Client") -> Iterator[str]:
    """Give the name of an empty bucket that this test alone uses; it is deleted afterwards."""
    name = f"test-{secrets.token_hex(8)}"
    assert_disposable(seaweed.endpoint, name)
    prepare_bucket(s3_client, name, origins=[ORIGIN])
    yield name
    # SeaweedFS keeps a data volume for each bucket, and has no more than the disk has gigabytes.
    for page in s3_client.get_paginator("list_objects_v2").paginate(Bucket=name):
        for item in page.get("Contents", []):
            s3_client.delete_object(Bucket=name, Key=item.get("Key", ""))
    s3_client.delete_bucket(Bucket=name)


def client_for(server: SeaweedFS) -> "S3Client":
    """Return a boto3 client that talks to ``server`` with its own identity."""
    return connect(server.endpoint, server.access_key, server.secret_key)
