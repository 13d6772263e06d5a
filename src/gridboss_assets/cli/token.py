"""``gridboss-assets token``: an access token for trying things out."""

import time
from typing import Annotated

import typer

from gridboss_assets.errors import ConfigurationError


def token(
    sub: Annotated[str, typer.Option(help="Who the token is for: its `sub`.")],
    ttl: Annotated[int, typer.Option(min=1, help="Life of the token in seconds.")] = 3600,
) -> None:
    """Print an access token signed with JWT_SECRET, for development and tests."""
    import jwt  # noqa: PLC0415 - keeps --help fast

    from gridboss_assets.web.startup import read_settings  # noqa: PLC0415

    settings = read_settings()
    if settings.jwt_secret is None:
        raise ConfigurationError(
            "There is no JWT_SECRET to sign with. Make one and set it: "
            'python -c "import secrets; print(secrets.token_urlsafe(48))"'
        )
    if not sub:
        raise ConfigurationError("--sub must not be empty: it says who the token is for.")
    now = int(time.time())
    claims: dict[str, object] = {"sub": sub, "iat": now, "exp": now + ttl}
    name, _, value = settings.jwt_access_claim.partition("=")
    if name:
        claims[name] = value
    if settings.jwt_issuer:
        claims["iss"] = settings.jwt_issuer
    if settings.jwt_audience:
        claims["aud"] = settings.jwt_audience
    typer.echo(jwt.encode(claims, settings.jwt_secret.get_secret_value(), algorithm="HS256"))
