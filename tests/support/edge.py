"""An edge for tests: Debian's nginx, set up as a desired distribution says, before a real bucket.

::

    browser ──► nginx (cache) ──► origin access (signs) ──► bucket
                  │      ▲
                  │      └──────── invalidation API ◄── the SDK
                  └──► admission: CloudFront's signatures, by the public keys
"""

import http.client
import os
import shutil
import subprocess
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import unquote

import pytest
from tests.support.edge_admission import Admission
from tests.support.edge_config import Places, configuration
from tests.support.edge_invalidation import Cache, InvalidationApi
from tests.support.edge_origin import Identity, OriginAccess, OriginSigner
from tests.support.proxy import Exchange

from gridboss_assets.cdn.desired import DesiredDistribution
from gridboss_assets.dev.ports import find_block

_READY_SECONDS = 30
_ATTEMPTS = 5


@dataclass(frozen=True)
class Reply:
    """What an edge answered; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def cache(self) -> str | None:
        """``MISS``, ``HIT``, or ``REVALIDATED``; None where the cache was not asked."""
        return self.headers.get("x-cache")


class Edge:
    """One edge of one desired distribution; a context manager.

    Args:
        desired: what it is set up as.
        endpoint: the S3 server that has the bucket.
        identity: who signs what is asked of the bucket.
        directory: for its cache, its configuration and its log.
    """

    def __init__(
        self, desired: DesiredDistribution, endpoint: str, identity: Identity, directory: Path
    ) -> None:
        self._desired = desired
        self._directory = directory
        self._origin = OriginAccess(OriginSigner(endpoint, desired.bucket, identity))
        self._port = 0
        self._nginx: subprocess.Popen[bytes] | None = None
        self._open = ExitStack()
        self._seen = 0
        self.cache = Cache(directory / "cache")
        self.admission = Admission(desired.keys)
        self.invalidations = InvalidationApi(self.cache, lambda: self.ask("/"))

    @property
    def url(self) -> str:
        """What to give as ``CDN_BASE_URL``."""
        return f"http://127.0.0.1:{self._port}"

    def __enter__(self) -> Self:
        try:
            for part in (self._origin, self.admission, self.invalidations):
                part.start()
                self._open.callback(part.stop)
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()
        self._open.close()

    def ask(
        self, target: str, method: str = "GET", headers: Mapping[str, str] | None = None
    ) -> Reply:
        """Send one request, its target byte for byte as given; a link of this edge will do too."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        try:
            connection.putrequest(method, target.removeprefix(self.url), skip_accept_encoding=True)
            for name, value in (headers or {}).items():
                connection.putheader(name, value)
            connection.endheaders()
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Reply(answer.status, found, answer.read())
        finally:
            connection.close()

    def fetched(self, key: str = "") -> list[Exchange]:
        """List what was asked of the bucket since the test began, about one key or about any."""
        since = self._origin.requests[self._seen :]
        return [each for each in since if key in unquote(each.path)]

    def begin(self) -> None:
        """Forget what earlier tests asked and set; the cache stays."""
        self._seen = len(self._origin.requests)
        self.admission.ahead = 0
        self.invalidations.denied = False
        self.invalidations.paths.clear()

    def _start(self) -> None:
        program = shutil.which("nginx", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")
        assert program, "nginx is needed (Debian: apt-get install nginx)"
        self._directory.mkdir(parents=True, exist_ok=True)
        for _ in range(_ATTEMPTS):
            self._port = find_block(1)
            places = Places(self._directory, self._port, self._origin.url, self.admission.url)
            config = self._directory / "nginx.conf"
            config.write_text(configuration(self._desired, places))
            with (self._directory / "output").open("ab") as output:
                self._nginx = subprocess.Popen(  # noqa: S603 - the program that was found
                    [program, "-c", config, "-p", self._directory, "-e", self._log],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                )
            if self._is_ready():
                return
            self._stop()
            if "Address already in use" not in self._said():
                break
        pytest.fail(f"nginx did not start:\n{self._said()}", pytrace=False)

    def _stop(self) -> None:
        if self._nginx is not None:
            self._nginx.terminate()
            self._nginx.wait()
            self._nginx = None

    def _is_ready(self) -> bool:
        assert self._nginx is not None
        deadline = time.monotonic() + _READY_SECONDS
        while self._nginx.poll() is None and time.monotonic() < deadline:
            try:
                return self.ask("/").headers["server"].startswith("nginx")
            except OSError:
                time.sleep(0.01)
        return False

    @property
    def _log(self) -> Path:
        return self._directory / "error.log"

    def _said(self) -> str:
        paths = (self._directory / "output", self._log)
        return "".join(path.read_text(errors="replace") for path in paths if path.exists())
