"""A run while the job server can't be reached."""

import logging
from dataclasses import replace
from typing import Any

import pytest
from tests.support.exports import Written, write
from tests.support.runs import TRIES, JobStage

from gridboss_assets.errors import (
    JobsUnavailable,
)
from gridboss_assets.jobs import MemoryJobStore
from gridboss_assets.jobs.run import Outcome


class Failing(MemoryJobStore):
    """Can't be reached for the next ``failures`` calls."""

    failures = 0

    def _change(self, *arguments: Any) -> Any:
        if self.failures:
            self.failures -= 1
            raise JobsUnavailable(detail="gone")
        return super()._change(*arguments)


def failing(stage: JobStage) -> Failing:
    store = Failing(clock=stage.clock)
    store.add(stage.job)
    stage.store = store
    return store


def test_a_run_outlives_the_job_servers_absence(stage: JobStage) -> None:
    store = failing(stage)

    def unlucky(rows: Any, **how: Any) -> Written:
        written = write(rows, **how)
        store.failures = 2
        return written

    assert stage.run(write=unlucky, tries=replace(TRIES, patience=30)) == Outcome("done")
    assert stage.now().state == "done"


def test_a_run_that_loses_the_job_server_for_good_leaves_the_job(
    stage: JobStage, caplog: pytest.LogCaptureFixture
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
