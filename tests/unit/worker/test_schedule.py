"""Tasks at intervals, by one worker at a time."""

import logging
import threading
import time
from collections.abc import Callable, Iterator

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from tests.support.redisserver import RedisServer

from gridboss_assets.errors import StorageUnavailable
from gridboss_assets.worker.schedule import Schedule, Task

_SECONDS = 30


@pytest.fixture
def client(redis_server: RedisServer) -> Iterator[redis.Redis]:
    with redis_server.client() as client:
        yield client


class Counter:
    """Counts calls, and tells when there were enough."""

    def __init__(self, enough: int, error: Exception | None = None) -> None:
        self.count = 0
        self.enough = enough
        self.error = error
        self.reached = threading.Event()

    def __call__(self) -> None:
        self.count += 1
        if self.count >= self.enough:
            self.reached.set()
        if self.error:
            raise self.error


def ran(client: redis.Redis, *tasks: Task, until: Callable[[], bool]) -> None:
    schedule = Schedule(client, tasks)
    schedule.start()
    try:
        assert until()
    finally:
        schedule.stop()


def test_a_task_is_repeated(client: redis.Redis) -> None:
    task = Counter(3)
    ran(client, Task("a", 0.02, task), until=lambda: task.reached.wait(_SECONDS))


@pytest.mark.parametrize("error", [StorageUnavailable(), ValueError("bug")])
def test_a_task_that_fails_is_tried_again(
    client: redis.Redis, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    task = Counter(2, error)
    with caplog.at_level(logging.WARNING):
        ran(client, Task("a", 0.02, task), until=lambda: task.reached.wait(_SECONDS))
    assert "the task a" in caplog.text


def test_one_of_two_workers_does_a_task(client: redis.Redis) -> None:
    """In an hour, once, whoever comes first; another task of theirs shows that both run."""
    hourly, mine, yours = Counter(1), Counter(3), Counter(3)
    first = Schedule(client, [Task("hourly", 3600, hourly), Task("mine", 0.02, mine)])
    second = Schedule(client, [Task("hourly", 3600, hourly), Task("yours", 0.02, yours)])
    for schedule in (first, second):
        schedule.start()
    for each in (hourly, mine, yours):
        assert each.reached.wait(_SECONDS)
    for schedule in (first, second):
        schedule.stop()
    assert hourly.count == 1


def test_no_task_runs_without_redis(caplog: pytest.LogCaptureFixture) -> None:
    """Nobody could say whose turn it is; the schedule goes on asking."""
    task = Counter(1)
    with redis.Redis(port=1, retry=Retry(NoBackoff(), 0)) as away:
        ran(away, Task("a", 0.02, task), until=lambda: _warnings(caplog) >= 2)
    assert task.count == 0


def _warnings(caplog: pytest.LogCaptureFixture) -> int:
    deadline = time.monotonic() + _SECONDS
    while caplog.text.count("has to wait") < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    return caplog.text.count("has to wait")
