"""Servers in processes of their own, as a supervisor would run them."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

JWT_SECRET = "a-secret-of-at-least-thirty-two-bytes"  # noqa: S105 - of the benchmarks alone

_READY_SECONDS = 30
_UVICORN = [
    sys.executable, "-m", "uvicorn", "--log-level", "warning", "--no-access-log",
    "--no-server-header",
]  # fmt: skip


@contextmanager
def serving(application: str, environment: Mapping[str, str]) -> Iterator[tuple[int, int]]:
    """Run one server, with its log in a file; yields its port and its process ID.

    ``application``: ``service`` for ours as ``serve`` runs it with one worker, or the import path
    of another. ``environment`` is added to what every server here gets.
    """
    command = [*_UVICORN, application]
    if application == "service":
        command = [str(Path(sys.executable).parent / "gridboss-assets"), "serve"]
    port = _free_port()
    settings = {
        "PATH": os.environ["PATH"],
        "S3_ENABLED": "true",
        "JWT_SECRET": JWT_SECRET,
        # One caller asks for everything here.
        "RATE_LIMIT_PER_MINUTE": "1000000000",
    }
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(  # noqa: S603 - our own commands
            [*command, "--port", str(port)],
            env=settings | dict(environment),
            stdout=log,
            stderr=log,
        )
        try:
            _wait_for(port, process, log)
            yield port, process.pid
        finally:
            process.terminate()
            process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _wait_for(port: int, process: subprocess.Popen[bytes], log: IO[bytes]) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                log.seek(0)
                raise RuntimeError(f"a server did not start:\n{log.read().decode()}") from None
            time.sleep(0.05)
        else:
            return
