"""How parent, forkserver and workers talk: one line of JSON, then as many bytes as it announces.

Unix stream sockets, because a file descriptor can travel along (unix(7), SCM_RIGHTS). What a
worker sends is not believed: it may be run by the file that it inspects. Lines and bodies have a
limit, and nothing is unpickled.
"""

import json
import socket
import time
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

MAX_LINE_BYTES = 64 * 1024
# A clean picture. What comes in has 2 MiB, and what goes out is seldom twice of that.
MAX_BODY_BYTES = 64 * 1024 * 1024
_PIECE = 256 * 1024

_T = TypeVar("_T")


class Closed(Exception):
    """The other side has hung up, or spoke nonsense."""


def send(
    channel: socket.socket,
    line: dict[str, Any],
    body: bytes = b"",
    *,
    descriptor: int | None = None,
) -> None:
    """Send one message; raises :class:`Closed`."""
    head = json.dumps(line | {"body": len(body)}).encode() + b"\n"
    try:
        if descriptor is None:
            channel.sendall(head)
        else:
            sent = socket.send_fds(channel, [head], [descriptor])
            if sent < len(head):
                channel.sendall(head[sent:])
        if body:
            channel.sendall(body)
    except OSError as error:
        raise Closed from error


class Receiver:
    """Reads messages from a channel, whole ones within a time."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._buffer = b""
        self._deadline: float | None = None

    def receive(self, *, timeout: float | None = None) -> tuple[dict[str, Any], bytes, int | None]:
        """Return the line, the body and the file descriptor that came along, if any.

        ``timeout`` is for the message as a whole: bytes that trickle in don't extend it. Raises
        :class:`Closed` and ``TimeoutError``.
        """
        self._deadline = None if timeout is None else time.monotonic() + timeout
        descriptors: list[int] = []
        while b"\n" not in self._buffer:
            if len(self._buffer) > MAX_LINE_BYTES:
                raise Closed
            data, found, _, _ = self._read(partial(socket.recv_fds, self._channel, _PIECE, 1))
            descriptors += found
            if not data:
                raise Closed
            self._buffer += data
        head, _, self._buffer = self._buffer.partition(b"\n")
        try:
            line = json.loads(head)
            size = int(line.pop("body"))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise Closed from error
        return line, self._body(size), descriptors[0] if descriptors else None

    def _body(self, size: int) -> bytes:
        if not 0 <= size <= MAX_BODY_BYTES:
            raise Closed
        body = bytearray(self._buffer[:size])
        self._buffer = self._buffer[size:]
        while len(body) < size:
            data = self._read(partial(self._channel.recv, min(size - len(body), _PIECE)))
            if not data:
                raise Closed
            body += data
        return bytes(body)

    def _read(self, read: Callable[[], _T]) -> _T:
        if self._deadline is not None:
            left = self._deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self._channel.settimeout(left)
        try:
            return read()
        except TimeoutError:
            raise
        except OSError as error:
            raise Closed from error
