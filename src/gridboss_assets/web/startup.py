"""What is checked before a service starts to listen."""

import ipaddress

from pydantic import ValidationError

from gridboss_assets.errors import ConfigurationError
from gridboss_config import Settings, describe, get_settings


def read_settings() -> Settings:
    """Read the settings; raises ConfigurationError that names each one that is unusable."""
    try:
        return get_settings()
    except ValidationError as error:
        raise ConfigurationError(describe(error)) from None


def has_sign_in(settings: Settings) -> bool:
    """Tell whether requests need a token."""
    return bool(settings.jwt_secret or settings.jwt_jwks_url)


def is_loopback(host: str) -> bool:
    """Tell whether only this machine reaches an address."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def refuse_anonymous(settings: Settings, host: str, *, allowed: bool) -> None:
    """Raise ConfigurationError where a service without sign-in would be open to others."""
    if not has_sign_in(settings) and not is_loopback(host) and not allowed:
        raise ConfigurationError(
            f"Without sign-in anybody who reaches {host} could read, write and delete every "
            "object. Set JWT_SECRET or JWT_JWKS_URL, listen on 127.0.0.1, or say "
            "--allow-anonymous."
        )
