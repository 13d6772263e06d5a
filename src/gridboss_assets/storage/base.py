"""The storage Protocol: what the upload path needs of a bucket, and no more.

:class:`~gridboss_assets.storage.contract.StorageContract` holds these rules as tests that any
implementation can run.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import IO, Literal, Protocol

from gridboss_assets.models import DownloadLink, UploadTicket

MULTIPART_ABOVE = 16 * 1024 * 1024
"""Bytes above which a body goes in parts where the storage has them, each as large as this.

10,000 parts, the most that S3 takes, make 156 GiB (S3 User Guide, "Amazon S3 multipart upload
limits"), and no more than one of them is in memory at a time.
"""

OnMultipart = Callable[[str | None], None]
"""Is told the ID of a multipart upload before its first part, and None once it is no more."""


@dataclass(frozen=True, slots=True)
class Attributes:
    """What is stored beside an object's bytes. ``metadata``: lower-case names, ASCII values."""

    content_type: str
    metadata: Mapping[str, str] = field(default_factory=dict)
    cache_control: str | None = None
    content_disposition: str | None = None


@dataclass(frozen=True, slots=True)
class ObjectHead:
    """What the storage itself says of an object; ``size`` in bytes, ``etag`` opaque."""

    key: str
    size: int
    etag: str
    attributes: Attributes


@dataclass(frozen=True, slots=True)
class ListedObject:
    """An object as a listing has it. Both times are POSIX seconds by the storage's own clock.

    ``modified_at``: when it was written; ``listed_at``: when the listing was made.
    """

    key: str
    size: int
    etag: str
    modified_at: float
    listed_at: float

    @property
    def age(self) -> float:
        """Seconds since the object was written, however wrong the clock of this machine is."""
        return self.listed_at - self.modified_at


class ObjectReader(Protocol):
    """An object that is being read."""

    @property
    def head(self) -> ObjectHead:
        """What the storage says of the very bytes that ``chunks`` yields."""

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes. Raises ``StorageUnavailable`` when fewer arrive than announced."""


class Storage(Protocol):
    """One bucket. Methods are safe to call from several threads.

    Every method may raise ``StorageUnavailable`` (not reached, overloaded, broken off),
    ``StorageDenied`` (our credentials were refused) and ``StorageError`` (anything else).
    ``presign_ttl`` is the default life of a signature in seconds.
    """

    @property
    def bucket(self) -> str:
        """The bucket's name."""

    @property
    def presign_ttl(self) -> int:
        """The default life of a signature, in seconds."""

    @property
    def upload_method(self) -> Literal["POST", "PUT"]:
        """How browsers upload to this storage."""

    def open(self, key: str) -> AbstractContextManager[ObjectReader]:
        """Begin to read an object; raises ``ObjectNotFound``."""

    def head(self, key: str) -> ObjectHead:
        """Say what stands at ``key``; raises ``ObjectNotFound``."""

    def put(  # noqa: PLR0913 - a write has this many sides
        self,
        key: str,
        body: IO[bytes],
        attributes: Attributes,
        *,
        only_if_absent: bool = False,
        only_if_etag: str | None = None,
        on_multipart: OnMultipart | None = None,
    ) -> None:
        """Write a whole object from the start of the seekable ``body``, attributes included.

        Raises ``PreconditionFailed`` and changes nothing when ``only_if_absent`` finds an object
        or ``only_if_etag`` finds another one (or none). Nobody ever reads half an object.

        ``on_multipart`` hears of an upload in parts. One that breaks off is aborted; where that
        is not allowed it is not told None, and a lifecycle rule of the bucket removes the parts.
        What it raises before the first part ends the upload.
        """

    def abort_multipart(self, key: str, upload_id: str) -> bool:
        """End a multipart upload that somebody else left behind, and remove its parts.

        True when it is no more, however it ended; False when our credentials may not abort it.
        An object that stands at ``key`` stays.
        """

    def delete(self, key: str, *, only_if_etag: str | None = None) -> None:
        """Remove an object; nothing there is fine.

        Raises ``PreconditionFailed`` when ``only_if_etag`` finds another object; with none there
        servers differ, so it may. Where a provider lacks that condition the object is removed
        whatever it is.
        """

    def list_keys(self, prefix: str, *, limit: int = 1000) -> list[str]:
        """Name up to ``limit`` keys under ``prefix``, in the order of their UTF-8 bytes."""

    def list_objects(self, prefix: str) -> Iterator[ListedObject]:
        """Go through every object under ``prefix``, however many, in the same order.

        Objects may be removed meanwhile.
        """

    def sign_upload(
        self,
        key: str,
        attributes: Attributes,
        *,
        max_size: int,
        expires_in: int,
        size: int | None = None,
    ) -> UploadTicket:
        """Sign one browser upload to exactly ``key`` with exactly these attributes.

        A form is held to 1…``max_size`` bytes, a PUT to exactly ``size`` bytes, which it needs.
        No I/O. The ticket's ``expires_in`` is smaller when our credentials end sooner.
        """

    def sign_download(
        self,
        key: str,
        *,
        expires_in: int,
        content_disposition: str | None = None,
        signed_at: int | None = None,
    ) -> DownloadLink:
        """Sign a GET of ``key``, which need not exist. No I/O.

        ``content_disposition`` is what the answer's header shall say instead of what is stored.
        ``signed_at`` is a POSIX time before now from which ``expires_in`` counts: the same input
        then gives the same URL, byte for byte. The link's ``expires_in`` is what is left of it.
        """
