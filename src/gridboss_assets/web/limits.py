"""How often one caller may do one thing."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from math import ceil
from typing import Protocol

from gridboss_assets.access import Action, Caller
from gridboss_assets.errors import TooManyRequests


class Limiter(Protocol):
    """The hook: called before every action, from the event loop, so it must not block."""

    def check(self, caller: Caller, action: Action) -> None:
        """Count one request; raises ``TooManyRequests`` with the seconds to wait."""


@lru_cache(maxsize=4096)
def visitor(address: str) -> Caller | None:
    """Name whom the limiter counts where nobody needs to sign in: the network that asks.

    None for an address that is not of the public Internet: behind it stands a proxy, and one
    allowance for everybody behind that would be gone at once. Such a proxy is where a limit by
    address belongs; a server that trusts its headers (uvicorn's ``FORWARDED_ALLOW_IPS``) tells us
    the browser's own address. Of IPv6 the first 64 bits count, which one customer has (RFC 6177).
    """
    try:
        found = ip_address(address)
    except ValueError:
        return None  # a Unix socket, say
    if not found.is_global:
        return None
    if isinstance(found, IPv6Address):
        found = IPv6Address(int(found) >> 64 << 64)
    return Caller(f"address:{found}")


class MemoryLimiter:
    """A token bucket for each caller and action, in this process alone.

    ``per_minute`` requests may come at once; the allowance then refills evenly. The callers seen
    longest ago are forgotten first, which can only be in their favour.
    """

    def __init__(
        self,
        per_minute: int,
        *,
        clock: Callable[[], float] = time.monotonic,
        max_entries: int = 10_000,
    ) -> None:
        self._capacity = float(per_minute)
        self._per_second = per_minute / 60
        self._clock = clock
        self._max_entries = max_entries
        self._buckets: OrderedDict[tuple[str, Action], tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def check(self, caller: Caller, action: Action) -> None:
        """Count one request; raises ``TooManyRequests``."""
        if not self._capacity:
            return
        now = self._clock()
        key = (caller.subject, action)
        with self._lock:
            tokens, then = self._buckets.get(key, (self._capacity, now))
            tokens = min(self._capacity, tokens + (now - then) * self._per_second)
            allowed = tokens >= 1
            self._buckets[key] = (tokens - 1 if allowed else tokens, now)
            self._buckets.move_to_end(key)
            if len(self._buckets) > self._max_entries:
                self._buckets.popitem(last=False)
        if not allowed:
            raise TooManyRequests(retry_after=max(1, ceil((1 - tokens) / self._per_second)))
