"""The parent's side: hands files to confined workers, and replaces those that fall."""

import logging
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from typing import IO, Any, Self

from gridboss_assets import errors
from gridboss_assets.errors import InspectionFailed, InspectionUnavailable, Rejection
from gridboss_assets.inspection import Inspected, InspectorName, weight_of
from gridboss_assets.inspection.policy import DEFAULT_POLICY, InspectionPolicy
from gridboss_assets.inspection.sandbox import wire
from gridboss_assets.inspection.sandbox.admission import Admission

log = logging.getLogger(__name__)

MIB = 1024 * 1024
_START_SECONDS = 30
_MAX_MESSAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxLimits:
    """What one deployment allows its inspections.

    ``cpu_seconds`` decides if a file is too costly. ``wall_seconds`` ends a first try, when the
    machine may be busy, and ``wall_seconds_alone`` the second, which only a process that waits for
    something ever reaches. ``address_space`` is what one inspection may map, in bytes; ``pixels``
    the budget that all pictures under way share.
    """

    workers: int = max(2, min(4, os.cpu_count() or 1))
    cpu_seconds: float = 5.0
    wall_seconds: float = 15.0
    wall_seconds_alone: float = 60.0
    address_space: int = 512 * MIB
    pixels: int = 32_000_000
    max_waiting: int = 64
    patience: float = 10.0
    jobs_per_worker: int = 200
    retire_above: int = 48 * MIB


DEFAULT_LIMITS = SandboxLimits()


class _Worker:
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


class Sandbox:
    """Inspects in processes that can do nothing else. Threads may share it.

    Nothing is started before the first file. A worker that dies or overruns costs nobody else
    anything: its file is tried once more with the machine to itself, and then refused with
    :class:`~gridboss_assets.errors.InspectionFailed`, which deletes nothing.
    """

    def __init__(
        self, policy: InspectionPolicy = DEFAULT_POLICY, limits: SandboxLimits = DEFAULT_LIMITS
    ) -> None:
        self.policy = policy
        self.limits = limits
        self._admission = Admission(
            budget=self.limits.pixels,
            places=self.limits.workers,
            max_waiting=self.limits.max_waiting,
            patience=self.limits.patience,
        )
        self._weighing = threading.Lock()
        self._lock = threading.Lock()
        self._idle: list[_Worker] = []
        self._forkserver: _Forkserver | None = None
        self._owner = os.getpid()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def inspect(
        self, inspector: InspectorName, file: IO[bytes], content_type: str, *, size: int
    ) -> Inspected:
        """Inspect ``size`` bytes of a real file; the same bytes give the same result.

        Raises a ``Rejection`` for a finding, ``InspectionBusy`` when too many wait,
        ``InspectionFailed`` when this file brings workers down, and ``InspectionUnavailable`` when
        no worker can be started.
        """
        # One at a time: forty threads that read headers would hold up the event loop.
        with self._weighing:
            weight = weight_of(inspector, file, content_type)
        job = {
            "inspector": inspector,
            "content_type": content_type,
            "size": size,
            "policy": asdict(self.policy),
            "cpu_seconds": self.limits.cpu_seconds,
        }
        tries = ((False, self.limits.wall_seconds), (True, self.limits.wall_seconds_alone))
        for alone, timeout in tries:
            with self._admission.admitted(weight, alone=alone):
                found = self._attempt(job, file, timeout=timeout)
            if found is not None:
                return found
        raise InspectionFailed(detail=f"{content_type} of {size} bytes brought down two workers")

    def close(self) -> None:
        """End every process; the next file starts new ones."""
        with self._lock:
            workers, self._idle = self._idle, []
            forkserver, self._forkserver = self._forkserver, None
        for worker in workers:
            worker.end()
        if forkserver is not None:
            forkserver.close()

    def _attempt(self, job: dict[str, Any], file: IO[bytes], *, timeout: float) -> Inspected | None:
        """Run a job on a worker; None when the worker died, overran, or answered nonsense."""
        worker = self._take()
        keep = False
        try:
            with _read_only(file) as descriptor:
                line, body = worker.run(job, descriptor, timeout=timeout)
            keep = not line.get("last", True)
            return _result(line, body)
        except (wire.Closed, TimeoutError) as fault:
            log.warning("an inspection worker was lost: %s", type(fault).__name__)
            return None
        finally:
            if keep:
                with self._lock:
                    self._idle.append(worker)
            else:
                worker.end()

    def _take(self) -> _Worker:
        with self._lock:
            if self._owner != os.getpid():
                # A server that forks its own workers has copied us: those processes are another's.
                self._owner, self._idle, self._forkserver = os.getpid(), [], None
            while self._idle:
                worker = self._idle.pop()
                if worker.is_alive():
                    return worker
                worker.end()
            if self._forkserver is not None and not self._forkserver.is_alive():
                self._forkserver.close()
                self._forkserver = None
            if self._forkserver is None:
                self._forkserver = _Forkserver()
            return self._forkserver.fork(self.limits)


class _Forkserver:
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

    def fork(self, limits: SandboxLimits) -> _Worker:
        """Return a new worker."""
        ours, theirs = socket.socketpair()
        with theirs:
            order = {
                "address_space": limits.address_space,
                "jobs": limits.jobs_per_worker,
                "retire_above": limits.retire_above,
            }
            try:
                wire.send(self._control, order, descriptor=theirs.fileno())
                worker = _Worker(self._ask()["pid"], ours)
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


@contextmanager
def _read_only(file: IO[bytes]) -> Iterator[int]:
    """Open a file once more, to read from its start: the worker gets no right to write."""
    file.flush()
    number = file.fileno()
    try:
        descriptor = os.open(f"/proc/self/fd/{number}", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        descriptor = os.dup(number)  # not Linux
    try:
        yield descriptor
    finally:
        os.close(descriptor)


_REJECTIONS = {
    name: found
    for name, found in vars(errors).items()
    if isinstance(found, type) and issubclass(found, Rejection)
}


def _result(line: dict[str, Any], body: bytes) -> Inspected | None:
    """Read an answer, of which nothing is believed that can't be true."""
    rejection = _REJECTIONS.get(str(line.get("rejection")))
    if rejection is not None:
        raise rejection(str(line.get("message"))[:_MAX_MESSAGE])
    warnings = line.get("warnings")
    if not isinstance(warnings, list):
        return None  # a fault, or nonsense
    return Inspected(body if line.get("has_body") else None, tuple(map(str, warnings)))
