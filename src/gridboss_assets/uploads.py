"""Sign, complete, download, delete: START HERE.

The life of one file::

    sign ──► the browser writes pending/KEY ──► complete ──► KEY, sealed ──► download
                                                   │
                                                   └─ a finding: pending/KEY is deleted

``complete`` reads the pending object once, inspects it and writes the result to its final key with
``If-None-Match: *``. So a sealed object is never overwritten, what was inspected is what is served,
and the whole can be repeated after a crash at any point.
"""

import logging
import random
import time
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from typing import Self

from gridboss_assets import filenames, keys
from gridboss_assets.delivery import link_to
from gridboss_assets.errors import (
    AssetsError,
    ContentMismatch,
    InvalidFilename,
    InvalidObjectKey,
    ObjectChanged,
    ObjectNotFound,
    PreconditionFailed,
    Rejection,
    StorageError,
)
from gridboss_assets.inspection import Inspection
from gridboss_assets.inspection.configured import inspection_of, scanner_of
from gridboss_assets.inspection.sandbox import shared_sandbox
from gridboss_assets.inspection.scanner import Scanner
from gridboss_assets.intake import Accepted, check_size, inspected
from gridboss_assets.keys import PENDING_PREFIX, ObjectKey
from gridboss_assets.kinds import DEFAULT_KINDS, ContentType, Kinds
from gridboss_assets.models import CompletedUpload, DownloadLink, SignedUpload
from gridboss_assets.seal import Seal
from gridboss_assets.storage import Attributes, ObjectHead, ObjectReader, S3Storage, Storage
from gridboss_config import Settings

log = logging.getLogger(__name__)

# A form that has leaked is good for no longer than this, whatever the TTL says.
MAX_UPLOAD_TTL = 3600

# How often a conditional write is tried anew while other writers come first.
_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class _Sealed:
    """A sealed object as it stands at its final key."""

    content_type: str
    size: int
    seal: Seal


