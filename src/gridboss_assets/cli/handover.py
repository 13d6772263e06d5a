"""How a new key leaves the command: printed once, or into a file that nobody else can read.

What is written is the only copy. So whatever keeps it from arriving (a closed pipe, a full disk, a
signal) is an error that the caller hears of, and the key is deleted again.
"""

import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from types import FrameType

from gridboss_assets.errors import ConfigurationError

_ONLY_OURS = stat.S_IRUSR | stat.S_IWUSR


class Interrupted(BaseException):
    """A signal asked us to end; no Exception, so that no library takes it for an error."""


class Signals:
    """Holds signals back, and lets one through where it does no harm.

    A handler for ``dev.signals.on_signals``. While IAM makes a key a signal waits, since only the
    answer says which key it is. One that was let through holds back what follows, so that the
    cleaning up is not cut short.
    """

    def __init__(self) -> None:
        self._came = False
        self._held = True

    def __call__(self, _number: int, _frame: FrameType | None) -> None:
        """Take a signal."""
        self._came = True
        self._pass()

    @contextmanager
    def released(self) -> Iterator[None]:
        """Let a signal end the block with Interrupted, one that came before included."""
        try:
            self._held = False
            if self._came:
                self._pass()
            yield
        finally:
            self._held = True

    def _pass(self) -> None:
        if not self._held:
            self._held = True
            raise Interrupted


Write = Callable[[str], None]
"""Writes a text and sees it off; raises OSError or ValueError where it can't be."""


@contextmanager
def way_out(path: Path | None) -> Iterator[Write]:
    """Open the way out before a key is made; raises ConfigurationError where there is none.

    That is standard output, or a file, which must be new, and is removed again if the block fails.
    """
    if path is None:
        if sys.stdout is None:  # closed from the start
            raise ConfigurationError("Standard output is closed, so a key could go nowhere.")
        yield _print
        return
    try:
        # Open to nobody else from its first moment, and never through a link or over a file.
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _ONLY_OURS)
    except OSError as error:
        raise ConfigurationError(
            f"--out {path}: {error.strerror}. Name a file that does not exist yet, in a folder "
            "that does."
        ) from None
    try:
        yield partial(_write_through, number)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    finally:
        os.close(number)


def _write_through(number: int, text: str) -> None:
    left = text.encode()
    while left:
        left = left[os.write(number, left) :]
    os.fsync(number)


def _print(text: str) -> None:
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BaseException:
        _give_up_stdout()
        raise


def _give_up_stdout() -> None:
    """Let what could not be written go nowhere; Python would try it again at the end.

    Python documentation, ``signal``, "Note on SIGPIPE".
    """
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
