"""Jobs in this process: a request ends as an object, and the end of the process in order."""

import threading
from collections.abc import Callable

import pytest
from tests.support.exports import REPORTS, Storage, write

from gridboss_assets.errors import JobsUnavailable
from gridboss_assets.jobs import MemoryJobStore
from gridboss_assets.jobs.in_process import InProcessQueue
from gridboss_assets.jobs.lease import Shutdown
from gridboss_assets.jobs.run import Outcome, run_job
from gridboss_assets.jobs.service import Exports

_SECONDS = 30


class Runs:
    """Notes what it was called with, and answers as it is told."""

    def __init__(self, *outcomes: Outcome, then: Callable[[Shutdown], None] | None = None) -> None:
        self.outcomes = list(outcomes)
        self.called: list[str] = []
        self.reached = threading.Event()
        self.then = then

    def __call__(self, job_id: str, shutdown: Shutdown) -> Outcome:
        self.called.append(job_id)
        outcome = self.outcomes.pop(0)
        if not self.outcomes:
            self.reached.set()
        if self.then:
            self.then(shutdown)
        return outcome


def test_a_request_ends_as_an_object() -> None:
    store, storage = MemoryJobStore(), Storage()
    ended = threading.Event()

    def run(job_id: str, shutdown: Shutdown) -> Outcome:
        outcome = run_job(
            job_id, store=store, reports=REPORTS, storage=storage, write=write, shutdown=shutdown
        )
        ended.set()
        return outcome

    with InProcessQueue(run) as queue:
        exports = Exports(store, queue, REPORTS)
        job = exports.request("numbers", "csv", {"rows": 2}, "driver-7")
        assert ended.wait(_SECONDS)
    done = exports.get(job.id)
    assert (done.state, done.rows) == ("done", 2)
    assert storage.list_keys("") == [done.object_key]


def test_a_job_is_tried_again_when_it_asks_for_it() -> None:
    run = Runs(Outcome("queued", 0.01), Outcome("queued", 0), Outcome("done"))
    with InProcessQueue(run) as queue:
        queue.enqueue("a")
        assert run.reached.wait(_SECONDS)
    assert run.called == ["a", "a", "a"]


def test_a_run_that_raises_stops_no_other(caplog: pytest.LogCaptureFixture) -> None:
    def broken(_shutdown: Shutdown) -> None:
        raise ValueError("bug")

    run = Runs(Outcome("done"), Outcome("done"), then=broken)
    with InProcessQueue(run, threads=1) as queue:
        queue.enqueue("a")
        queue.enqueue("b")
        assert run.reached.wait(_SECONDS)
    assert run.called == ["a", "b"]
    assert "could not be run" in caplog.text


def test_closing_has_running_jobs_given_back_and_waits_for_them() -> None:
    noticed = threading.Event()
    running = threading.Event()

    def until_told(shutdown: Shutdown) -> None:
        running.set()
        while not shutdown.requested:
            pass
        noticed.set()

    queue = InProcessQueue(Runs(Outcome("queued", 0), then=until_told))
    queue.enqueue("a")
    assert running.wait(_SECONDS)
    queue.close()
    assert noticed.is_set()


def test_nothing_begins_after_the_close() -> None:
    run = Runs(Outcome("done"))
    queue = InProcessQueue(run)
    queue.enqueue("a", delay=3600)
    queue.close()
    queue.close()
    with pytest.raises(JobsUnavailable):
        queue.enqueue("b")
    assert run.called == []
