"""What Redis alone does: expiry, its absence, and what is told of it."""

import logging
import traceback
from collections.abc import Callable, Iterator

import pytest
import redis
from tests.support.redisserver import RedisServer

from gridboss_assets.errors import ExportsNotEnabled, JobNotFound, JobsUnavailable, Misconfigured
from gridboss_assets.jobs import Fault, Job
from gridboss_assets.jobs.configured import connect, exports_of, store_of
from gridboss_assets.jobs.redis import RedisJobStore
from gridboss_assets.jobs.wire import pack_state, unpack
from gridboss_config import Settings

PASSWORD = "correct-horse-battery"


def settings_with(url: str | None) -> Settings:
    return Settings(_env_file=None, REDIS_URL=url, EXPORT_JOB_DAYS=2)


@pytest.fixture
def client(redis_server: RedisServer) -> Iterator[redis.Redis]:
    with connect(settings_with(redis_server.url)) as client:
        yield client


@pytest.fixture
def store(client: redis.Redis) -> RedisJobStore:
    return store_of(settings_with(None), client)


def ended(store: RedisJobStore) -> Job:
    job = Job.new("laps", "csv", {}, "driver-7")
    store.add(job)
    return store.cancel(job.id)


def test_the_server_tells_the_time(store: RedisJobStore) -> None:
    job = Job.new("laps", "csv", {}, "driver-7")
    store.add(job)
    taken = store.take(job.id)
    assert taken is not None
    assert taken.started_at == pytest.approx(job.created_at, abs=600)
    assert store.take(job.id) is None


def test_a_job_expires_after_its_end(store: RedisJobStore, client: redis.Redis) -> None:
    """And the list of its subject with the last of its jobs."""
    job = ended(store)
    keys = [f"gridboss-assets:job:{job.id}", "gridboss-assets:jobs-of:driver-7"]
    assert [client.ttl(key) for key in keys] == [2 * 24 * 3600] * 2


def test_a_job_that_has_not_ended_does_not_expire(
    store: RedisJobStore, client: redis.Redis
) -> None:
    """Nor does a list that holds it, after others have ended."""
    job = Job.new("laps", "csv", {}, "driver-7")
    store.add(job)
    ended(store)
    keys = [f"gridboss-assets:job:{job.id}", "gridboss-assets:jobs-of:driver-7"]
    assert [client.ttl(key) for key in keys] == [-1, -1]


def test_a_list_forgets_what_has_expired(store: RedisJobStore, client: redis.Redis) -> None:
    gone, kept = ended(store), ended(store)
    client.delete(f"gridboss-assets:job:{gone.id}")
    assert [job.id for job in store.of("driver-7")] == [kept.id]
    assert client.zcard("gridboss-assets:jobs-of:driver-7") == 1


def test_a_job_that_was_lost_is_not_stranded_for_ever(
    store: RedisJobStore, client: redis.Redis
) -> None:
    store.patience = 0
    job = Job.new("laps", "csv", {}, "driver-7")
    store.add(job)
    client.delete(f"gridboss-assets:job:{job.id}")
    assert store.stranded() == []
    assert client.zcard("gridboss-assets:unended") == 0


def test_a_long_list_is_read_in_pages(store: RedisJobStore) -> None:
    store.max_active = 1000
    ids = [ended(store).id for _ in range(120)]
    assert [job.id for job in store.of("driver-7", limit=110)] == ids[:-111:-1]


CALLS: dict[str, Callable[[RedisJobStore], object]] = {
    "add": lambda store: store.add(Job.new("laps", "csv", {}, "driver-7")),
    "get": lambda store: store.get("0" * 32),
    "of": lambda store: store.of("driver-7"),
    "take": lambda store: store.take("0" * 32),
    "renew": lambda store: store.renew("0" * 32, 1),
    "progress": lambda store: store.progress("0" * 32, 1, 1),
    "begin_upload": lambda store: store.begin_upload("0" * 32, 1, "u"),
    "end_upload": lambda store: store.end_upload("0" * 32, "u"),
    "release": lambda store: store.release("0" * 32, 1),
    "finish": lambda store: store.finish(
        "0" * 32, 1, object_key="exports/a.csv", filename="a.csv", content_length=1
    ),
    "fail": lambda store: store.fail("0" * 32, 1, Fault("a", "b")),
    "cancel": lambda store: store.cancel("0" * 32),
    "stranded": lambda store: store.stranded(),
}


@pytest.mark.parametrize("call", CALLS)
def test_no_server_is_jobs_unavailable(call: str) -> None:
    settings = settings_with(f"redis://:{PASSWORD}@127.0.0.1:1/0")
    with connect(settings) as client, pytest.raises(JobsUnavailable) as caught:
        CALLS[call](store_of(settings, client))
    assert caught.value.detail == "Redis: ConnectionError"


def test_a_wrong_password_is_told_nowhere(
    redis_server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    settings = settings_with(f"redis://:{PASSWORD}@127.0.0.1:{redis_server.port}/0")
    with connect(settings) as client:
        store = store_of(settings, client)
        with pytest.raises(JobsUnavailable) as caught:
            store.get("0" * 32)
        shown = "".join(traceback.format_exception(caught.value))
        shown += f"{client!r} {store!r} {settings!r} {caught.value.detail} {caplog.text}"
    assert "AuthenticationError" in shown
    assert PASSWORD not in shown


@pytest.mark.parametrize("url", [f"redis://:{PASSWORD}/x@host:6379/0", "redis://host:port/0"])
def test_a_url_that_cant_be_read_is_refused_without_its_words(url: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        connect(settings_with(url))
    shown = "".join(traceback.format_exception(caught.value)) + str(caught.value.detail)
    assert "REDIS_URL" in shown
    assert PASSWORD not in shown


def test_without_a_url_there_are_no_exports() -> None:
    with pytest.raises(ExportsNotEnabled):
        exports_of(settings_with(None))


def test_exports_are_made_without_a_connection() -> None:
    exports = exports_of(settings_with("redis://127.0.0.1:1/0"))
    with pytest.raises(JobsUnavailable):
        exports.get("0" * 32)


def test_what_a_newer_release_has_added_is_left_out() -> None:
    job = Job.new("laps", "csv", {}, "driver-7")
    state = pack_state(job).replace("{", '{"added_later":1,', 1)
    assert unpack(state.encode(), b"{}") == job


def test_a_missing_job_is_missing(store: RedisJobStore) -> None:
    with pytest.raises(JobNotFound):
        store.get("*")