class Uploads:
    """The upload path over one storage. It holds no state; threads may share it.

    ``inspection``: where files are inspected, and by which policy; by default in the sandbox of
    this process. ``scanner``: an antivirus that is asked about every file that passed.
    """

    def __init__(
        self,
        storage: Storage,
        *,
        kinds: Kinds = DEFAULT_KINDS,
        inspection: Inspection | None = None,
        scanner: Scanner | None = None,
    ) -> None:
        self.storage = storage
        self.kinds = kinds
        self.inspection = inspection or shared_sandbox()
        self.scanner = scanner

    @classmethod
    def from_settings(
        cls, settings: Settings, *, storage: Storage | None = None, kinds: Kinds = DEFAULT_KINDS
    ) -> Self:
        """Make the upload path of these settings: their bucket, inspection and antivirus.

        ``storage``: instead of the bucket. Raises ``S3NotEnabled`` or ``Misconfigured``.
        """
        return cls(
            storage or S3Storage.from_settings(settings),
            kinds=kinds,
            inspection=inspection_of(settings),
            scanner=scanner_of(settings),
        )

    def sign(
        self,
        kind: str,
        *,
        filename: str,
        content_type: str,
        owner: str = "",
        size: int | None = None,
    ) -> SignedUpload:
        """Sign one browser upload. Pure computation: no network, no thread.

        ``owner`` is the ``sub`` of whoever uploads; without one the object belongs to the
        application and to no caller. ``size`` in bytes is required where the storage takes PUT.
        Raises an ``InvalidRequest``, or ``ObjectTooLarge`` for a ``size`` over the kind's limit.
        """
        wanted = self.kinds[kind]
        accepted = wanted.content_type(content_type, filename)
        name = filenames.clean(filename, accepted)
        if size is not None:
            check_size(wanted, size)
        key = keys.build(wanted, owner, accepted)
        ticket = self.storage.sign_upload(
            key.pending,
            Attributes(accepted.name, {"filename": filenames.encode(name)}),
            max_size=wanted.max_size,
            size=size,
            expires_in=min(self.storage.presign_ttl, MAX_UPLOAD_TTL),
        )
        return SignedUpload(
            object_key=key.key,
            bucket=self.storage.bucket,
            content_type=accepted.name,
            max_size=wanted.max_size,
            expires_in=ticket.expires_in,
            method=ticket.method,
            url=ticket.url,
            fields=ticket.fields,
            headers=ticket.headers,
        )

    def complete(self, object_key: str | ObjectKey, *, kind: str | None = None) -> CompletedUpload:
        """Inspect what was uploaded, seal it at its final key, and link to it.

        May be called again at any time, and in parallel: every call gives the same answer but for
        the link. Raises a ``Rejection`` for a finding about the file (the pending object is then
        gone), ``ObjectNotFound``, ``ObjectChanged`` or a ``StorageError`` (nothing was lost).
        """
        key = self.parse(object_key, kind=kind)
        try:
            sealed = self._promote(key)
        except ObjectNotFound:
            sealed = self._standing(key)
        link = link_to(self.storage, key)
        return CompletedUpload(
            object_key=key.key,
            content_type=sealed.content_type,
            content_length=sealed.size,
            sha256=sealed.seal.sha256,
            filename=sealed.seal.filename,
            warnings=sealed.seal.warnings,
            url=link.url,
            expires_in=link.expires_in,
        )

    def download(
        self,
        object_key: str | ObjectKey,
        *,
        kind: str | None = None,
        expires_in: int | None = None,
    ) -> DownloadLink:
        """Link to an object for ``expires_in`` seconds. It need not exist: no request is made."""
        if isinstance(object_key, str):
            self.refuse_pending(object_key)
        key = self.parse(object_key, kind=kind)
        return link_to(self.storage, key, expires_in=expires_in)

    @staticmethod
    def refuse_pending(object_key: str) -> None:
        """Raise ``InvalidObjectKey`` for a pending key: what stands there was not inspected."""
        if object_key.startswith(PENDING_PREFIX):
            raise InvalidObjectKey(
                "A pending upload can't be downloaded. Complete it, then use its `objectKey`."
            )

    def delete(self, object_key: str | ObjectKey, *, kind: str | None = None) -> None:
        """Delete an object and its pending twin; nothing there is fine.

        The twin goes first: after a crash in between, no ``complete`` can bring the object back.
        """
        key = self.parse(object_key, kind=kind)
        self.storage.delete(key.pending)
        self.storage.delete(key.key)

    def parse(self, object_key: str | ObjectKey, *, kind: str | None = None) -> ObjectKey:
        """Check a key from a request; raises ``InvalidObjectKey`` or ``UnsupportedKind``."""
        if isinstance(object_key, ObjectKey):
            return object_key
        return keys.parse(object_key, self.kinds, kind=kind)

    # --- complete: from the pending object to the final key -------------------------------------

    def _promote(self, key: ObjectKey) -> _Sealed:
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

    def _write_once(self, key: ObjectKey, accepted: Accepted) -> _Sealed:
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
                return _Sealed(accepted.attributes.content_type, accepted.size, accepted.seal)
        raise ObjectChanged

    def _reject(self, key: ObjectKey, etag: str, finding: Rejection) -> _Sealed:
        """Delete the pending object and raise the finding.

        Bytes that arrive after a seal change nothing, not even the answer: then the seal is
        returned. A newer upload than the one that was inspected survives.
        """
        try:
            sealed = _read_seal(self.storage.head(key.key), key)
        except ObjectNotFound:
            sealed = None
        self._discard(key, only_if_etag=etag)
        if sealed is None:
            raise finding
        return sealed

    def _sealed_meanwhile(self, key: ObjectKey, fault: StorageError) -> _Sealed:
        """Answer from a seal, or raise the fault that broke off our reading.

        A parallel ``complete`` that was faster has deleted the object that we were reading.
        """
        try:
            sealed = _read_seal(self.storage.head(key.key), key)
        except AssetsError:
            raise fault from None
        if sealed is None:
            raise fault
        return sealed

    def _discard(self, key: ObjectKey, *, only_if_etag: str | None = None) -> None:
        """Delete the pending object. A failure is only logged: its lifecycle rule expires it."""
        try:
            self.storage.delete(key.pending, only_if_etag=only_if_etag)
        except PreconditionFailed:
            log.info("a newer upload stands at %s", key.pending)
        except StorageError as error:
            log.warning("could not delete %s: %s", key.pending, error.detail)

    # --- complete: from what stands at the final key --------------------------------------------

    def _standing(self, key: ObjectKey) -> _Sealed:
        """Answer from a sealed object, or inspect an unsealed one where it stands.

        A refusal leaves it where it is: nothing outside of ``pending/`` is deleted by a rejection.
        """
        for _ in range(_ATTEMPTS):
            head = self.storage.head(key.key)
            sealed = _read_seal(head, key)
            if sealed is not None:
                return sealed
            check_size(key.kind, head.size)
            try:
                return self._seal_in_place(key)
            except PreconditionFailed:
                continue
        raise ObjectChanged

    def _seal_in_place(self, key: ObjectKey) -> _Sealed:
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
            return _Sealed(accepted.attributes.content_type, accepted.size, accepted.seal)


def _read_seal(head: ObjectHead, key: ObjectKey) -> _Sealed | None:
    stored = head.attributes.content_type
    content_type = next((t for t in key.kind.content_types if t.name == stored), None)
    seal = content_type and Seal.from_metadata(head.attributes.metadata, content_type)
    return _Sealed(stored, head.size, seal) if seal else None


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
