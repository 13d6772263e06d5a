"""Each side of a bucket as it should be: named items, with the reason for each."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from gridboss_assets.buckets import policies
from gridboss_assets.buckets.policies import Cdn
from gridboss_assets.buckets.principals import Principals
from gridboss_assets.keys import PENDING_PREFIX
from gridboss_assets.kinds import Kinds
from gridboss_assets.storage.multipart import MULTIPART_DAYS
from gridboss_assets.storage.providers import ACCESS_SWITCHES, BucketFeature, Provider
from gridboss_config import Settings
from gridboss_config.values import is_loopback

OWNED = "gridboss-"
"""How the IDs of our lifecycle and CORS rules begin; other rules are not ours to touch."""

PENDING_DAYS = 1
PREFLIGHT_CACHE_SECONDS = 3600

_Json = Any


@dataclass(frozen=True, slots=True)
class Item:
    """One named piece of a bucket's configuration, with the reason why it has to be so.

    ``value`` has the S3 API's own form: a policy statement, a lifecycle rule, a CORS rule.
    """

    feature: BucketFeature
    name: str
    value: _Json
    reason: str


def privacy(provider: Provider) -> list[Item]:
    """Keep the public out, whatever an ACL or a policy says."""
    return [
        Item(
            BucketFeature.PUBLIC_ACCESS_BLOCK,
            "public access block",
            {name: name in provider.access_switches for name in ACCESS_SWITCHES},
            "no ACL and no policy may ever open the bucket to the public"
            if provider.access_switches == ACCESS_SWITCHES
            else "public ACLs are ignored; the other switches stay off, for with them "
            f"{provider.name} refuses uploads, or policies that open nothing",
        ),
        Item(
            BucketFeature.OWNERSHIP,
            "object ownership",
            "BucketOwnerEnforced",
            "ACLs are off, so policies alone say who may do what",
        ),
    ]


def encryption(settings: Settings) -> Item:
    """Encrypt what is stored, with the KMS key if one is named."""
    key = settings.s3_kms_key_arn
    return Item(
        BucketFeature.ENCRYPTION,
        "default encryption",
        {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key, "BucketKeyEnabled": True}
        if key
        else {"SSEAlgorithm": "AES256"},
        "objects are encrypted at rest with the KMS key of S3_KMS_KEY_ARN; a bucket key spares "
        "most of the calls to KMS"
        if key
        else "objects are encrypted at rest (SSE-S3)",
    )


def versioning() -> Item:
    """Keep what is replaced or deleted."""
    return Item(
        BucketFeature.VERSIONING,
        "versioning",
        "Enabled",
        "S3_VERSIONING=true: what is replaced or deleted can be brought back for a while",
    )


def lifecycle(
    settings: Settings, provider: Provider, kinds: Kinds, *, versioned: bool
) -> list[Item]:
    """Say what goes away by itself, and when."""
    pending: dict[str, _Json] = {"Expiration": {"Days": PENDING_DAYS}}
    if versioned:
        pending["NoncurrentVersionExpiration"] = {"NoncurrentDays": PENDING_DAYS}
    rules = [
        _rule(
            "pending", PENDING_PREFIX, pending, "uploads that nobody completed go away after a day"
        )
    ]
    if versioned and provider.expires_markers:
        # S3 takes ExpiredObjectDeleteMarker in no rule that also has Days (API Reference,
        # "LifecycleExpiration").
        rules.append(
            _rule(
                "pending-markers",
                PENDING_PREFIX,
                {"Expiration": {"ExpiredObjectDeleteMarker": True}},
                "a delete marker whose versions have expired is of no use",
            )
        )
    if provider.aborts_multipart:
        rules.append(
            _rule(
                "unfinished-multipart",
                "",
                {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": MULTIPART_DAYS}},
                "parts of uploads that never ended are invisible, and paid for",
            )
        )
    if versioned:
        for kind in kinds.values():
            rule: dict[str, _Json] = {
                "NoncurrentVersionExpiration": {"NoncurrentDays": settings.s3_noncurrent_days}
            }
            if provider.expires_markers:
                rule["Expiration"] = {"ExpiredObjectDeleteMarker": True}
            rules.append(
                _rule(
                    f"noncurrent-{kind.prefix.strip('/').replace('/', '-')}",
                    kind.prefix,
                    rule,
                    f"a deletion is final after {settings.s3_noncurrent_days} days",
                )
            )
    return rules


def _rule(name: str, prefix: str, actions: dict[str, _Json], reason: str) -> Item:
    name = OWNED + name
    value = {"ID": name, "Status": "Enabled", "Filter": {"Prefix": prefix}, **actions}
    return Item(BucketFeature.LIFECYCLE, name, value, reason)


def cors(settings: Settings, provider: Provider) -> list[Item]:
    """Let the pages of ``CORS_ORIGINS`` send files and read the answers."""
    if not settings.cors_origins:
        return []
    headers = ["content-type", "if-none-match", "x-amz-*"]
    if not provider.header_wildcards:
        headers.append("x-amz-meta-filename")  # the only one that a signed PUT has
    name = OWNED + "uploads"
    value = {
        "ID": name,
        "AllowedOrigins": list(settings.cors_origins),
        "AllowedMethods": ["GET", "HEAD", "POST", "PUT"],
        "AllowedHeaders": headers,
        "ExposeHeaders": ["ETag"],
        "MaxAgeSeconds": PREFLIGHT_CACHE_SECONDS,
    }
    reason = "pages of CORS_ORIGINS send files to the bucket and read its answers"
    return [Item(BucketFeature.CORS, name, value, reason)]


def tags(settings: Settings) -> list[Item]:
    """Give the bucket its tags."""
    return [
        Item(BucketFeature.TAGS, name, value, "S3_TAGS names it")
        for name, value in settings.s3_tags.items()
    ]


def policy(
    settings: Settings,
    principals: Principals | None,
    provider: Provider,
    cdn: Cdn | None,
    kinds: Kinds,
) -> list[Item]:
    """Deny what has to be denied; not plain http, though, where an endpoint has nothing else."""
    document = policies.bucket_policy(
        settings.s3_bucket, principals, cdn=cdn, kinds=kinds, provider=provider
    )
    reasons = {
        policies.INSECURE: "nothing travels unencrypted",
        policies.OTHERS: "only the application, its operators and the account's root get in",
        policies.CDN: "the CDN reads what it may serve, and nothing else",
    }
    return [
        Item(BucketFeature.POLICY, statement["Sid"], statement, reasons[statement["Sid"]])
        for statement in document["Statement"]
        if statement["Sid"] != policies.INSECURE or not is_plain_loopback(settings.s3_endpoint)
    ]


def is_plain_loopback(endpoint: str | None) -> bool:
    """Tell whether an endpoint is plain http on this very machine, as in development."""
    parts = urlsplit(endpoint or "https://")
    return parts.scheme == "http" and is_loopback(parts.hostname)
