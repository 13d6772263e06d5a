"""`gridboss-assets serve` as a child process, with exactly the environment that it is given."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Self

import pytest
import requests

COMMAND = str(Path(sys.executable).with_name("gridboss-assets"))

_READY_SECONDS = 60.0
_STOP_SECONDS = 15.0
_ATTEMPTS = 5

# Linux kills the service when the test run dies, however it dies (prctl(2), PR_SET_PDEATHSIG): a
# tiny program asks for that and then becomes the service.
_DIE_WITH_PARENT = """
import ctypes, os, signal, sys
ctypes.CDLL(None).prctl(1, signal.SIGKILL)
if os.getppid() == int(sys.argv[1]):
    os.execv(sys.argv[2], sys.argv[2:])
"""


def environment(directory: Path, settings: Mapping[str, str]) -> dict[str, str]:
    """Return the whole environment of a child: nothing of the test run's own gets in."""
    return {"PATH": os.defpath, "HOME": str(directory), "TMPDIR": str(directory), **settings}


class Service:
    """One service on a port of 127.0.0.1; a context manager.

    Args:
        directory: its working directory, so that no ``.env`` of a developer is read.
        settings: its environment.
    """

    def __init__(self, directory: Path, settings: Mapping[str, str]) -> None:
        self.directory = directory
        self.settings = dict(settings)
        self._port = 0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it answers, without a slash at the end; another one after a restart."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def log(self) -> str:
        """What it has written to standard output and standard error, all starts together."""
        return self._log_path.read_text(errors="replace")

    @property
    def _log_path(self) -> Path:
        return self.directory / "service.log"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start it and return when ``/healthz`` answers."""
        self.directory.mkdir(parents=True, exist_ok=True)
        for attempt in range(1, _ATTEMPTS + 1):
            self._port = _free_port()
            self._launch()
            if self._is_ready():
                return
            self.stop()
            # Somebody may have taken the port between our look and the service's bind.
            if attempt == _ATTEMPTS or "Can't listen" not in self.log:
                pytest.fail(f"the service did not start:\n{self.log}", pytrace=False)

    def stop(self) -> bool:
        """End it in order, by force if it does not; may be called again. False: by force."""
        return self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a crash does: at once, with nothing put in order."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> bool:
        process, self._process = self._process, None
        if process is None:
            return True
        process.send_signal(how)
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            return False
        return True

    def _launch(self) -> None:
        command = [COMMAND, "serve", "--host", "127.0.0.1", "--port", str(self._port)]
        if sys.platform == "linux":
            launcher = [sys.executable, "-I", "-S", "-c", _DIE_WITH_PARENT, str(os.getpid())]
            command = [*launcher, *command]
        with self._log_path.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                command,
                cwd=self.directory,
                env=environment(self.directory, self.settings),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def _is_ready(self) -> bool:
        assert self._process is not None
        deadline = time.monotonic() + _READY_SECONDS
        with requests.Session() as http:
            http.trust_env = False
            while self._process.poll() is None and time.monotonic() < deadline:
                try:
                    if http.get(f"{self.url}/healthz", timeout=5).ok:
                        return True
                except requests.ConnectionError:
                    time.sleep(0.02)
        return False


def _free_port() -> int:
    # Below what SeaweedFS (20,000 and up) and outgoing connections (32,768 and up) take.
    for port in random.sample(range(12_000, 20_000), 200):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    pytest.fail("found no free port on 127.0.0.1", pytrace=False)
