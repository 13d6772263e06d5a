"""The stream of a job's events: what it tells, and when it ends."""

import asyncio
import json
import logging
import signal
import threading
import time
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import FastAPI
from tests.support.export_routes import (
    Jobs,
    app_with,
    client_of,
    error_of,
    quick,
    service_of,
)

from gridboss_assets.access import Caller
from gridboss_assets.errors import Misconfigured
from gridboss_assets.logs import JsonFormatter
from gridboss_assets.web.events import MAX_STREAMS, MAX_STREAMS_OF_CALLER, Streams, stopping

OPEN = {"report": "open", "format": "csv", "parameters": {"season": "a-secret-season"}}


@pytest.fixture
def jobs() -> Jobs:
    return Jobs()


@pytest.fixture
def app(jobs: Jobs) -> FastAPI:
    app = app_with(jobs)
    quick(app)
    return app


@pytest.fixture
def job_id(app: FastAPI) -> str:
    found: str = client_of(app).post("/exports", json=OPEN).json()["jobId"]
    return found


class Event(SimpleNamespace):
    """One event as its reader has it."""

    name: str
    id: str
    data: dict[str, Any]


def parsed(body: bytes) -> list[Event]:
    """Read a whole stream by the rules of WHATWG HTML §9.2.6, as far as ours needs them."""
    events = []
    for block in body.decode().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if line[0] != ":")
        if "data" in fields:
            data = json.loads(fields["data"])
            events.append(Event(name=fields["event"], id=fields["id"], data=data))
    return events


class Reader:
    """A client of the stream, on the event loop of its test, that may leave at any time."""

    def __init__(self, app: FastAPI, job_id: str, headers: dict[str, str] | None = None) -> None:
        self.body = b""
        self.status = 0
        self.headers: dict[str, str] = {}
        self.ended = False
        self._gone = asyncio.Event()
        self._heard = asyncio.Event()
        headers = {"authorization": "ada", **(headers or {})}
        path = f"/exports/{job_id}/events"
        self._scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": [(k.encode(), v.encode()) for k, v in headers.items()],
            "server": ("test", 80),
            "client": ("test", 1),
        }
        self._first = True
        self.task = asyncio.create_task(self._run(app))

    async def _run(self, app: FastAPI) -> None:
        await app(self._scope, self._receive, self._send)

    async def _receive(self) -> dict[str, Any]:
        if self._first:
            self._first = False
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {k.decode(): v.decode() for k, v in message["headers"]}
        else:
            self.body += message.get("body", b"")
            self.ended = not message.get("more_body", False)
        self._heard.set()

    def leave(self) -> None:
        self._gone.set()

    async def until(self, condition: Callable[["Reader"], bool]) -> None:
        while not condition(self):
            self._heard.clear()
            await self._heard.wait()

    async def event(self, name: str) -> Event:
        """Wait for an event of this name."""
        await self.until(lambda reader: any(e.name == name for e in parsed(reader.body)))
        return next(e for e in parsed(self.body) if e.name == name)


def in_loop(test: Callable[[], Awaitable[None]]) -> None:
    async def limited() -> None:
        await asyncio.wait_for(test(), 30)

    asyncio.run(limited())


# --- what it tells ------------------------------------------------------------------------------


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


# --- when it ends -------------------------------------------------------------------------------


def test_nothing_is_left_of_a_client_that_leaves(app: FastAPI, job_id: str) -> None:
    async def follow() -> None:
        before = len(asyncio.all_tasks())
        reader = Reader(app, job_id)
        await reader.event("progress")
        assert service_of(app).streams.count == 1
        reader.leave()
        await reader.task
        assert service_of(app).streams.count == 0
        assert len(asyncio.all_tasks()) == before

    in_loop(follow)


