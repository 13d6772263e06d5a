"""The in-memory storage: for tests of applications that embed this library, without mocks.

It keeps the contract, and it enforces what it signs, so a test that uploads too much is refused
as a real bucket would refuse it::

    storage = MemoryStorage()
    signed = Uploads(storage).sign("avatar", filename="me.png", content_type="image/png")
    storage.receive(signed, picture)      # what the browser would have sent
    link = Uploads(storage).complete(signed.object_key)
    storage.fetch(link.url)
"""

import hashlib
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import IO, Literal

from gridboss_assets.errors import ObjectNotFound, PreconditionFailed, SizeRequired, StorageDenied
from gridboss_assets.models import DownloadLink, SignedUpload, UploadTicket
from gridboss_assets.storage.base import (
    MULTIPART_ABOVE,
    Attributes,
    ListedObject,
    ObjectHead,
    OnMultipart,
)

_CHUNK = 64 * 1024


@dataclass(frozen=True, slots=True)
class _Object:
    head: ObjectHead
    data: bytes
    modified_at: float

    def chunks(self) -> Iterator[bytes]:
        for start in range(0, len(self.data), _CHUNK):
            yield self.data[start : start + _CHUNK]


@dataclass(frozen=True, slots=True)
class _Grant:
    """What one signature allows."""

    method: Literal["GET", "POST", "PUT"]
    key: str
    expires_at: float
    attributes: Attributes | None = None
    sizes: range = range(0)


