"""Export jobs over HTTP: their life, whose they are, and what stands in the bucket at the end."""

import csv
import io
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from tests.support.browser import Caller, done, open_link, refused
from tests.support.exporting import Gate, accepted, ask, ended, following, told
from tests.support.service import Service
from tests.support.stage import Stage
from tests.support.tokens import token

NO_JOB = "0" * 32


@pytest.fixture
def ada(post_stage: Stage) -> Caller:
    """Sign in somebody whom no other test knows."""
    return post_stage.exporter()


@pytest.fixture
def gate(post_stage: Stage) -> Iterator[Gate]:
    """Give a gate of the report `gated`, which is open at the end whatever happens."""
    made = Gate(post_stage.exporting.directory, f"gate-{secrets.token_hex(4)}")
    yield made
    made.open()


@pytest.mark.parametrize(
    ("file_format", "beginning"), [("csv", b""), ("json", b"["), ("pdf", b"%PDF-")]
)
def test_what_was_asked_for_is_downloaded(
    ada: Caller, post_stage: Stage, file_format: str, beginning: bytes
) -> None:
    job = ended(ada, accepted(ask(ada, format=file_format)))
    assert (job["state"], job["error"]) == ("done", None)
    assert job["objectKey"] == f"exports/{ada.sub}/{job['jobId']}.{file_format}"
    answer = open_link(job["url"])
    assert answer.ok
    assert answer.content.startswith(beginning)
    assert len(answer.content) == job["contentLength"]
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert job["filename"] in answer.headers["Content-Disposition"]
    assert post_stage.standing(job["objectKey"]) == ["final"]


def test_the_table_is_what_the_report_says(ada: Caller) -> None:
    job = ended(ada, accepted(ask(ada)))
    header, *rows = csv.reader(io.StringIO(open_link(job["url"]).content.decode("utf-8-sig")))
    assert "Driver" in header
    assert len(rows) == job["progress"]["rows"]
    assert {len(row) for row in rows} == {len(header)}


def test_the_key_is_good_for_a_fresh_link(ada: Caller, post_stage: Stage) -> None:
    job = ended(ada, accepted(ask(ada)))
    assert open_link(done(ada.download(job["objectKey"]))["url"]).ok
    refused(post_stage.exporter().download(job["objectKey"]), 403, "forbidden")


def test_progress_is_told_while_a_job_runs(ada: Caller, gate: Gate) -> None:
    job_id = accepted(ask(ada, "gated", parameters=gate.parameters))
    with following(ada, job_id) as events:
        running = next(event for event in events if event.data["progress"]["rows"] >= 1000)
        assert (running.name, running.data["state"]) == ("progress", "running")
        assert running.data["progress"]["total"] == 2500
        assert told(ada, job_id)["state"] == "running"
        gate.open()
        *_, last = events
    assert (last.name, last.data["state"]) == ("done", "done")
    assert last.data["progress"]["rows"] == 2500
    assert open_link(last.data["url"]).ok


def test_a_cancelled_job_leaves_no_object(ada: Caller, gate: Gate, post_stage: Stage) -> None:
    job_id = accepted(ask(ada, "gated", parameters=gate.parameters))
    with following(ada, job_id) as events:
        next(event for event in events if event.data["progress"]["rows"] >= 1000)
        cancelled = ada.call("DELETE", f"/exports/{job_id}")
        assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
        *_, last = events
    assert (last.name, last.data["url"]) == ("cancelled", None)
    gate.open()
    # Whatever is asked for afterwards is written after it, at least by one of its threads.
    for _ in range(3):
        ended(ada, accepted(ask(ada)))
    assert told(ada, job_id)["state"] == "cancelled"
    assert post_stage.standing(f"exports/{ada.sub}/{job_id}.csv") == []


def test_a_report_that_breaks_off_tells_why_and_no_secret(ada: Caller) -> None:
    job = ended(ada, accepted(ask(ada, "broken", parameters={"how": "secretly"})))
    assert job["state"] == "failed"
    assert job["error"] == {"code": "invalid_rows", "message": "Row 2 does not fit."}
    assert (job["objectKey"], job["url"]) == (None, None)


