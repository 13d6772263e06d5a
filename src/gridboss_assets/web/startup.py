"""What is checked before a service starts to listen."""

from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import ValidationError

from gridboss_assets import startup
from gridboss_assets.errors import ConfigurationError
from gridboss_assets.web.auth import NO_SIGN_IN
from gridboss_config import Settings, get_settings
from gridboss_config.values import is_loopback


def read_settings(*, needs_sign_in: bool = False) -> Settings:
    """Read the settings; raises ``Misconfigured``, whose detail names each one that is unusable.

    ``needs_sign_in``: name a missing sign-in along with them, so that one start finds everything.
    """
    with described(needs_sign_in=needs_sign_in):
        return get_settings()


@contextmanager
def described(*, needs_sign_in: bool = False) -> Iterator[None]:
    """Raise ``Misconfigured`` for settings that are read inside the block and are unusable."""

    def add(error: ValidationError) -> str:
        missing = needs_sign_in and _sign_in_is_missing(error)
        return f"  JWT_SECRET: {NO_SIGN_IN}" if missing else ""

    with startup.described(add):
        yield


def _sign_in_is_missing(error: ValidationError) -> bool:
    """Tell it from the settings that are usable: the others are left at their defaults."""
    fields = {str(e["loc"][0]).lower() for e in error.errors()}
    defaults = {name: Settings.model_fields[name].default for name in fields}
    try:
        settings = Settings(**(defaults | {"s3_enabled": False}))
    except ValidationError:
        return False  # a sign-in is there, but incomplete, and named already
    return "jwt_secret" not in fields and not settings.is_development and not has_sign_in(settings)


def has_sign_in(settings: Settings) -> bool:
    """Tell whether requests need a token."""
    return bool(settings.jwt_secret or settings.jwt_jwks_url)


def refuse_anonymous(settings: Settings, host: str, *, allowed: bool) -> None:
    """Raise ConfigurationError where a service without sign-in would be open to others."""
    if not has_sign_in(settings) and not is_loopback(host) and not allowed:
        raise ConfigurationError(
            f"Without sign-in anybody who reaches {host} could read, write and delete every "
            "object. Set JWT_SECRET or JWT_JWKS_URL, listen on 127.0.0.1, or say "
            "--allow-anonymous."
        )
