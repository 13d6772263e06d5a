"""The routes of export jobs over a real Redis: what one process is told, another one knows."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient
from tests.support.export_routes import error_of, quick, service_of
from tests.support.redisserver import RedisServer

from gridboss_assets import MemoryStorage
from gridboss_assets.jobs import Job
from gridboss_assets.web import create_app
from gridboss_config import Settings

STANDINGS = {"report": "standings", "format": "csv", "parameters": {"sample": "meridian-cup"}}


def app_on(redis: RedisServer) -> FastAPI:
    """Make a service of its own, without sign-in."""
    settings = Settings(_env_file=None, APP_ENV="test", REDIS_URL=redis.url)
    app = create_app(settings, MemoryStorage())
    quick(app)
    return app


@pytest.fixture
def client(redis_server: RedisServer) -> TestClient:
    return TestClient(app_on(redis_server))


def ask(client: TestClient) -> str:
    answer = client.post("/exports", json=STANDINGS)
    assert answer.status_code == 202, answer.text
    job_id: str = answer.json()["jobId"]
    return job_id


def test_a_job_is_known_to_every_process(client: TestClient, redis_server: RedisServer) -> None:
    job_id = ask(client)
    other = TestClient(app_on(redis_server))
    assert other.get(f"/exports/{job_id}").json()["state"] == "queued"
    assert [job["jobId"] for job in other.get("/exports").json()["exports"]] == [job_id]
    assert other.delete(f"/exports/{job_id}").json()["state"] == "cancelled"
    assert client.get(f"/exports/{job_id}").json()["state"] == "cancelled"


def test_pages_of_the_list_meet(client: TestClient) -> None:
    asked = [ask(client) for _ in range(5)]
    first = client.get("/exports?limit=3").json()
    second = client.get(f"/exports?limit=3&before={first['before']}").json()
    found = [job["jobId"] for page in (first, second) for job in page["exports"]]
    assert (found, second["before"]) == (asked[::-1], None)


def test_a_stream_tells_what_another_process_does(
    client: TestClient, redis_server: RedisServer
) -> None:
    job_id = ask(client)
    store = service_of(app_on(redis_server)).exports.store
    body: list[bytes] = []
    stream = threading.Thread(
        target=lambda: body.append(client.get(f"/exports/{job_id}/events").content)
    )
    stream.start()
    assert store.take(job_id)
    store.progress(job_id, 1, 7, 9)
    store.finish(
        job_id, 1, object_key=f"exports/dev/{job_id}.csv", filename="a.csv", content_length=7
    )
    stream.join()
    assert b"event: done\n" in body[0]


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[RedisServer]:
    """Give a Redis that a test may stop."""
    server = RedisServer(tmp_path / "redis")
    server.start()
    yield server
    server.stop()


def test_a_redis_that_restarts_is_waited_for(
    own_redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = app_on(own_redis)
    exports, looked = service_of(app).exports, threading.Event()
    peek = exports.peek

    def noted(job_id: str) -> Job:
        looked.set()
        return peek(job_id)

    monkeypatch.setattr(exports, "peek", noted)
    client = TestClient(app)
    job_id = ask(client)
    body: list[bytes] = []
    stream = threading.Thread(
        target=lambda: body.append(client.get(f"/exports/{job_id}/events").content)
    )
    stream.start()
    looked.wait()  # the stream has begun, and looks again
    own_redis.stop()
    for answer in (client.get(f"/exports/{job_id}"), client.post("/exports", json=STANDINGS)):
        assert error_of(answer) == (503, "jobs_unavailable")
        assert int(answer.headers["retry-after"]) > 0
    own_redis.start()
    assert client.delete(f"/exports/{job_id}").json()["state"] == "cancelled"
    stream.join()
    assert b"event: cancelled\n" in body[0]
