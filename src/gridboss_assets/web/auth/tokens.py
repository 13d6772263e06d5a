"""Access tokens: JSON Web Tokens by RFC 7519, verified as RFC 8725 advises."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Protocol, Self

import jwt

from gridboss_assets.access import Caller
from gridboss_assets.errors import Unauthenticated
from gridboss_config import Settings

# Clocks of two well-kept machines differ by less.
LEEWAY_SECONDS = 30

# How long a good token is remembered, and how many are.
REMEMBERED_SECONDS = 60
_MAX_REMEMBERED = 4096

# What PyJWT lets through from bytes that are no token: deep nesting, and numbers beyond any date.
_NO_TOKEN = (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError)


class Keys(Protocol):
    """Where verification keys come from."""

    @property
    def version(self) -> int:
        """Another number whenever the keys are others."""

    def key_for(self, header: dict[str, Any]) -> tuple[Any, str]:
        """Return the key and the one algorithm it is for; raises ``Unauthenticated``."""


class SecretKey:
    """One shared secret, for HS256 alone."""

    version = 0

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def key_for(self, header: dict[str, Any]) -> tuple[Any, str]:
        """Return the secret: the token's own ``alg`` is never believed (RFC 8725 §3.1)."""
        del header
        return self._secret, "HS256"


@dataclass(frozen=True, slots=True)
class _Remembered:
    caller: Caller
    until: float
    keys_version: int


class TokenVerifier:
    """Turns a token into a caller. ``exp`` and a non-empty ``sub`` are always required.

    A token that was found good is remembered for a minute, for as long as it and the keys stay
    valid: verifying one costs several times what signing an upload does, and a client sends the
    same one with every request.
    """

    def __init__(
        self,
        keys: Keys,
        *,
        issuer: str | None = None,
        audience: str | None = None,
        access_claim: str = "type=access",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._keys = keys
        self._clock = clock
        # By digest, so that no token that could be used stays in memory.
        self._remembered: dict[bytes, _Remembered] = {}
        self._issuer = issuer
        self._audience = audience
        self._claim, _, self._wanted = access_claim.partition("=")
        required = ["exp", "sub"]
        required += ["iss"] if issuer else []
        required += ["aud"] if audience else []
        self._options: Any = {"require": required}

    @classmethod
    def from_settings(cls, settings: Settings, keys: Keys) -> Self:
        """Make the verifier of these settings."""
        return cls(
            keys,
            issuer=settings.jwt_issuer,
            audience=settings.jwt_audience,
            access_claim=settings.jwt_access_claim,
        )

    def caller(self, token: str) -> Caller:
        """Verify a token; raises ``Unauthenticated``, whose ``detail`` says why for the log.

        A token with an ``aud`` is refused where no audience is configured (RFC 7519 §4.1.3).
        """
        digest, now = sha256(token.encode("utf-8", "surrogatepass")).digest(), self._clock()
        known = self._remembered.get(digest)
        if known and now < known.until and known.keys_version == self._keys.version:
            return known.caller
        version = self._keys.version
        claims = self._verified(token)
        caller = Caller(claims["sub"], claims)
        if len(self._remembered) >= _MAX_REMEMBERED:
            self._remembered.clear()
        until = min(now + REMEMBERED_SECONDS, claims["exp"] + LEEWAY_SECONDS)
        self._remembered[digest] = _Remembered(caller, until, version)
        return caller

    def _verified(self, token: str) -> dict[str, Any]:
        """Return the claims of a good access token."""
        try:
            key, algorithm = self._keys.key_for(jwt.get_unverified_header(token))
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                issuer=self._issuer,
                audience=self._audience,
                leeway=LEEWAY_SECONDS,
                options=self._options,
            )
        except jwt.ExpiredSignatureError:
            raise Unauthenticated(
                "Your sign-in has expired. Sign in again.", detail="expired"
            ) from None
        except _NO_TOKEN as error:
            raise Unauthenticated(detail=f"{type(error).__name__}: {error}") from None
        if self._claim and claims.get(self._claim) != self._wanted:
            raise Unauthenticated(detail=f"not an access token: {self._claim} is something else")
        if not claims["sub"]:
            raise Unauthenticated(detail="sub is empty")
        # PyJWT also takes a number in quotes; RFC 7519 §2 has NumericDate as a JSON number.
        if isinstance(claims["exp"], str):
            raise Unauthenticated(detail="exp is not a number")
        return claims
