"""The stream of a job's events: what it tells."""

import pytest
from fastapi import FastAPI
from tests.support.event_reader import Reader, in_loop, parsed
from tests.support.export_routes import Jobs, client_of, quick, service_of


def test_a_job_is_followed_to_its_end(app: FastAPI, jobs: Jobs, job_id: str) -> None:
    async def follow() -> None:
        reader = Reader(app, job_id)
        assert (await reader.event("progress")).data["state"] == "queued"
        jobs.start(job_id)
        jobs.write(job_id, 7, 9)
        await reader.until(lambda r: b'"rows":7' in r.body)
        jobs.finish(job_id)
        done = await reader.event("done")
        await reader.task
        assert reader.ended
        assert reader.body.startswith(b"retry: 1000\n\n")
        told = client_of(app).get(f"/exports/{job_id}").json()
        assert done.data.keys() == told.keys()
        assert {k: v for k, v in done.data.items() if k not in {"url", "expiresIn"}} == {
            k: v for k, v in told.items() if k not in {"url", "expiresIn"}
        }
        assert done.data["objectKey"] in done.data["url"]
        states = [event.data["state"] for event in parsed(reader.body)]
        assert states == sorted(states, key=["queued", "running", "done"].index)
        ids = [event.id for event in parsed(reader.body)]
        assert len(set(ids)) == len(ids)

    in_loop(follow)


def test_its_headers_keep_caches_and_proxies_from_holding_it(
    app: FastAPI, jobs: Jobs, job_id: str
) -> None:
    jobs.finish(job_id)
    answer = client_of(app).get(f"/exports/{job_id}/events")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-accel-buffering"] == "no"
    assert "content-length" not in answer.headers
    assert answer.headers["x-request-id"]


@pytest.mark.parametrize("end", ["done", "failed", "cancelled"])
def test_of_a_job_that_has_ended_it_tells_the_end_alone(
    app: FastAPI, jobs: Jobs, job_id: str, end: str
) -> None:
    ways = {"done": jobs.finish, "failed": jobs.fail, "cancelled": jobs.store.cancel}
    ways[end](job_id)
    [event] = parsed(client_of(app).get(f"/exports/{job_id}/events").content)
    assert (event.name, event.data["state"]) == (end, end)


def test_who_has_seen_the_end_is_told_not_to_come_back(
    app: FastAPI, jobs: Jobs, job_id: str
) -> None:
    jobs.finish(job_id)
    ada = client_of(app)
    [event] = parsed(ada.get(f"/exports/{job_id}/events").content)
    answer = ada.get(f"/exports/{job_id}/events", headers={"Last-Event-ID": event.id})
    assert (answer.status_code, answer.content) == (204, b"")
    assert service_of(app).streams.count == 0


def test_who_comes_back_is_told_only_what_is_new(app: FastAPI, jobs: Jobs, job_id: str) -> None:
    async def follow() -> None:
        first = Reader(app, job_id)
        seen = (await first.event("progress")).id
        first.leave()
        await first.task
        second = Reader(app, job_id, {"last-event-id": seen})
        await second.until(lambda r: bool(r.body))
        jobs.fail(job_id)
        await second.task
        assert [event.name for event in parsed(second.body)] == ["failed"]

    in_loop(follow)


def test_silence_is_broken_by_comments(app: FastAPI, jobs: Jobs, job_id: str) -> None:
    quick(app, keep_alive=0)

    async def follow() -> None:
        reader = Reader(app, job_id)
        await reader.until(lambda r: r.body.count(b"\n: ") > 2)
        jobs.fail(job_id)
        await reader.task
        assert [event.name for event in parsed(reader.body)] == ["progress", "failed"]

    in_loop(follow)
