"""What is told of the servers of export jobs, each with what to do about it."""

from collections.abc import Iterator

import pytest
import redis
from tests.support.redisserver import RedisServer

from gridboss_assets.errors import ExportsNotEnabled
from gridboss_assets.findings import Finding, Status
from gridboss_assets.jobs.health import examine
from gridboss_config import Settings

PASSWORD = "correct-horse-battery"


def examined(**settings: str) -> list[Finding]:
    findings = list(examine(Settings(_env_file=None, **settings)))
    assert PASSWORD not in str(findings)
    return findings


def of(findings: list[Finding], status: Status) -> list[str]:
    return [f"{each.detail} {each.remedy}" for each in findings if each.status is status]


@pytest.fixture
def client(redis_server: RedisServer) -> Iterator[redis.Redis]:
    with redis_server.client() as client:
        kept = {**client.config_get("maxmemory-policy"), **client.config_get("appendonly")}
        yield client
        for name, value in kept.items():
            client.config_set(name, value)


def test_a_redis_in_order_passes(redis_server: RedisServer) -> None:
    findings = examined(redis_url=redis_server.url)
    assert [(each.check, each.status) for each in findings] == [
        ("reports", Status.PASS),
        ("redis", Status.PASS),
    ]
    assert "race-results, standings" in findings[0].detail
    assert findings[1].detail.endswith(f"at 127.0.0.1:{redis_server.port}.")


def test_without_redis_export_jobs_are_off() -> None:
    with pytest.raises(ExportsNotEnabled):
        examined()


def test_a_redis_that_throws_keys_away_is_warned_of(
    redis_server: RedisServer, client: redis.Redis
) -> None:
    client.config_set("maxmemory-policy", "allkeys-lru")
    (warning,) = of(examined(redis_url=redis_server.url), Status.WARN)
    assert "maxmemory-policy is allkeys-lru). Set it to noeviction." in warning


def test_a_redis_that_forgets_at_a_crash_is_warned_of(
    redis_server: RedisServer, client: redis.Redis
) -> None:
    client.config_set("appendonly", "no")
    (warning,) = of(examined(redis_url=redis_server.url), Status.WARN)
    assert "Set appendonly to yes" in warning


def test_a_user_who_may_not_ask_for_these_is_told_nothing_of_them(
    redis_server: RedisServer, client: redis.Redis
) -> None:
    client.acl_setuser("jobs", enabled=True, passwords=[f"+{PASSWORD}"], commands=["+get"])
    url = f"redis://jobs:{PASSWORD}@127.0.0.1:{redis_server.port}/0"
    try:
        client.config_set("maxmemory-policy", "allkeys-lru")
        findings = examined(redis_url=url)
    finally:
        client.acl_deluser("jobs")
    assert {each.status for each in findings} == {Status.PASS}


def test_a_wrong_password_is_told_as_such(redis_server: RedisServer) -> None:
    url = f"redis://:{PASSWORD}@127.0.0.1:{redis_server.port}/0"
    assert of(examined(redis_url=url), Status.FAIL) == [
        "Redis refuses the user or the password of REDIS_URL. Mend them there."
    ]


def test_a_redis_that_is_away_is_named_by_its_address() -> None:
    (fault,) = of(examined(redis_url=f"redis://:{PASSWORD}@127.0.0.1:1/0"), Status.FAIL)
    assert fault.startswith("Redis can't be reached at 127.0.0.1:1 (")
    assert fault.endswith("Start it, or mend REDIS_URL.")


def test_an_old_redis_is_refused(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis.Redis, "info", lambda *_: {"redis_version": "6.0.16"})
    (fault,) = of(examined(redis_url=redis_server.url), Status.FAIL)
    assert fault.endswith("is 6.0.16. Use 6.2 or newer.")


def test_a_rabbitmq_that_is_away_fails(redis_server: RedisServer) -> None:
    amqp = f"amqp://u:{PASSWORD}@127.0.0.1:1/"
    (fault,) = of(examined(redis_url=redis_server.url, amqp_url=amqp), Status.FAIL)
    assert fault.startswith("RabbitMQ can't be reached")


def test_a_module_that_can_not_be_imported_fails(redis_server: RedisServer) -> None:
    findings = examined(redis_url=redis_server.url, report_modules="league.none")
    (fault,) = of(findings, Status.FAIL)
    assert fault.startswith("REPORT_MODULES: league.none can't be imported: ModuleNotFoundError")
