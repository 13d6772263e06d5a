"""What a bucket should be, as data: made from the settings and the kinds, without any network.

The plan is a difference from this, the audit measures against it, and the files for Terraform and
CloudFormation are written from it: START HERE.
"""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from gridboss_assets.buckets import policies
from gridboss_assets.buckets.policies import Cdn
from gridboss_assets.buckets.principals import Principals
from gridboss_assets.buckets.shapes import Items, to_document
from gridboss_assets.errors import ConfigurationError
from gridboss_assets.kinds import DEFAULT_KINDS, Kinds
from gridboss_assets.storage.providers import BucketFeature, Provider
from gridboss_config import Settings

OWNED = "gridboss-"
"""How the IDs of our lifecycle and CORS rules begin; other rules are not ours to touch."""

PENDING = "pending/"
PENDING_DAYS = 1
MULTIPART_DAYS = 1
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


@dataclass(frozen=True, slots=True)
class Note:
    """Something that a person should know beside what is to be done."""

    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class DesiredBucket:
    """The whole desired state of one bucket."""

    bucket: str
    region: str
    provider: Provider
    principals: Principals | None
    cdn: Cdn | None
    versioned: bool
    """Whether old versions are kept, by setting or because the provider always does."""
    kms_key_arn: str | None
    iam_statements: tuple[str, ...]
    kinds: Kinds
    items: tuple[Item, ...]
    notes: tuple[Note, ...]

    def of(self, feature: BucketFeature) -> Mapping[str, Item]:
        """Return the wanted items of one side of the bucket, by name."""
        return {item.name: item for item in self.items if item.feature is feature}

    def document(self, feature: BucketFeature) -> _Json:
        """Write one side as the S3 API has it; None where nothing is wanted of it.

        It is what ``bucket apply`` writes to a bucket where nobody else has configured anything.
        """
        items = {name: item.value for name, item in self.of(feature).items()}
        return to_document(feature, Items(items))

    def iam_policy(self) -> dict[str, Any]:
        """Write the application's IAM policy."""
        return policies.iam_policy(
            self.bucket,
            partition=self.principals.partition if self.principals else "aws",
            optional=self.iam_statements,
            kms_key_arn=self.kms_key_arn,
            distribution_arn=self.cdn.distribution_arn if self.cdn else None,
        )


def desired(
    settings: Settings,
    principals: Principals | None,
    *,
    provider: Provider,
    kinds: Kinds = DEFAULT_KINDS,
) -> DesiredBucket:
    """Say what the bucket of these settings should be.

    ``principals`` is None where the provider's policies can't tell callers apart. Nothing that
    the provider lacks is wanted: a note says what that means. Raises ConfigurationError for what
    can't be had there at all.
    """
    if settings.s3_kms_key_arn and not provider.iam:
        raise ConfigurationError(
            f"S3_KMS_KEY_ARN: {provider.name} has no AWS KMS. Leave it empty; objects are then "
            "encrypted with the storage's own keys where it offers that."
        )
    cdn = _cdn(settings, principals)
    versioned = settings.s3_versioning or provider.always_versioned
    wanted = [
        *_privacy(),
        _encryption(settings),
        *([_versioning()] if settings.s3_versioning and not provider.always_versioned else []),
        *_lifecycle(settings, provider, kinds, versioned=versioned),
        *_cors(settings),
        *_tags(settings),
        *_policy(settings, principals, provider, cdn, kinds),
    ]
    return DesiredBucket(
        bucket=settings.s3_bucket,
        region=settings.s3_region,
        provider=provider,
        principals=principals,
        cdn=cdn,
        versioned=versioned,
        kms_key_arn=settings.s3_kms_key_arn,
        iam_statements=settings.s3_iam_statements,
        kinds=kinds,
        items=tuple(item for item in wanted if item.feature not in provider.lacks),
        notes=tuple(_notes(settings, provider, principals)),
    )


def _privacy() -> list[Item]:
    return [
        Item(
            BucketFeature.PUBLIC_ACCESS_BLOCK,
            "public access block",
            {
                "BlockPublicAcls": True,
                "IgnorePublicAcls": True,
                "BlockPublicPolicy": True,
                "RestrictPublicBuckets": True,
            },
            "no ACL and no policy may ever open the bucket to the public",
        ),
        Item(
            BucketFeature.OWNERSHIP,
            "object ownership",
            "BucketOwnerEnforced",
            "ACLs are off, so policies alone say who may do what",
        ),
    ]


