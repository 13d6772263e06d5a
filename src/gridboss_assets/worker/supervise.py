"""Keeps worker processes running: starts them, starts them again, and ends them in order.

Dramatiq's own command ends all its processes when one of them is killed; then one export that takes
all memory would end all others on the machine.
"""

import logging
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from gridboss_assets.worker.control import NOW, READY, STOP

log = logging.getLogger(__name__)

_LOOK_SECONDS = 0.1
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0
# A process that lived so long did not die of how it starts.
_STEADY_SECONDS = 30.0
# On top of the grace: the process gives back its jobs in five, and takes as long to end at most.
_KILL_SECONDS = 12.0
_KILL_NOW_SECONDS = 5.0


@dataclass(eq=False)
class _Child:
    """One process, and what is known of its predecessors."""

    arguments: Sequence[str]
    process: "subprocess.Popen[bytes] | None" = None
    control: socket.socket | None = None
    is_ready: bool = False
    started: float = 0.0
    pause: float = 0.0

    def start(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(  # noqa: S603 - our own module
                [
                    *(sys.executable, "-m", "gridboss_assets.worker.process"),
                    *("--control", str(theirs.fileno())),
                    *self.arguments,
                ],
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                # Ctrl-C in a terminal goes to the foreground group; the child waits for our word.
                process_group=0,
            )
        ours.settimeout(0)
        self.control, self.is_ready, self.started = ours, False, time.monotonic()

    def look(self) -> int | None:
        """Return the status of a process that has ended, and None while it runs."""
        if self.process is None:
            return None
        if self.control is not None and not self.is_ready:
            with suppress(OSError):
                self.is_ready = self.control.recv(1) == READY
        status = self.process.poll()
        if status is not None:
            self.forget()
        return status

    def say(self, word: bytes) -> None:
        if self.control is not None:
            with suppress(OSError):  # it has just ended
                self.control.sendall(word)

    def forget(self) -> None:
        if self.control is not None:
            self.control.close()
        self.process = self.control = None

    def next_start(self) -> float:
        """Say when the next process may begin; one that dies at once again and again waits."""
        steady = time.monotonic() - self.started >= _STEADY_SECONDS
        self.pause = (
            _FIRST_PAUSE if steady or not self.pause else min(2 * self.pause, _LONGEST_PAUSE)
        )
        return time.monotonic() + self.pause


class Supervisor:
    """Runs ``processes`` worker processes until a signal asks to end.

    Args:
        processes: how many.
        arguments: of each; see :mod:`gridboss_assets.worker.process`.
        grace: seconds that jobs have to end by themselves.
        ready: called once, when all processes take jobs.
    """

    def __init__(
        self,
        processes: int,
        arguments: Sequence[str],
        *,
        grace: float,
        ready: Callable[[], None],
    ) -> None:
        self._children = [_Child(arguments) for _ in range(processes)]
        self._grace = grace
        self._ready: Callable[[], None] | None = ready
        self._due: dict[_Child, float] = {}
        self._signals = 0

    def run(self) -> None:
        """Return when all processes have ended, in order or not; the jobs are safe either way."""
        with self._on_signals():
            try:
                for child in self._children:
                    child.start()
                while not self._signals:
                    self._look_after_all()
                    time.sleep(_LOOK_SECONDS)
                self._end_all()
            finally:
                for child in self._children:
                    if child.process is not None:
                        child.process.kill()
                        child.process.wait()
                        child.forget()

    def _look_after_all(self) -> None:
        for child in self._children:
            status = child.look()
            if status is not None:
                self._due[child] = child.next_start()
                log.error(
                    "a worker process ended with status %s; another one begins in %.1f s",
                    status,
                    child.pause,
                )
            if child in self._due and time.monotonic() >= self._due[child]:
                del self._due[child]
                child.start()
        if self._ready is not None and all(child.is_ready for child in self._children):
            self._ready()
            self._ready = None

    def _end_all(self) -> None:
        log.info("ending: jobs have %s s to end, and are given back then", self._grace)
        for child in self._children:
            child.say(STOP)
        deadline = time.monotonic() + self._grace + _KILL_SECONDS
        hurried = False
        while any(child.process is not None for child in self._children):
            for child in self._children:
                child.look()
            if self._signals > 1 and not hurried:
                hurried = True
                deadline = time.monotonic() + _KILL_NOW_SECONDS
                for child in self._children:
                    child.say(NOW)
            if time.monotonic() > deadline:
                log.error("a worker process does not end; it is killed, and its leases run out")
                return
            time.sleep(_LOOK_SECONDS)

    @contextmanager
    def _on_signals(self) -> Iterator[None]:
        def note(_number: int, _frame: object) -> None:
            self._signals += 1

        names = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
        before = {name: signal.signal(name, note) for name in names}
        try:
            yield
        finally:
            for name, previous in before.items():
                signal.signal(name, previous)
