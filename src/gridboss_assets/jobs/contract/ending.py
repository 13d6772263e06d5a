"""Rules of giving a job back, and of its end."""

from dataclasses import replace

from gridboss_assets.jobs.contract.steps import (
    DONE,
    FAULT,
    Clock,
    calls,
    taken,
)
from gridboss_assets.jobs.states import LEASE_SECONDS
from gridboss_assets.jobs.store import JobStore


class Ending:
    """Rules of giving a job back, and of its end."""

    def test_a_job_is_given_back(self, store: JobStore, clock: Clock) -> None:
        """It is queued again, and anybody may take it at once."""
        job = taken(store, clock)
        assert store.release(job.id, 1)
        assert store.get(job.id).state == "queued"
        again = store.take(job.id)
        assert again is not None
        assert (again.attempt, again.failures) == (2, 0)

    def test_a_failure_counts(self, store: JobStore, clock: Clock) -> None:
        """A job that is given back for an error has failed once more."""
        job = taken(store, clock)
        assert store.release(job.id, 1, failed=True)
        assert store.get(job.id).failures == 1

    def test_a_job_is_done(self, store: JobStore, clock: Clock) -> None:
        """Its object's key, name and size are kept."""
        job = taken(store, clock)
        clock.advance(1)
        assert store.finish(job.id, 1, **DONE)  # type: ignore[arg-type]
        assert store.get(job.id) == replace(job, state="done", ended_at=clock.now, **DONE)  # type: ignore[arg-type]

    def test_a_job_fails(self, store: JobStore, clock: Clock) -> None:
        """The fault is kept."""
        job = taken(store, clock)
        assert store.fail(job.id, 1, FAULT)
        assert store.get(job.id) == replace(job, state="failed", ended_at=clock.now, fault=FAULT)

    def test_a_queued_job_is_cancelled(self, store: JobStore, clock: Clock) -> None:
        """Nobody takes it up any more."""
        job = clock.job(season=7)
        store.add(job)
        cancelled = replace(job, state="cancelled", ended_at=clock.now)
        assert store.cancel(job.id) == cancelled
        assert store.take(job.id) is None
        assert store.get(job.id) == cancelled

    def test_a_running_job_is_cancelled(self, store: JobStore, clock: Clock) -> None:
        """Its worker learns so, and changes nothing."""
        job = taken(store, clock)
        assert store.cancel(job.id).state == "cancelled"
        assert calls(store, job.id, 1) == [False] * 6
        assert store.get(job.id).state == "cancelled"

    def test_a_job_that_ended_never_changes(self, store: JobStore, clock: Clock) -> None:
        """Whatever is said of it later."""
        job = taken(store, clock)
        store.finish(job.id, 1, **DONE)  # type: ignore[arg-type]
        ended = store.get(job.id)
        clock.advance(2 * LEASE_SECONDS)
        assert store.cancel(job.id) == ended
        assert store.take(job.id) is None
        assert calls(store, job.id, 1) == [False] * 6
        assert store.get(job.id) == ended

    def test_an_upload_is_forgotten_after_the_end_too(self, store: JobStore, clock: Clock) -> None:
        """Whoever aborts what a cancelled job had left can say so."""
        job = taken(store, clock)
        store.begin_upload(job.id, 1, "a")
        store.cancel(job.id)
        store.end_upload(job.id, "a")
        assert (store.get(job.id).state, store.get(job.id).uploads) == ("cancelled", ())
