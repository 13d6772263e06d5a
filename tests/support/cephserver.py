"""The option ``--ceph`` and the fixtures of tests against Ceph, which runs only then.

A test that uses the fixture ``ceph`` is marked so. Without the option these tests are deselected.
With it one cluster serves the whole run, however many processes share it: the first process starts
it in a thread, while other tests run, and stops it at the end.
"""

import json
import os
import secrets
import shutil
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.support.ceph import Ceph, CephFailed
from tests.support.s3server import ORIGIN, assert_disposable

from gridboss_assets.dev.bucket import connect
from gridboss_assets.dev.locks import lock_directory
from gridboss_assets.errors import ConfigurationError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_WAIT_SECONDS = 300.0
# Younger ones may be about to be locked.
_STALE_SECONDS = 600.0
_PREFIX = "test-ceph-"
_STARTED = "started.json"
_FAILED = "failed.txt"


@dataclass(frozen=True)
class CephServer:
    """The running cluster, as any process of the run sees it.

    ``certificate`` is the file to trust for ``tls_endpoint``. The keys belong to the user
    ``owner``, who owns every bucket; ``stranger`` is another user's pair of keys, who may have no
    buckets.
    """

    endpoint: str
    tls_endpoint: str
    certificate: str
    access_key: str
    secret_key: str = field(repr=False)
    stranger: Sequence[str] = field(repr=False)


class _Keeper(threading.Thread):
    """Owns the cluster. The daemons end with this thread, so it stays until it is told to end."""

    def __init__(self, directory: Path) -> None:
        super().__init__(name="ceph", daemon=True)
        self.directory = directory
        self.done = threading.Event()

    def run(self) -> None:
        try:
            with Ceph(self.directory / "cluster", abandon=self.done) as cluster:
                access_key, secret_key = cluster.make_user("owner")
                server = CephServer(
                    cluster.layout.endpoint,
                    cluster.layout.tls_endpoint,
                    str(cluster.layout.directory / "tls" / "certificate.pem"),
                    access_key,
                    secret_key,
                    cluster.make_user("stranger", "--max-buckets=-1"),
                )
                _publish(self.directory / _STARTED, json.dumps(asdict(server)))
                self.done.wait()
        except Exception as error:  # noqa: BLE001 - it is raised in the test that needs Ceph
            _publish(self.directory / _FAILED, f"{type(error).__name__}: {error}")


_KEEPER = pytest.StashKey[_Keeper]()
_DIRECTORY = pytest.StashKey[Path]()


def _publish(path: Path, text: str) -> None:
    """Write a file that is there whole or not at all, for nobody else's eyes."""
    unfinished = path.with_suffix(".tmp")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    unfinished.rename(path)


def _directory() -> Path:
    """Make a directory for a run, and remove those of runs that were killed."""
    for path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError, ConfigurationError):  # another user's, or in use
            if path.stat().st_mtime < time.time() - _STALE_SECONDS:
                os.close(lock_directory(path))
                shutil.rmtree(path)
    made = Path(tempfile.mkdtemp(prefix=_PREFIX))
    lock_directory(made)  # until this process ends
    return made


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--ceph``."""
    parser.addoption(
        "--ceph", action="store_true", help="run the tests against Ceph too, which has to be there"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Start the cluster in the background, or hear from the first process where it is."""
    config.addinivalue_line("markers", "ceph: runs against Ceph, with the option --ceph alone")
    if not config.getoption("ceph"):
        return
    told = getattr(config, "workerinput", None)
    if told is not None:
        config.stash[_DIRECTORY] = Path(told["ceph"])
    elif not config.option.collectonly:
        config.stash[_DIRECTORY] = _directory()
        config.stash[_KEEPER] = _Keeper(config.stash[_DIRECTORY])
        config.stash[_KEEPER].start()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker process of pytest-xdist where the cluster is."""
    if _DIRECTORY in node.config.stash:
        node.workerinput["ceph"] = str(node.config.stash[_DIRECTORY])


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the cluster, whose files go with it."""
    keeper = config.stash.get(_KEEPER, None)
    if keeper is not None:
        keeper.done.set()
        keeper.join()
        shutil.rmtree(keeper.directory)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the tests that use Ceph, and leave them out unless they are asked for."""
    on_ceph = [item for item in items if "ceph" in getattr(item, "fixturenames", ())]
    for item in on_ceph:
        item.add_marker("ceph")
    if on_ceph and not config.getoption("ceph"):
        items[:] = [item for item in items if item not in on_ceph]
        config.hook.pytest_deselected(items=on_ceph)


@pytest.fixture(scope="session")
def ceph(pytestconfig: pytest.Config) -> CephServer:
    """Wait for the run's Ceph."""
    directory = pytestconfig.stash[_DIRECTORY]
    deadline = time.monotonic() + _WAIT_SECONDS
    while time.monotonic() < deadline:
        if (directory / _FAILED).exists():
            raise CephFailed((directory / _FAILED).read_text())
        if (directory / _STARTED).exists():
            server = CephServer(**json.loads((directory / _STARTED).read_text()))
            assert_disposable(server.endpoint, "test-")
            assert_disposable(server.tls_endpoint, "test-")
            return server
        time.sleep(0.2)
    raise CephFailed(f"Ceph did not come up within {_WAIT_SECONDS:.0f} s")


@pytest.fixture(scope="session")
def ceph_client(ceph: CephServer) -> "S3Client":
    """Return a boto3 client of the run's Ceph, as the owner of its buckets."""
    return connect(ceph.endpoint, ceph.access_key, ceph.secret_key)


@pytest.fixture
def ceph_bucket(ceph: CephServer, ceph_client: "S3Client") -> str:
    """Give the name of a bucket that this test alone uses, bare but for CORS.

    It goes when the cluster does.
    """
    name = f"test-{secrets.token_hex(8)}"
    assert_disposable(ceph.endpoint, name)
    ceph_client.create_bucket(Bucket=name)
    rule: Any = {
        "AllowedOrigins": [ORIGIN],
        "AllowedMethods": ["GET", "HEAD", "POST", "PUT"],
        "AllowedHeaders": ["*"],
        "ExposeHeaders": ["ETag"],
    }
    ceph_client.put_bucket_cors(Bucket=name, CORSConfiguration={"CORSRules": [rule]})
    return name
