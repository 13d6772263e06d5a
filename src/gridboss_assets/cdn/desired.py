"""What a bucket's distribution should be, as data: made from settings and kinds, without network.

The plan is a difference from this, the files for Terraform and CloudFormation are written from it,
and so is the edge of the tests: START HERE. ``resources`` says the same in CloudFront's own words.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlsplit

from gridboss_assets.cdn.keys import public_half, public_keys
from gridboss_assets.cdn.naming import comment_of, label_of
from gridboss_assets.cdn.served import served_kinds
from gridboss_assets.errors import ConfigurationError
from gridboss_assets.kinds import DEFAULT_KINDS, Kind, Kinds
from gridboss_assets.signing.location import locate_bucket
from gridboss_config import Settings
from gridboss_config.values import is_loopback

METHODS = ("GET", "HEAD")

# The one parameter of S3's that may change an answer: as what the browser is to save the file
# (S3 API Reference, "GetObject"). `response-content-type` could turn a document into a page.
DISPOSITION = "response-content-disposition"

SECURITY_HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""What every answer has, whatever the object says: nothing that was uploaded acts as a page."""

EXPOSED_HEADERS = ("Content-Disposition", "ETag")
"""What a page of CORS_ORIGINS may read of an answer beyond what it always may."""

# CloudFront Developer Guide, "Serving compressed files", lists the types that it compresses; of
# ours these are among them.
_COMPRESSED_TYPES = frozenset({"application/json", "text/csv"})


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What happens to requests whose path fits ``path_pattern``; times are in seconds."""

    label: str
    path_pattern: str
    """A prefix and ``*``, such as ``avatars/*``."""
    signed: bool
    """Whether a request needs a signature that the key group verifies."""
    query_strings: tuple[str, ...]
    """The only parameters that are part of the cache key and go on to the bucket."""
    min_ttl: int
    default_ttl: int
    max_ttl: int
    compress: bool
    cors_origins: tuple[str, ...]
    """The origins whose pages may read the answers."""
    cors_credentials: bool
    """Whether such a page may send signed cookies along."""
    reason: str


@dataclass(frozen=True)
class DesiredDistribution:
    """The whole desired state of one bucket's distribution.

    What fits none of ``behaviours`` is answered 403, and never fetched.
    """

    bucket: str
    origin: str
    """Host name of the bucket's regional REST endpoint."""
    host: str | None
    """The distribution's own host name; None for CloudFront's."""
    certificate_arn: str | None
    behaviours: tuple[Behaviour, ...]
    """No path fits two of them."""
    keys: tuple[str, ...]
    """Public keys as PEM; the newest first."""
    signing_key: str | None
    """The public half of the private key with which links are signed, as PEM, if it is known."""
    key_pair_id: str | None
    """A key that CloudFront has already, which the key group holds as well."""
    headers: Mapping[str, str]
    """What every answer has, whatever the object says."""
    unserved: tuple[str, ...]
    """Path patterns of the kinds that are not served, for want of a key."""
    kms_key_arn: str | None
    """The KMS key of the bucket."""

    @property
    def signed(self) -> bool:
        """Whether there is a key group, so that the distribution may serve what has an owner."""
        return bool(self.keys or self.key_pair_id)

    @cached_property
    def comment(self) -> str:
        """The distribution's comment, by which it is found again."""
        return comment_of(self.bucket)


def distribution(settings: Settings, kinds: Kinds = DEFAULT_KINDS) -> DesiredDistribution:
    """Say what the distribution of these settings should be.

    Raises ConfigurationError for a host name without a certificate, or a certificate without one.
    """
    keys = public_keys(settings)
    signed = bool(keys or settings.cdn_key_pair_id)
    host, private = _own_host(settings), settings.cdn_private_key
    return DesiredDistribution(
        bucket=settings.s3_bucket,
        origin=_origin(settings),
        host=host,
        certificate_arn=settings.cdn_certificate_arn,
        behaviours=tuple(
            _behaviour(kind, settings.cors_origins) for kind in served_kinds(kinds, signed=signed)
        ),
        keys=keys,
        signing_key=public_half(private.get_secret_value()) if private else None,
        key_pair_id=settings.cdn_key_pair_id,
        headers=SECURITY_HEADERS,
        unserved=tuple(f"{k.prefix}*" for k in kinds.values() if not (signed or k.is_public)),
        kms_key_arn=settings.s3_kms_key_arn,
    )


def _behaviour(kind: Kind, origins: tuple[str, ...]) -> Behaviour:
    signed, life = not kind.is_public, kind.cache_seconds
    names = {t.name for t in (*kind.content_types, *kind.written_types)}
    return Behaviour(
        label=label_of(kind.prefix),
        path_pattern=f"{kind.prefix}*",
        signed=signed,
        query_strings=(DISPOSITION,) if signed else (),
        # With a minimum of more than 0 CloudFront caches what is `private` too (CloudFront API
        # Reference, "CacheBehavior"); that a signature is asked for keeps it private.
        min_ttl=life,
        default_ttl=life,
        max_ttl=life,
        compress=bool(names & _COMPRESSED_TYPES),
        cors_origins=("*",) if "*" in origins else origins,
        # The CORS protocol takes no wildcard together with credentials (Fetch, "CORS protocol and
        # credentials").
        cors_credentials=signed and bool(origins) and "*" not in origins,
        reason="served with a signature alone, which the key group verifies; kept at the edge for "
        f"{life} seconds although it is private"
        if signed
        else f"everybody may read it; no query, header or cookie makes a second copy of it in "
        f"{life} seconds",
    )


def _own_host(settings: Settings) -> str | None:
    base = urlsplit(settings.cdn_base_url or "").hostname
    # A test's edge on this machine is no distribution's name.
    own = None if base is None or base.endswith(".cloudfront.net") or is_loopback(base) else base
    if own and not settings.cdn_certificate_arn:
        raise ConfigurationError(
            f"CDN_CERTIFICATE_ARN is missing: CloudFront serves {own} only with a certificate for "
            "that name. Request one in AWS Certificate Manager, in us-east-1, and set its ARN; or "
            "leave CDN_BASE_URL empty, for a name under cloudfront.net."
        )
    if settings.cdn_certificate_arn and not own:
        raise ConfigurationError(
            "CDN_CERTIFICATE_ARN needs a host name of your own: set CDN_BASE_URL, such as "
            "https://cdn.example.com, or leave CDN_CERTIFICATE_ARN empty."
        )
    return own


def _origin(settings: Settings) -> str:
    """Return the bucket's host name, dots in its name or not.

    It is the region's own: behind the global one S3 redirects for a while after a bucket was made
    (CloudFront Developer Guide, "Use various origins").
    """
    host = locate_bucket(settings.s3_bucket, settings.s3_region).host
    prefix = f"{settings.s3_bucket}."
    return host if host.startswith(prefix) else prefix + host
