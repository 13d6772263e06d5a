"""From the pending object to the sealed one: read once, inspect, write if nothing stands there.

Whatever happens, a sealed object is never overwritten, a rejection deletes nothing but the pending
object, and a fault deletes nothing (``docs/adr/0002-one-key-two-places.md``).
"""

import logging
import random
import time
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass

from gridboss_assets import filenames
from gridboss_assets.errors import (
    ContentMismatch,
    InvalidFilename,
    ObjectChanged,
    ObjectNotFound,
    PreconditionFailed,
    Rejection,
    StorageError,
)
from gridboss_assets.inspection import Inspection
from gridboss_assets.inspection.scanner import Scanner
from gridboss_assets.intake import Accepted, check_size, inspected
from gridboss_assets.keys import ObjectKey
from gridboss_assets.kinds import ContentType
from gridboss_assets.seal import Seal
from gridboss_assets.storage import ObjectHead, ObjectReader, Storage

log = logging.getLogger(__name__)

# How often a conditional write is tried anew while other writers come first.
_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed object as it stands at its final key."""

    content_type: str
    size: int
    seal: Seal
    replaced: bool = False
    """Whether other bytes stood there until now, which a cache may still have."""


class Promotion:
    """Seals objects of one storage. It holds no state; threads may share it."""

    def __init__(self, storage: Storage, inspection: Inspection, scanner: Scanner | None) -> None:
        self.storage = storage
        self.inspection = inspection
        self.scanner = scanner

    def seal(self, key: ObjectKey) -> Sealed:
        """Return the sealed object at a key, and seal it first if it is not yet.

        Raises a ``Rejection``, ``ObjectNotFound``, ``ObjectChanged``, an ``InspectionError`` or a
        ``StorageError``.
        """
        try:
            return self._promote(key)
        except ObjectNotFound:
            return self._standing(key)

    # --- from the pending object to the final key ----------------------------------------------

    def _promote(self, key: ObjectKey) -> Sealed:
        """Inspect the pending object and seal it; raises ``ObjectNotFound`` when there is none."""
        with self.storage.open(key.pending) as reader, ExitStack() as stack:
            try:
                content_type = _signed_type(reader.head, key)
                filename = filenames.decode(
                    reader.head.attributes.metadata.get("filename"), content_type
                )
                accepted = stack.enter_context(self._inspected(reader, key, content_type, filename))
            except Rejection as finding:
                return self._reject(key, reader.head.etag, finding)
            except StorageError as fault:
                return self._sealed_meanwhile(key, fault)
            sealed = self._write_once(key, accepted)
        self._discard(key)
        return sealed

    def _inspected(
        self, reader: ObjectReader, key: ObjectKey, content_type: ContentType, filename: str | None
    ) -> AbstractContextManager[Accepted]:
        return inspected(
            reader,
            key.kind,
            content_type,
            filename,
            inspection=self.inspection,
            scanner=self.scanner,
        )

    def _write_once(self, key: ObjectKey, accepted: Accepted) -> Sealed:
        """Write the final object unless one stands there; whoever came first has the say."""
        for attempt in range(_ATTEMPTS):
            try:
                self.storage.put(key.key, accepted.body, accepted.attributes, only_if_absent=True)
            except PreconditionFailed:
                try:
                    return self._standing(key)
                except ObjectNotFound:
                    # AWS also refuses (409) while another conditional write is under way, whose
                    # object can't be seen yet; or somebody deleted it. Both pass.
                    time.sleep(random.uniform(0, 0.2 * 2**attempt))  # noqa: S311 - only jitter
            else:
                return Sealed(accepted.attributes.content_type, accepted.size, accepted.seal)
        raise ObjectChanged

    def _reject(self, key: ObjectKey, etag: str, finding: Rejection) -> Sealed:
        """Delete the pending object and raise the finding.

        Bytes that arrive after a seal change nothing, not even the answer: then the seal is
        returned. A newer upload than the one that was inspected survives.
        """
        sealed = self._sealed_at(key)
        self._discard(key, only_if_etag=etag)
        if sealed is None:
            raise finding
        return sealed

    def _sealed_meanwhile(self, key: ObjectKey, fault: StorageError) -> Sealed:
        """Answer from a seal, or raise the fault that broke off our reading.

        A parallel ``complete`` that was faster has deleted the object that we were reading.
        """
        try:
            sealed = self._sealed_at(key)
        except StorageError:
            raise fault from None
        if sealed is None:
            raise fault
        return sealed

    def _sealed_at(self, key: ObjectKey) -> Sealed | None:
        """Read the seal at the final key; None when there is none, or no object."""
        try:
            return read_seal(self.storage.head(key.key), key)
        except ObjectNotFound:
            return None

    def _discard(self, key: ObjectKey, *, only_if_etag: str | None = None) -> None:
        """Delete the pending object. A failure is only logged: its lifecycle rule expires it."""
        try:
            self.storage.delete(key.pending, only_if_etag=only_if_etag)
        except PreconditionFailed:
            log.info("a newer upload stands at %s", key.pending)
        except StorageError as error:
            log.warning("could not delete %s: %s", key.pending, error.detail)

    # --- from what stands at the final key ------------------------------------------------------

    def _standing(self, key: ObjectKey) -> Sealed:
        """Answer from a sealed object, or inspect an unsealed one where it stands.

        A refusal leaves it where it is: nothing outside of ``pending/`` is deleted by a rejection.
        """
        for _ in range(_ATTEMPTS):
            head = self.storage.head(key.key)
            sealed = read_seal(head, key)
            if sealed is not None:
                return sealed
            check_size(key.kind, head.size)
            try:
                return self._seal_in_place(key)
            except PreconditionFailed:
                continue
        raise ObjectChanged

    def _seal_in_place(self, key: ObjectKey) -> Sealed:
        with self.storage.open(key.key) as reader:
            content_type = _stored_type(reader.head, key)
            filename = _name_in(key, content_type)
            with self._inspected(reader, key, content_type, filename) as accepted:
                self.storage.put(
                    key.key,
                    accepted.body,
                    accepted.attributes,
                    only_if_etag=reader.head.etag,
                )
            return Sealed(
                accepted.attributes.content_type, accepted.size, accepted.seal, replaced=True
            )


def read_seal(head: ObjectHead, key: ObjectKey) -> Sealed | None:
    """Read the seal of an object; None when it carries none, or a type that its kind has not."""
    stored = head.attributes.content_type
    types = (*key.kind.content_types, *key.kind.written_types)
    content_type = next((t for t in types if t.name == stored), None)
    seal = content_type and Seal.from_metadata(head.attributes.metadata, content_type)
    return Sealed(stored, head.size, seal) if seal else None


def _signed_type(head: ObjectHead, key: ObjectKey) -> ContentType:
    """Return the type of a pending object; raises ``ContentMismatch`` for a foreign one.

    Nothing else of a pending object's metadata is believed but the file name.
    """
    content_type = key.content_type
    stored = head.attributes.content_type.partition(";")[0].strip()
    if content_type is None or stored != content_type.name:
        # No signature of ours allows that: somebody wrote here by other means.
        raise ContentMismatch("The file was not uploaded with the content type that was signed.")
    return content_type


def _stored_type(head: ObjectHead, key: ObjectKey) -> ContentType:
    """Return the type of an object that stands at its key without a seal.

    What it was stored as counts, and its extension where that says nothing. Raises
    ``UnsupportedContentType``, or ``ContentMismatch`` where the two contradict each other.
    """
    content_type = key.kind.content_type(head.attributes.content_type, key.key)
    if key.content_type not in {None, content_type}:
        raise ContentMismatch(
            f"The object is stored as {content_type.name}, which does not go with its key."
        )
    return content_type


def _name_in(key: ObjectKey, content_type: ContentType) -> str | None:
    """Read a file name from the key of an ownerless object; our own keys hold none."""
    if key.owner is not None:
        return None
    try:
        return filenames.clean(key.key.rpartition("/")[2], content_type)
    except InvalidFilename:
        return None
