"""What the tests of the command share: buckets behind proxies, on both kinds of server."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer
from tests.support.doctor import Doctor, settings_of
from tests.support.proxy import S3Proxy
from tests.support.s3server import ORIGIN

from gridboss_assets.dev.bucket import connect, prepare_bucket
from gridboss_assets.dev.seaweed import SeaweedFS


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


@pytest.fixture(scope="session")
def moto() -> Iterator[str]:
    """Serve moto with the bucket `test-lenient`."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        endpoint = f"http://127.0.0.1:{server.get_host_and_port()[1]}"
        client = connect(endpoint, "any-key", "any-secret")
        prepare_bucket(client, "test-lenient", origins=[ORIGIN])
        yield endpoint
    finally:
        server.stop()


@pytest.fixture
def lenient(moto: str) -> Iterator[S3Proxy]:
    """Stand in front of moto, which looks at no signature, so that requests may be changed."""
    with S3Proxy(moto) as proxy:
        yield proxy


@pytest.fixture
def gullible(lenient: S3Proxy, tmp_path: Path) -> Doctor:
    """Run the command on moto."""
    return Doctor(tmp_path, settings_of(lenient.endpoint, "test-lenient", "any-key", "any-secret"))
