"""Who may call the API, from which pages, and how often."""

from typing import Annotated

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import NoDecode

from gridboss_config.base import BaseGroup
from gridboss_config.values import problem, split_url

# RFC 7518 §3.2: an HS256 key has at least the size of the hash output.
MIN_JWT_SECRET_BYTES = 32


class CallerSettings(BaseGroup):
    """Access tokens, origins, and the limit of requests."""

    jwt_secret: SecretStr | None = Field(
        None,
        description="Key of HS256 access tokens, at least 32 bytes. Exactly one of this and "
        "`JWT_JWKS_URL` is needed outside development.",
    )
    jwt_jwks_url: str | None = Field(
        None, description="https URL of the issuer's key set, for RS256 and ES256 access tokens."
    )
    jwt_issuer: str | None = Field(
        None, description="Required `iss` of a token. *Required with* `JWT_JWKS_URL`."
    )
    jwt_audience: str | None = Field(
        None, description="Required `aud` of a token. *Required with* `JWT_JWKS_URL`."
    )
    jwt_access_claim: str = Field(
        "type=access",
        description="Claim and value that tell an access token from others, as `name=value`. "
        "Empty switches the test off.",
    )

    cors_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Origins whose pages may call the API, separated by commas, such as "
        "`https://app.example.com`.",
    )
    rate_limit_per_minute: int = Field(
        1200,
        ge=0,
        description="Requests a minute that one caller may make for one action, counted in each "
        "process. 0 switches the limit off.",
    )

    @field_validator("jwt_secret")
    @classmethod
    def _long_secret(cls, value: SecretStr | None) -> SecretStr | None:
        if value and len(value.get_secret_value().encode()) < MIN_JWT_SECRET_BYTES:
            raise problem(
                f"it needs at least {MIN_JWT_SECRET_BYTES} bytes; make one with "
                '`python -c "import secrets; print(secrets.token_urlsafe(48))"`'
            )
        return value

    @field_validator("jwt_jwks_url")
    @classmethod
    def _one_kind_of_key(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None:
            return None
        parts = split_url(value)
        if parts is None or parts.scheme != "https":
            raise problem("give an https URL")
        if info.data.get("jwt_secret"):
            raise problem("set either this or JWT_SECRET, not both")
        return value

    @field_validator("jwt_issuer", "jwt_audience")
    @classmethod
    def _required_with_key_set(cls, value: str | None, info: ValidationInfo) -> str | None:
        if info.data.get("jwt_jwks_url") and not value:
            raise problem("it is missing: JWT_JWKS_URL needs it")
        return value

    @field_validator("jwt_access_claim")
    @classmethod
    def _name_and_value(cls, value: str) -> str:
        name, sign, wanted = value.partition("=")
        if value and not (name and sign and wanted):
            raise problem("give it as `name=value`, such as `type=access`, or leave it empty")
        return value

    @field_validator("cors_origins", mode="before")
    @classmethod
    def _split_origins(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("cors_origins")
    @classmethod
    def _origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for origin in value:
            parts = split_url(origin)
            if origin != "*" and (
                parts is None or origin != f"{parts.scheme}://{parts.netloc}" or "@" in origin
            ):
                raise problem("an origin is a scheme and a host, such as `https://example.com`")
        return value
