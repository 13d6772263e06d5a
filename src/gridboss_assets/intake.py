"""From bytes in the bucket to something worth sealing: spool, measure, inspect."""

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import IO

from gridboss_assets.errors import EmptyObject, ObjectTooLarge, StorageUnavailable
from gridboss_assets.filenames import content_disposition
from gridboss_assets.inspection import INSPECTOR_VERSION, inspect
from gridboss_assets.kinds import ContentType, Kind
from gridboss_assets.seal import Seal
from gridboss_assets.storage import Attributes, ObjectReader

# Up to here a file stays in memory; documents may have 25 MiB and forty may come at once.
_IN_MEMORY = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Accepted:
    """What passed inspection, ready to be written: ``size`` bytes from the start of ``body``."""

    body: IO[bytes]
    size: int
    seal: Seal
    attributes: Attributes


def check_size(kind: Kind, size: int) -> None:
    """Raise ``EmptyObject`` or ``ObjectTooLarge`` for a size in bytes."""
    if size < 1:
        raise EmptyObject
    if size > kind.max_size:
        raise ObjectTooLarge(
            f"The file is larger than {kind.max_size / 1024 / 1024:g} MiB, which is the most that "
            f"is accepted as {kind.name}. Choose a smaller file."
        )


@contextmanager
def inspected(
    reader: ObjectReader, kind: Kind, content_type: ContentType, filename: str | None
) -> Iterator[Accepted]:
    """Read an object once, inspect it, and yield what shall be stored in its place.

    The bytes that were inspected are the bytes that are stored: a picture is encoded anew, a
    document is kept in a temporary file that nobody else can open. Raises a ``Rejection`` for a
    finding about the file, and ``StorageUnavailable`` when it did not arrive whole.
    """
    check_size(kind, reader.head.size)
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as spool:
        digest, size = hashlib.sha256(), 0
        for chunk in reader.chunks():
            size += len(chunk)
            check_size(kind, size)
            digest.update(chunk)
            spool.write(chunk)
        if size != reader.head.size:
            raise StorageUnavailable(detail=f"{size} of {reader.head.size} bytes arrived")
        spool.seek(0)
        result = inspect(kind.inspector, spool, content_type.name, size=size)
        body: IO[bytes] = spool
        if result.body is not None:
            body, size = BytesIO(result.body), len(result.body)
            digest = hashlib.sha256(result.body)
        seal = Seal(INSPECTOR_VERSION, digest.hexdigest(), filename, result.warnings)
        yield Accepted(body, size, seal, _attributes(kind, content_type, seal))


def _attributes(kind: Kind, content_type: ContentType, seal: Seal) -> Attributes:
    disposition = None
    if kind.disposition == "attachment":
        disposition = content_disposition("attachment", seal.filename)
    return Attributes(
        content_type=content_type.name,
        metadata=seal.to_metadata(),
        cache_control=kind.cache_control,
        content_disposition=disposition,
    )
