"""How many streams of events there may be, and what is logged of them."""

import logging

import pytest
from fastapi import FastAPI
from tests.support.event_reader import parsed
from tests.support.export_routes import OPEN, Jobs, client_of, error_of, service_of

from gridboss_assets.access import Caller
from gridboss_assets.logs import JsonFormatter
from gridboss_assets.web.events import MAX_STREAMS, MAX_STREAMS_OF_CALLER


def test_one_caller_has_only_so_many(app: FastAPI, jobs: Jobs, job_id: str) -> None:
    streams = service_of(app).streams
    for _ in range(MAX_STREAMS_OF_CALLER):
        streams.open(Caller("ada"))
    answer = client_of(app).get(f"/exports/{job_id}/events")
    assert error_of(answer) == (429, "too_many_requests")
    assert int(answer.headers["retry-after"]) > 0
    streams.close(Caller("ada"))
    jobs.finish(job_id)
    assert client_of(app).get(f"/exports/{job_id}/events").status_code == 200


def test_one_process_has_only_so_many(app: FastAPI, job_id: str) -> None:
    streams = service_of(app).streams
    for number in range(MAX_STREAMS):
        streams.open(Caller(f"caller {number}"))
    answer = client_of(app).get(f"/exports/{job_id}/events")
    assert error_of(answer) == (503, "service_busy")
    assert int(answer.headers["retry-after"]) > 0


def test_a_refused_request_counts_for_no_stream(app: FastAPI, job_id: str) -> None:
    assert client_of(app, "bob").get(f"/exports/{job_id}/events").status_code == 404
    assert service_of(app).streams.count == 0


def test_neither_parameters_nor_links_are_logged(
    app: FastAPI, jobs: Jobs, job_id: str, caplog: pytest.LogCaptureFixture
) -> None:
    secret = OPEN | {"parameters": {"season": "a-secret-season"}}
    with caplog.at_level(logging.DEBUG):
        jobs.finish(job_id)
        url = parsed(client_of(app).get(f"/exports/{job_id}/events").content)[0].data["url"]
        client_of(app).post("/exports", json=secret)
        client_of(app).get(f"/exports?before={job_id}")
    lines = "\n".join(
        JsonFormatter().format(record)
        for record in caplog.records
        if record.name.startswith("gridboss")
    )
    assert f"/exports/{job_id}/events" in lines
    assert url not in lines
    assert "a-secret-season" not in lines
    assert "before=" not in lines
