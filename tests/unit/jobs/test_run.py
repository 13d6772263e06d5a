"""One run of a job: how it ends, and when it is tried again."""

import pytest
from tests.support.runs import JobStage, raising

from gridboss_assets.errors import (
    AssetsError,
    ExportTooLarge,
    InvalidParameters,
    InvalidRows,
    Misconfigured,
    StorageUnavailable,
)
from gridboss_assets.jobs import MemoryJobStore
from gridboss_assets.jobs.run import Outcome
from gridboss_assets.reports import Reports


def test_a_run_notes_what_it_wrote(stage: JobStage) -> None:
    assert stage.run() == Outcome("done")
    job = stage.now()
    assert (job.state, job.rows, job.filename) == ("done", 3, "laps.csv")
    assert job.object_key == stage.key
    assert job.content_length == stage.storage.head(stage.key).size


def test_a_second_message_for_a_job_does_nothing(stage: JobStage) -> None:
    stage.run()
    before = stage.now()
    assert stage.run() == Outcome(None)
    assert stage.now() == before


def test_a_job_that_was_forgotten_is_no_error(stage: JobStage) -> None:
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
def test_what_the_report_is_at_fault_for_fails_at_once(stage: JobStage, error: AssetsError) -> None:
    assert stage.run(raising(error)) == Outcome("failed")
    fault = stage.now().fault
    assert fault is not None
    assert (fault.code, fault.message) == (error.code, str(error))


@pytest.mark.parametrize(
    "error",
    [StorageUnavailable(), Misconfigured(), OSError("no space"), ValueError("bug")],
    ids=lambda error: type(error).__name__,
)
def test_what_may_pass_is_tried_again_later(stage: JobStage, error: Exception) -> None:
    assert stage.run(raising(error)) == Outcome("queued", 2)
    assert stage.run(raising(error)) == Outcome("queued", 5)
    assert stage.run() == Outcome("done")


def test_after_so_many_failures_a_job_fails_with_the_code(stage: JobStage) -> None:
    for _ in range(2):
        stage.run(raising(StorageUnavailable()))
    assert stage.run(raising(StorageUnavailable())) == Outcome("failed")
    fault = stage.now().fault
    assert fault is not None
    assert fault.code == "storage_unavailable"


def test_an_unknown_error_is_told_to_nobody_but_the_log(
    stage: JobStage, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(3):
        stage.run(raising(ValueError("password=hunter2")))
    fault = stage.now().fault
    assert fault is not None
    assert (fault.code, fault.message) == ("internal_error", AssetsError.default_message)
    assert "hunter2" in caplog.text


def test_a_job_whose_workers_die_is_given_up(stage: JobStage) -> None:
    for _ in range(4):
        stage.store.take(stage.job.id)
        stage.clock.advance(11)
    assert stage.run() == Outcome("failed")
    assert stage.storage.list_keys("") == []


def test_a_report_that_is_gone_fails_the_job(stage: JobStage) -> None:
    assert stage.run(reports=Reports()) == Outcome("failed")
    fault = stage.now().fault
    assert fault is not None
    assert fault.code == "unsupported_report"
