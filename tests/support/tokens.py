"""Access tokens as GridBoss's sign-in makes them, and as attackers do."""

import json
import secrets
import time
from base64 import urlsafe_b64encode
from typing import Any

import jwt

SECRET = secrets.token_urlsafe(64)
"""The ``JWT_SECRET`` of every service in this test run; long enough for HS512 as well."""

ISSUER = "https://sign-in.test"


def claims(sub: Any, **changes: Any) -> dict[str, Any]:
    """Return the claims of a good access token with some changed; None takes one away."""
    now = int(time.time())
    whole = {"sub": sub, "type": "access", "iat": now, "exp": now + 900} | changes
    return {name: value for name, value in whole.items() if value is not None}


def token(sub: Any = "driver-7", *, secret: str = SECRET, **changes: Any) -> str:
    """Make an HS256 token."""
    payload = json.dumps(claims(sub, **changes)).encode()
    # Not jwt.encode(), which looks at some claims and would not write what an attacker does.
    return jwt.api_jws.encode(payload, secret, algorithm="HS256")


def unchecked(header: dict[str, Any], payload: dict[str, Any], signature: str = "") -> str:
    """Put a token together by hand, whatever its parts say."""
    parts = (
        urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (header, payload)
    )
    return ".".join([*(part.decode() for part in parts), signature])


def new_sub() -> str:
    """Name a caller whom no other test knows."""
    return f"driver-{secrets.token_hex(4)}"
