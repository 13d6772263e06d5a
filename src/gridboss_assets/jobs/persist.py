"""Calls of the job server that are made again while it can't be reached."""

import time
from collections.abc import Callable
from typing import TypeVar

from gridboss_assets.errors import JobsUnavailable

_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 5.0

T = TypeVar("T")


def persistently(call: Callable[[], T], patience: float) -> T:
    """Return what ``call`` returns, called again for ``patience`` seconds if need be.

    Raises ``JobsUnavailable`` when that time is over, and everything else at once. The call may
    have had its effect although its answer was lost, so it has to be one that can be repeated.
    """
    deadline = time.monotonic() + patience
    pause = _FIRST_PAUSE
    while True:
        try:
            return call()
        except JobsUnavailable:
            if time.monotonic() + pause > deadline:
                raise
        time.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)
