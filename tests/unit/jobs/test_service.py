"""Asking for exports: what is refused before there is a job, and what is left when it can't run."""

from typing import Any

import pytest
from tests.support.exports import REPORTS

from gridboss_assets.errors import (
    InvalidParameters,
    JobsUnavailable,
    UnsupportedFormat,
    UnsupportedReport,
)
from gridboss_assets.jobs import Exports, Job, MemoryJobStore
from gridboss_assets.jobs.recover import recover
from gridboss_assets.jobs.service import MAX_PARAMETERS
from gridboss_assets.reports import Report, Reports


class Queue:
    """Keeps what it was handed."""

    def __init__(self) -> None:
        self.handed: list[str] = []
        self.is_gone = False

    def enqueue(self, job_id: str, *, delay: float = 0) -> None:
        if self.is_gone:
            raise JobsUnavailable(detail="gone")
        self.handed.append(job_id)


@pytest.fixture
def queue() -> Queue:
    return Queue()


@pytest.fixture
def exports(queue: Queue) -> Exports:
    return Exports(MemoryJobStore(), queue, REPORTS)


def test_a_request_becomes_a_queued_job(exports: Exports, queue: Queue) -> None:
    job = exports.request("numbers", "csv", {"rows": 2}, "driver-7")
    assert exports.get(job.id) == job
    assert (job.state, job.subject) == ("queued", "driver-7")
    assert queue.handed == [job.id]


def test_an_unknown_report_makes_no_job(exports: Exports) -> None:
    with pytest.raises(UnsupportedReport):
        exports.request("none", "csv", {}, "driver-7")
    assert exports.of("driver-7") == []


def test_a_format_that_the_report_lacks_makes_no_job(exports: Exports) -> None:
    with pytest.raises(UnsupportedFormat):
        exports.request("numbers", "zip", {}, "driver-7")
    assert exports.of("driver-7") == []


@pytest.mark.parametrize(
    "parameters",
    [{"n": float("nan")}, {"n": object()}, {"text": "x" * MAX_PARAMETERS}],
    ids=["nan", "object", "large"],
)
def test_parameters_are_json_of_limited_size(exports: Exports, parameters: Any) -> None:
    with pytest.raises(InvalidParameters):
        exports.request("numbers", "csv", parameters, "driver-7")
    assert exports.of("driver-7") == []


def test_parameters_that_the_report_refuses_make_no_job(queue: Queue) -> None:
    def check(_parameters: Any) -> None:
        raise InvalidParameters("There is no season 9.")

    reports = Reports(Report(name="laps", function=list, title="Laps", check=check))
    exports = Exports(MemoryJobStore(), queue, reports)
    with pytest.raises(InvalidParameters, match="season 9"):
        exports.request("laps", "csv", {}, "driver-7")
    assert exports.of("driver-7") == []


def test_a_job_that_no_worker_hears_of_does_not_hang(exports: Exports, queue: Queue) -> None:
    queue.is_gone = True
    with pytest.raises(JobsUnavailable):
        exports.request("numbers", "csv", {}, "driver-7")
    assert [job.state for job in exports.of("driver-7")] == ["cancelled"]


def test_a_worker_hears_that_a_job_was_cancelled_that_had_begun(
    exports: Exports, queue: Queue
) -> None:
    """It removes what a dead worker may have left."""
    begun = exports.request("numbers", "csv", {}, "driver-7")
    waiting = exports.request("numbers", "csv", {}, "driver-7")
    exports.store.take(begun.id)
    queue.handed.clear()
    assert exports.cancel(begun.id).state == "cancelled"
    assert exports.cancel(waiting.id).state == "cancelled"
    assert queue.handed == [begun.id]


def test_a_job_is_cancelled_without_a_queue(exports: Exports, queue: Queue) -> None:
    job = exports.request("numbers", "csv", {}, "driver-7")
    exports.store.take(job.id)
    queue.is_gone = True
    assert exports.cancel(job.id).state == "cancelled"


def test_stranded_jobs_are_handed_out_again(queue: Queue) -> None:
    store = MemoryJobStore(patience=0)
    job = Job.new("numbers", "csv", {}, "driver-7")
    store.add(job)
    assert recover(store, queue) == 1
    assert queue.handed == [job.id]
