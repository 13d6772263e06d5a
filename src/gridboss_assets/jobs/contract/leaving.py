"""Rules of jobs that nobody works on."""

from gridboss_assets.jobs.contract.steps import DONE, FAULT, Clock, added, taken
from gridboss_assets.jobs.states import LEASE_SECONDS, QUEUE_SECONDS
from gridboss_assets.jobs.store import JobStore


class Leaving:
    """Rules of jobs that nobody works on."""

    def test_a_job_that_waits_is_not_stranded(self, store: JobStore, clock: Clock) -> None:
        """Not until its queue has had time to hand it out."""
        (job_id,) = added(store, clock, 1)
        clock.advance(QUEUE_SECONDS - 0.1)
        assert store.stranded() == []
        clock.advance(0.2)
        assert store.stranded() == [job_id]

    def test_a_job_without_its_worker_is_stranded(self, store: JobStore, clock: Clock) -> None:
        """As soon as the lease has run out, and not before."""
        job = taken(store, clock)
        clock.advance(LEASE_SECONDS - 0.1)
        assert store.stranded() == []
        clock.advance(0.2)
        assert store.stranded() == [job.id]

    def test_a_job_that_is_tried_later_is_not_stranded(self, store: JobStore, clock: Clock) -> None:
        """Its pause comes on top of the time that a queue has."""
        job = taken(store, clock)
        store.release(job.id, 1, delay=100)
        clock.advance(100 + QUEUE_SECONDS - 0.1)
        assert store.stranded() == []
        clock.advance(0.2)
        assert store.stranded() == [job.id]

    def test_a_job_that_ended_is_not_stranded(self, store: JobStore, clock: Clock) -> None:
        """However it ended."""
        done, failed, cancelled = added(store, clock, 3)
        store.take(done)
        store.finish(done, 1, **DONE)  # type: ignore[arg-type]
        store.take(failed)
        store.fail(failed, 1, FAULT)
        store.cancel(cancelled)
        clock.advance(1000)
        assert store.stranded() == []

    def test_a_stranded_job_is_named_seldom(self, store: JobStore, clock: Clock) -> None:
        """Once it was handed to a queue again, that one has its time, longer for an older job."""
        (job_id,) = added(store, clock, 1)
        clock.advance(QUEUE_SECONDS * 10)
        assert store.stranded() == [job_id]
        assert store.stranded() == []
        clock.advance(QUEUE_SECONDS * 4)
        assert store.stranded() == []
        clock.advance(QUEUE_SECONDS)
        assert store.stranded() == [job_id]

    def test_few_stranded_jobs_are_named_at_once(self, store: JobStore, clock: Clock) -> None:
        """No more than asked for; the others come next."""
        jobs = added(store, clock, 3)
        clock.advance(QUEUE_SECONDS)
        named = [*store.stranded(limit=2), *store.stranded(limit=2)]
        assert sorted(named) == sorted(jobs)
