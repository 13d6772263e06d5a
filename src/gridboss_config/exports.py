"""Export jobs: where their state lives, and how large an export may be."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import NoDecode

from gridboss_config.base import BaseGroup
from gridboss_config.values import problem

_GIB = 1024**3
# S3 User Guide, "Amazon S3 multipart upload limits": an object has at most 5 TiB; 10,000 parts of
# the 16 MiB that exports are sent in are far less.
_MOST_BYTES = 10_000 * 16 * 1024**2


class ExportSettings(BaseGroup):
    """The servers behind export jobs, and their limits."""

    redis_url: SecretStr | None = Field(
        None,
        description="Redis that holds the state of export jobs and, without `AMQP_URL`, their "
        "queue: `redis://`, `rediss://` or `unix://`, with user and password. Empty switches "
        "export jobs off.",
    )
    amqp_url: SecretStr | None = Field(
        None,
        description="RabbitMQ that queues export jobs instead of Redis, such as "
        "`amqp://user:password@rabbitmq:5672/`. The state stays in Redis.",
    )
    export_max_bytes: int = Field(
        5 * _GIB,
        ge=1,
        le=_MOST_BYTES,
        description="Largest export that a job may write, in bytes. The limit of browsers' "
        "uploads does not count for jobs.",
    )
    export_job_days: int = Field(
        7, ge=1, description="Days for which the state of an export job is kept after its end."
    )
    export_max_active: int = Field(
        20, ge=1, description="Export jobs of one caller that may be queued or running at once."
    )
    report_modules: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Python modules that register reports, separated by commas, such as "
        "`league.reports`. The service and its workers import them.",
    )

    @field_validator("redis_url")
    @classmethod
    def _redis(cls, value: SecretStr | None) -> SecretStr | None:
        return _with_scheme(value, {"redis", "rediss", "unix"}, "redis://localhost:6379/0")

    @field_validator("amqp_url")
    @classmethod
    def _amqp(cls, value: SecretStr | None) -> SecretStr | None:
        return _with_scheme(value, {"amqp", "amqps"}, "amqp://localhost:5672/")

    @field_validator("report_modules", mode="before")
    @classmethod
    def _split_modules(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("report_modules")
    @classmethod
    def _module_names(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(part.isidentifier() for name in value for part in name.split(".")):
            raise problem("give modules as `import` takes them, such as `league.reports`")
        return value


def _with_scheme(value: SecretStr | None, schemes: set[str], example: str) -> SecretStr | None:
    if value is None:
        return None
    try:
        scheme = urlsplit(value.get_secret_value()).scheme
    except ValueError:
        scheme = ""
    if scheme not in schemes:
        raise problem(f"give a URL such as `{example}`, or leave it empty")
    return value
