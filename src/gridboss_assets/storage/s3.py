"""The S3 adapter: the one module that talks to boto3 for objects."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from os import SEEK_END
from typing import IO, TYPE_CHECKING, Any, Literal, Self

from gridboss_assets.errors import (
    Misconfigured,
    ObjectNotFound,
    PreconditionFailed,
    S3NotEnabled,
    SizeRequired,
)
from gridboss_assets.models import Credentials, DownloadLink, UploadTicket
from gridboss_assets.signing import locate_bucket, presign_post, presign_url
from gridboss_assets.storage import multipart
from gridboss_assets.storage.base import (
    MULTIPART_ABOVE,
    Attributes,
    ListedObject,
    ObjectHead,
    OnMultipart,
)
from gridboss_assets.storage.client import make_client
from gridboss_assets.storage.providers import provider_of
from gridboss_assets.storage.s3_errors import NotImplementedByProvider, UploadGone, translated
from gridboss_assets.storage.s3_listing import listed
from gridboss_assets.storage.s3_shapes import Reader, head_of, parameters_of
from gridboss_config import Settings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CredentialsProvider = Callable[[], Credentials]

_NO_QUERY: Mapping[str, str] = {}


def credentials_of(settings: Settings) -> Credentials:
    """Return the application's credentials, as the settings have them."""
    token = settings.s3_session_token
    return Credentials(
        settings.s3_access_key.get_secret_value(),
        settings.s3_secret_key.get_secret_value(),
        token.get_secret_value() if token else None,
    )


