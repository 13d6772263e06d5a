"""Inspection: are these bytes what they claim to be, and what of them may be served?"""

from dataclasses import dataclass
from typing import IO, Literal

from gridboss_assets.errors import EmptyObject

# Stands in every seal. A new value marks objects that newer rules have passed; older seals stay
# valid.
INSPECTOR_VERSION = "gridboss-1"


@dataclass(frozen=True, slots=True)
class Inspected:
    """What passed. ``body``: the clean picture; None: store the very bytes that were inspected.

    ``warnings``: what was noticed but accepted, as stable codes in alphabetical order.
    """

    body: bytes | None
    warnings: tuple[str, ...] = ()


def inspect(
    inspector: Literal["image", "document"], file: IO[bytes], content_type: str, *, size: int
) -> Inspected:
    """Inspect ``size`` bytes from the file's position; the same bytes give the same result.

    Raises a ``Rejection`` for a finding about the file. Any other exception is a fault of ours and
    no reason to delete anything.
    """
    # Pillow takes a tenth of a second to import, and `sign` never needs it.
    from gridboss_assets.inspection import documents, images  # noqa: PLC0415

    if size == 0:
        raise EmptyObject
    if inspector == "image":
        return Inspected(images.clean(file.read(size), content_type))
    documents.check_head(file.read(documents.HEAD_BYTES), content_type)
    return Inspected(None)
