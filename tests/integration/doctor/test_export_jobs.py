"""`gridboss-assets doctor` and export jobs: asked about where they are switched on."""

from tests.support.doctor import Doctor
from tests.support.redisserver import RedisServer


def test_export_jobs_that_are_off_are_not_asked_about(doctor: Doctor) -> None:
    run = doctor()
    assert (run.status, run.of("redis"), run.of("reports")) == (0, [], [])


def test_a_redis_in_order_passes(doctor: Doctor, redis_server: RedisServer) -> None:
    run = doctor(REDIS_URL=redis_server.url)
    assert (run.status, run.one("redis")["status"]) == (0, "pass")
    assert redis_server.password not in run.out + run.err


def test_a_redis_that_is_away_fails(doctor: Doctor) -> None:
    run = doctor(REDIS_URL="redis://127.0.0.1:1")
    assert (run.status, run.one("redis")["status"]) == (1, "fail")
    assert "127.0.0.1:1" in run.one("redis")["detail"]
