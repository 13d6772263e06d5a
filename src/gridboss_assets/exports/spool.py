"""An encoded export before it is uploaded: in a temporary file, counted and hashed."""

import hashlib
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO

from gridboss_assets.errors import ExportTooLarge, StorageError

# What is smaller never touches a disk.
_IN_MEMORY = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Spooled:
    """A whole file: ``size`` bytes from the start of ``body``, and their SHA-256 in hex."""

    body: IO[bytes] = field(repr=False)
    size: int
    sha256: str


@contextmanager
def spooled(chunks: Iterable[bytes], *, max_bytes: int) -> Iterator[Spooled]:
    """Collect an encoder's chunks; the file is gone when the block ends, however it ends.

    Raises ``ExportTooLarge`` as soon as more than ``max_bytes`` came, ``StorageError`` when this
    machine has no room for temporary files, and what the encoder raises.
    """
    digest, size = hashlib.sha256(), 0
    with tempfile.SpooledTemporaryFile(_IN_MEMORY, prefix="gridboss-export-") as body:
        for chunk in chunks:
            size += len(chunk)
            if size > max_bytes:
                raise too_large(max_bytes)
            digest.update(chunk)
            with room():
                body.write(chunk)
        with room():
            body.seek(0)
        yield Spooled(body, size, digest.hexdigest())


def too_large(max_bytes: int) -> ExportTooLarge:
    """Say how large an export may be."""
    return ExportTooLarge(
        f"The export is larger than {_readable(max_bytes)}, the most that may be written. "
        "Narrow it down and try again."
    )


@contextmanager
def room() -> Iterator[None]:
    """Raise ``StorageError`` when a temporary file can't be written."""
    try:
        yield
    except OSError as error:
        raise StorageError(
            "The server has no room for the export's temporary file. Nothing was lost; try again "
            "later.",
            detail=f"{error.strerror} in {tempfile.gettempdir()}: make room, or set TMPDIR to a "
            "folder on a larger disk",
        ) from error


def _readable(size: int) -> str:
    for unit, bytes_of_it in (("GiB", 1024**3), ("MiB", 1024**2), ("KiB", 1024)):
        if size >= bytes_of_it:
            return f"{size / bytes_of_it:.3g} {unit}"
    return f"{size} bytes"
