"""The states of a job and the ways between them, for every store.

::

    queued ──take──► running ──finish──► done
       ▲                │ │
       └────release─────┘ └───fail────► failed           cancel: queued, running ──► cancelled

A store keeps entries and changes one at a time, atomically; everything else stands here, once.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace

from gridboss_assets.errors import TooManyRequests
from gridboss_assets.jobs.model import Fault, Job

LEASE_SECONDS = 10.0
"""How long a worker has a job without saying so again."""

QUEUE_SECONDS = 15.0
"""How long a queued job may wait before it is asked whether its queue has lost it."""

_LONGEST_WAIT = 300.0


@dataclass(frozen=True, slots=True)
class Entry:
    """A job as a store keeps it. ``due``: the time from which on nobody works on it.

    That is the end of its lease while it runs. While it is queued, a worker should have it by then.
    """

    job: Job
    due: float


Change = Callable[[Entry, float], Entry | None]


class Transitions(ABC):
    """All methods of a ``JobStore`` that change one job, in terms of one: :meth:`_change`."""

    def __init__(self, *, lease: float = LEASE_SECONDS, patience: float = QUEUE_SECONDS) -> None:
        self.lease = lease
        self.patience = patience

    @abstractmethod
    def _change(self, job_id: str, change: Change) -> tuple[Entry, bool]:
        """Apply ``change(entry, now)`` atomically: the entry afterwards, and whether it changed.

        ``change`` answers None for no change, and may be called again. Raises ``JobNotFound``.
        """

    def take(self, job_id: str) -> Job | None:
        """Take a job up; None when there is nothing to do."""

        def change(entry: Entry, now: float) -> Entry | None:
            job = entry.job
            died = job.state == "running"
            if job.has_ended or (died and now < entry.due):
                return None
            taken = replace(
                job,
                state="running",
                attempt=job.attempt + 1,
                failures=job.failures + died,
                started_at=now if job.started_at is None else job.started_at,
            )
            return Entry(taken, now + self.lease)

        entry, changed = self._change(job_id, change)
        return entry.job if changed else None

    def renew(self, job_id: str, attempt: int) -> bool:
        """Hold on to the job for another lease."""
        return self._held(job_id, attempt, lambda job, now: Entry(job, now + self.lease))

    def progress(self, job_id: str, attempt: int, rows: int, total: int | None = None) -> bool:
        """Say how many rows are written, and renew the lease."""
        return self._held(
            job_id,
            attempt,
            lambda job, now: Entry(
                replace(job, rows=rows, total=job.total if total is None else total),
                now + self.lease,
            ),
        )

    def begin_upload(self, job_id: str, attempt: int, upload_id: str) -> bool:
        """Note a multipart upload before its first part."""
        return self._held(
            job_id,
            attempt,
            lambda job, now: Entry(
                replace(job, uploads=(*job.uploads, upload_id)), now + self.lease
            ),
        )

    def end_upload(self, job_id: str, upload_id: str) -> None:
        """Forget a multipart upload; of a job that has ended this alone may change."""

        def change(entry: Entry, _now: float) -> Entry | None:
            if upload_id not in entry.job.uploads:
                return None
            left = tuple(each for each in entry.job.uploads if each != upload_id)
            return replace(entry, job=replace(entry.job, uploads=left))

        self._change(job_id, change)

    def release(self, job_id: str, attempt: int, *, delay: float = 0, failed: bool = False) -> bool:
        """Give the job back."""
        return self._held(
            job_id,
            attempt,
            lambda job, now: Entry(
                replace(job, state="queued", failures=job.failures + failed),
                now + delay + self.patience,
            ),
        )

    def finish(
        self, job_id: str, attempt: int, *, object_key: str, filename: str, content_length: int
    ) -> bool:
        """Note that the object stands at its key."""
        return self._held(
            job_id,
            attempt,
            lambda job, now: Entry(
                replace(
                    job,
                    state="done",
                    ended_at=now,
                    object_key=object_key,
                    filename=filename,
                    content_length=content_length,
                ),
                now,
            ),
        )

    def fail(self, job_id: str, attempt: int, fault: Fault) -> bool:
        """Note that the job can't succeed."""
        return self._held(
            job_id,
            attempt,
            lambda job, now: Entry(replace(job, state="failed", ended_at=now, fault=fault), now),
        )

    def cancel(self, job_id: str) -> Job:
        """Cancel a job unless it has ended."""

        def change(entry: Entry, now: float) -> Entry | None:
            if entry.job.has_ended:
                return None
            return Entry(replace(entry.job, state="cancelled", ended_at=now), now)

        return self._change(job_id, change)[0].job

    def _held(self, job_id: str, attempt: int, change: Callable[[Job, float], Entry]) -> bool:
        """Change a job that this attempt has; False when it has ended or another one has it."""

        def guarded(entry: Entry, now: float) -> Entry | None:
            job = entry.job
            return change(job, now) if (job.state, job.attempt) == ("running", attempt) else None

        return self._change(job_id, guarded)[1]


def wait_again(job: Job, now: float, patience: float) -> float:
    """Say until when a job that was just named as stranded isn't named again.

    The wait grows with the age of the job. A queue's long backlog then costs few messages, and
    what a queue lost a moment ago comes back soon.
    """
    return now + max(patience, min((now - job.created_at) / 2, _LONGEST_WAIT))


def too_many(limit: int) -> TooManyRequests:
    """Make the error of a subject who has ``limit`` unended jobs already."""
    return TooManyRequests(
        f"You have {limit} exports that are not finished. Wait for one of them, or cancel one.",
        retry_after=5,
    )
