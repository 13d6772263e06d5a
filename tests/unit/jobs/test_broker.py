"""The queue: over Redis or RabbitMQ, and what is said when there is none."""

import sys
from typing import Any

import pytest
import redis
from dramatiq.brokers.rabbitmq import RabbitmqBroker
from dramatiq.brokers.redis import RedisBroker
from redis.backoff import NoBackoff
from redis.retry import Retry

from gridboss_assets.errors import ConfigurationError, JobsUnavailable, Misconfigured
from gridboss_assets.jobs.broker import BrokerQueue, make_broker
from gridboss_config import Settings


def broker_of(amqp_url: str | None = None) -> Any:
    settings = Settings(_env_file=None, AMQP_URL=amqp_url)
    return make_broker(settings, redis.Redis(port=1, retry=Retry(NoBackoff(), 0)))


def test_jobs_are_queued_in_redis_by_default() -> None:
    broker = broker_of()
    assert isinstance(broker, RedisBroker)
    assert broker.namespace.startswith("gridboss-assets:")


def test_a_dead_workers_messages_come_back_within_half_a_minute() -> None:
    """Silent for so long, and then by chance at each request: 1 in 5 is soon."""
    broker = broker_of()
    assert broker.heartbeat_timeout <= 15_000
    assert broker.maintenance_chance >= 100_000


def test_amqp_url_queues_in_rabbitmq() -> None:
    broker = broker_of("amqp://user:secret@127.0.0.1:5672/league")
    assert isinstance(broker, RabbitmqBroker)
    assert broker.confirm_delivery
    where: Any = broker.parameters
    assert (where.host, where.virtual_host) == ("127.0.0.1", "league")


@pytest.mark.parametrize("url", [None, "amqp://127.0.0.1/"], ids=["redis", "rabbitmq"])
def test_no_middleware_interferes(url: str | None) -> None:
    assert broker_of(url).middleware == []


def test_without_pika_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "dramatiq.brokers.rabbitmq", None)
    with pytest.raises(ConfigurationError, match=r"gridboss-assets\[rabbitmq\]"):
        broker_of("amqp://127.0.0.1/")


def test_an_amqp_url_that_cant_be_read_is_refused_without_its_words() -> None:
    with pytest.raises(Misconfigured) as caught:
        broker_of("amqp://user:pass/word@host:5672/")
    assert "AMQP_URL" in str(caught.value.detail)
    assert "word" not in str(caught.value.detail).replace("password", "")


@pytest.mark.parametrize("url", [None, "amqp://u:secret@127.0.0.1:1/"], ids=["redis", "rabbitmq"])
def test_a_queue_that_is_away_is_jobs_unavailable(url: str | None) -> None:
    with pytest.raises(JobsUnavailable) as caught:
        BrokerQueue(broker_of(url)).enqueue("0" * 32)
    assert "secret" not in str(caught.value.detail)