class MemoryStorage:
    """A bucket in this process. See :class:`~gridboss_assets.storage.base.Storage`.

    ``clock`` is the storage's own, in POSIX seconds; a test may set it forward.
    """

    def __init__(
        self,
        bucket: str = "memory",
        *,
        presign_ttl: int = 3600,
        upload_method: Literal["POST", "PUT"] = "POST",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.bucket = bucket
        self.presign_ttl = presign_ttl
        self.upload_method: Literal["POST", "PUT"] = upload_method
        self._clock = clock
        self._objects: dict[str, _Object] = {}
        self._grants: dict[str, _Grant] = {}
        self._secret = secrets.token_hex(16)
        self._lock = threading.Lock()

    @contextmanager
    def open(self, key: str) -> Iterator[_Object]:
        """Begin to read an object; raises ``ObjectNotFound``."""
        yield self._get(key)

    def head(self, key: str) -> ObjectHead:
        """Say what stands at ``key``; raises ``ObjectNotFound``."""
        return self._get(key).head

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
        """Write a whole object; raises ``PreconditionFailed``.

        One that a bucket would take in parts is told to ``on_multipart``.
        """
        body.seek(0)
        data = body.read()
        told = on_multipart if len(data) > MULTIPART_ABOVE else None
        if told is not None:
            told(secrets.token_hex(16))
        try:
            self._write(key, data, attributes, only_if_absent, only_if_etag)
        finally:
            if told is not None:
                told(None)

    def abort_multipart(self, key: str, upload_id: str) -> bool:  # noqa: ARG002 - the Protocol's
        """Answer that the upload is no more: here none outlives its ``put``."""
        return True

    def _write(
        self,
        key: str,
        data: bytes,
        attributes: Attributes,
        only_if_absent: bool,  # noqa: FBT001 - as put has it
        only_if_etag: str | None,
    ) -> None:
        with self._lock:
            standing = self._objects.get(key)
            if only_if_absent and standing is not None:
                raise PreconditionFailed
            if only_if_etag is not None and (
                standing is None or standing.head.etag != only_if_etag
            ):
                raise PreconditionFailed
            # S3 leaves open what an ETag is made of; here, as there, other bytes give another.
            etag = f'"{hashlib.md5(data, usedforsecurity=False).hexdigest()}"'
            head = ObjectHead(key, len(data), etag, attributes)
            self._objects[key] = _Object(head, data, self._clock())

    def delete(self, key: str, *, only_if_etag: str | None = None) -> None:
        """Remove an object; raises ``PreconditionFailed``."""
        with self._lock:
            standing = self._objects.get(key)
            if standing is None:
                return
            if only_if_etag is not None and standing.head.etag != only_if_etag:
                raise PreconditionFailed
            del self._objects[key]

    def list_keys(self, prefix: str, *, limit: int = 1000) -> list[str]:
        """Name up to ``limit`` keys under ``prefix``."""
        with self._lock:
            keys = sorted((k for k in self._objects if k.startswith(prefix)), key=str.encode)
        return keys[:limit]

    def list_objects(self, prefix: str) -> Iterator[ListedObject]:
        """Go through every object under ``prefix``."""
        with self._lock:
            found = [each for key, each in self._objects.items() if key.startswith(prefix)]
        now = self._clock()
        for each in sorted(found, key=lambda each: each.head.key.encode()):
            head = each.head
            yield ListedObject(head.key, head.size, head.etag, each.modified_at, now)

    def sign_upload(
        self,
        key: str,
        attributes: Attributes,
        *,
        max_size: int,
        expires_in: int,
        size: int | None = None,
    ) -> UploadTicket:
        """Sign one upload; hand it to :meth:`receive`."""
        method = self.upload_method
        if method == "PUT":
            if size is None:
                raise SizeRequired
            sizes = range(size, size + 1)
        else:
            sizes = range(1, max_size + 1)
        signed = {"Content-Type": attributes.content_type}
        signed |= {f"x-amz-meta-{name}": value for name, value in attributes.metadata.items()}
        grant = self._grant(_Grant(method, key, self._clock() + expires_in, attributes, sizes))
        return UploadTicket(
            method=method,
            url=f"memory://{self.bucket}/{key}?grant={grant}",
            fields={"key": key, **signed, "grant": grant} if method == "POST" else {},
            headers={} if method == "POST" else signed,
            expires_in=expires_in,
        )

    def sign_download(
        self,
        key: str,
        *,
        expires_in: int,
        content_disposition: str | None = None,
        signed_at: int | None = None,
    ) -> DownloadLink:
        """Sign a GET; hand its URL to :meth:`fetch`."""
        now = self._clock()
        since = now if signed_at is None else signed_at
        wanted = _Grant(
            "GET", key, since + expires_in, Attributes("", content_disposition=content_disposition)
        )
        grant = self._grant(wanted, again=signed_at is not None)
        left = expires_in if signed_at is None else int(since + expires_in - int(now))
        return DownloadLink(key, f"memory://{self.bucket}/{key}?grant={grant}", left)

    # --- the part of the browser ------------------------------------------------------------

    def receive(self, upload: UploadTicket | SignedUpload, data: bytes) -> None:
        """Take an upload as a bucket would; raises ``StorageDenied`` for what was not signed."""
        grant = self._allowed(upload.url, upload.method)
        if len(data) not in grant.sizes or grant.attributes is None:
            raise StorageDenied(detail="the file's size is outside of what was signed")
        sent = dict(upload.fields if upload.method == "POST" else upload.headers)
        expected = {"Content-Type": grant.attributes.content_type} | {
            f"x-amz-meta-{name}": value for name, value in grant.attributes.metadata.items()
        }
        sent.pop("grant", None)
        if sent.pop("key", grant.key) != grant.key or sent != expected:
            raise StorageDenied(detail="a field differs from what was signed")
        self.put(grant.key, BytesIO(data), grant.attributes)

    def fetch(self, url: str) -> bytes:
        """Read a signed URL; raises ``StorageDenied`` (expired, forged) or ``ObjectNotFound``."""
        return self._get(self._allowed(url, "GET").key).data

    def _get(self, key: str) -> _Object:
        with self._lock:
            try:
                return self._objects[key]
            except KeyError:
                raise ObjectNotFound from None

    def _grant(self, grant: _Grant, *, again: bool = False) -> str:
        """Note what is allowed, under a new token, or ``again`` under the one it had before."""
        token = secrets.token_hex(16)
        if again:
            token = hashlib.sha256(f"{self._secret} {grant}".encode()).hexdigest()[:32]
        with self._lock:
            self._grants[token] = grant
        return token

    def _allowed(self, url: str, method: str) -> _Grant:
        with self._lock:
            grant = self._grants.get(url.rpartition("?grant=")[2])
        if grant is None or grant.method != method:
            raise StorageDenied(detail="the signature is not one of ours")
        if self._clock() > grant.expires_at:
            raise StorageDenied(detail="the signature has expired")
        return grant
