"""Where a link leads: one function decides. Nothing else in the product makes a download URL.

========================================  ====================================================
what is asked for                         where it leads
========================================  ====================================================
a kind that anybody may read, with a CDN  the CDN, without a query: browsers and edges keep it
any other kind, with a CDN and its key    the CDN, signed by CloudFront's rules
everything else                           the bucket, signed
========================================  ====================================================

A link with a life or a disposition of its own is always a signed one, and a signature of the bucket
never goes through the CDN, which signs by itself (CloudFront Developer Guide, "Restrict access to
an Amazon S3 origin").
"""

import logging
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Self
from urllib.parse import quote

from gridboss_assets import filenames
from gridboss_assets.errors import CdnDenied, CdnError, Misconfigured
from gridboss_assets.invalidation import CloudFrontInvalidator, Invalidator, path_of
from gridboss_assets.keys import ObjectKey, owner_segment
from gridboss_assets.kinds import ContentType, Kind
from gridboss_assets.models import DownloadLink, SignedCookies
from gridboss_assets.signing import CloudFrontSigner, escape_key
from gridboss_assets.storage import S3Storage, Storage
from gridboss_assets.storage.s3 import credentials_of
from gridboss_config import Settings

log = logging.getLogger(__name__)

Disposition = Literal["inline", "attachment"]
"""Whether a browser shows an object or saves it (RFC 6266)."""

# A permission that is missing is not asked for again at every deletion.
_DENIED_FOR_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Cdn:
    """A CloudFront distribution as browsers see it.

    ``base_url`` has scheme and host alone. Without a ``signer`` it serves public kinds only.
    """

    base_url: str
    signer: CloudFrontSigner | None = None


