"""The hook for an antivirus, and an adapter for ClamAV's daemon.

Inspection makes sure that a file is what it claims to be; whether a good document carries something
evil is another's trade. A scanner is asked about the bytes as they were uploaded, after they have
passed inspection and before anything is sealed.
"""

import socket
from contextlib import suppress
from typing import IO, Protocol
from urllib.parse import urlsplit

from gridboss_assets.errors import MalwareFound, Misconfigured, ScannerUnavailable

_CHUNK = 256 * 1024
_MAX_ANSWER = 4096


class Scanner(Protocol):
    """Asks somebody who knows malware. Called from several threads at once."""

    def scan(self, file: IO[bytes]) -> None:
        """Scan a file from its position to its end.

        Raises ``MalwareFound`` for a finding, which deletes the pending object, and
        ``ScannerUnavailable`` when no verdict can be had, which leaves it to be tried again.
        """


class ClamAV:
    """A clamd that is reached over a socket; bytes are streamed to it (clamd(8), INSTREAM).

    Args:
        address: ``unix:///run/clamav/clamd.ctl`` or ``tcp://HOST:3310``. The protocol has neither
            sign-in nor encryption, so a TCP address belongs to a private network.
        timeout: seconds without a sign of life after which there is no verdict.
    """

    def __init__(self, address: str, *, timeout: float = 30.0) -> None:
        parts = urlsplit(address)
        is_unix = parts.scheme == "unix" and parts.path
        is_tcp = parts.scheme == "tcp" and parts.hostname
        if not (is_unix or is_tcp):
            raise Misconfigured(
                detail="CLAMD_ADDRESS: give unix:///run/clamav/clamd.ctl or tcp://HOST:3310"
            )
        self._address = parts
        self._timeout = timeout

    def scan(self, file: IO[bytes]) -> None:
        """Stream a file to clamd; raises ``MalwareFound`` or ``ScannerUnavailable``."""
        try:
            with self._connect() as channel:
                # It stops reading in the middle of a file that is over its limit, and says so.
                with suppress(BrokenPipeError, ConnectionResetError):
                    _stream(channel, file)
                answer = _read_answer(channel)
        except OSError as error:
            raise ScannerUnavailable(detail=f"clamd: {type(error).__name__}") from error
        if answer.endswith(" FOUND"):
            name = answer.removeprefix("stream: ").removesuffix(" FOUND")
            raise MalwareFound(detail=f"clamd found {name}")
        if answer != "stream: OK":
            # Over its StreamMaxLength, out of memory, no signatures loaded.
            raise ScannerUnavailable(detail=f"clamd answered: {answer[:200]}")

    def _connect(self) -> socket.socket:
        if self._address.scheme == "unix":
            channel = socket.socket(socket.AF_UNIX)
            try:
                channel.settimeout(self._timeout)
                channel.connect(self._address.path)
            except OSError:
                channel.close()
                raise
            return channel
        host, port = str(self._address.hostname), self._address.port or 3310
        return socket.create_connection((host, port), self._timeout)


def _stream(channel: socket.socket, file: IO[bytes]) -> None:
    channel.sendall(b"zINSTREAM\0")
    while chunk := file.read(_CHUNK):
        channel.sendall(len(chunk).to_bytes(4, "big") + chunk)
    channel.sendall(bytes(4))


def _read_answer(channel: socket.socket) -> str:
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < _MAX_ANSWER:
        data = channel.recv(_MAX_ANSWER)
        if not data:
            break
        answer += data
    return answer.rstrip(b"\0\n").decode(errors="replace")