def _encryption(settings: Settings) -> Item:
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


def _versioning() -> Item:
    return Item(
        BucketFeature.VERSIONING,
        "versioning",
        "Enabled",
        "S3_VERSIONING=true: what is replaced or deleted can be brought back for a while",
    )


def _lifecycle(
    settings: Settings, provider: Provider, kinds: Kinds, *, versioned: bool
) -> list[Item]:
    pending: dict[str, _Json] = {"Expiration": {"Days": PENDING_DAYS}}
    if versioned:
        pending["NoncurrentVersionExpiration"] = {"NoncurrentDays": PENDING_DAYS}
    rules = [
        _rule("pending", PENDING, pending, "uploads that nobody completed go away after a day")
    ]
    if versioned and provider.expires_markers:
        # S3 takes ExpiredObjectDeleteMarker in no rule that also has Days (API Reference,
        # "LifecycleExpiration").
        rules.append(
            _rule(
                "pending-markers",
                PENDING,
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


def _cors(settings: Settings) -> list[Item]:
    if not settings.cors_origins:
        return []
    name = OWNED + "uploads"
    value = {
        "ID": name,
        "AllowedOrigins": list(settings.cors_origins),
        "AllowedMethods": ["GET", "HEAD", "POST", "PUT"],
        "AllowedHeaders": ["content-type", "if-none-match", "x-amz-*"],
        "ExposeHeaders": ["ETag"],
        "MaxAgeSeconds": PREFLIGHT_CACHE_SECONDS,
    }
    reason = "pages of CORS_ORIGINS send files to the bucket and read its answers"
    return [Item(BucketFeature.CORS, name, value, reason)]


def _tags(settings: Settings) -> list[Item]:
    return [
        Item(BucketFeature.TAGS, name, value, "S3_TAGS names it")
        for name, value in settings.s3_tags.items()
    ]


def _policy(
    settings: Settings,
    principals: Principals | None,
    provider: Provider,
    cdn: Cdn | None,
    kinds: Kinds,
) -> list[Item]:
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


def _cdn(settings: Settings, principals: Principals | None) -> Cdn | None:
    if settings.cdn_distribution_id is None or principals is None:
        return None
    return Cdn(
        f"arn:{principals.partition}:cloudfront::{principals.account}:distribution/"
        f"{settings.cdn_distribution_id}",
        signed=settings.cdn_key_pair_id is not None,
    )


def is_plain_loopback(endpoint: str | None) -> bool:
    """Tell whether an endpoint is plain http on this very machine, as in development."""
    parts = urlsplit(endpoint or "https://")
    if parts.scheme != "http":
        return False
    if parts.hostname == "localhost":
        return True
    try:
        return ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False


def _notes(settings: Settings, provider: Provider, principals: Principals | None) -> list[Note]:
    notes = [Note(feature.value, text) for feature, text in provider.lacks.items()]
    if BucketFeature.POLICY not in provider.lacks:
        if is_plain_loopback(settings.s3_endpoint):
            notes.append(
                Note(
                    policies.INSECURE,
                    "S3_ENDPOINT is plain http on this machine, so what is not TLS is not "
                    "denied. That is for development alone.",
                )
            )
        elif provider.policy_gap:
            notes.append(Note(policies.INSECURE, provider.policy_gap))
        if principals is None:
            notes.append(
                Note(
                    policies.OTHERS,
                    f"A bucket policy on {provider.name} can't tell callers apart by ARN, so it "
                    "does not deny other principals. Give keys to this bucket to nobody else.",
                )
            )
    if not provider.aborts_multipart:
        notes.append(
            Note(
                "unfinished multipart uploads",
                f"{provider.name} takes no lifecycle rule for them; it removes them itself "
                "after a day, unless its administrator says otherwise.",
            )
        )
    if not settings.cors_origins and BucketFeature.CORS not in provider.lacks:
        notes.append(
            Note(
                "CORS",
                "CORS_ORIGINS is empty, so no page of another origin can upload to the bucket.",
            )
        )
    if settings.s3_kms_key_arn and "kms" not in settings.s3_iam_statements:
        without = policies.OPTIONAL_STATEMENTS["kms"].without
        notes.append(Note("kms", f"{without} Add kms to S3_IAM_STATEMENTS."))
    return notes