class S3Storage:
    """A bucket of an S3-compatible server. See :class:`~gridboss_assets.storage.base.Storage`.

    ``credentials`` is either fixed or a function that returns the current ones (a role's session,
    say); it is called for every signature, so it must answer from memory. ``public_endpoint`` is
    the endpoint as browsers see it. ``provider`` and ``checksums`` take what ``S3_PROVIDER`` and
    ``S3_CHECKSUMS`` take. No client is made before the first request.
    """

    def __init__(  # noqa: PLR0913 - a bucket has this many sides
        self,
        bucket: str,
        region: str,
        credentials: Credentials | CredentialsProvider,
        *,
        endpoint: str | None = None,
        public_endpoint: str | None = None,
        presign_ttl: int = 3600,
        upload_method: Literal["auto", "post", "put"] = "auto",
        addressing_style: Literal["auto", "path", "virtual"] = "auto",
        provider: str = "auto",
        checksums: Literal["auto", "when_supported", "when_required"] = "auto",
    ) -> None:
        self.bucket = bucket
        self.presign_ttl = presign_ttl
        self._region = region
        self._endpoint = endpoint
        self._provider = provider_of(endpoint, provider)
        self._checksums = (
            self._provider.checksums if checksums == "auto" else checksums == "when_supported"
        )
        self._credentials = credentials if callable(credentials) else lambda: credentials
        self._addressing_style = addressing_style
        self._location = locate_bucket(
            bucket,
            region,
            endpoint=public_endpoint or endpoint,
            addressing_style=addressing_style,
        )
        forms = self._provider.form_uploads if upload_method == "auto" else upload_method == "post"
        self.upload_method: Literal["POST", "PUT"] = "POST" if forms else "PUT"
        # Learnt from the server's first 501, so that an unlisted provider costs one extra call.
        self._conditional_writes = self._provider.conditional_writes
        self._conditional_deletes = self._provider.conditional_writes
        self._lock = threading.Lock()
        self._client: S3Client | None = None

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """Make the storage of these settings; raises ``S3NotEnabled``."""
        if not settings.s3_enabled:
            raise S3NotEnabled
        return cls(
            settings.s3_bucket,
            settings.s3_region,
            credentials_of(settings),
            endpoint=settings.s3_endpoint,
            public_endpoint=settings.s3_public_endpoint,
            presign_ttl=settings.s3_presign_ttl,
            upload_method=settings.s3_upload_method,
            addressing_style=settings.s3_addressing_style,
            provider=settings.s3_provider,
            checksums=settings.s3_checksums,
        )

    @property
    def credentials(self) -> CredentialsProvider:
        """What tells the current credentials, for other services of the same provider."""
        return self._credentials

    def __repr__(self) -> str:
        return f"S3Storage({self.bucket!r}, {self._region!r}, endpoint={self._endpoint!r})"

    def close(self) -> None:
        """Close the connections; the next call opens new ones."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    # --- objects ----------------------------------------------------------------------------

    @contextmanager
    def open(self, key: str) -> Iterator[Reader]:
        """Begin to read an object; raises ``ObjectNotFound``."""
        with translated():
            answer = self._s3().get_object(Bucket=self.bucket, Key=key)
        body = answer["Body"]
        try:
            yield Reader(head_of(key, answer), body)
        finally:
            body.close()

    def head(self, key: str) -> ObjectHead:
        """Say what stands at ``key``; raises ``ObjectNotFound``."""
        with translated():
            return head_of(key, self._s3().head_object(Bucket=self.bucket, Key=key))

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
        """Write a whole object, above 16 MiB in parts; raises ``PreconditionFailed``."""
        sent = multipart.Sent(self.bucket, key, body, parameters_of(attributes), on_multipart)
        if not only_if_absent and only_if_etag is None:
            self._put(sent, {})
            return
        sent.before_completion = lambda: self._require(key, only_if_etag)
        if self._conditional_writes:
            condition = {"IfNoneMatch": "*"} if only_if_absent else self._if_match(only_if_etag)
            try:
                self._put(sent, condition)
            except NotImplementedByProvider:
                self._conditional_writes = False
            except (ObjectNotFound, UploadGone):
                # S3 answers If-Match on a missing key with 404, not with 412. An upload that is
                # gone was completed by a try whose answer was lost, or somebody aborted it.
                raise PreconditionFailed from None
            else:
                return
        # Two writers between this HEAD and the PUT both succeed: the window that the
        # documentation names for providers without conditional writes.
        self._require(key, only_if_etag)
        self._put(sent, {})

    def abort_multipart(self, key: str, upload_id: str) -> bool:
        """End a multipart upload; False when that is not allowed."""
        return multipart.abort(self._s3(), self.bucket, key, upload_id)

    def delete(self, key: str, *, only_if_etag: str | None = None) -> None:
        """Remove an object; raises ``PreconditionFailed``."""
        if only_if_etag is not None and self._conditional_deletes:
            try:
                with translated():
                    self._s3().delete_object(Bucket=self.bucket, Key=key, IfMatch=only_if_etag)
            except NotImplementedByProvider:
                self._conditional_deletes = False
            except ObjectNotFound:
                return
            else:
                return
        with translated():
            self._s3().delete_object(Bucket=self.bucket, Key=key)

    def list_keys(self, prefix: str, *, limit: int = 1000) -> list[str]:
        """Name up to ``limit`` keys under ``prefix``."""
        with translated():
            pages = (
                self._s3()
                .get_paginator("list_objects_v2")
                .paginate(Bucket=self.bucket, Prefix=prefix, PaginationConfig={"MaxItems": limit})
            )
            return [item["Key"] for page in pages for item in page.get("Contents", [])]

    def list_objects(self, prefix: str) -> Iterator[ListedObject]:
        """Go through every object under ``prefix``."""
        return listed(self._s3(), self.bucket, prefix)

    # --- signatures: pure computation, without client, network or thread --------------------

    def sign_upload(
        self,
        key: str,
        attributes: Attributes,
        *,
        max_size: int,
        expires_in: int,
        size: int | None = None,
    ) -> UploadTicket:
        """Sign a POST form or a PUT, by the storage's upload method."""
        now = time.time()
        credentials, expires_in = self._signer(now, expires_in)
        signed = {"Content-Type": attributes.content_type}
        for name, value in attributes.metadata.items():
            signed[f"x-amz-meta-{name}"] = value
        if self.upload_method == "POST":
            post = presign_post(
                self._location,
                credentials,
                key=key,
                fields=signed,
                size_range=(1, max_size),
                expires_in=expires_in,
                now=now,
            )
            return UploadTicket("POST", post.url, post.fields, {}, expires_in)
        if size is None:
            raise SizeRequired
        headers = {name.lower(): value for name, value in signed.items()}
        if self._provider.conditional_writes:
            headers["if-none-match"] = "*"
        url = presign_url(
            "PUT",
            self._location,
            credentials,
            key=key,
            headers={**headers, "content-length": str(size)},
            expires_in=expires_in,
            now=now,
        )
        # Content-Length is signed but not listed: a browser sets it itself and lets nobody else
        # (Fetch Standard, "forbidden request-header").
        return UploadTicket("PUT", url, {}, headers, expires_in)

    def sign_download(
        self,
        key: str,
        *,
        expires_in: int,
        content_disposition: str | None = None,
        signed_at: int | None = None,
    ) -> DownloadLink:
        """Sign a GET of ``key``."""
        now = time.time()
        credentials, left = self._signer(now, expires_in)
        if signed_at is not None:
            # The session's end is left out of the URL, which would change with every second.
            left = min(left, signed_at + expires_in - int(now))
        url = presign_url(
            "GET",
            self._location,
            credentials,
            key=key,
            query=_NO_QUERY
            if content_disposition is None
            else {"response-content-disposition": content_disposition},
            expires_in=left if signed_at is None else expires_in,
            now=now if signed_at is None else signed_at,
        )
        return DownloadLink(key, url, left)

    # --- inside -----------------------------------------------------------------------------

    def _signer(self, now: float, expires_in: int) -> tuple[Credentials, int]:
        credentials = self._credentials()
        if credentials.expires_at is not None:
            # S3 refuses a signature as soon as the session behind it has ended, whatever
            # X-Amz-Expires says.
            expires_in = min(expires_in, int(credentials.expires_at - now))
            if expires_in < 1:
                raise Misconfigured(detail="the storage credentials have expired")
        return credentials, expires_in

    def _s3(self) -> "S3Client":
        with self._lock:
            if self._client is None:
                self._client = make_client(
                    self._region,
                    self._credentials,
                    endpoint=self._endpoint,
                    addressing_style=self._addressing_style,
                    checksums=self._checksums,
                )
            return self._client

    def _put(self, sent: multipart.Sent, condition: dict[str, Any]) -> None:
        size = sent.body.seek(0, SEEK_END)
        sent.body.seek(0)
        holds = self._provider.conditional_completion
        # Where the completion does not hold a condition, one PUT does.
        if size > (MULTIPART_ABOVE if holds or not condition else multipart.SINGLE_PUT_BYTES):
            if holds and condition:
                sent = replace(sent, before_completion=None)
            with translated():
                multipart.send(self._s3(), sent, condition)
            return
        with translated():
            self._s3().put_object(
                Bucket=sent.bucket, Key=sent.key, Body=sent.body, **sent.parameters, **condition
            )

    def _if_match(self, etag: str | None) -> dict[str, Any]:
        if etag is not None and not self._provider.quoted_etags:
            etag = etag.strip('"')
        return {"IfMatch": etag}

    def _require(self, key: str, etag: str | None) -> None:
        """Raise ``PreconditionFailed`` unless ``etag`` stands at ``key`` (None: nothing does)."""
        try:
            standing = self.head(key).etag
        except ObjectNotFound:
            standing = None
        if standing != etag:
            raise PreconditionFailed
