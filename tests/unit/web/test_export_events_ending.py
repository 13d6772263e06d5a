"""When the stream of a job's events ends, and why."""

import asyncio
import signal
import threading
import time
from typing import Any

import pytest
from fastapi import FastAPI
from tests.support.event_reader import Reader, in_loop, parsed
from tests.support.export_routes import Jobs, client_of, error_of, quick, service_of

from gridboss_assets.access import Caller
from gridboss_assets.errors import Misconfigured
from gridboss_assets.web.events import Streams, stopping


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
