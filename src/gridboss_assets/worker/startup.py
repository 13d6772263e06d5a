"""What is checked before workers start, so that an operator reads one message and not a log."""

import logging
from contextlib import closing

import redis
from dramatiq.errors import BrokerConnectionError

from gridboss_assets.errors import ConfigurationError
from gridboss_assets.jobs.broker import QUEUE, make_broker
from gridboss_assets.jobs.configured import connect
from gridboss_assets.reports import load_reports
from gridboss_assets.storage import S3Storage
from gridboss_config import Settings

log = logging.getLogger(__name__)


def check(settings: Settings) -> None:
    """Raise a ConfigurationError for what would stop every worker; its text says what to do."""
    S3Storage.from_settings(settings).close()
    load_reports(settings.report_modules)
    with closing(connect(settings)) as client:
        try:
            memory = client.info("memory")
        except redis.AuthenticationError:
            raise ConfigurationError(
                "Redis refuses the user or the password of REDIS_URL. Mend them there."
            ) from None
        except redis.exceptions.NoPermissionError:
            memory = {}
        except redis.RedisError as error:
            raise ConfigurationError(
                f"Redis can't be reached at {_address(client)} ({type(error).__name__}). Start "
                "it, or mend REDIS_URL."
            ) from None
        policy = memory.get("maxmemory_policy", "noeviction")
        if policy != "noeviction":
            log.warning(
                "Redis may throw jobs away when its memory is full (maxmemory-policy is %s); "
                "set it to noeviction",
                policy,
            )
        _check_queue(settings, client)


def _check_queue(settings: Settings, client: redis.Redis) -> None:
    if settings.amqp_url is None:
        return
    broker = make_broker(settings, client)
    try:
        broker.consume(QUEUE).close()
    except (BrokerConnectionError, OSError):
        raise ConfigurationError(
            "RabbitMQ can't be reached, or refuses the user, the password or the virtual host of "
            "AMQP_URL. Start it, or mend AMQP_URL."
        ) from None
    finally:
        broker.close()


def _address(client: redis.Redis) -> str:
    """Name the server as an operator knows it, without user and password."""
    where = client.connection_pool.connection_kwargs
    return where.get("path") or f"{where.get('host', 'localhost')}:{where.get('port', 6379)}"
