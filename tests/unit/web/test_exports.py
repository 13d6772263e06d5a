"""Asking for an export over HTTP: what is accepted, and what is refused."""

import re
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient
from tests.support.export_routes import (
    OPEN,
    Jobs,
    app_with,
    ask,
    client_of,
    error_of,
)

from gridboss_assets.web.export_schemas import MAX_EXPORT_BODY_BYTES


def test_a_request_is_accepted_and_its_job_queued(ada: TestClient, jobs: Jobs) -> None:
    answer = ada.post("/exports", json=OPEN)
    body = answer.json()
    assert answer.status_code == 202
    assert answer.headers["location"] == f"/exports/{body['jobId']}"
    assert answer.headers["cache-control"] == "no-store"
    assert body == {
        "jobId": jobs.queue.handed[0],
        "state": "queued",
        "report": "open",
        "format": "csv",
        "createdAt": body["createdAt"],
        "endedAt": None,
        "progress": {"rows": 0, "total": None},
        "error": None,
        "objectKey": None,
        "filename": None,
        "contentLength": None,
        "url": None,
        "expiresIn": 0,
    }
    assert re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z", body["createdAt"])


def test_a_job_belongs_to_whoever_asked_and_keeps_the_parameters(
    ada: TestClient, jobs: Jobs
) -> None:
    job = jobs.store.get(ask(ada))
    assert (job.subject, job.parameters) == ("ada", {"season": "2025"})


def test_a_report_without_parameters_needs_none(ada: TestClient, jobs: Jobs) -> None:
    answer = ada.post("/exports", json={"report": "open", "format": "pdf"})
    assert jobs.store.get(answer.json()["jobId"]).parameters == {}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"report": "none"}, (400, "unsupported_report")),
        ({"format": "exe"}, (400, "unsupported_format")),
        ({"format": "zip"}, (400, "unsupported_format")),
        ({"parameters": {"season": "none"}}, (400, "invalid_parameters")),
        ({"parameters": [1]}, (422, "invalid_request")),
        ({"parameters": None}, (422, "invalid_request")),
        ({"report": 7}, (422, "invalid_request")),
        ({"report": "league"}, (403, "forbidden")),
    ],
)
def test_a_bad_request_makes_no_job(
    ada: TestClient, jobs: Jobs, changes: dict[str, Any], expected: tuple[int, str]
) -> None:
    assert error_of(ada.post("/exports", json=OPEN | changes)) == expected
    assert jobs.store.of("ada") == []


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_numbers_that_json_does_not_have_are_refused(ada: TestClient, number: str) -> None:
    body = f'{{"report": "open", "format": "csv", "parameters": {{"n": {number}}}}}'
    answer = ada.post("/exports", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in {400, 422}


def test_rows_may_be_posted_up_to_a_limit_of_their_own(ada: TestClient, jobs: Jobs) -> None:
    head = len(b'{"report":"open","format":"csv","parameters":{"rows":""}}')
    rows = "x" * (MAX_EXPORT_BODY_BYTES - head)
    body = {"report": "open", "format": "csv", "parameters": {"rows": rows}}
    assert ada.post("/exports", json=body).status_code == 202
    body["parameters"] = {"rows": rows + "x"}
    assert error_of(ada.post("/exports", json=body)) == (413, "request_too_large")
    assert len(jobs.queue.handed) == 1


def test_the_limit_of_other_requests_is_as_it_was(ada: TestClient) -> None:
    body = {"objectKey": "x" * 64 * 1024}
    assert error_of(ada.post("/uploads/complete", json=body)) == (413, "request_too_large")


def test_too_many_unended_jobs_are_refused_with_the_time_to_wait() -> None:
    ada = client_of(app_with(Jobs(max_active=1)))
    ask(ada)
    answer = ada.post("/exports", json=OPEN)
    assert error_of(answer) == (429, "too_many_requests")
    assert int(answer.headers["retry-after"]) > 0


def test_a_queue_that_is_gone_answers_503_and_leaves_no_job_to_run(
    ada: TestClient, jobs: Jobs
) -> None:
    jobs.queue.is_gone = True
    answer = ada.post("/exports", json=OPEN)
    assert error_of(answer) == (503, "jobs_unavailable")
    assert int(answer.headers["retry-after"]) > 0
    assert [job.state for job in jobs.store.of("ada")] == ["cancelled"]


def test_mounted_below_a_path_the_location_has_it_too(jobs: Jobs) -> None:
    mounted = Starlette(routes=[Mount("/assets", app_with(jobs))])
    ada = TestClient(mounted, headers={"Authorization": "ada"})
    location = ada.post("/assets/exports", json=OPEN).headers["location"]
    assert location.startswith("/assets/exports/")
    assert ada.get(location).json()["state"] == "queued"


def test_parameters_of_the_path_it_is_mounted_below_do_not_get_in_the_way(jobs: Jobs) -> None:
    mounted = Starlette(routes=[Mount("/{league}/{jobId}", app_with(jobs))])
    ada = TestClient(mounted, headers={"Authorization": "ada"})
    location = ada.post("/gt3/x/exports", json=OPEN).headers["location"]
    assert ada.get(location).status_code == 200
