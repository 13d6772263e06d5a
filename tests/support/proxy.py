"""A small HTTP/1.1 proxy in front of an S3 server, which can be told to misbehave.

Give its :attr:`S3Proxy.endpoint` as ``S3_ENDPOINT``. The Host header goes on unchanged, so what is
signed for the proxy's host and port is valid at the server behind it.
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Self

from tests.support.proxy_http import Answer, Dropped, HttpFront, Request, forward

Matcher = Callable[[Request], bool]


def matching(method: str | None = None, contains: str = "") -> Matcher:
    """Match requests by method and by a part of the target (path and query, still encoded)."""
    return lambda request: method in {None, request.method} and contains in request.path


@dataclass(frozen=True)
class Exchange:
    """One request that came to the proxy and how it was answered.

    Header names are in lower case. ``status`` is None while the request is held or on its way, and
    for one whose answer was never sent.
    """

    method: str
    path: str
    headers: dict[str, str]
    status: int | None


@dataclass
class Hold:
    """A request that is to be stopped on its way; made by :meth:`S3Proxy.hold`."""

    matcher: Matcher
    nth: int
    when: Literal["before", "after"]
    seen: int = 0
    _reached: threading.Event = field(default_factory=threading.Event)
    _released: threading.Event = field(default_factory=threading.Event)
    _answered: threading.Event = field(default_factory=threading.Event)
    _dropped: bool = False

    def wait(self, timeout: float = 30) -> None:
        """Return when the request has come; fails when it does not."""
        assert self._reached.wait(timeout), "the request to hold never came"

    def release(self) -> None:
        """Let the request go on."""
        self._released.set()

    def finish(self, timeout: float = 30) -> None:
        """Let the request go on and return when S3 has answered it, whoever hears the answer."""
        self.release()
        assert self._answered.wait(timeout), "the request that was held got no answer"

    def drop(self) -> None:
        """Cut the connection instead: no answer, and not forwarded if held before that."""
        self._dropped = True
        self._released.set()

    def has_answer(self) -> None:
        """Note that S3 has answered (called by the proxy)."""
        self._answered.set()

    def block(self) -> None:
        """Stop here until released (called by the proxy)."""
        self._reached.set()
        self._released.wait()
        if self._dropped:
            raise Dropped


@dataclass
class _Entry:
    request: Request
    status: int | None = None


@dataclass
class _Fault:
    matcher: Matcher
    apply: Callable[[Request], Answer | None]
    times: int | None  # None: always


class S3Proxy:
    """The proxy; a context manager. Rules hold until :meth:`clear`; each is checked in order."""

    def __init__(self, upstream: str, *, certificate: tuple[Path, Path] | None = None) -> None:
        """Stand in front of ``upstream``; with a ``certificate`` and its key, speak TLS.

        An ``upstream`` of https must have that certificate too.
        """
        self.upstream = upstream
        self._authority = certificate[0] if certificate else None
        self._scheme, self._host = ("https", "localhost") if certificate else ("http", "127.0.0.1")
        self._front = HttpFront(self._answer, certificate)
        self._lock = threading.Lock()
        self._exchanges: list[_Entry] = []
        self._faults: list[_Fault] = []
        self._cuts: list[tuple[Matcher, int]] = []
        self._holds: list[Hold] = []
        self._headers: dict[str, str | None] = {}

    @property
    def endpoint(self) -> str:
        """The URL to give as ``S3_ENDPOINT``."""
        return f"{self._scheme}://{self._host}:{self._front.port}"

    @property
    def requests(self) -> list[Exchange]:
        """Every request since the start or the last :meth:`clear`, in order of arrival."""
        with self._lock:
            return [
                Exchange(e.request.method, e.request.path, e.request.headers, e.status)
                for e in self._exchanges
            ]

    def start(self) -> None:
        """Listen on a free port of 127.0.0.1."""
        self._front.start()

    def stop(self) -> None:
        """Let held requests go, close every connection and stop listening."""
        self.clear()
        self._front.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @contextmanager
    def down(self) -> Iterator[None]:
        """Refuse every connection inside the block, as a server that is not there does."""
        self._front.pause()
        try:
            yield
        finally:
            self._front.start()

    def clear(self) -> None:
        """Forget every rule and every recorded request; held requests go on."""
        with self._lock:
            for hold in self._holds:
                hold.release()
            self._exchanges, self._faults, self._cuts, self._holds = [], [], [], []
            self._headers = {}

    def refuse_forms(self) -> None:
        """Answer form uploads with 501, as Cloudflare R2 and Backblaze B2 do."""
        self.fail(
            lambda r: (
                r.method == "POST"
                and r.headers.get("content-type", "").startswith("multipart/form-data")
            ),
            501,
            "NotImplemented",
            times=None,
        )

    def refuse_headers(self, names: Iterable[str] = ("If-None-Match", "If-Match")) -> None:
        """Answer requests that carry one of these headers with 501, as Backblaze B2 does."""
        refused = {name.lower() for name in names}
        self.fail(lambda r: bool(refused & r.headers.keys()), 501, "NotImplemented", times=None)

    def fail(self, matcher: Matcher, status: int, code: str, times: int | None = 1) -> None:
        """Answer matching requests with an S3 error and don't forward them; None: always."""
        body = (
            '<?xml version="1.0" encoding="UTF-8"?>'
            f"<Error><Code>{code}</Code><Message>made by the test proxy</Message></Error>"
        ).encode()
        self.reply(matcher, Answer(status, [("Content-Type", "application/xml")], body), times)

    def reply(self, matcher: Matcher, answer: Answer, times: int | None = None) -> None:
        """Give matching requests this answer and don't forward them."""
        self._add(_Fault(matcher, lambda _: answer, times))

    def strip(self, matcher: Matcher, *names: str) -> None:
        """Forward matching requests without these headers, as if they had not been understood."""

        def remove(request: Request) -> None:
            for name in names:
                request.headers.pop(name, None)

        self._add(_Fault(matcher, remove, None))

    def drop(self, matcher: Matcher) -> None:
        """Cut the connection of matching requests, without an answer."""

        def cut(_: Request) -> None:
            raise Dropped

        self._add(_Fault(matcher, cut, None))

    def answer_with(self, **headers: str | None) -> None:
        """Write these headers into every answer, over those that it has; None removes one."""
        with self._lock:
            self._headers |= {name.replace("_", "-"): value for name, value in headers.items()}

    def delay(self, matcher: Matcher, seconds: float, times: int | None = None) -> None:
        """Wait before matching requests are forwarded."""
        self._add(_Fault(matcher, lambda _: time.sleep(seconds), times))

    def gather(self, matcher: Matcher, count: int, timeout: float = 60) -> None:
        """Let matching requests wait for each other until ``count`` of them have come."""
        barrier = threading.Barrier(count)

        def wait(_: Request) -> None:
            barrier.wait(timeout)

        self._add(_Fault(matcher, wait, count))

    def drop_body_after(self, matcher: Matcher, n_bytes: int) -> None:
        """Cut the connection when ``n_bytes`` of a matching request's answer body are sent."""
        with self._lock:
            self._cuts.append((matcher, n_bytes))

    def hold(
        self, matcher: Matcher, nth: int = 1, when: Literal["before", "after"] = "before"
    ) -> Hold:
        """Stop the nth matching request before it is forwarded, or before it is answered."""
        hold = Hold(matcher, nth, when)
        with self._lock:
            self._holds.append(hold)
        return hold

    def _add(self, fault: _Fault) -> None:
        with self._lock:
            self._faults.append(fault)

    def _answer(self, request: Request) -> Answer:
        entry = _Entry(request)
        with self._lock:
            self._exchanges.append(entry)
            holds = [hold for hold in self._holds if self._is_its_turn(hold, request)]
        self._block(holds, "before")
        answer = self._made_up(request) or forward(self.upstream, request, self._authority)
        for hold in holds:
            hold.has_answer()
        self._block(holds, "after")
        with self._lock:
            cut = next((n for matcher, n in self._cuts if matcher(request)), None)
            changed = dict(self._headers)
        entry.status = answer.status
        headers = [pair for pair in answer.headers if pair[0].lower() not in changed]
        headers += [(name, value) for name, value in changed.items() if value is not None]
        return Answer(answer.status, headers, answer.body, cut)

    def _made_up(self, request: Request) -> Answer | None:
        with self._lock:
            due = [f for f in self._faults if f.times != 0 and f.matcher(request)]
        for fault in due:
            with self._lock:
                if fault.times == 0:
                    continue
                if fault.times is not None:
                    fault.times -= 1
            answer = fault.apply(request)
            if answer is not None:
                return answer
        return None

    @staticmethod
    def _is_its_turn(hold: Hold, request: Request) -> bool:
        if not hold.matcher(request):
            return False
        hold.seen += 1
        return hold.seen == hold.nth

    @staticmethod
    def _block(holds: list[Hold], when: str) -> None:
        for hold in holds:
            if hold.when == when:
                hold.block()
