"""Ending in order when a signal asks for it."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType


class _Stop(BaseException):
    """A signal asked us to end; no Exception, so that no library takes it for an error."""


@contextmanager
def stopping_cleanly() -> Iterator[None]:
    """Leave the block on a signal, so that everything in it is cleaned up.

    A further signal while that happens cuts the cleaning up short.
    """

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise _Stop

    with suppress(_Stop), on_signals(stop):
        yield


@contextmanager
def on_signals(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Handle the signals that end a program, a closed terminal's among them."""
    names = [signal.SIGINT, signal.SIGTERM]
    if sys.platform != "win32":
        names.append(signal.SIGHUP)
    before = {name: signal.signal(name, handler) for name in names}
    try:
        yield
    finally:
        for name, previous in before.items():
            signal.signal(name, previous)
