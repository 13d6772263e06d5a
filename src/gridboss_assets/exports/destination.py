"""Where an export goes: its key, its seal, and what is done when an object stands there."""

import random
import time
from dataclasses import dataclass

from gridboss_assets import filenames, keys
from gridboss_assets.errors import (
    InvalidObjectKey,
    ObjectExists,
    ObjectNotFound,
    PreconditionFailed,
    UnsupportedFormat,
)
from gridboss_assets.exports.spool import Spooled
from gridboss_assets.intake import attributes_of
from gridboss_assets.keys import PENDING_PREFIX, ObjectKey
from gridboss_assets.kinds import ContentType, Kind, Kinds
from gridboss_assets.promotion import Sealed, read_seal
from gridboss_assets.seal import Seal
from gridboss_assets.storage import Storage
from gridboss_assets.storage.base import OnMultipart

INSPECTOR = "export-1"
"""The inspector in the seal of what nobody had to inspect, since it was written here."""

# How often a write is tried anew while another one of the same key is under way.
_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Export:
    """A sealed export. ``content_length`` is in bytes, ``sha256`` is that of the file, in hex.

    ``rows`` is None when the object stood there already and no row was read.
    """

    object_key: str
    content_type: str
    content_length: int
    sha256: str
    filename: str
    rows: int | None


@dataclass(frozen=True, slots=True)
class Destination:
    """One key, and the file that shall stand there.

    ``is_of_id``: the key is that of an ID, so whatever stands sealed there is this export.
    """

    key: ObjectKey
    content_type: ContentType
    filename: str
    is_of_id: bool

    def standing(self, storage: Storage) -> Export | None:
        """Return the export of this ID where it stands already; None where it has to be written.

        Raises ``ObjectExists`` for an object that can't be it.
        """
        try:
            sealed = self._sealed(storage)
        except ObjectNotFound:
            return None
        # What stands at a key of the caller's may turn out to have the very same bytes.
        return self._export(sealed) if self.is_of_id else None

    def write(
        self, storage: Storage, file: Spooled, rows: int, on_multipart: OnMultipart | None
    ) -> Export:
        """Write the object unless one stands there; the same export may be written twice at once.

        Raises ``ObjectExists`` or a ``StorageError``.
        """
        seal = Seal(INSPECTOR, file.sha256, self.filename)
        attributes = attributes_of(self.key.kind, self.content_type, seal)
        for attempt in range(_ATTEMPTS):
            try:
                storage.put(
                    self.key.key,
                    file.body,
                    attributes,
                    only_if_absent=True,
                    on_multipart=on_multipart,
                )
            except PreconditionFailed as refusal:
                try:
                    sealed = self._sealed(storage)
                except ObjectNotFound:
                    if attempt == _ATTEMPTS - 1:
                        raise refusal from None
                    # AWS also refuses (409) while another conditional write is under way, whose
                    # object can't be seen yet; or somebody deleted it. Both pass.
                    time.sleep(random.uniform(0, 0.2 * 2**attempt))  # noqa: S311 - only jitter
                    continue
                # The same bytes are ours: from another run, or from a try whose answer was lost.
                if self.is_of_id or sealed.seal.sha256 == file.sha256:
                    return self._export(sealed, rows)
                raise ObjectExists from None
            else:
                break
        return self._export(Sealed(self.content_type.name, file.size, seal), rows)

    def _sealed(self, storage: Storage) -> Sealed:
        """Read what stands at the key; raises ``ObjectNotFound``, ``ObjectExists`` if unsealed."""
        sealed = read_seal(storage.head(self.key.key), self.key)
        if sealed is None:
            raise ObjectExists
        return sealed

    def _export(self, sealed: Sealed, rows: int | None = None) -> Export:
        return Export(
            object_key=self.key.key,
            content_type=sealed.content_type,
            content_length=sealed.size,
            sha256=sealed.seal.sha256,
            filename=sealed.seal.filename or self.filename,
            rows=rows,
        )


def destination(  # noqa: PLR0913 - as write_export has them
    content_type: ContentType,
    filename: str,
    kind: Kind,
    *,
    owner: str | None,
    key: str | None,
    id: str | None,  # noqa: A002 - the key's word
) -> Destination:
    """Decide where an export goes; raises an ``InvalidRequest``, or ``ValueError`` for misuse."""
    if content_type not in {*kind.content_types, *kind.written_types}:
        raise UnsupportedFormat(
            f"The kind {kind.name} has no {content_type.name}. Use another format."
        )
    name = filenames.clean(filename, content_type)
    if key is None:
        built = keys.build(kind, owner or "", content_type, id=id)
        return Destination(built, content_type, name, is_of_id=id is not None)
    if owner is not None or id is not None:
        msg = "give either `key`, for an export that belongs to nobody, or `owner` and `id`"
        raise ValueError(msg)
    parsed = keys.parse(key, Kinds(kind))
    if parsed.owner is not None or key.startswith(PENDING_PREFIX):
        raise InvalidObjectKey(
            "This key has an owner, or is that of a pending upload. Give `owner` and `id` instead, "
            f"or a key such as {kind.prefix}season-7/standings.{content_type.extension}."
        )
    extension = parsed.key.rpartition(".")[2].lower()
    types = (*kind.content_types, *kind.written_types)
    if any(extension in each.extensions for each in types if each != content_type):
        raise InvalidObjectKey(
            f"A file of {content_type.name} can't have a key that ends in .{extension}. "
            f"End it in .{content_type.extension}."
        )
    return Destination(parsed, content_type, name, is_of_id=False)
