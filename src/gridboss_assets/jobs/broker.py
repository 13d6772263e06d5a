"""Handing jobs to workers through Dramatiq, over Redis or RabbitMQ."""

from typing import TYPE_CHECKING

import redis
from dramatiq import Message
from dramatiq.brokers.redis import RedisBroker
from dramatiq.errors import BrokerConnectionError

from gridboss_assets.errors import ConfigurationError, JobsUnavailable, Misconfigured
from gridboss_assets.jobs.redis import PREFIX
from gridboss_config import Settings

if TYPE_CHECKING:
    from dramatiq import Broker

QUEUE = "gridboss-assets.exports"
ACTOR = "run_export"

# A worker asks for messages several times a second and says by it that it lives. Ten seconds of
# silence are enough: what is handed out twice is run once. Dramatiq's default is a minute.
_HEARTBEAT_MILLISECONDS = 10_000

# Only then are the messages of dead workers given out again, by chance at each request, so many
# times in a million. By Dramatiq's default, 1 in 1,000, two quiet workers would need minutes.
_MAINTENANCE_CHANCE = 200_000


class BrokerQueue:
    """See :class:`~gridboss_assets.jobs.store.JobQueue`. Threads share it."""

    def __init__(self, broker: "Broker") -> None:
        self.broker = broker

    def enqueue(self, job_id: str, *, delay: float = 0) -> None:
        """Hand a job to some worker; raises ``JobsUnavailable``."""
        message: Message[object] = Message(
            queue_name=QUEUE, actor_name=ACTOR, args=(job_id,), kwargs={}, options={}
        )
        try:
            self.broker.enqueue(message, delay=round(delay * 1000) if delay > 0 else None)
        except (BrokerConnectionError, redis.RedisError, OSError) as error:
            # The kind alone: an address that can't be read may be repeated in the words.
            raise JobsUnavailable(detail=f"the queue: {type(error).__name__}") from error


def make_broker(settings: Settings, client: redis.Redis) -> "Broker":
    """Make the broker of these settings: RabbitMQ with ``AMQP_URL``, and Redis without.

    It has no middleware. Our own runs try again, by what is known of the job (``jobs/run.py``);
    Dramatiq's ``Retries`` knows messages only. ``TimeLimit`` would end an export after ten minutes
    by an exception at any line, and ``ShutdownNotifications`` would do the same at a deploy.
    """
    if settings.amqp_url is None:
        return RedisBroker(  # type: ignore[no-untyped-call]
            client=client,
            namespace=f"{PREFIX}queue",
            middleware=[],
            heartbeat_timeout=_HEARTBEAT_MILLISECONDS,
            maintenance_chance=_MAINTENANCE_CHANCE,
        )
    return _rabbitmq(settings.amqp_url.get_secret_value())


def _rabbitmq(url: str) -> "Broker":
    try:
        from dramatiq.brokers.rabbitmq import RabbitmqBroker  # noqa: PLC0415 - an extra
    except ImportError:
        raise ConfigurationError(
            "AMQP_URL needs the package pika. Install gridboss-assets[rabbitmq], or leave "
            "AMQP_URL empty to queue jobs in Redis."
        ) from None
    try:
        # Confirmed, so that a job that was not queued is an error and no silence.
        return RabbitmqBroker(url=url, confirm_delivery=True, middleware=[])
    except (ValueError, TypeError, IndexError):
        raise Misconfigured(
            detail="AMQP_URL: it can't be read. Percent-encode what is special in its password."
        ) from None
