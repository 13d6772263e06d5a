"""Fixtures for tests against a real Redis: Debian's server, on loopback, with a password."""

import secrets
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from gridboss_assets.dev.ports import find_block

_READY_SECONDS = 30
_ATTEMPTS = 5


class RedisServer:
    """One server with its data in ``directory``; it keeps port and data when it is restarted."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.password = secrets.token_urlsafe(16)
        self.port = 0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """As ``REDIS_URL`` takes it."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Return when the server answers and has read its data."""
        for attempt in range(_ATTEMPTS):
            port = self.port or find_block(1)
            self._launch(port)
            if self._is_ready(port):
                self.port = port
                return
            self.stop()
            if self.port or attempt == _ATTEMPTS - 1:
                pytest.fail(f"redis-server did not start:\n{self._log.read_text()}")

    def stop(self) -> None:
        """End it in order: it writes everything to its disk first."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
            self._process = None

    def client(self) -> redis.Redis:
        """Make a client of the tests' own."""
        return redis.Redis.from_url(self.url)

    @property
    def _log(self) -> Path:
        return self.directory / "redis.log"

    def _launch(self, port: int) -> None:
        program = shutil.which("redis-server")
        assert program, "redis-server is needed (Debian: apt-get install redis-server)"
        self.directory.mkdir(parents=True, exist_ok=True)
        settings = {
            "bind": "127.0.0.1",
            "port": str(port),
            "dir": str(self.directory),
            "appendonly": "yes",
            "save": "",
            "maxmemory-policy": "noeviction",
        }
        # Not as an argument: every user of the machine sees those.
        config = self.directory / "redis.conf"
        config.write_text(f"requirepass {self.password}\n")
        config.chmod(0o600)
        arguments = [word for name, value in settings.items() for word in (f"--{name}", value)]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - the program that was found
                [program, str(config), *arguments], stdout=log, stderr=log
            )

    def _is_ready(self, port: int) -> bool:
        assert self._process is not None
        deadline = time.monotonic() + _READY_SECONDS
        with redis.Redis(port=port, password=self.password) as client:
            while self._process.poll() is None and time.monotonic() < deadline:
                try:
                    if client.ping():
                        return True
                except redis.RedisError:
                    time.sleep(0.02)
        return False


@pytest.fixture(scope="session")
def redis_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """Run one Redis for the whole session."""
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def redis_server(redis_session: RedisServer) -> RedisServer:
    """Give the session's Redis, empty."""
    with redis_session.client() as client:
        client.flushall()
    return redis_session
