"""Inspection: are these bytes what they claim to be, and what of them may be served?

``inspect`` decides about one file, in this process. :class:`~.sandbox.Sandbox` runs the same
function in processes that can do nothing else.
"""

from dataclasses import dataclass
from io import BytesIO
from typing import IO, Literal, Protocol

from gridboss_assets.errors import EmptyObject
from gridboss_assets.inspection.policy import DEFAULT_POLICY, InspectionPolicy

# Stands in every seal. A new value marks objects that newer rules have passed; older seals stay
# valid.
INSPECTOR_VERSION = "gridboss-2"

InspectorName = Literal["image", "document"]

HEAD_BYTES = 64 * 1024
"""So many bytes from the start are enough to refuse most files that are something else."""

# A document costs about as much memory as a picture of so many pixels, whatever its size.
_DOCUMENT_WEIGHT = 8_000_000


@dataclass(frozen=True, slots=True)
class Inspected:
    """What passed. ``body``: the clean picture; None: store the very bytes that were inspected.

    ``warnings``: what was noticed but accepted, as stable codes in alphabetical order.
    """

    body: bytes | None
    warnings: tuple[str, ...] = ()


class Inspection(Protocol):
    """Where files are inspected, and by which policy: :class:`InProcess`, or a sandbox."""

    @property
    def policy(self) -> InspectionPolicy:
        """What is refused, warned about, or accepted."""

    def inspect(
        self, inspector: InspectorName, file: IO[bytes], content_type: str, *, size: int
    ) -> Inspected:
        """Inspect ``size`` bytes from the start of a real file; see :func:`inspect`."""


class InProcess:
    """Inspects in this process: no limits but those of the checks themselves."""

    def __init__(self, policy: InspectionPolicy = DEFAULT_POLICY) -> None:
        self.policy = policy

    def inspect(
        self, inspector: InspectorName, file: IO[bytes], content_type: str, *, size: int
    ) -> Inspected:
        """Inspect a file here and now."""
        file.seek(0)
        return inspect(inspector, file, content_type, size=size, policy=self.policy)


def inspect(
    inspector: InspectorName,
    file: IO[bytes],
    content_type: str,
    *,
    size: int,
    policy: InspectionPolicy = DEFAULT_POLICY,
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
    return Inspected(None, documents.check(file, content_type, size=size, policy=policy))


def check_head(
    inspector: InspectorName,
    head: bytes,
    content_type: str,
    *,
    is_whole: bool,
    policy: InspectionPolicy = DEFAULT_POLICY,
) -> None:
    """Refuse early what the first 64 KiB give away; costs less than a millisecond.

    Raises a ``Rejection``. What passes here may still be refused by :func:`inspect`.
    """
    if inspector == "document":
        from gridboss_assets.inspection import documents  # noqa: PLC0415

        documents.check_head(head, content_type, is_whole=is_whole, policy=policy)


def weight_of(inspector: InspectorName, file: IO[bytes], content_type: str) -> int:
    """Say what an inspection costs, in pixels of a picture, from the file's header alone."""
    if inspector == "document":
        return _DOCUMENT_WEIGHT
    from gridboss_assets.inspection import images  # noqa: PLC0415

    file.seek(0)
    return images.weight(file.read(), content_type)


def warm_up() -> None:
    """Import all that inspection ever imports, for a process that can open no file later."""
    from gridboss_assets.inspection.samples import samples  # noqa: PLC0415

    for inspector, content_type, data in samples():
        inspect(inspector, BytesIO(data), content_type, size=len(data))
