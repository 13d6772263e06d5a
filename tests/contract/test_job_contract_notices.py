"""Each rule of the contract of job stores is broken by a store here, and that is noticed."""

import inspect
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from gridboss_assets.errors import JobNotFound, JobsUnavailable, TooManyRequests
from gridboss_assets.jobs import Fault, Job, MemoryJobStore
from gridboss_assets.jobs.contract import MAX_ACTIVE, Clock, JobStoreContract
from gridboss_assets.jobs.states import Change, Entry


class DropsParameters(MemoryJobStore):
    def add(self, job: Job) -> None:
        super().add(replace(job, parameters={}))


class MissingIsUnavailable(MemoryJobStore):
    def _change(self, job_id: str, change: Change) -> tuple[Entry, bool]:
        try:
            return super()._change(job_id, change)
        except JobNotFound:
            raise JobsUnavailable from None


class OldestFirst(MemoryJobStore):
    def of(self, subject: str, *, limit: int = 50, before: str | None = None) -> list[Job]:
        return super().of(subject, limit=1000, before=before)[::-1][:limit]


class IgnoresBefore(MemoryJobStore):
    def of(self, subject: str, *, limit: int = 50, before: str | None = None) -> list[Job]:
        return super().of(subject, limit=limit)


class IgnoresCase(MemoryJobStore):
    def of(self, subject: str, *, limit: int = 50, before: str | None = None) -> list[Job]:
        return super().of(subject.lower(), limit=limit, before=before)


class ListsParameters(MemoryJobStore):
    def of(self, subject: str, *, limit: int = 50, before: str | None = None) -> list[Job]:
        return [self.get(job.id) for job in super().of(subject, limit=limit, before=before)]


class PeeksAtParameters(MemoryJobStore):
    def peek(self, job_id: str) -> Job:
        return self.get(job_id)


class HasNoLimit(MemoryJobStore):
    def __init__(self, **how: Any) -> None:
        super().__init__(**(how | {"max_active": 1000}))


class CountsAll(MemoryJobStore):
    def add(self, job: Job) -> None:
        if len(self.of(job.subject)) >= self.max_active:
            raise TooManyRequests
        super().add(job)


class CountsUnguarded(HasNoLimit):
    """Looks first and adds later; a barrier stands for the chance that all look at once."""

    def __init__(self, **how: Any) -> None:
        super().__init__(**how)
        self.barrier = threading.Barrier(8)

    def add(self, job: Job) -> None:
        self.barrier.wait()
        full = len(self.of(job.subject)) >= MAX_ACTIVE
        self.barrier.wait()
        if full:
            raise TooManyRequests
        super().add(job)


class TakesWithoutParameters(MemoryJobStore):
    def take(self, job_id: str) -> Job | None:
        job = super().take(job_id)
        return job and replace(job, parameters={})


class HasNoLease(MemoryJobStore):
    def __init__(self, **how: Any) -> None:
        super().__init__(lease=0, **how)


class LeasesForever(MemoryJobStore):
    def __init__(self, **how: Any) -> None:
        super().__init__(lease=1e9, **how)


class RenewsNothing(MemoryJobStore):
    def renew(self, job_id: str, attempt: int) -> bool:
        return self.get(job_id).attempt == attempt


class ForgetsTotal(MemoryJobStore):
    def progress(self, job_id: str, attempt: int, rows: int, total: int | None = None) -> bool:
        return super().progress(job_id, attempt, rows, total or 0)


class ForgetsUploads(MemoryJobStore):
    def begin_upload(self, job_id: str, attempt: int, upload_id: str) -> bool:
        return super().renew(job_id, attempt)


class KeepsUploads(MemoryJobStore):
    def end_upload(self, job_id: str, upload_id: str) -> None:
        self.get(job_id)


class LosesUpdates(MemoryJobStore):
    def __init__(self, **how: Any) -> None:
        super().__init__(**how)
        self.barrier = threading.Barrier(8)

    def begin_upload(self, job_id: str, attempt: int, upload_id: str) -> bool:
        uploads = self.get(job_id).uploads
        self.barrier.wait()
        changed = (*uploads, upload_id)
        return self._held(
            job_id, attempt, lambda job, now: Entry(replace(job, uploads=changed), now + 10)
        )


class HasNoFence(MemoryJobStore):
    def _held(self, job_id: str, attempt: int, change: Callable[[Job, float], Entry]) -> bool:
        return super()._held(job_id, self.get(job_id).attempt, change)


class HasNoEnd(MemoryJobStore):
    """Lets a job that has ended begin anew."""

    def _held(self, job_id: str, attempt: int, change: Callable[[Job, float], Entry]) -> bool:
        return self._change(job_id, lambda entry, now: change(entry.job, now))[1]


