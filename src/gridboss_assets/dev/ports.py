"""Free blocks of loopback ports."""

import random
import socket
from collections.abc import Iterator

from gridboss_assets.errors import ConfigurationError

# Below the range that Linux (32768) and macOS (49152) hand out to outgoing connections, so that a
# block that was free at the look is not lost to somebody's client socket a moment later.
_LOWEST, _HIGHEST = 20_000, 32_000
_TRIES = 200


def is_block_free(base: int, size: int) -> bool:
    """Tell whether the ``size`` loopback ports from ``base`` on can all be bound now."""
    return all(_is_free(port) for port in range(base, base + size))


def find_block(size: int) -> int:
    """Return the first port of ``size`` consecutive free loopback ports.

    The block is only looked at, not held: whoever binds it must be ready to lose the race.
    Raises ConfigurationError when no block is found.
    """
    for base in _candidates(size):
        if is_block_free(base, size):
            return base
    raise ConfigurationError(
        f"The S3 server needs {size} free ports in a row on 127.0.0.1, and between {_LOWEST} and "
        f"{_HIGHEST} there are none. Stop some of the programs that listen there."
    )


def _candidates(size: int) -> Iterator[int]:
    # Random, so that parallel test workers hardly ever try the same block.
    for _ in range(_TRIES):
        yield random.randrange(_LOWEST, _HIGHEST - size)  # noqa: S311 - nothing secret here


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do it: ports of connections in TIME_WAIT count as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
