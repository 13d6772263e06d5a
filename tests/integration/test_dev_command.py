"""`gridboss-assets dev` as its users run it: a program that starts, says so, and stops."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Self

import pytest
import requests

PROGRAM = Path(sys.executable).with_name("gridboss-assets")
READY = re.compile(
    r"ready: (?P<url>http://(?P<host>[^:]+):(?P<port>\d+))  "
    r"\(S3 at (?P<s3>http://127\.0\.0\.1:\d+), bucket (?P<bucket>[a-z0-9-]+)\)\n"
)


class DevCommand:
    """One run of the command with nothing of the tests' own settings around it.

    A context manager: inside it the command is ready, and afterwards it is gone.
    """

    def __init__(self, directory: Path, *options: str, **environment: str) -> None:
        self.errors_path = directory / "errors.txt"
        command = [str(PROGRAM), "dev", "--no-browser", "--port", "0", *options]
        with self.errors_path.open("wb") as errors:
            self.process = subprocess.Popen(  # noqa: S603 - the program under test
                command,
                cwd=directory,
                env=bare_environment(directory) | environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )

    def __enter__(self) -> Self:
        assert self.process.stdout is not None
        self.line = self.process.stdout.readline()
        found = READY.fullmatch(self.line)
        if found is None:
            self.close()
            pytest.fail(f"not a ready line: {self.line!r}\n{self.errors()}")
        self.url, self.s3, self.bucket = found["url"], found["s3"], found["bucket"]
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop what still runs; for a run that is not to become ready, see `closing`."""
        family = self.family()
        if self.process.returncode is None:
            self.stop(signal.SIGTERM)
        wait_until(lambda: not any(map(is_alive, family)), "every process has ended")

    def finish(self) -> tuple[int, str]:
        """Wait for the end; return the exit status and what else it wrote on stdout."""
        rest, _ = self.process.communicate()
        return self.process.returncode, rest

    def stop(self, number: signal.Signals) -> tuple[int, str]:
        """Send a signal and wait for the end."""
        self.process.send_signal(number)
        return self.finish()

    def errors(self) -> str:
        """Return what it wrote on standard error until now."""
        return self.errors_path.read_text()

    def family(self) -> list[int]:
        """Return the process IDs of the command and of everything that it started."""
        return [self.process.pid, *descendants(self.process.pid)]


def bare_environment(directory: Path) -> dict[str, str]:
    """Return an environment without settings, profiles and proxies."""
    return {"PATH": os.environ["PATH"], "HOME": str(directory), "PYTHONWARNINGS": "default"}


def descendants(pid: int) -> list[int]:
    """Return the IDs of the processes that a process started, and that those did, and so on."""
    children = [child for child, parent in _parents().items() if parent == pid]
    return children + [each for child in children for each in descendants(child)]


def _parents() -> dict[int, int]:
    parents = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and (stat := _stat(int(folder.name))):
            parents[int(folder.name)] = int(stat[1])
    return parents


def _stat(pid: int) -> list[str]:
    try:
        # The program's name, in brackets, may hold anything (proc(5)).
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def is_alive(pid: int) -> bool:
    """Tell whether a process exists and has not ended yet (a zombie has)."""
    stat = _stat(pid)
    return bool(stat) and stat[0] != "Z"


def wait_until(condition: Callable[[], object], what: str) -> None:
    """Return when a condition holds; fail when it does not after a while."""
    for _ in range(600):
        if condition():
            return
        time.sleep(0.05)
    pytest.fail(f"it never came that {what}")


def test_one_line_on_standard_output_says_that_it_is_ready(tmp_path: Path) -> None:
    with DevCommand(tmp_path) as dev:
        assert READY.fullmatch(dev.line)
        assert requests.get(f"{dev.url}/readyz", timeout=10).ok
        _, rest = dev.stop(signal.SIGTERM)
    assert rest == ""


def test_port_0_picks_a_free_port_for_each_run(tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
    with DevCommand(tmp_path / "one") as one, DevCommand(tmp_path / "other") as other:
        assert one.url != other.url
        assert requests.get(f"{one.url}/healthz", timeout=10).ok
        assert requests.get(f"{other.url}/healthz", timeout=10).ok


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_everything(tmp_path: Path, number: signal.Signals) -> None:
    with DevCommand(tmp_path) as dev:
        family = dev.family()
        assert len(family) == 2
        code, _ = dev.stop(number)
        assert code == 0
        assert not any(map(is_alive, family))
        assert "Traceback" not in dev.errors()


def test_a_signal_to_the_whole_terminal_stops_everything(tmp_path: Path) -> None:
    with DevCommand(tmp_path) as dev:
        family = dev.family()
        for pid in reversed(family):
            os.kill(pid, signal.SIGINT)
        code, _ = dev.finish()
        assert code == 0
        assert not any(map(is_alive, family))


def test_a_second_signal_leaves_no_process_either(tmp_path: Path) -> None:
    with DevCommand(tmp_path) as dev:
        family = dev.family()
        dev.process.send_signal(signal.SIGINT)
        wait_until(lambda: "Application shutdown complete" in dev.errors(), "the API has stopped")
        dev.stop(signal.SIGINT)
        assert not any(map(is_alive, family))
        assert "Traceback" not in dev.errors()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_it_starts_leaves_no_process(tmp_path: Path, number: signal.Signals) -> None:
    with closing(DevCommand(tmp_path)) as dev:
        wait_until(lambda: len(dev.family()) == 2, "the S3 server starts")
        family = dev.family()
        code, out = dev.stop(number)
        assert (code, out) == (0, "")
        assert not any(map(is_alive, family))
        assert "Traceback" not in dev.errors()


def test_the_s3_server_ends_when_the_command_is_killed(tmp_path: Path) -> None:
    with DevCommand(tmp_path) as dev:
        [server] = descendants(dev.process.pid)
        dev.stop(signal.SIGKILL)
        wait_until(lambda: not is_alive(server), "the S3 server has ended")
