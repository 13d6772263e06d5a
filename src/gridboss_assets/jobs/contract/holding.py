"""Rules of taking a job up and holding it."""

from dataclasses import replace

from gridboss_assets.jobs.contract.steps import (
    THREADS,
    Clock,
    added,
    at_once,
    calls,
    taken,
)
from gridboss_assets.jobs.states import LEASE_SECONDS
from gridboss_assets.jobs.store import JobStore


class Holding:
    """Rules of taking a job up and holding it."""

    def test_a_job_is_taken_up(self, store: JobStore, clock: Clock) -> None:
        """It is running, for the first time, from now on, and its parameters are there."""
        job = clock.job(season=7)
        store.add(job)
        clock.advance(1)
        taken = replace(job, state="running", attempt=1, started_at=clock.now)
        assert store.take(job.id) == taken
        assert store.get(job.id) == taken

    def test_one_of_many_takers_has_the_job(self, store: JobStore, clock: Clock) -> None:
        """Of eight workers that hear of a job at once, one gets it."""
        (job_id,) = added(store, clock, 1)
        taken = at_once(store.take, [job_id] * THREADS)
        assert [job.attempt for job in taken if job] == [1]

    def test_a_job_is_left_to_whoever_has_it(self, store: JobStore, clock: Clock) -> None:
        """Nobody else takes it while the lease holds."""
        job = taken(store, clock)
        clock.advance(LEASE_SECONDS - 0.1)
        assert store.take(job.id) is None

    def test_a_lease_that_ran_out_frees_the_job(self, store: JobStore, clock: Clock) -> None:
        """The next attempt is another worker's, and the death counts as a failure."""
        job = taken(store, clock)
        clock.advance(LEASE_SECONDS)
        again = store.take(job.id)
        assert again == replace(job, attempt=2, failures=1)

    def test_renewing_holds_the_job(self, store: JobStore, clock: Clock) -> None:
        """Each renewal counts from then on."""
        job = taken(store, clock)
        clock.advance(LEASE_SECONDS - 0.1)
        assert store.renew(job.id, 1)
        clock.advance(LEASE_SECONDS - 0.1)
        assert store.take(job.id) is None

    def test_progress_is_kept_and_holds_the_job(self, store: JobStore, clock: Clock) -> None:
        """The expected total stays when it isn't said again."""
        job = taken(store, clock)
        assert store.progress(job.id, 1, 10, 40)
        clock.advance(LEASE_SECONDS - 0.1)
        assert store.progress(job.id, 1, 20)
        clock.advance(LEASE_SECONDS - 0.1)
        assert store.take(job.id) is None
        assert (store.get(job.id).rows, store.get(job.id).total) == (20, 40)

    def test_uploads_are_noted_and_forgotten(self, store: JobStore, clock: Clock) -> None:
        """The next worker finds those that are left."""
        job = taken(store, clock)
        assert store.begin_upload(job.id, 1, "a")
        assert store.begin_upload(job.id, 1, "b")
        store.end_upload(job.id, "a")
        clock.advance(LEASE_SECONDS)
        again = store.take(job.id)
        assert again is not None
        assert again.uploads == ("b",)

    def test_no_note_is_lost_among_many(self, store: JobStore, clock: Clock) -> None:
        """Eight changes at once are eight changes."""
        job = taken(store, clock)
        uploads = [str(number) for number in range(THREADS)]
        at_once(lambda upload: store.begin_upload(job.id, 1, upload), uploads)
        assert sorted(store.get(job.id).uploads) == uploads

    def test_a_superseded_worker_changes_nothing(self, store: JobStore, clock: Clock) -> None:
        """It learns so from every call, and the job stays with the other one."""
        job = taken(store, clock)
        clock.advance(LEASE_SECONDS)
        again = store.take(job.id)
        assert calls(store, job.id, 1) == [False] * 6
        assert store.get(job.id) == again
