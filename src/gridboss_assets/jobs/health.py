"""Can export jobs be kept and queued? Workers ask at their start, and so does the doctor."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any, cast

import redis
from dramatiq.errors import BrokerConnectionError

from gridboss_assets.errors import Misconfigured
from gridboss_assets.findings import Finding, Status
from gridboss_assets.jobs.broker import QUEUE, make_broker
from gridboss_assets.jobs.configured import connect
from gridboss_assets.reports import load_reports
from gridboss_config import Settings

# The first with ZRANGE … BYSCORE and REV, which the store uses.
_OLDEST = (6, 2)


def examine(settings: Settings) -> Iterator[Finding]:
    """Check the report modules, Redis and RabbitMQ; raises ``ExportsNotEnabled`` without Redis."""
    yield _reports(settings)
    with closing(connect(settings)) as client:
        answers = _redis(client)
        yield answers
        if answers.status is Status.FAIL:
            return
        yield from _keeps(client)
        if settings.amqp_url is not None:
            yield _rabbitmq(settings, client)


def _reports(settings: Settings) -> Finding:
    try:
        reports = load_reports(settings.report_modules)
    except Misconfigured as error:
        return Finding("reports", Status.FAIL, error.detail or str(error))
    return Finding("reports", Status.PASS, f"Registered: {', '.join(reports)}.")


def _redis(client: redis.Redis) -> Finding:
    where = _address(client)
    try:
        client.ping()
    except redis.exceptions.NoPermissionError:
        pass  # it answers, and knows us
    except redis.AuthenticationError:
        return _failed("Redis refuses the user or the password of REDIS_URL.", "Mend them there.")
    except redis.RedisError as error:
        return _failed(
            f"Redis can't be reached at {where} ({type(error).__name__}).",
            "Start it, or mend REDIS_URL.",
        )
    version = str(_info(client, "server").get("redis_version", ""))
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if numbers and numbers < _OLDEST:
        return _failed(f"Redis at {where} is {version}.", "Use 6.2 or newer.")
    return Finding("redis", Status.PASS, f"Redis {version or '(version unknown)'} at {where}.")


def _keeps(client: redis.Redis) -> Iterator[Finding]:
    """Warn where jobs may be thrown away or forgotten; who may not ask is told nothing."""
    policy = _info(client, "memory").get("maxmemory_policy", "noeviction")
    if policy != "noeviction":
        yield Finding(
            "redis",
            Status.WARN,
            f"Redis may throw jobs away when its memory is full (maxmemory-policy is {policy}).",
            "Set it to noeviction.",
        )
    if _info(client, "persistence").get("aof_enabled") == 0:
        yield Finding(
            "redis",
            Status.WARN,
            "Redis keeps no log of what it is told (appendonly is off): after a crash, jobs of the "
            "last minutes are forgotten. Their objects stay.",
            "Set appendonly to yes where that matters.",
        )


def _rabbitmq(settings: Settings, client: redis.Redis) -> Finding:
    broker = make_broker(settings, client)
    try:
        broker.consume(QUEUE).close()
    except (BrokerConnectionError, OSError):
        return Finding(
            "rabbitmq",
            Status.FAIL,
            "RabbitMQ can't be reached, or refuses the user, the password or the virtual host of "
            "AMQP_URL.",
            "Start it, or mend AMQP_URL.",
        )
    finally:
        broker.close()
    return Finding("rabbitmq", Status.PASS, "RabbitMQ takes and gives jobs.")


def _failed(detail: str, remedy: str) -> Finding:
    return Finding("redis", Status.FAIL, detail, remedy)


def _info(client: redis.Redis, section: str) -> Mapping[str, Any]:
    try:
        return cast("Mapping[str, Any]", client.info(section))
    except redis.ResponseError:  # an ACL that leaves INFO out
        return {}


def _address(client: redis.Redis) -> str:
    """Name the server as an operator knows it, without user and password."""
    where = client.connection_pool.connection_kwargs
    return where.get("path") or f"{where.get('host', 'localhost')}:{where.get('port', 6379)}"
