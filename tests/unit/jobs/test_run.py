"""One run of a job: what it notes, when it tries again, and what it leaves behind."""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from tests.support.exports import Storage, Written, numbers, report, write

from gridboss_assets.errors import (
    AssetsError,
    ExportCancelled,
    ExportTooLarge,
    InvalidParameters,
    InvalidRows,
    JobsUnavailable,
    Misconfigured,
    StorageUnavailable,
)
from gridboss_assets.jobs import Job, MemoryJobStore
from gridboss_assets.jobs.contract import Clock
from gridboss_assets.jobs.lease import Shutdown
from gridboss_assets.jobs.run import Outcome, Tries, run_job
from gridboss_assets.jobs.tidy import key_of
from gridboss_assets.reports import Reports
from gridboss_assets.storage import Attributes

TRIES = Tries(max_failures=3, first_pause=2, longest_pause=5, patience=0)


class Stage:
    """A store, a storage, one job, and a function for its report."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.store = MemoryJobStore(clock=self.clock)
        self.storage = Storage()
        self.shutdown = Shutdown()
        self.job = self.clock.job(rows=3)
        self.job = replace(self.job, report="laps")
        self.store.add(self.job)

    def run(
        self,
        function: Callable[[Mapping[str, Any]], Any] = numbers,
        write: Any = write,
        **how: Any,
    ) -> Outcome:
        """Run the job once."""
        given: dict[str, Any] = {
            "store": self.store,
            "reports": Reports(report("laps", function)),
            "storage": self.storage,
            "write": write,
            "tries": TRIES,
            "renew_every": 0.01,
            "shutdown": self.shutdown,
        }
        return run_job(self.job.id, **(given | how))

    @property
    def key(self) -> str:
        """The key that the job writes to."""
        return key_of(self.job, Reports(report("laps", numbers)))

    def now(self) -> Job:
        """Return the job as it stands."""
        return self.store.get(self.job.id)


@pytest.fixture
def stage() -> Stage:
    return Stage()


def raising(error: BaseException) -> Callable[[Mapping[str, Any]], Iterator[tuple[int]]]:
    """Make a report that yields a row and then raises."""

    def function(_parameters: Mapping[str, Any]) -> Iterator[tuple[int]]:
        yield (1,)
        raise error

    return function


# --- how it ends ------------------------------------------------------------------------------


def test_a_run_notes_what_it_wrote(stage: Stage) -> None:
    assert stage.run() == Outcome("done")
    job = stage.now()
    assert (job.state, job.rows, job.filename) == ("done", 3, "laps.csv")
    assert job.object_key == stage.key
    assert job.content_length == stage.storage.head(stage.key).size


def test_a_second_message_for_a_job_does_nothing(stage: Stage) -> None:
    stage.run()
    before = stage.now()
    assert stage.run() == Outcome(None)
    assert stage.now() == before


def test_a_job_that_was_forgotten_is_no_error(stage: Stage) -> None:
    stage.store = MemoryJobStore()
    assert stage.run() == Outcome(None)


@pytest.mark.parametrize(
    "error",
    [
        InvalidRows("Row 3 has no driver."),
        ExportTooLarge("More than 1 MiB."),
        InvalidParameters("There is no season 9."),
        type("SeasonClosed", (AssetsError,), {"code": "season_closed"})("Season 7 is closed."),
    ],
    ids=lambda error: error.code,
)
def test_what_the_report_is_at_fault_for_fails_at_once(stage: Stage, error: AssetsError) -> None:
    assert stage.run(raising(error)) == Outcome("failed")
    fault = stage.now().fault
    assert fault is not None
    assert (fault.code, fault.message) == (error.code, str(error))


@pytest.mark.parametrize(
    "error",
    [StorageUnavailable(), Misconfigured(), OSError("no space"), ValueError("bug")],
    ids=lambda error: type(error).__name__,
)
def test_what_may_pass_is_tried_again_later(stage: Stage, error: Exception) -> None:
    assert stage.run(raising(error)) == Outcome("queued", 2)
    assert stage.run(raising(error)) == Outcome("queued", 5)
    assert stage.run() == Outcome("done")


def test_after_so_many_failures_a_job_fails_with_the_code(stage: Stage) -> None:
    for _ in range(2):
        stage.run(raising(StorageUnavailable()))
    assert stage.run(raising(StorageUnavailable())) == Outcome("failed")
    fault = stage.now().fault
    assert fault is not None
    assert fault.code == "storage_unavailable"


def test_an_unknown_error_is_told_to_nobody_but_the_log(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(3):
        stage.run(raising(ValueError("password=hunter2")))
    fault = stage.now().fault
    assert fault is not None
    assert (fault.code, fault.message) == ("internal_error", AssetsError.default_message)
    assert "hunter2" in caplog.text


def test_a_job_whose_workers_die_is_given_up(stage: Stage) -> None:
    for _ in range(4):
        stage.store.take(stage.job.id)
        stage.clock.advance(11)
    assert stage.run() == Outcome("failed")
    assert stage.storage.list_keys("") == []


def test_a_report_that_is_gone_fails_the_job(stage: Stage) -> None:
    assert stage.run(reports=Reports()) == Outcome("failed")
    fault = stage.now().fault
    assert fault is not None
    assert fault.code == "unsupported_report"


# --- holding on -------------------------------------------------------------------------------


def test_a_slow_report_keeps_its_lease(stage: Stage) -> None:
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


def test_the_store_learns_how_far_a_run_is(stage: Stage) -> None:
    def watched(_parameters: Mapping[str, Any]) -> Iterator[tuple[int]]:
        yield (1,)
        yield (2,)
        while stage.now().rows < 1:
            pass
        yield (3,)

    assert stage.run(watched) == Outcome("done")


def test_a_total_is_told_where_the_report_knows_it(stage: Stage) -> None:
    def until_told(rows: Any, **how: Any) -> Written:
        how["progress"](1)
        while stage.now().total is None:
            pass
        return write(rows, **how)

    stage.run(lambda _parameters: [(1,), (2,)], until_told)
    assert stage.now().total == 2


def test_a_run_that_ends_at_once_has_told_its_total(stage: Stage) -> None:
    stage.run(lambda _parameters: [(1,), (2,)], renew_every=60)
    assert (stage.now().rows, stage.now().total) == (2, 2)


def test_a_cancelled_job_stops_and_leaves_nothing(stage: Stage) -> None:
    def cancelled(_parameters: Mapping[str, Any]) -> Iterator[tuple[int]]:
        yield (1,)
        stage.store.cancel(stage.job.id)
        while True:
            yield (2,)

    assert stage.run(cancelled) == Outcome("cancelled")
    assert stage.storage.list_keys("") == []


def test_a_job_that_is_cancelled_while_its_object_is_written_leaves_nothing(stage: Stage) -> None:
    """It stays cancelled, for a state that somebody has seen never changes; the object goes."""

    def late(rows: Any, **how: Any) -> Written:
        written = write(rows, **how)
        stage.store.cancel(stage.job.id)
        return written

    assert stage.run(write=late) == Outcome("cancelled")
    assert stage.storage.list_keys("") == []


def test_a_superseded_run_leaves_the_object_to_the_other(stage: Stage) -> None:
    def late(rows: Any, **how: Any) -> Written:
        written = write(rows, **how)
        stage.clock.advance(11)
        stage.store.take(stage.job.id)
        return written

    assert stage.run(write=late, renew_every=60) == Outcome("running")
    assert stage.storage.list_keys("") == [stage.key]


def test_a_worker_that_ends_gives_its_job_back(stage: Stage) -> None:
    def ending(_parameters: Mapping[str, Any]) -> Iterator[tuple[int]]:
        yield (1,)
        stage.shutdown.request()
        yield (2,)

    assert stage.run(ending) == Outcome("queued", 0)
    assert stage.now().failures == 0


def test_a_job_that_says_nothing_is_given_back_over_its_head(stage: Stage) -> None:
    def silent(_parameters: Mapping[str, Any]) -> Iterator[tuple[int]]:
        assert stage.shutdown.release_all() == [stage.job.id]
        assert stage.now().state == "queued"
        yield (1,)

    assert stage.run(silent) == Outcome("queued")
    assert stage.shutdown.release_all() == []


# --- what a dead worker left ------------------------------------------------------------------


def beginning(upload: str, *, ends: bool = True) -> Callable[..., Written]:
    """Make a writer that begins a multipart upload before it writes."""

    def writing(rows: Any, **how: Any) -> Written:
        how["on_multipart"](upload)
        if not ends:
            raise StorageUnavailable
        written = write(rows, **how)
        how["on_multipart"](None)
        return written

    return writing


def test_a_multipart_upload_stands_in_the_state_while_it_goes_on(stage: Stage) -> None:
    seen = []

    def looking(rows: Any, **how: Any) -> Written:
        how["on_multipart"]("u1")
        seen.append(stage.now().uploads)
        how["on_multipart"](None)
        seen.append(stage.now().uploads)
        return write(rows, **how)

    stage.run(write=looking)
    assert seen == [("u1",), ()]


def test_the_next_run_aborts_what_was_left(stage: Stage) -> None:
    stage.run(write=beginning("u1", ends=False))
    assert stage.now().uploads == ("u1",)
    assert stage.run() == Outcome("done")
    assert stage.storage.aborted == [(stage.key, "u1")]
    assert stage.now().uploads == ()


def test_an_upload_that_may_not_be_aborted_is_left_to_the_lifecycle_rule(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.storage.may_abort = False
    stage.run(write=beginning("u1", ends=False))
    assert stage.run() == Outcome("done")
    assert "lifecycle" in caplog.text
    assert stage.now().uploads == ()


def test_a_superseded_run_begins_no_upload(stage: Stage) -> None:
    def superseded(_rows: Any, **how: Any) -> Written:
        stage.clock.advance(11)
        stage.store.take(stage.job.id)
        with pytest.raises(ExportCancelled):
            how["on_multipart"]("u1")
        raise ExportCancelled

    assert stage.run(write=superseded, renew_every=60) == Outcome("running")
    assert stage.now().uploads == ()


def test_what_a_cancelled_job_left_is_removed_by_whoever_hears_of_it(stage: Stage) -> None:
    stage.store.take(stage.job.id)
    stage.store.begin_upload(stage.job.id, 1, "u1")
    stage.storage.put(stage.key, BytesIO(b"1"), Attributes("text/csv"))
    stage.store.cancel(stage.job.id)
    assert stage.run() == Outcome(None)
    assert stage.storage.aborted == [(stage.key, "u1")]
    assert stage.storage.list_keys("") == []


# --- without the job server -------------------------------------------------------------------


class Failing(MemoryJobStore):
    """Can't be reached for the next ``failures`` calls."""

    failures = 0

    def _change(self, *arguments: Any) -> Any:
        if self.failures:
            self.failures -= 1
            raise JobsUnavailable(detail="gone")
        return super()._change(*arguments)


def failing(stage: Stage) -> Failing:
    store = Failing(clock=stage.clock)
    store.add(stage.job)
    stage.store = store
    return store


def test_a_run_outlives_the_job_servers_absence(stage: Stage) -> None:
    store = failing(stage)

    def unlucky(rows: Any, **how: Any) -> Written:
        written = write(rows, **how)
        store.failures = 2
        return written

    assert stage.run(write=unlucky, tries=replace(TRIES, patience=30)) == Outcome("done")
    assert stage.now().state == "done"


def test_a_run_that_loses_the_job_server_for_good_leaves_the_job(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    store = failing(stage)

    def unlucky(rows: Any, **how: Any) -> Written:
        written = write(rows, **how)
        store.failures = 1000
        return written

    with caplog.at_level(logging.ERROR):
        assert stage.run(write=unlucky) == Outcome(None)
    assert "can't be reached" in caplog.text
    store.failures = 0
    stage.clock.advance(11)
    assert store.stranded() == [stage.job.id]
