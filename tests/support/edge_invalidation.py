"""CloudFront's API for invalidations, in front of nginx's cache.

CloudFront API Reference, "CreateInvalidation" and "GetInvalidation" (REST, XML).
"""

import re
import struct
import time
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from xml.sax.saxutils import escape

from tests.support.proxy_http import Answer, HttpFront, Request

DISTRIBUTION_ID = "E2EXAMPLEEDGE1"

_PATIENCE_SECONDS = 10

_NAMESPACE = "http://cloudfront.amazonaws.com/doc/2020-05-31/"
_BATCHES = f"/2020-05-31/distribution/{DISTRIBUTION_ID}/invalidation"


class Cache:
    """What nginx has cached: one file for each answer, which names its key."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def forget(self, pattern: str) -> None:
        """Remove a path, or with ``*`` at its end all that begin with it; queries belong to it."""
        beginning = pattern.removesuffix("*")
        for key, path in self._entries():
            if key == pattern or (pattern != beginning and key.startswith(beginning)):
                path.unlink()

    def life(self, key: str) -> int:
        """Return for how many seconds an answer was put into the cache.

        The answer is there before nginx has given its file a name, so that is waited for.
        """
        end = time.monotonic() + _PATIENCE_SECONDS
        while not (found := [path for each, path in self._entries() if each == key]):
            assert time.monotonic() < end, f"{key} is not in the cache"
            time.sleep(0.01)
        [path] = found
        # ngx_http_file_cache_header_t of nginx 1.11.10 and newer: five 8-byte numbers, of which
        # the second tells until when the answer is valid and the sixth when it was put in.
        numbers = struct.unpack_from("=6q", path.read_bytes())
        return int(numbers[1] - numbers[5])

    def _entries(self) -> Iterator[tuple[str, Path]]:
        for path in self._directory.rglob("*"):
            # While nginx writes a file its name ends in a number; it is renamed once it is whole.
            if path.is_file() and not path.suffix:
                found = re.search(rb"\nKEY: ([^\n]*)\n", path.read_bytes())
                assert found, f"{path} is no file of nginx's cache"
                yield found[1].decode(), path


class InvalidationApi:
    """The API of one distribution; ``settle`` returns when nginx has written what it answered."""

    def __init__(self, cache: Cache, settle: Callable[[], object]) -> None:
        self._cache = cache
        self._settle = settle
        self._front = HttpFront(self._answer)
        self.denied = False
        """Whether whoever asks lacks the permission."""
        self.paths: list[str] = []
        """Every path that was to be forgotten, in order."""

    @property
    def url(self) -> str:
        """The endpoint for the SDK."""
        return f"http://127.0.0.1:{self._front.port}"

    def start(self) -> None:
        """Begin to answer."""
        self._front.start()

    def stop(self) -> None:
        """Stop listening."""
        self._front.stop()

    def _answer(self, request: Request) -> Answer:
        if self.denied:
            return _error(403, "AccessDenied")
        if not request.path.startswith(_BATCHES):
            return _error(404, "NoSuchDistribution")
        if request.method == "POST":
            body = request.body.decode()
            paths = [unescape(path) for path in re.findall("<Path>(.*?)</Path>", body)]
            self._settle()
            for path in paths:
                self._cache.forget(path)
            self.paths += paths
            return _invalidation(201, f"I{len(self.paths)}", "InProgress", paths)
        return _invalidation(200, request.path.rpartition("/")[2], "Completed", [])


def _invalidation(status: int, name: str, state: str, paths: list[str]) -> Answer:
    items = "".join(f"<Path>{escape(path)}</Path>" for path in paths)
    return _xml(
        status,
        f'<Invalidation xmlns="{_NAMESPACE}"><Id>{name}</Id><Status>{state}</Status>'
        "<CreateTime>2026-01-01T00:00:00Z</CreateTime><InvalidationBatch><Paths>"
        f"<Quantity>{len(paths)}</Quantity><Items>{items}</Items></Paths>"
        "<CallerReference>tests</CallerReference></InvalidationBatch></Invalidation>",
    )


def _error(status: int, code: str) -> Answer:
    return _xml(
        status,
        f'<ErrorResponse xmlns="{_NAMESPACE}"><Error><Type>Sender</Type><Code>{code}</Code>'
        "<Message>made by the tests' edge</Message></Error></ErrorResponse>",
    )


def _xml(status: int, text: str) -> Answer:
    return Answer(status, [("Content-Type", "text/xml")], text.encode())
