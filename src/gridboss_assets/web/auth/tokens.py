"""Access tokens: JSON Web Tokens by RFC 7519, verified as RFC 8725 advises."""

from typing import Any, Protocol, Self

import jwt

from gridboss_assets.access import Caller
from gridboss_assets.errors import Unauthenticated
from gridboss_config import Settings

# Clocks of two well-kept machines differ by less.
LEEWAY_SECONDS = 30


class Keys(Protocol):
    """Where verification keys come from."""

    def key_for(self, header: dict[str, Any]) -> tuple[Any, str]:
        """Return the key and the one algorithm it is for; raises ``Unauthenticated``."""


class SecretKey:
    """One shared secret, for HS256 alone."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def key_for(self, header: dict[str, Any]) -> tuple[Any, str]:
        """Return the secret: the token's own ``alg`` is never believed (RFC 8725 §3.1)."""
        del header
        return self._secret, "HS256"


class TokenVerifier:
    """Turns a token into a caller. ``exp`` and a non-empty ``sub`` are always required."""

    def __init__(
        self,
        keys: Keys,
        *,
        issuer: str | None = None,
        audience: str | None = None,
        access_claim: str = "type=access",
    ) -> None:
        self._keys = keys
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
        try:
            key, algorithm = self._keys.key_for(jwt.get_unverified_header(token))
            claims = jwt.decode(
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
        except (jwt.PyJWTError, ValueError) as error:
            raise Unauthenticated(detail=f"{type(error).__name__}: {error}") from None
        if self._claim and claims.get(self._claim) != self._wanted:
            raise Unauthenticated(detail=f"not an access token: {self._claim} is something else")
        if not claims["sub"]:
            raise Unauthenticated(detail="sub is empty")
        return Caller(claims["sub"], claims)
