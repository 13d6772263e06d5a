"""What a dead or cancelled run left is removed by the next one."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from tests.support.exports import Written, write
from tests.support.runs import JobStage

from gridboss_assets.errors import (
    ExportCancelled,
    StorageUnavailable,
)
from gridboss_assets.jobs.run import Outcome
from gridboss_assets.storage import Attributes


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


def test_a_multipart_upload_stands_in_the_state_while_it_goes_on(stage: JobStage) -> None:
    seen = []

    def looking(rows: Any, **how: Any) -> Written:
        how["on_multipart"]("u1")
        seen.append(stage.now().uploads)
        how["on_multipart"](None)
        seen.append(stage.now().uploads)
        return write(rows, **how)

    stage.run(write=looking)
    assert seen == [("u1",), ()]


def test_the_next_run_aborts_what_was_left(stage: JobStage) -> None:
    stage.run(write=beginning("u1", ends=False))
    assert stage.now().uploads == ("u1",)
    assert stage.run() == Outcome("done")
    assert stage.storage.aborted == [(stage.key, "u1")]
    assert stage.now().uploads == ()


def test_an_upload_that_may_not_be_aborted_is_left_to_the_lifecycle_rule(
    stage: JobStage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.storage.may_abort = False
    stage.run(write=beginning("u1", ends=False))
    assert stage.run() == Outcome("done")
    assert "lifecycle" in caplog.text
    assert stage.now().uploads == ()


def test_a_superseded_run_begins_no_upload(stage: JobStage) -> None:
    def superseded(_rows: Any, **how: Any) -> Written:
        stage.clock.advance(11)
        stage.store.take(stage.job.id)
        with pytest.raises(ExportCancelled):
            how["on_multipart"]("u1")
        raise ExportCancelled

    assert stage.run(write=superseded, renew_every=60) == Outcome("running")
    assert stage.now().uploads == ()


def test_what_a_cancelled_job_left_is_removed_by_whoever_hears_of_it(stage: JobStage) -> None:
    stage.store.take(stage.job.id)
    stage.store.begin_upload(stage.job.id, 1, "u1")
    stage.storage.put(stage.key, BytesIO(b"1"), Attributes("text/csv"))
    stage.store.cancel(stage.job.id)
    assert stage.run() == Outcome(None)
    assert stage.storage.aborted == [(stage.key, "u1")]
    assert stage.storage.list_keys("") == []
