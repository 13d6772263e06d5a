"""Sign, complete, download, delete: START HERE.

The life of one file::

    sign ──► the browser writes pending/KEY ──► complete ──► KEY, sealed ──► download
                                                   │
                                                   └─ a finding: pending/KEY is deleted

``complete`` reads the pending object once, inspects it and writes the result to its final key with
``If-None-Match: *``. So a sealed object is never overwritten, what was inspected is what is served,
and the whole can be repeated after a crash at any point.
"""

from typing import Self

from gridboss_assets import filenames, keys
from gridboss_assets.delivery import Delivery, Disposition
from gridboss_assets.errors import InvalidObjectKey
from gridboss_assets.inspection import Inspection
from gridboss_assets.inspection.configured import inspection_of, scanner_of
from gridboss_assets.inspection.sandbox import shared_sandbox
from gridboss_assets.inspection.scanner import Scanner
from gridboss_assets.intake import check_size
from gridboss_assets.keys import PENDING_PREFIX, ObjectKey
from gridboss_assets.kinds import DEFAULT_KINDS, Kinds
from gridboss_assets.models import (
    CompletedUpload,
    DeletedObject,
    DownloadLink,
    SignedCookies,
    SignedUpload,
)
from gridboss_assets.promotion import Promotion
from gridboss_assets.storage import Attributes, S3Storage, Storage
from gridboss_config import Settings

# A form that has leaked is good for no longer than this, whatever the TTL says.
MAX_UPLOAD_TTL = 3600


class Uploads:
    """The upload path over one storage. It holds no state; threads may share it.

    ``inspection``: where files are inspected, and by which policy; by default in the sandbox of
    this process. ``scanner``: an antivirus that is asked about every file that passed.
    ``delivery``: where links lead; by default to the storage.
    """

    def __init__(
        self,
        storage: Storage,
        *,
        kinds: Kinds = DEFAULT_KINDS,
        inspection: Inspection | None = None,
        scanner: Scanner | None = None,
        delivery: Delivery | None = None,
    ) -> None:
        self.storage = storage
        self.kinds = kinds
        self.inspection = inspection or shared_sandbox()
        self.scanner = scanner
        self.delivery = delivery or Delivery(storage)
        self._promotion = Promotion(storage, self.inspection, scanner)

    @classmethod
    def from_settings(
        cls, settings: Settings, *, storage: Storage | None = None, kinds: Kinds = DEFAULT_KINDS
    ) -> Self:
        """Make the upload path of these settings: their bucket, inspection, antivirus and CDN.

        ``storage``: instead of the bucket. Raises ``S3NotEnabled`` or ``Misconfigured``.
        """
        storage = storage or S3Storage.from_settings(settings)
        return cls(
            storage,
            kinds=kinds,
            inspection=inspection_of(settings),
            scanner=scanner_of(settings),
            delivery=Delivery.from_settings(settings, storage),
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
        sealed = self._promotion.seal(key)
        if sealed.replaced:
            # An edge may have the picture as it was, with the place where it was taken.
            self.delivery.withdraw(key)
        link = self.delivery.link(key)
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
        disposition: Disposition | None = None,
        filename: str | None = None,
    ) -> DownloadLink:
        """Link to an object, which need not exist: no request is made.

        See :meth:`Delivery.link <gridboss_assets.delivery.Delivery.link>`.
        """
        if isinstance(object_key, str):
            self.refuse_pending(object_key)
        key = self.parse(object_key, kind=kind)
        return self.delivery.link(
            key, expires_in=expires_in, disposition=disposition, filename=filename
        )

    def cookies(
        self, owner: str, *, kind: str = "export", expires_in: int | None = None
    ) -> SignedCookies:
        """Sign cookies with which a browser reads every object of ``owner`` from the CDN.

        ``owner`` is the ``sub`` of whoever is signed in. Raises ``Misconfigured`` where there is
        no CDN with a key, and ``ValueError`` without an owner.
        """
        return self.delivery.cookies(self.kinds[kind], owner, expires_in=expires_in)

    @staticmethod
    def refuse_pending(object_key: str) -> None:
        """Raise ``InvalidObjectKey`` for a pending key: what stands there was not inspected."""
        if object_key.startswith(PENDING_PREFIX):
            raise InvalidObjectKey(
                "A pending upload can't be downloaded. Complete it, then use its `objectKey`."
            )

    def delete(self, object_key: str | ObjectKey, *, kind: str | None = None) -> DeletedObject:
        """Delete an object and its pending twin, and have the CDN forget it; nothing there is fine.

        The twin goes first: after a crash in between, no ``complete`` can bring the object back.
        The answer tells for how long an edge may still serve it.
        """
        key = self.parse(object_key, kind=kind)
        self.storage.delete(key.pending)
        self.storage.delete(key.key)
        return DeletedObject(key.key, self.delivery.withdraw(key))

    def parse(self, object_key: str | ObjectKey, *, kind: str | None = None) -> ObjectKey:
        """Check a key from a request; raises ``InvalidObjectKey`` or ``UnsupportedKind``."""
        if isinstance(object_key, ObjectKey):
            return object_key
        return keys.parse(object_key, self.kinds, kind=kind)
