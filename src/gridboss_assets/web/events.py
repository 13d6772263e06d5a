"""Server-sent events about one job (WHATWG HTML §9.2), and how many streams there may be.

A stream asks for the job at a short interval and says what is new. It ends after the job has,
after a few minutes, with the caller's token, when the client leaves and when the server stops.
Every event holds the whole job, so a client that comes back has missed nothing.
"""

import logging
import math
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial

import anyio
import anyio.to_thread
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from gridboss_assets.access import Caller
from gridboss_assets.errors import AssetsError, JobsUnavailable, ServiceBusy, TooManyRequests
from gridboss_assets.jobs import Job
from gridboss_assets.web.auth.tokens import LEEWAY_SECONDS

log = logging.getLogger(__name__)

# Each costs a connection and a question every half second.
MAX_STREAMS = 256
MAX_STREAMS_OF_CALLER = 16

# A store that hangs must not keep the threads that answer all other requests.
_MAX_ASKING = 8

_COMMENT = b": still here\n\n"


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a stream does what, in seconds."""

    poll: float = 0.5
    # Proxies take a connection for dead that is silent for 30 to 60 seconds.
    keep_alive: float = 15
    # What was allowed when the stream began is asked again when the client comes back.
    life: float = 300
    # How long the server that holds the jobs may be away, as in a restart.
    patience: float = 30


class Streams:
    """The streams of one process. ``open`` and ``close`` run on the event loop."""

    def __init__(self) -> None:
        self.pace = Pace()
        self._of_caller: Counter[str] = Counter()
        self._asking = anyio.CapacityLimiter(_MAX_ASKING)

    @property
    def count(self) -> int:
        """How many are open."""
        return self._of_caller.total()

    def open(self, caller: Caller) -> None:
        """Count a stream; raises ``TooManyRequests`` or ``ServiceBusy``."""
        if self._of_caller[caller.subject] >= MAX_STREAMS_OF_CALLER:
            raise TooManyRequests(
                f"You follow {MAX_STREAMS_OF_CALLER} exports already. Ask for the state instead.",
                retry_after=math.ceil(self.pace.keep_alive),
            )
        if self.count >= MAX_STREAMS:
            raise ServiceBusy
        self._of_caller[caller.subject] += 1

    def close(self, caller: Caller) -> None:
        """Forget a stream that was counted."""
        self._of_caller[caller.subject] -= 1
        self._of_caller += Counter()  # drops what is zero

    async def ask(self, look: Callable[[], Job]) -> Job:
        """Ask for a job on a thread; a client that leaves need not wait for the answer."""
        return await anyio.to_thread.run_sync(look, abandon_on_cancel=True, limiter=self._asking)

    def life(self, caller: Caller) -> float:
        """Return for how many seconds a stream may last: no longer than its caller's token."""
        expires = caller.claims.get("exp")
        if not isinstance(expires, (int, float)):
            return self.pace.life
        return min(self.pace.life, max(0, expires + LEEWAY_SECONDS - time.time()))


def mark(job: Job) -> str:
    """Return the ID of the event that tells of this state."""
    return f"{job.state}.{job.attempt}.{job.rows}"


async def events(
    job: Job,
    look: Callable[[], Job],
    write: Callable[[Job], bytes],
    *,
    streams: Streams,
    seen: str | None,
) -> AsyncIterator[bytes]:
    """Tell of a job until it has ended. ``write`` makes an event's data; ``seen``: the last ID."""
    pace, is_stopping = streams.pace, stopping()
    yield b"retry: 1000\n\n"
    heard = said = time.monotonic()
    while True:
        if mark(job) != seen:
            try:
                data = write(job)
            except AssetsError as error:  # of the link: whoever comes back is told
                log.warning("a stream ends: %s", error.detail or error)
                return
            seen = mark(job)
            name = job.state if job.has_ended else "progress"
            yield b"id: %s\nevent: %s\ndata: %s\n\n" % (seen.encode(), name.encode(), data)
            said = time.monotonic()
        if job.has_ended:
            return
        if time.monotonic() - said >= pace.keep_alive:
            yield _COMMENT
            said = time.monotonic()
        await anyio.sleep(pace.poll)
        if is_stopping():
            return
        try:
            job = await streams.ask(look)
            heard = time.monotonic()
        except JobsUnavailable as error:
            if time.monotonic() - heard >= pace.patience:
                log.warning("a stream ends: %s", error.detail or error)
                return
        except AssetsError:
            return  # whoever comes back is told why


class EventStream(Response):
    """An answer that lasts for as long as its events do, its client stays, and its life allows."""

    media_type = "text/event-stream"

    def __init__(
        self, events: AsyncIterator[bytes], *, life: float, close: Callable[[], None]
    ) -> None:
        # Nginx would keep events back until its buffer is full.
        super().__init__(None, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._events = events
        self._life = life
        self._close = close

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the events (ASGI 3.0)."""
        del scope
        try:
            async with anyio.create_task_group() as group:
                group.start_soon(partial(_when_gone, receive, group.cancel_scope.cancel))
                with anyio.move_on_after(self._life):
                    await self._send(send)
                await send(_body(b"", more=False))
                group.cancel_scope.cancel()
        finally:
            self._close()

    async def _send(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        async for event in self._events:
            await send(_body(event, more=True))


def _body(content: bytes, *, more: bool) -> Message:
    return {"type": "http.response.body", "body": content, "more_body": more}


async def _when_gone(receive: Receive, leave: Callable[[], None]) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    leave()


def stopping() -> Callable[[], bool]:
    """Return what tells whether the server stops.

    uvicorn waits for every answer to end before it tells the application anything, and would wait
    for a stream until its life is over. What it does know stands in the object whose method
    handles its signals. Under another server, this never tells, and the life is the limit.
    """
    server = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    return lambda: bool(getattr(server, "should_exit", False))
