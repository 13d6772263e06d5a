"""Export jobs as the settings say: their state in Redis, their queue there or in RabbitMQ."""

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from gridboss_assets.errors import ExportsNotEnabled, Misconfigured
from gridboss_assets.jobs.broker import BrokerQueue, make_broker
from gridboss_assets.jobs.redis import RedisJobStore
from gridboss_assets.jobs.service import Exports
from gridboss_assets.jobs.states import LEASE_SECONDS
from gridboss_assets.reports import load_reports
from gridboss_config import Settings

_DAY = 24 * 3600
_ANSWER_SECONDS = 5.0


def exports_of(settings: Settings) -> Exports:
    """Make the export jobs of these settings. Nothing is connected before the first request.

    Raises ``ExportsNotEnabled`` without ``REDIS_URL``, and ``Misconfigured`` for what can't be
    used, a module of ``REPORT_MODULES`` among it.
    """
    client = connect(settings)
    queue = BrokerQueue(make_broker(settings, client))
    return Exports(store_of(settings, client), queue, load_reports(settings.report_modules))


def store_of(
    settings: Settings, client: redis.Redis, *, lease: float = LEASE_SECONDS
) -> RedisJobStore:
    """Make the store of these settings."""
    return RedisJobStore(
        client,
        max_active=settings.export_max_active,
        keep=settings.export_job_days * _DAY,
        lease=lease,
    )


def connect(settings: Settings) -> redis.Redis:
    """Make a client, which threads share; raises ``ExportsNotEnabled`` or ``Misconfigured``."""
    if settings.redis_url is None:
        raise ExportsNotEnabled
    try:
        return redis.Redis.from_url(
            settings.redis_url.get_secret_value(),
            socket_timeout=_ANSWER_SECONDS,
            socket_connect_timeout=_ANSWER_SECONDS,
            # Once more and at once, for a connection that the server closed meanwhile. Whoever can
            # wait longer does it by itself; a person's request can't.
            retry=Retry(NoBackoff(), 1),
        )
    except (ValueError, TypeError):
        raise Misconfigured(
            detail="REDIS_URL: it can't be read. Percent-encode what is special in its password, "
            "and give it as redis://user:password@host:6379/0."
        ) from None
