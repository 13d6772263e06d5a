"""What the rules of the contract are written with."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from gridboss_assets.errors import AssetsError
from gridboss_assets.jobs.model import Fault, Job
from gridboss_assets.jobs.store import JobStore

MAX_ACTIVE = 3
"""Unended jobs of one subject that the store under test allows."""

THREADS = 8
DONE = {"object_key": "exports/driver-7/0.csv", "filename": "laps.csv", "content_length": 7}
FAULT = Fault("invalid_rows", "Row 3 has no driver.")


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        """Tell the time in POSIX seconds."""
        return self.now

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds

    def job(self, subject: str = "driver-7", **parameters: Any) -> Job:
        """Make a new job that is asked for now; a moment later than the one before."""
        self.now += 0.001
        return replace(Job.new("laps", "csv", parameters, subject), created_at=self.now)


def added(store: JobStore, clock: Clock, count: int) -> list[str]:
    """Add so many jobs of one subject, and name them."""
    jobs = [clock.job() for _ in range(count)]
    for job in jobs:
        store.add(job)
    return ids(jobs)


def taken(store: JobStore, clock: Clock) -> Job:
    """Add a job, and take it up."""
    (job_id,) = added(store, clock, 1)
    job = store.take(job_id)
    assert job is not None
    return job


def ids(jobs: list[Job]) -> list[str]:
    """Name jobs."""
    return [job.id for job in jobs]


def calls(store: JobStore, job_id: str, attempt: int) -> list[bool]:
    """Say everything of a job that a worker may say."""
    return [
        store.renew(job_id, attempt),
        store.progress(job_id, attempt, 99),
        store.begin_upload(job_id, attempt, "late"),
        store.release(job_id, attempt, failed=True),
        store.fail(job_id, attempt, FAULT),
        store.finish(job_id, attempt, **DONE),  # type: ignore[arg-type]
    ]


def at_once(call: Callable[[Any], Any], arguments: list[Any]) -> list[Any]:
    """Call with each argument, all at the same time."""
    with ThreadPoolExecutor(len(arguments)) as pool:
        return list(pool.map(call, arguments))


@contextmanager
def raises(expected: type[AssetsError]) -> Iterator[None]:
    """Do what `pytest.raises` does, which may be absent."""
    try:
        yield
    except expected:
        return
    raise AssertionError(f"{expected.__name__} was expected")