def test_the_list_is_ones_own_newest_first(ada: Caller, post_stage: Stage) -> None:
    first, second = (ended(ada, accepted(ask(ada)))["jobId"] for _ in range(2))
    accepted(ask(post_stage.exporter()))
    page = done(ada.call("GET", "/exports?limit=1"))
    assert [job["jobId"] for job in page["exports"]] == [second]
    page = done(ada.call("GET", f"/exports?limit=1&before={page['before']}"))
    assert [job["jobId"] for job in page["exports"]] == [first]
    assert page["before"] is None


@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("DELETE", ""), ("GET", "/events")])
def test_somebody_elses_job_is_as_if_it_did_not_exist(
    ada: Caller, post_stage: Stage, method: str, path: str
) -> None:
    stranger = post_stage.exporter()
    job_id = ended(ada, accepted(ask(ada)))["jobId"]
    theirs = stranger.call(method, f"/exports/{job_id}{path}")
    refused(theirs, 404, "job_not_found")
    assert theirs.json() == stranger.call(method, f"/exports/{NO_JOB}{path}").json()
    assert told(ada, job_id)["state"] == "done"


def test_a_report_that_is_not_for_everybody_is_refused(ada: Caller) -> None:
    refused(ask(ada, "league", parameters={}), 403, "forbidden")


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"report": "none"}, 400, "unsupported_report"),
        ({"format": "exe"}, 400, "unsupported_format"),
        ({"parameters": {}}, 400, "invalid_parameters"),
        ({"parameters": {"sample": "none"}}, 400, "invalid_parameters"),
        ({"parameters": "x"}, 422, "invalid_request"),
        ({"parameters": {"season": "x" * 1024 * 1024}}, 413, "request_too_large"),
    ],
)
def test_a_bad_request_is_refused(
    ada: Caller, changes: dict[str, Any], status: int, code: str
) -> None:
    refused(ask(ada, **changes), status, code)
    assert done(ada.call("GET", "/exports"))["exports"] == []


def test_one_caller_has_only_so_many_jobs_at_once(ada: Caller, gate: Gate) -> None:
    jobs = [accepted(ask(ada, "gated", parameters=gate.parameters)) for _ in range(3)]
    answer = ask(ada, "gated", parameters=gate.parameters)
    refused(answer, 429, "too_many_requests")
    assert int(answer.headers["Retry-After"]) > 0
    done(ada.call("DELETE", f"/exports/{jobs[0]}"))
    gate.open()
    assert ended(ada, accepted(ask(ada)))["state"] == "done"


def test_a_stream_needs_the_callers_header(ada: Caller, gate: Gate) -> None:
    job_id = accepted(ask(ada, "gated", parameters=gate.parameters))
    for bearer in ("", f"Bearer {token(ada.sub, type='refresh')}"):
        stranger = Caller(ada.service, ada.sub, bearer)
        refused(stranger.call("GET", f"/exports/{job_id}/events"), 401, "unauthenticated")


def test_a_client_that_leaves_takes_nothing_from_the_next(ada: Caller, gate: Gate) -> None:
    """More streams are opened, one after the other, than one caller may have at once."""
    job_id = accepted(ask(ada, "gated", parameters=gate.parameters))
    for _ in range(20):
        with following(ada, job_id) as events:
            next(events)


def test_a_service_that_is_told_to_stop_does_not_wait_for_its_streams(
    post_stage: Stage, tmp_path: Path
) -> None:
    settings = post_stage.settings | post_stage.export_settings
    with Service(tmp_path / "service", settings) as service:
        caller, gate = Caller(service.url), Gate(service.directory, "gate")
        job_id = accepted(ask(caller, "gated", parameters=gate.parameters))
        with following(caller, job_id) as events, ThreadPoolExecutor() as pool:
            next(event for event in events if event.data["progress"]["rows"] >= 1000)
            stopped = pool.submit(service.stop)
            assert {event.name for event in events} <= {"progress"}  # the stream ends, not the job
            gate.open()
            assert stopped.result()
        assert '"level":"error"' not in service.log


def test_in_production_without_redis_exports_are_off(stage: Stage, caller: Caller) -> None:
    assert "REDIS_URL" in refused(ask(caller), 400, "exports_not_enabled")
    refused(caller.call("GET", f"/exports/{NO_JOB}"), 400, "exports_not_enabled")
    assert stage.service.log
