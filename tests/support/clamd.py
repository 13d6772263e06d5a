"""Fixtures for tests against a real clamd that knows one signature: our own."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

MALWARE = b"gridboss-test-malware-7f3a"
"""What the signature finds; nobody else's scanner knows it."""

SIGNATURE = "GridBoss.Test.Signature"
STREAM_LIMIT = 1024 * 1024
_READY_SECONDS = 30


@pytest.fixture(scope="session")
def clamd() -> Iterator[str]:
    """Run clamd on a Unix socket and give its address."""
    program = shutil.which("clamd") or shutil.which("clamd", path="/usr/sbin:/usr/local/sbin")
    assert program, "clamd is needed (Debian: apt-get install clamav-daemon)"
    # Not pytest's own folder: a socket's path has at most 107 bytes (unix(7)).
    with tempfile.TemporaryDirectory(prefix="clamd") as name:
        folder = Path(name)
        (folder / "own.ndb").write_text(f"{SIGNATURE}:0:*:{MALWARE.hex()}\n")
        (folder / "clamd.conf").write_text(
            f"DatabaseDirectory {folder}\nLocalSocket {folder}/clamd.sock\nForeground yes\n"
            f"StreamMaxLength {STREAM_LIMIT}\n"
        )
        with (folder / "clamd.log").open("wb") as log:
            process = subprocess.Popen(  # noqa: S603 - the program that was found
                [program, f"--config-file={folder}/clamd.conf"], stdout=log, stderr=log
            )
        try:
            _wait_for(folder, process)
            yield f"unix://{folder}/clamd.sock"
        finally:
            process.terminate()
            process.wait()


def _wait_for(folder: Path, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while not (folder / "clamd.sock").exists():
        if process.poll() is not None or time.monotonic() > deadline:
            pytest.fail(f"clamd did not start:\n{(folder / 'clamd.log').read_text()}")
        time.sleep(0.05)
