"""How a run holds on to its job, tells how far it is, and lets the job go."""

import threading
from collections.abc import Iterator, Mapping
from typing import Any

from tests.support.exports import Written, write
from tests.support.runs import JobStage

from gridboss_assets.jobs.run import Outcome


def test_a_slow_report_keeps_its_lease(stage: JobStage) -> None:
    """Nobody takes the job while the report says nothing, however often the lease would end."""
    renewed = threading.Event()
    renew = stage.store.renew

    def noting(job_id: str, attempt: int) -> bool:
        held = renew(job_id, attempt)
        renewed.set()
        return held

    def slow(_parameters: Mapping[str, Any]) -> Iterator[tuple[int]]:
        for _ in range(3):
            stage.clock.advance(9)
            renewed.clear()
            assert renewed.wait(10)
            assert stage.store.take(stage.job.id) is None
        yield (1,)

    stage.store.renew = noting  # type: ignore[method-assign]
    assert stage.run(slow) == Outcome("done")


def test_the_store_learns_how_far_a_run_is(stage: JobStage) -> None:
    def watched(_parameters: Mapping[str, Any]) -> Iterator[tuple[int]]:
        yield (1,)
        yield (2,)
        while stage.now().rows < 1:
            pass
        yield (3,)

    assert stage.run(watched) == Outcome("done")


def test_a_total_is_told_where_the_report_knows_it(stage: JobStage) -> None:
    def until_told(rows: Any, **how: Any) -> Written:
        how["progress"](1)
        while stage.now().total is None:
            pass
        return write(rows, **how)

    stage.run(lambda _parameters: [(1,), (2,)], until_told)
    assert stage.now().total == 2


def test_a_run_that_ends_at_once_has_told_its_total(stage: JobStage) -> None:
    stage.run(lambda _parameters: [(1,), (2,)], renew_every=60)
    assert (stage.now().rows, stage.now().total) == (2, 2)


def test_a_cancelled_job_stops_and_leaves_nothing(stage: JobStage) -> None:
    def cancelled(_parameters: Mapping[str, Any]) -> Iterator[tuple[int]]:
        yield (1,)
        stage.store.cancel(stage.job.id)
        while True:
            yield (2,)

    assert stage.run(cancelled) == Outcome("cancelled")
    assert stage.storage.list_keys("") == []


def test_a_job_that_is_cancelled_while_its_object_is_written_leaves_nothing(
    stage: JobStage,
) -> None:
    """It stays cancelled, for a state that somebody has seen never changes; the object goes."""

    def late(rows: Any, **how: Any) -> Written:
        written = write(rows, **how)
        stage.store.cancel(stage.job.id)
        return written

    assert stage.run(write=late) == Outcome("cancelled")
    assert stage.storage.list_keys("") == []


def test_a_superseded_run_leaves_the_object_to_the_other(stage: JobStage) -> None:
    def late(rows: Any, **how: Any) -> Written:
        written = write(rows, **how)
        stage.clock.advance(11)
        stage.store.take(stage.job.id)
        return written

    assert stage.run(write=late, renew_every=60) == Outcome("running")
    assert stage.storage.list_keys("") == [stage.key]


def test_a_worker_that_ends_gives_its_job_back(stage: JobStage) -> None:
    def ending(_parameters: Mapping[str, Any]) -> Iterator[tuple[int]]:
        yield (1,)
        stage.shutdown.request()
        yield (2,)

    assert stage.run(ending) == Outcome("queued", 0)
    assert stage.now().failures == 0


def test_a_job_that_says_nothing_is_given_back_over_its_head(stage: JobStage) -> None:
    def silent(_parameters: Mapping[str, Any]) -> Iterator[tuple[int]]:
        assert stage.shutdown.release_all() == [stage.job.id]
        assert stage.now().state == "queued"
        yield (1,)

    assert stage.run(silent) == Outcome("queued")
    assert stage.shutdown.release_all() == []