class Delivery:
    """The links of one deployment. Threads may share it.

    ``stable_urls``: a signed URL stays the same for half of the storage's TTL, so that browsers
    cache what it leads to. ``invalidator`` takes what is deleted out of the CDN's caches.
    """

    def __init__(
        self,
        storage: Storage,
        *,
        cdn: Cdn | None = None,
        stable_urls: bool = False,
        invalidator: Invalidator | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.storage = storage
        self.cdn = cdn
        self.stable_urls = stable_urls
        self._invalidator = invalidator
        self._clock = clock
        self._denied_until = 0.0

    @classmethod
    def from_settings(cls, settings: Settings, storage: Storage) -> Self:
        """Make the delivery of these settings; raises ``Misconfigured`` for an unusable key."""
        cdn = invalidator = None
        if settings.cdn_base_url is not None:
            signer = None
            if settings.cdn_private_key is not None and settings.cdn_key_pair_id is not None:
                signer = CloudFrontSigner(
                    settings.cdn_key_pair_id, settings.cdn_private_key.get_secret_value()
                )
            cdn = Cdn(settings.cdn_base_url, signer)
            if settings.cdn_distribution_id is not None:
                invalidator = CloudFrontInvalidator(
                    settings.cdn_distribution_id,
                    storage.credentials
                    if isinstance(storage, S3Storage)
                    else lambda: credentials_of(settings),
                )
        return cls(storage, cdn=cdn, stable_urls=settings.s3_stable_urls, invalidator=invalidator)

    def link(
        self,
        key: ObjectKey,
        *,
        expires_in: int | None = None,
        disposition: Disposition | None = None,
        filename: str | None = None,
    ) -> DownloadLink:
        """Make a link to an object, which need not exist. No I/O.

        Args:
            key: the object.
            expires_in: seconds that the link shall live; by default what the settings say. A link
                to the CDN without a signature has no end; it tells how long a cache keeps it.
            disposition: whether a browser shows the object or saves it, whatever is stored.
            filename: the name that a saved file gets; it is cleaned like that of an upload.

        Raises ``InvalidFilename``, and ``ValueError`` for a life that no signature can have.
        """
        cdn = self.cdn
        header = None
        if disposition is not None or filename is not None:
            header = _content_disposition(key, disposition, filename)
        if cdn is not None:
            if not key.kind.is_public:
                if cdn.signer is not None:
                    return self._signed_by_cdn(cdn.base_url, cdn.signer, key, expires_in, header)
            elif expires_in is None and header is None:
                url = f"{cdn.base_url}/{escape_key(key.key)}"
                return DownloadLink(key.key, url, key.kind.cache_seconds)
        life = self.storage.presign_ttl if expires_in is None else expires_in
        return self.storage.sign_download(
            key.key,
            expires_in=life,
            content_disposition=header,
            signed_at=self._signed_at(key.key, life) if expires_in is None else None,
        )

    def cookies(self, kind: Kind, subject: str, *, expires_in: int | None = None) -> SignedCookies:
        """Sign cookies that open every object of one owner on the CDN: ``exports/OWNER/*``.

        Raises ``Misconfigured`` where the CDN has no key, and ``ValueError`` without an owner: what
        belongs to nobody is not opened for somebody.
        """
        if self.cdn is None or self.cdn.signer is None:
            raise Misconfigured(
                detail="signed cookies need CDN_BASE_URL, CDN_KEY_PAIR_ID and CDN_PRIVATE_KEY"
            )
        if not subject:
            msg = "cookies are signed for the `sub` of somebody"
            raise ValueError(msg)
        life = self.storage.presign_ttl if expires_in is None else expires_in
        # Neither a prefix nor an owner can hold `*` or `?`, which the policy would expand.
        path = f"/{kind.prefix}{owner_segment(subject)}/"
        resource = f"{self.cdn.base_url}{path}*"
        values = self.cdn.signer.sign_cookies(resource, expires_at=int(self._clock()) + life)
        return SignedCookies(resource, path, values, life)

    def withdraw(self, key: ObjectKey) -> int:
        """Take an object that was deleted or replaced out of the CDN's caches.

        Returns for how many seconds an edge may still answer with it: 0 where the CDN has none, or
        was told to forget it. Raises nothing, for the object itself is gone.
        """
        is_public = key.kind.is_public
        if self.cdn is None or (self.cdn.signer is None and not is_public):
            return 0
        now = time.monotonic()
        if self._invalidator is not None and now >= self._denied_until:
            try:
                # An edge keeps the answers for each disposition apart.
                self._invalidator.invalidate([path_of(key.key, every_query=not is_public)])
            except CdnError as error:
                if isinstance(error, CdnDenied):
                    self._denied_until = now + _DENIED_FOR_SECONDS
                log.warning(
                    "the CDN may serve what stood at %s for another %d seconds: %s",
                    key,
                    key.kind.cache_seconds,
                    error.detail or error,
                )
            else:
                return 0
        return key.kind.cache_seconds

    def _signed_by_cdn(
        self,
        base_url: str,
        signer: CloudFrontSigner,
        key: ObjectKey,
        expires_in: int | None,
        header: str | None,
    ) -> DownloadLink:
        now = int(self._clock())
        life = self.storage.presign_ttl if expires_in is None else expires_in
        if life < 1:
            msg = f"expires_in must be at least 1 second, not {life}"
            raise ValueError(msg)
        begins = self._signed_at(key.key, life) if expires_in is None else None
        expires_at = life + (now if begins is None else begins)
        url = f"{base_url}/{escape_key(key.key)}"
        if header is not None:
            url += f"?response-content-disposition={quote(header, safe='')}"
        return DownloadLink(key.key, signer.sign_url(url, expires_at=expires_at), expires_at - now)

    def _signed_at(self, key: str, life: int) -> int | None:
        """Return when a stable URL was signed: at the begin of the window that the time is in.

        Half of a link's life is then always left. Each key's windows begin at another time, so
        that the pictures of a page do not all have to be fetched anew at once.
        """
        if not self.stable_urls:
            return None
        window = max(1, life // 2)
        shift = zlib.crc32(key.encode()) % window
        now = int(self._clock())
        return now - (now + shift) % window


def _content_disposition(
    key: ObjectKey, disposition: Disposition | None, filename: str | None
) -> str:
    """Write the header that a link asks for; a name without a disposition leaves the kind's."""
    if filename is not None:
        filename = filenames.clean(filename, _content_type(key))
    return filenames.content_disposition(disposition or key.kind.disposition, filename)


def _content_type(key: ObjectKey) -> ContentType:
    """Return the type that a saved file's name has to fit."""
    if key.content_type is not None:
        return key.content_type
    extension = key.key.rpartition("/")[2].rpartition(".")[2].lower()
    written = (t for t in key.kind.written_types if extension in t.extensions)
    return next(written, ContentType("application/octet-stream", (extension or "bin",)))
