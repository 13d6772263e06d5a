"""The issuer's key set (RFC 7517), fetched over https and refreshed in the background."""

import json
import logging
import threading
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import jwt

from gridboss_assets.errors import SignInUnavailable, Unauthenticated

log = logging.getLogger(__name__)

# An unknown key ID may mean that the issuer has rotated its keys, or that somebody invents key
# IDs: both lead to at most one request a minute.
MIN_REFRESH_SECONDS = 60
# Withdrawn keys stop being accepted within this time even when no unknown key ID appears.
MAX_AGE_SECONDS = 900
_TIMEOUT_SECONDS = 5
_MAX_BYTES = 1024 * 1024

# The algorithm is fixed by the key, never by the token (RFC 8725 §3.1).
_ALGORITHMS: dict[tuple[object, object], str] = {("RSA", None): "RS256", ("EC", "P-256"): "ES256"}


class KeySet:
    """Keys by their ``kid``. Only :meth:`load` waits for the network; ``key_for`` never does."""

    def __init__(
        self,
        url: str,
        *,
        fetch: Callable[[str], bytes] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = url
        self._fetch = fetch or _fetch
        self._clock = clock
        self._keys: dict[str | None, tuple[Any, str]] = {}
        self._tried_at: float | None = None
        self._loaded_at: float | None = None
        self._lock = threading.Lock()
        self.version = 0

    @property
    def is_loaded(self) -> bool:
        """Whether there has been a successful fetch."""
        return self._loaded_at is not None

    def load(self) -> None:
        """Fetch the keys unless that was tried within a minute. Blocks; old keys stay good."""
        with self._lock:
            if not self._is_due():
                return
            self._tried_at = self._clock()
            try:
                keys = _usable_keys(json.loads(self._fetch(self._url)))
            except (OSError, ValueError) as error:
                # An issuer that is down must not sign everybody out.
                log.warning("could not fetch the key set: %s", type(error).__name__)
                return
            self._keys = keys
            self.version += 1
            self._loaded_at = self._clock()

    def key_for(self, header: dict[str, Any]) -> tuple[Any, str]:
        """Return the key that ``kid`` names. ``jku``, ``jwk`` and ``x5u`` are ignored.

        Raises ``Unauthenticated`` for an unknown key and ``SignInUnavailable`` before the first
        successful fetch.
        """
        if self._loaded_at is None:
            raise SignInUnavailable
        found = self._keys.get(header.get("kid"))
        stale = self._clock() - self._loaded_at > MAX_AGE_SECONDS
        if (found is None or stale) and self._is_due():
            threading.Thread(target=self.load, name="jwks-refresh", daemon=True).start()
        if found is None:
            raise Unauthenticated(detail="the token's key is not in the key set")
        return found

    def _is_due(self) -> bool:
        return self._tried_at is None or self._clock() - self._tried_at >= MIN_REFRESH_SECONDS


def _usable_keys(document: Any) -> dict[str | None, tuple[Any, str]]:
    """Pick the signature keys out of a key set; raises ``ValueError`` for anything else."""
    entries = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise ValueError("not a JSON Web Key Set")  # noqa: TRY004 - one error for all bad answers
    keys: dict[str | None, tuple[Any, str]] = {}
    for entry in entries:
        if not isinstance(entry, dict):
            continue
        algorithm = _ALGORITHMS.get((entry.get("kty"), entry.get("crv")))
        # A key for encryption, or for another algorithm than its type's, is not for us.
        if not algorithm or entry.get("use", "sig") != "sig":
            continue
        if entry.get("alg", algorithm) == algorithm:
            with suppress(jwt.PyJWTError):
                keys[entry.get("kid")] = (jwt.PyJWK(entry, algorithm).key, algorithm)
    return keys


def _fetch(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=_TIMEOUT_SECONDS) as answer:  # noqa: S310 - https, by Settings
        if not answer.url.startswith("https://"):
            raise ValueError("the key set was redirected away from https")
        data: bytes = answer.read(_MAX_BYTES)
        return data
