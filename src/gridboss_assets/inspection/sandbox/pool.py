"""The parent's side: admits files, hands them to confined workers, and replaces those that fall."""

import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import IO, Any, Self

from gridboss_assets import errors
from gridboss_assets.errors import InspectionFailed, Rejection
from gridboss_assets.inspection import Inspected, InspectorName, weight_of
from gridboss_assets.inspection.policy import DEFAULT_POLICY, InspectionPolicy
from gridboss_assets.inspection.sandbox import wire
from gridboss_assets.inspection.sandbox.admission import Admission
from gridboss_assets.inspection.sandbox.processes import Forkserver, Worker

log = logging.getLogger(__name__)

MIB = 1024 * 1024
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
        self._idle: list[Worker] = []
        self._forkserver: Forkserver | None = None
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

    def _take(self) -> Worker:
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
                self._forkserver = Forkserver()
            return self._forkserver.fork(
                address_space=self.limits.address_space,
                jobs=self.limits.jobs_per_worker,
                retire_above=self.limits.retire_above,
            )


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
