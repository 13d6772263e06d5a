"""The processes of the sandbox, as their parent holds them: the forkserver and its workers."""

import os
import select
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from typing import Any

from gridboss_assets.errors import InspectionUnavailable
from gridboss_assets.inspection.sandbox import wire

_START_SECONDS = 30


class Worker:
    """One confined process and the channel to it."""

    def __init__(self, pid: int, channel: socket.socket) -> None:
        self._channel = channel
        self._receiver = wire.Receiver(channel)
        self._pid = pid
        self._pidfd = _descriptor_of(pid)

    def wait_until_confined(self) -> None:
        """Return when it is ready; raises ``wire.Closed`` or ``TimeoutError``."""
        self._receiver.receive(timeout=_START_SECONDS)

    def is_alive(self) -> bool:
        """Tell whether an idle worker is still there: one that has ended hung up."""
        poll = select.poll()
        poll.register(self._channel, select.POLLIN)
        return not poll.poll(0)

    def run(
        self, job: dict[str, Any], descriptor: int, *, timeout: float
    ) -> tuple[dict[str, Any], bytes]:
        """Hand over one job and wait; raises ``wire.Closed`` or ``TimeoutError``."""
        wire.send(self._channel, job, descriptor=descriptor)
        line, body, _ = self._receiver.receive(timeout=timeout)
        return line, body

    def end(self) -> None:
        """End the process, whatever it is doing."""
        self._channel.close()
        with suppress(OSError):
            if self._pidfd is None:
                os.kill(self._pid, signal.SIGKILL)
            else:
                signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
        if self._pidfd is not None:
            os.close(self._pidfd)
            self._pidfd = None


def _descriptor_of(pid: int) -> int | None:
    """Open a process: its ID may be another's one day, a descriptor of it never is."""
    try:
        return os.pidfd_open(pid)
    except (AttributeError, OSError):
        return None  # not Linux, a kernel without, or the process is gone already


class Forkserver:
    """The process that forks workers, and the channel to it."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            # Nothing of our environment: secrets stand there. The import path is ours.
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-P", "-m", f"{__package__}.forkserver", str(theirs.fileno())],
                env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PATH": os.defpath},
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )
        self._control = ours
        self._receiver = wire.Receiver(ours)
        self._ask()

    def is_alive(self) -> bool:
        """Tell whether it runs."""
        return self._process.poll() is None

    def fork(self, *, address_space: int, jobs: int, retire_above: int) -> Worker:
        """Return a new worker with these limits, in bytes and in jobs."""
        order = {"address_space": address_space, "jobs": jobs, "retire_above": retire_above}
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                wire.send(self._control, order, descriptor=theirs.fileno())
                worker = Worker(self._ask()["pid"], ours)
            except BaseException:
                ours.close()
                raise
        try:
            worker.wait_until_confined()
        except (wire.Closed, TimeoutError) as error:
            worker.end()
            raise InspectionUnavailable(
                detail="an inspection worker could not confine itself; what it wrote to standard "
                "error says why. INSPECTION=in_process works without."
            ) from error
        return worker

    def close(self) -> None:
        """Hang up, upon which it ends, and its workers with it."""
        self._control.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _ask(self) -> dict[str, Any]:
        try:
            return self._receiver.receive(timeout=_START_SECONDS)[0]
        except (wire.Closed, TimeoutError) as error:
            self._process.kill()
            self._process.wait()
            raise InspectionUnavailable(detail="the inspection forkserver did not start") from error
