"""Which authenticator the settings ask for."""

import logging
from collections.abc import Awaitable, Callable

from fastapi import Request
from fastapi.concurrency import run_in_threadpool

from gridboss_assets.access import Caller
from gridboss_assets.errors import Misconfigured, Unauthenticated
from gridboss_assets.web.auth.jwks import KeySet
from gridboss_assets.web.auth.tokens import SecretKey, TokenVerifier
from gridboss_config import Settings

log = logging.getLogger(__name__)

NO_SIGN_IN = (
    "there is no sign-in: set JWT_SECRET (at least 32 bytes) or JWT_JWKS_URL, or "
    "APP_ENV=development to work without"
)

Authenticate = Callable[[Request], Caller | Awaitable[Caller]]
"""Says who asks, or raises ``Unauthenticated``. A plain function runs on a thread of its own."""


def authenticator_for(settings: Settings) -> Callable[[Request], Awaitable[Caller]]:
    """Make the authenticator of these settings; raises ``Misconfigured`` where there is none."""
    if settings.jwt_secret:
        secret = SecretKey(settings.jwt_secret.get_secret_value())
        return _bearer(TokenVerifier.from_settings(settings, secret))
    if settings.jwt_jwks_url:
        key_set = KeySet(settings.jwt_jwks_url)
        return _bearer(TokenVerifier.from_settings(settings, key_set), key_set)
    if settings.is_development:
        log.warning(
            "RUNNING WITHOUT SIGN-IN (APP_ENV=%s, no JWT key): every caller is `dev` and may act "
            "on every object. Set JWT_SECRET or JWT_JWKS_URL for anything but development.",
            settings.app_env,
        )
        return _developer
    raise Misconfigured(detail=NO_SIGN_IN)


_DEVELOPER = Caller("dev", is_developer=True)


async def _developer(_request: Request) -> Caller:
    return _DEVELOPER


def _bearer(
    verifier: TokenVerifier, key_set: KeySet | None = None
) -> Callable[[Request], Awaitable[Caller]]:
    async def authenticate(request: Request) -> Caller:
        # RFC 6750 §2.1; the scheme's name is case-insensitive (RFC 9110 §11.1).
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated("Sign in: send `Authorization: Bearer` with an access token.")
        if key_set is not None and not key_set.is_loaded:
            await run_in_threadpool(key_set.load)
        return verifier.caller(token.strip())

    return authenticate
