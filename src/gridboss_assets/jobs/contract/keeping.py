"""Rules of keeping and listing jobs."""

from contextlib import suppress
from dataclasses import replace

from gridboss_assets.errors import JobNotFound, TooManyRequests
from gridboss_assets.jobs.contract.steps import (
    MAX_ACTIVE,
    THREADS,
    Clock,
    added,
    at_once,
    ids,
    raises,
)
from gridboss_assets.jobs.model import Job
from gridboss_assets.jobs.store import JobStore


class Keeping:
    """Rules of keeping and listing jobs."""

    def test_a_job_is_kept_as_it_is(self, store: JobStore, clock: Clock) -> None:
        """What was added is what is read, whatever its subject and its parameters hold."""
        job = clock.job(
            "Jöns | 🏁:*\ud800\n", names=["Å", "\udfff"], n=-0.5, deep={"a": [None, True]}
        )
        store.add(job)
        assert store.get(job.id) == job

    def test_a_missing_job_is_told_apart(self, store: JobStore) -> None:
        """Every method that names a job says ``JobNotFound`` for one that is not there."""
        for call in (
            lambda: store.get("0" * 32),
            lambda: store.peek("0" * 32),
            lambda: store.take("0" * 32),
            lambda: store.cancel("0" * 32),
            lambda: store.renew("0" * 32, 1),
            lambda: store.end_upload("0" * 32, "u"),
        ):
            with raises(JobNotFound):
                call()

    def test_jobs_are_listed_newest_first(self, store: JobStore, clock: Clock) -> None:
        """A subject's jobs come newest first, and no more than asked for."""
        first, second, third = added(store, clock, 3)
        assert ids(store.of("driver-7")) == [third, second, first]
        assert ids(store.of("driver-7", limit=2)) == [third, second]

    def test_a_list_goes_on_after_a_job(self, store: JobStore, clock: Clock) -> None:
        """``before`` gives the older ones."""
        first, second, third = added(store, clock, 3)
        assert ids(store.of("driver-7", before=third)) == [second, first]
        assert store.of("driver-7", before=first) == []

    def test_subjects_see_their_own_jobs_alone(self, store: JobStore, clock: Clock) -> None:
        """Subjects that differ in a letter's case, or in how it is encoded, are two."""
        added(store, clock, 1)
        for other in ("Driver-7", "driver-7 ", "", "*"):
            assert store.of(other) == []

    def test_no_list_goes_on_after_somebody_elses_job(self, store: JobStore, clock: Clock) -> None:
        """``before`` names one of the subject's own jobs, or is ``JobNotFound``."""
        (job_id,) = added(store, clock, 1)
        with raises(JobNotFound):
            store.of("driver-8", before=job_id)

    def test_a_list_carries_no_parameters(self, store: JobStore, clock: Clock) -> None:
        """They may be large, and a list has many."""
        store.add(clock.job(season=7))
        assert [dict(job.parameters) for job in store.of("driver-7")] == [{}]

    def test_a_peek_carries_no_parameters(self, store: JobStore, clock: Clock) -> None:
        """It is the job as it stands, but for what may be large."""
        job = clock.job(league="formula")
        store.add(job)
        assert store.peek(job.id) == replace(store.get(job.id), parameters={})
        store.take(job.id)
        assert store.peek(job.id).state == "running"

    def test_a_subject_may_have_so_many_jobs(self, store: JobStore, clock: Clock) -> None:
        """One more is refused, and somebody else's is not."""
        added(store, clock, MAX_ACTIVE)
        with raises(TooManyRequests):
            store.add(clock.job())
        store.add(clock.job("driver-8"))
        assert len(store.of("driver-7")) == MAX_ACTIVE

    def test_a_job_that_ended_makes_room(self, store: JobStore, clock: Clock) -> None:
        """Only unended jobs count."""
        job_id = added(store, clock, MAX_ACTIVE)[0]
        store.cancel(job_id)
        store.add(clock.job())
        assert len(store.of("driver-7")) == MAX_ACTIVE + 1

    def test_the_limit_holds_for_many_at_once(self, store: JobStore, clock: Clock) -> None:
        """Of eight that come at once, as many as are allowed get in."""
        jobs = [clock.job() for _ in range(THREADS)]

        def add(job: Job) -> None:
            with suppress(TooManyRequests):
                store.add(job)

        at_once(add, jobs)
        assert len(store.of("driver-7")) == MAX_ACTIVE