def test_a_client_that_leaves_does_not_wait_for_a_store_that_hangs(
    app: FastAPI, jobs: Jobs, job_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def follow() -> None:
        loop, asked, real = asyncio.get_running_loop(), asyncio.Event(), jobs.store.get
        release = threading.Event()

        def hang(name: str) -> Any:
            loop.call_soon_threadsafe(asked.set)
            release.wait(30)
            return real(name)

        reader = Reader(app, job_id)
        await reader.event("progress")
        monkeypatch.setattr(jobs.store, "get", hang)
        await asked.wait()
        reader.leave()
        await reader.task
        release.set()

    in_loop(follow)


def test_it_lasts_no_longer_than_its_life_and_ends_in_order(app: FastAPI, job_id: str) -> None:
    quick(app, life=0.05)
    answer = client_of(app).get(f"/exports/{job_id}/events")
    assert [event.name for event in parsed(answer.content)] == ["progress"]
    assert service_of(app).streams.count == 0


def test_it_lasts_no_longer_than_the_token_that_opened_it() -> None:
    streams = Streams()
    now = time.time()
    assert streams.life(Caller("ada")) == streams.pace.life
    assert streams.life(Caller("ada", {"exp": now + 3600})) == streams.pace.life
    assert 35 < streams.life(Caller("ada", {"exp": now + 10})) <= 40  # with the leeway
    assert streams.life(Caller("ada", {"exp": now - 3600})) == 0
    assert streams.life(Caller("ada", {"exp": "tomorrow"})) == streams.pace.life


def test_a_store_that_comes_back_in_time_is_waited_for(
    app: FastAPI, jobs: Jobs, job_id: str
) -> None:
    quick(app, keep_alive=0)

    async def follow() -> None:
        reader = Reader(app, job_id)
        await reader.event("progress")
        jobs.store.is_gone = True
        asked = jobs.store.asked
        # Each comment follows a question, and so a failure.
        await reader.until(lambda _: jobs.store.asked > asked + 3)
        assert not reader.ended
        jobs.store.is_gone = False
        jobs.fail(job_id)
        await reader.event("failed")
        await reader.task

    in_loop(follow)


def test_a_store_that_stays_away_ends_it(app: FastAPI, jobs: Jobs, job_id: str) -> None:
    quick(app, patience=0)

    async def follow() -> None:
        reader = Reader(app, job_id)
        await reader.event("progress")
        jobs.store.is_gone = True
        await reader.task
        assert reader.ended

    in_loop(follow)


def test_a_job_that_is_forgotten_ends_it(app: FastAPI, jobs: Jobs, job_id: str) -> None:
    async def follow() -> None:
        reader = Reader(app, job_id)
        await reader.event("progress")
        jobs.store.forget()
        await reader.task
        assert reader.ended

    in_loop(follow)


def test_a_link_that_cant_be_made_ends_it_and_is_told_to_whoever_comes_back(
    app: FastAPI, jobs: Jobs, job_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def expired(*_: object, **__: object) -> None:
        raise Misconfigured(detail="the session has ended")

    async def follow() -> None:
        reader = Reader(app, job_id)
        await reader.event("progress")
        monkeypatch.setattr(service_of(app).uploads, "download", expired)
        jobs.finish(job_id)
        await reader.task
        assert reader.ended
        assert [event.name for event in parsed(reader.body)] == ["progress"]

    in_loop(follow)
    answer = client_of(app).get(f"/exports/{job_id}")
    assert error_of(answer) == (503, "misconfigured")


def test_a_server_that_stops_ends_it(
    app: FastAPI, job_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Server:
        should_exit = False

        def handle_exit(self) -> None: ...

    server = Server()
    monkeypatch.setattr(signal, "getsignal", lambda _: server.handle_exit)

    async def follow() -> None:
        reader = Reader(app, job_id)
        await reader.event("progress")
        server.should_exit = True
        await reader.task
        assert reader.ended

    in_loop(follow)


@pytest.mark.parametrize("handler", [None, signal.SIG_DFL, print, "text".upper])
def test_a_server_that_says_nothing_never_stops(
    handler: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signal, "getsignal", lambda _: handler)
    assert stopping()() is False


# --- limits and logs ----------------------------------------------------------------------------


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
    with caplog.at_level(logging.DEBUG):
        jobs.finish(job_id)
        url = parsed(client_of(app).get(f"/exports/{job_id}/events").content)[0].data["url"]
        client_of(app).post("/exports", json=OPEN)
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
