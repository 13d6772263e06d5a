"""Jobs in the memory of this process: for development and for tests."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace

from gridboss_assets.errors import JobNotFound
from gridboss_assets.jobs.model import Job
from gridboss_assets.jobs.states import (
    LEASE_SECONDS,
    QUEUE_SECONDS,
    Change,
    Entry,
    Transitions,
    too_many,
    wait_again,
)

_DAY = 24 * 3600.0


class MemoryJobStore(Transitions):
    """See :class:`~gridboss_assets.jobs.store.JobStore`. All jobs end with the process.

    Args:
        max_active: unended jobs of one subject.
        keep: seconds for which a job is kept after its end.
        lease: seconds for which a worker has a job without saying so again.
        patience: seconds that a queued job may wait before it counts as lost by its queue.
        clock: the time in POSIX seconds.
    """

    def __init__(
        self,
        *,
        max_active: int = 20,
        keep: float = 7 * _DAY,
        lease: float = LEASE_SECONDS,
        patience: float = QUEUE_SECONDS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(lease=lease, patience=patience)
        self.max_active = max_active
        self.keep = keep
        self._clock = clock
        self._entries: dict[str, Entry] = {}
        self._named: dict[str, float] = {}
        self._lock = threading.Lock()

    def add(self, job: Job) -> None:
        """Keep a new job; raises ``TooManyRequests``."""
        with self._lock:
            now = self._forget_old()
            active = sum(
                entry.job.subject == job.subject and not entry.job.has_ended
                for entry in self._entries.values()
            )
            if active >= self.max_active:
                raise too_many(self.max_active)
            self._entries[job.id] = Entry(job, now + self.patience)

    def get(self, job_id: str) -> Job:
        """Return a job as it stands."""
        with self._lock:
            self._forget_old()
            return self._entry(job_id).job

    def peek(self, job_id: str) -> Job:
        """Return a job as it stands, without its parameters."""
        return replace(self.get(job_id), parameters={})

    def of(self, subject: str, *, limit: int = 50, before: str | None = None) -> list[Job]:
        """List the jobs of a subject, newest first."""
        with self._lock:
            self._forget_old()
            jobs = [e.job for e in self._entries.values() if e.job.subject == subject]
            jobs.sort(key=_age, reverse=True)
            if before is not None:
                oldest = self._entries.get(before)
                if oldest is None or oldest.job.subject != subject:
                    raise JobNotFound
                jobs = [job for job in jobs if _age(job) < _age(oldest.job)]
            return [replace(job, parameters={}) for job in jobs[:limit]]

    def stranded(self, *, limit: int = 100) -> list[str]:
        """Name jobs that nobody works on."""
        with self._lock:
            now = self._clock()
            found = [
                job_id
                for job_id, entry in self._entries.items()
                if not entry.job.has_ended and max(entry.due, self._named.get(job_id, 0)) <= now
            ][:limit]
            for job_id in found:
                job = self._entries[job_id].job
                self._named[job_id] = wait_again(job, now, self.patience)
            return found

    def _change(self, job_id: str, change: Change) -> tuple[Entry, bool]:
        with self._lock:
            before = self._entry(job_id)
            after = change(before, self._clock())
            if after is None:
                return before, False
            self._entries[job_id] = after
            self._named.pop(job_id, None)
            return after, True

    def _entry(self, job_id: str) -> Entry:
        try:
            return self._entries[job_id]
        except KeyError:
            raise JobNotFound from None

    def _forget_old(self) -> float:
        now = self._clock()
        for job_id, entry in list(self._entries.items()):
            if entry.job.ended_at is not None and entry.job.ended_at + self.keep <= now:
                del self._entries[job_id]
                self._named.pop(job_id, None)
        return now


def _age(job: Job) -> tuple[float, str]:
    return job.created_at, job.id
