"""What an edge does with a request to a signed behaviour: it lets it in by CloudFront's rules."""

import time
from collections.abc import Sequence
from urllib.parse import urlsplit

from tests.support.cloudfront import OURS, Refused, admit_cookies, admit_url
from tests.support.proxy_http import Answer, HttpFront, Request


class Admission:
    """Checks signatures with the keys of a distribution; nginx asks it about each request."""

    def __init__(self, public_keys: Sequence[str]) -> None:
        self._keys = tuple(public_keys)
        self._front = HttpFront(self._answer)
        self.ahead = 0.0
        """By how many seconds its clock is fast, so that links expire without a wait."""

    @property
    def url(self) -> str:
        """Where nginx asks."""
        return f"http://127.0.0.1:{self._front.port}"

    def start(self) -> None:
        """Begin to answer."""
        self._front.start()

    def stop(self) -> None:
        """Stop listening."""
        self._front.stop()

    def _answer(self, request: Request) -> Answer:
        headers = request.headers
        cookies = dict(_pairs(headers.get("cookie", ""), ";"))
        admitted = any(
            _admits(headers["x-url"], cookies, key, time.time() + self.ahead, headers["x-address"])
            for key in self._keys
        )
        return Answer(204 if admitted else 403, [], b"")


def _admits(url: str, cookies: dict[str, str], key: str, now: float, address: str) -> bool:
    """Tell whether a URL is let in: by its own signature if it has one, or else by cookies."""
    signed = any(name in OURS for name, _ in _pairs(urlsplit(url).query, "&"))
    try:
        if signed:
            admit_url(url, key, now=now, address=address)
        else:
            admit_cookies(url, cookies, key, now=now, address=address)
    except (Refused, ValueError, KeyError):  # the latter two: a policy that is none
        return False
    return True


def _pairs(text: str, separator: str) -> list[tuple[str, str]]:
    parts = [part.strip().partition("=") for part in text.split(separator) if part.strip()]
    return [(name, value) for name, _, value in parts]
