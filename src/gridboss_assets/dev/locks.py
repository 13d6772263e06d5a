"""One process at a time in a directory."""

import fcntl
import os
import time
from pathlib import Path

from gridboss_assets.errors import ConfigurationError

# A server that was just killed needs a moment to be gone.
_PATIENCE_SECONDS = 3.0


def lock_directory(directory: Path) -> int:
    """Lock ``directory`` with flock(2) and return the descriptor that holds the lock.

    The lock ends when every copy of the descriptor is closed, so a child that inherits it keeps
    the directory locked even when its parent was killed. Raises ConfigurationError when another
    process holds the lock.
    """
    descriptor = os.open(directory / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() < deadline:
                time.sleep(0.05)
                continue
            os.close(descriptor)
            raise ConfigurationError(
                f"{directory} is in use by another development server. "
                "Stop that one first, or give another directory (--data DIR)."
            ) from None
        return descriptor
