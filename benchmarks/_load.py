"""A closed-loop HTTP load: a few kept-alive connections, each with one request under way.

The client has to be cheaper than any server that it measures, so it speaks HTTP/1.1 by hand: the
request is the same bytes every time, and of an answer only status and length are read.
"""

import asyncio
import time
from dataclasses import dataclass
from typing import cast

import uvloop


@dataclass(frozen=True, slots=True)
class Request:
    """A POST of JSON to a server on this machine."""

    port: int
    path: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()

    def to_bytes(self) -> bytes:
        """Write the request as it goes over the wire."""
        lines = [
            f"POST {self.path} HTTP/1.1",
            f"Host: 127.0.0.1:{self.port}",
            "Content-Type: application/json",
            f"Content-Length: {len(self.body)}",
            *(f"{name}: {value}" for name, value in self.headers),
        ]
        return "\r\n".join([*lines, "", ""]).encode() + self.body


def requests_per_second(request: Request, *, connections: int, seconds: float) -> float:
    """Put a server under load for ``seconds``; raises ``RuntimeError`` for any answer but 200."""
    return uvloop.run(_measure(request, connections, seconds))


async def _measure(request: Request, connections: int, seconds: float) -> float:
    loop = asyncio.get_running_loop()
    wire = request.to_bytes()
    clients = [
        (await loop.create_connection(lambda: _Client(wire), "127.0.0.1", request.port))[1]
        for _ in range(connections)
    ]
    started = time.perf_counter()
    for client in clients:
        client.send()
    await asyncio.sleep(seconds)
    answered = sum(client.answered for client in clients)
    elapsed = time.perf_counter() - started
    failures = [client.failure for client in clients if client.failure]
    for client in clients:
        client.close()
    if not answered and not failures:
        failures = ["the server answered nothing"]
    if failures:
        raise RuntimeError(failures[0])
    return answered / elapsed


class _Client(asyncio.Protocol):
    def __init__(self, wire: bytes) -> None:
        self._wire = wire
        self._received = b""
        self._transport: asyncio.WriteTransport | None = None
        self.answered = 0
        self.failure: str | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.WriteTransport", transport)

    def send(self) -> None:
        """Send the request once more."""
        if self._transport is not None:
            self._transport.write(self._wire)

    def close(self) -> None:
        """Hang up."""
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.close()

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        if not end or len(body) < _content_length(head):
            return
        if b" 200 " not in head[:16]:
            self.failure = self._received[:400].decode(errors="replace")
            return
        self._received = b""
        self.answered += 1
        self.send()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._transport is not None:
            self.failure = f"the server hung up: {exc}"


def _content_length(head: bytes) -> int:
    _, _, rest = head.lower().partition(b"content-length:")
    return int(rest.partition(b"\r\n")[0])
