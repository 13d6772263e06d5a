"""How parent, forkserver and workers talk: one line of JSON, then as many bytes as it announces.

Unix stream sockets, because a file descriptor can travel along (unix(7), SCM_RIGHTS). What a
worker sends is not believed: it may be run by the file that it inspects. Lines and bodies have a
limit, and nothing is unpickled.
"""

import json
import socket
from typing import Any

MAX_LINE_BYTES = 64 * 1024
# A clean picture of 30 megapixels; a PNG of noise takes 4 bytes a pixel.
MAX_BODY_BYTES = 160 * 1024 * 1024


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
    """Reads messages; raises :class:`Closed`, and ``TimeoutError`` by the channel's time-out."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._buffer = b""

    def receive(self) -> tuple[dict[str, Any], bytes, int | None]:
        """Return the line, the body and the file descriptor that came along, if any."""
        descriptors: list[int] = []
        while b"\n" not in self._buffer:
            if len(self._buffer) > MAX_LINE_BYTES:
                raise Closed
            data, found, _, _ = self._recv_fds()
            descriptors += found
            self._buffer += data
        head, _, self._buffer = self._buffer.partition(b"\n")
        try:
            line = json.loads(head)
            size = int(line.pop("body"))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise Closed from error
        return line, self._body(size), descriptors[0] if descriptors else None

    def _recv_fds(self) -> tuple[bytes, list[int], int, Any]:
        try:
            received = socket.recv_fds(self._channel, MAX_LINE_BYTES, 1)
        except TimeoutError:
            raise
        except OSError as error:
            raise Closed from error
        if not received[0]:
            raise Closed
        return received

    def _body(self, size: int) -> bytes:
        if not 0 <= size <= MAX_BODY_BYTES:
            raise Closed
        body = bytearray(self._buffer[:size])
        self._buffer = self._buffer[size:]
        while len(body) < size:
            try:
                data = self._channel.recv(min(size - len(body), 1024 * 1024))
            except TimeoutError:
                raise
            except OSError as error:
                raise Closed from error
            if not data:
                raise Closed
            body += data
        return bytes(body)
