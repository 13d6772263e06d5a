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
from gridboss_assets.inspection import (
    HEAD_BYTES,
    INSPECTOR_VERSION,
    Inspection,
    check_head,
)
from gridboss_assets.inspection.policy import InspectionPolicy
from gridboss_assets.inspection.scanner import Scanner
from gridboss_assets.kinds import ContentType, Kind
from gridboss_assets.seal import Seal
from gridboss_assets.storage import Attributes, ObjectReader


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
def inspected(  # noqa: PLR0913 - what is read, and by which rules
    reader: ObjectReader,
    kind: Kind,
    content_type: ContentType,
    filename: str | None,
    *,
    inspection: Inspection,
    scanner: Scanner | None,
) -> Iterator[Accepted]:
    """Read an object once, inspect it, and yield what shall be stored in its place.

    The bytes that were inspected are the bytes that are stored: a picture is encoded anew, a
    document is kept in a temporary file that nobody else can open. Raises a ``Rejection`` for a
    finding about the file, an ``InspectionError`` when none can be had, and ``StorageUnavailable``
    when the file did not arrive whole.
    """
    check_size(kind, reader.head.size)
    # A real file even for few bytes: it is handed to another process by its descriptor.
    with tempfile.TemporaryFile() as spool:
        digest = _spool(reader, spool, kind, content_type, inspection.policy)
        size = reader.head.size
        result = inspection.inspect(kind.inspector, spool, content_type.name, size=size)
        if scanner is not None:
            spool.seek(0)
            scanner.scan(spool)
        body: IO[bytes] = spool
        if result.body is not None:
            body, size = BytesIO(result.body), len(result.body)
            digest = hashlib.sha256(result.body).hexdigest()
        seal = Seal(INSPECTOR_VERSION, digest, filename, result.warnings)
        yield Accepted(body, size, seal, attributes_of(kind, content_type, seal))


def _spool(
    reader: ObjectReader,
    spool: IO[bytes],
    kind: Kind,
    content_type: ContentType,
    policy: InspectionPolicy,
) -> str:
    """Copy an object to a file and return its SHA-256 in hex.

    What its first bytes give away is refused before the rest is paid for: leaving the reader's
    block drops the connection.
    """
    digest, size, head = hashlib.sha256(), 0, b""
    for chunk in reader.chunks():
        size += len(chunk)
        check_size(kind, size)
        digest.update(chunk)
        spool.write(chunk)
        if size - len(chunk) < HEAD_BYTES:
            head += chunk
            is_whole = size == reader.head.size
            if is_whole or size >= HEAD_BYTES:
                check_head(
                    kind.inspector,
                    head[:HEAD_BYTES],
                    content_type.name,
                    is_whole=is_whole and size <= HEAD_BYTES,
                    policy=policy,
                )
    if size != reader.head.size:
        raise StorageUnavailable(detail=f"{size} of {reader.head.size} bytes arrived")
    return digest.hexdigest()


def attributes_of(kind: Kind, content_type: ContentType, seal: Seal) -> Attributes:
    """Return what is stored beside a sealed object's bytes."""
    disposition = None
    if kind.disposition == "attachment":
        disposition = content_disposition("attachment", seal.filename)
    return Attributes(
        content_type=content_type.name,
        metadata=seal.to_metadata(),
        cache_control=kind.cache_control,
        content_disposition=disposition,
    )
