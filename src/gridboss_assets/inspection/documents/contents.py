"""The bytes of a document as one buffer: mapped where there is a real file, else read."""

import mmap
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from gridboss_assets.errors import InvalidDocument

Buffer = bytes | mmap.mmap
"""What slices to ``bytes``, is searched by ``find`` and by regular expressions."""

# Smaller files are read: a spooled temporary file that is still in memory would have to be written
# to disk before it could be mapped.
_READ_UP_TO = 2 * 1024 * 1024


def real_descriptor(file: IO[bytes], size: int) -> int | None:
    """Return the descriptor of a file that holds these ``size`` bytes and no others, or None."""
    if getattr(file, "_rolled", True) is False:
        return None  # a spooled file in memory: asking for its descriptor writes it to disk
    try:
        descriptor = file.fileno()
        if file.tell() == 0 and os.fstat(descriptor).st_size == size:
            return descriptor
    except (AttributeError, OSError):  # io.UnsupportedOperation is an OSError
        pass
    return None


@contextmanager
def contents(file: IO[bytes], size: int) -> Iterator[Buffer]:
    """Yield ``size`` bytes from the file's position; no view of them may outlive the block."""
    descriptor = real_descriptor(file, size) if size > _READ_UP_TO else None
    if descriptor is None:
        data = file.read(size)
        if len(data) != size:
            raise InvalidDocument("The file is cut short. Upload it again.")
        yield data
        return
    with mmap.mmap(descriptor, size, access=mmap.ACCESS_READ) as mapped:
        yield mapped