class ReleasesNothing(MemoryJobStore):
    def release(self, job_id: str, attempt: int, *, delay: float = 0, failed: bool = False) -> bool:
        return self.renew(job_id, attempt)


class CountsNoFailure(MemoryJobStore):
    def release(self, job_id: str, attempt: int, *, delay: float = 0, failed: bool = False) -> bool:
        return super().release(job_id, attempt, delay=delay)


class ForgetsDelay(MemoryJobStore):
    def release(self, job_id: str, attempt: int, *, delay: float = 0, failed: bool = False) -> bool:
        return super().release(job_id, attempt, failed=failed)


class ForgetsSize(MemoryJobStore):
    def finish(self, job_id: str, attempt: int, **what: Any) -> bool:
        return super().finish(job_id, attempt, **(what | {"content_length": 0}))


class ForgetsFault(MemoryJobStore):
    def fail(self, job_id: str, attempt: int, fault: Fault) -> bool:
        return super().fail(job_id, attempt, Fault(fault.code, ""))


class CancelsNothing(MemoryJobStore):
    def cancel(self, job_id: str) -> Job:
        return self.get(job_id)


class NamesAll(MemoryJobStore):
    def stranded(self, *, limit: int = 100) -> list[str]:
        return list(self._entries)[:limit]


class NamesUnended(NamesAll):
    def stranded(self, *, limit: int = 100) -> list[str]:
        return [name for name in super().stranded() if not self.get(name).has_ended][:limit]


BROKEN: dict[str, type[MemoryJobStore]] = {
    "test_a_job_is_kept_as_it_is": DropsParameters,
    "test_a_missing_job_is_told_apart": MissingIsUnavailable,
    "test_jobs_are_listed_newest_first": OldestFirst,
    "test_a_list_goes_on_after_a_job": IgnoresBefore,
    "test_subjects_see_their_own_jobs_alone": IgnoresCase,
    "test_no_list_goes_on_after_somebody_elses_job": IgnoresBefore,
    "test_a_list_carries_no_parameters": ListsParameters,
    "test_a_peek_carries_no_parameters": PeeksAtParameters,
    "test_a_subject_may_have_so_many_jobs": HasNoLimit,
    "test_a_job_that_ended_makes_room": CountsAll,
    "test_the_limit_holds_for_many_at_once": CountsUnguarded,
    "test_a_job_is_taken_up": TakesWithoutParameters,
    "test_one_of_many_takers_has_the_job": HasNoLease,
    "test_a_job_is_left_to_whoever_has_it": HasNoLease,
    "test_a_lease_that_ran_out_frees_the_job": LeasesForever,
    "test_renewing_holds_the_job": RenewsNothing,
    "test_progress_is_kept_and_holds_the_job": ForgetsTotal,
    "test_uploads_are_noted_and_forgotten": ForgetsUploads,
    "test_no_note_is_lost_among_many": LosesUpdates,
    "test_a_superseded_worker_changes_nothing": HasNoFence,
    "test_a_job_is_given_back": ReleasesNothing,
    "test_a_failure_counts": CountsNoFailure,
    "test_a_job_is_done": ForgetsSize,
    "test_a_job_fails": ForgetsFault,
    "test_a_queued_job_is_cancelled": CancelsNothing,
    "test_a_running_job_is_cancelled": HasNoEnd,
    "test_a_job_that_ended_never_changes": HasNoEnd,
    "test_an_upload_is_forgotten_after_the_end_too": KeepsUploads,
    "test_a_job_that_waits_is_not_stranded": NamesUnended,
    "test_a_job_without_its_worker_is_stranded": LeasesForever,
    "test_a_job_that_is_tried_later_is_not_stranded": ForgetsDelay,
    "test_a_job_that_ended_is_not_stranded": NamesAll,
    "test_a_stranded_job_is_named_seldom": NamesUnended,
    "test_few_stranded_jobs_are_named_at_once": NamesUnended,
}

RULES = [name for name in dir(JobStoreContract) if name.startswith("test_")]


def test_every_rule_has_a_store_that_breaks_it() -> None:
    assert sorted(BROKEN) == sorted(RULES)


@pytest.mark.parametrize("rule", RULES)
def test_the_broken_store_is_noticed(rule: str) -> None:
    check: Callable[..., None] = getattr(JobStoreContract, rule)
    clock = Clock()
    given = {"store": BROKEN[rule](max_active=MAX_ACTIVE, clock=clock), "clock": clock}
    wanted = [name for name in inspect.signature(check).parameters if name != "self"]
    with pytest.raises((AssertionError, JobsUnavailable, TooManyRequests)):
        check(JobStoreContract(), **{name: given[name] for name in wanted})
