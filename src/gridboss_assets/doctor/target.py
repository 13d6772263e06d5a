"""The bucket under examination: where it is, with whose keys, and how it is asked."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal
from urllib.parse import urlsplit

from gridboss_assets.doctor.http import Answer, Http
from gridboss_assets.models import Credentials
from gridboss_assets.signing import BucketLocation, locate_bucket, presign_url
from gridboss_assets.storage import S3Storage
from gridboss_assets.storage.providers import Provider, provider_of
from gridboss_assets.storage.s3 import credentials_of
from gridboss_config import Settings

Method = Literal["GET", "HEAD", "PUT", "DELETE"]

# As long as S3 tolerates a wrong clock, so that no examination outlives its signatures.
_LIFE_SECONDS = 900
_NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True)
class Target:
    """The bucket of some settings. ``inner`` is where the service reaches it, ``outer`` browsers.

    Raises ``Misconfigured`` when made from settings that name no bucket that can be addressed.
    """

    settings: Settings
    http: Http
    storage: S3Storage
    provider: Provider
    credentials: Credentials = field(repr=False)
    inner: BucketLocation
    outer: BucketLocation

    @classmethod
    def of(cls, settings: Settings, http: Http) -> "Target":
        """Work the target out; asks nobody."""
        inner, outer = (
            locate_bucket(
                settings.s3_bucket,
                settings.s3_region,
                endpoint=endpoint,
                addressing_style=settings.s3_addressing_style,
            )
            for endpoint in (
                settings.s3_endpoint,
                settings.s3_public_endpoint or settings.s3_endpoint,
            )
        )
        return cls(
            settings=settings,
            http=http,
            storage=S3Storage.from_settings(settings),
            provider=provider_of(settings.s3_endpoint, settings.s3_provider),
            credentials=credentials_of(settings),
            inner=inner,
            outer=outer,
        )

    @property
    def locations(self) -> dict[str, BucketLocation]:
        """The places to look at, by the setting that names them; one where they are the same."""
        places = {"S3_ENDPOINT": self.inner}
        if self.outer != self.inner:
            places["S3_PUBLIC_ENDPOINT"] = self.outer
        return places

    def ask(  # noqa: PLR0913 - a request has this many sides
        self,
        method: Method,
        key: str = "",
        *,
        query: Mapping[str, str] = _NOTHING,
        headers: Mapping[str, str] = _NOTHING,
        unsigned: Mapping[str, str] = _NOTHING,
        at: BucketLocation | None = None,
        body: bytes | None = None,
    ) -> Answer:
        """Send a signed request; the empty key is the bucket. Raises ``Unreachable``.

        ``headers`` are signed, ``unsigned`` ones are sent along.
        """
        url = presign_url(
            method,
            at or self.inner,
            self.credentials,
            key=key,
            query=query,
            headers=headers,
            expires_in=_LIFE_SECONDS,
            now=time.time(),
        )
        return self.http.send(method, url, headers={**headers, **unsigned}, body=body)

    def list_keys(self, prefix: str = "", *, limit: int = 1) -> Answer:
        """Ask for the first keys under a prefix ("ListObjectsV2")."""
        return self.ask("GET", query={"list-type": "2", "max-keys": str(limit), "prefix": prefix})

    def list_buckets(self) -> Answer:
        """Ask for the buckets of the account ("ListBuckets")."""
        place = locate_bucket(
            self.inner.bucket,
            self.inner.region,
            endpoint=self.settings.s3_endpoint,
            addressing_style="path",
        )
        return self.ask("GET", at=replace(place, path=place.path.removesuffix(f"/{place.bucket}")))


def host_of(location: BucketLocation) -> str:
    """Return the host name of a place, without its port."""
    return str(urlsplit(location.base_url).hostname)
