"""The bucket policy and the application's IAM policy, as documents: pure data.

Product specification §1: deny what does not use TLS, deny who is not the GridBoss principal, and
give the application just two statements.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gridboss_assets.buckets.principals import Principals
from gridboss_assets.cdn.served import served_kinds
from gridboss_assets.errors import ConfigurationError
from gridboss_assets.kinds import DEFAULT_KINDS, Kinds
from gridboss_assets.storage.providers import AWS, Provider

Statement = dict[str, Any]

VERSION = "2012-10-17"

INSECURE = "DenyInsecureTransport"
OTHERS = "DenyOtherPrincipals"
CDN = "AllowCloudFront"

SIDS = frozenset({INSECURE, OTHERS, CDN})
"""The statements of a bucket policy that are ours to change or remove."""


@dataclass(frozen=True, slots=True)
class Cdn:
    """A CloudFront distribution that reads from the bucket by origin access control."""

    distribution_arn: str
    signed: bool
    """Whether it checks signed URLs with a key group, so that it may serve what has an owner."""


@dataclass(frozen=True, slots=True)
class OptionalStatement:
    """What a feature needs beyond the two statements, and what it does without."""

    name: str
    sid: str
    purpose: str
    without: str


OPTIONAL_STATEMENTS: Mapping[str, OptionalStatement] = {
    each.name: each
    for each in (
        OptionalStatement(
            "kms",
            "AllowEncryptionKey",
            "Writing and reading in a bucket that is encrypted with a KMS key (SSE-KMS).",
            "Every upload and download is refused by KMS while S3_KMS_KEY_ARN is set.",
        ),
        OptionalStatement(
            "cdn-invalidation",
            "AllowInvalidation",
            "Taking a deleted object out of the CDN's caches at once.",
            "An edge may serve a deleted object for the rest of its time in the cache.",
        ),
        OptionalStatement(
            "multipart",
            "AllowMultipartCleanup",
            "Removing the parts of a large export that failed half-way.",
            "The parts stay, and are paid for, until the lifecycle rule removes them after a day.",
        ),
    )
}


def bucket_arn(bucket: str, partition: str = "aws") -> str:
    """Return a bucket's ARN."""
    return f"arn:{partition}:s3:::{bucket}"


def bucket_policy(
    bucket: str,
    principals: Principals | None,
    *,
    cdn: Cdn | None = None,
    kinds: Kinds = DEFAULT_KINDS,
    provider: Provider = AWS,
) -> dict[str, Any]:
    """Write the bucket policy: two denials, and what a CDN may read.

    Without ``principals`` (where a policy can't tell callers apart) it denies what does not use
    TLS, and no more.
    """
    statements = [deny_insecure_transport(bucket, principals, provider)]
    if principals is not None:
        statements.append(deny_other_principals(bucket, principals))
        if cdn is not None:
            statements.append(allow_cdn(bucket, principals, cdn, kinds))
    return {"Version": VERSION, "Statement": statements}


def deny_insecure_transport(
    bucket: str, principals: Principals | None, provider: Provider = AWS
) -> Statement:
    """Deny every request over plain http (S3 User Guide, "Security best practices")."""
    return {
        "Sid": INSECURE,
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": _bucket_and_objects(bucket, principals),
        "Condition": {provider.tls_operator: {"aws:SecureTransport": "false"}},
    }


def deny_other_principals(bucket: str, principals: Principals) -> Statement:
    """Deny everybody but those who are admitted, and AWS's services.

    A service's own call has no ``aws:PrincipalArn``, which ``ArnNotEquals`` takes for "not one of
    these", so ``aws:PrincipalIsAWSService`` lets it pass; it still needs somebody to allow it.
    An anonymous call has neither key, so ``…IfExists`` denies it. Not ``NotPrincipal``: that
    compares a session's own ARN, whose name nobody knows beforehand (IAM User Guide, "AWS JSON
    policy elements: NotPrincipal").
    """
    return {
        "Sid": OTHERS,
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": _bucket_and_objects(bucket, principals),
        "Condition": {
            "ArnNotEquals": {"aws:PrincipalArn": principals.admitted},
            "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
        },
    }


def allow_cdn(bucket: str, principals: Principals, cdn: Cdn, kinds: Kinds) -> Statement:
    """Let one distribution read what it may serve, and never the whole bucket.

    CloudFront Developer Guide, "Restrict access to an Amazon S3 origin". What has an owner is
    served only where the edge checks signatures.
    """
    arn = bucket_arn(bucket, principals.partition)
    served = [kind.prefix for kind in served_kinds(kinds, signed=cdn.signed)]
    return {
        "Sid": CDN,
        "Effect": "Allow",
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Action": "s3:GetObject",
        "Resource": [f"{arn}/{prefix}*" for prefix in served],
        "Condition": {"StringEquals": {"AWS:SourceArn": cdn.distribution_arn}},
    }


def iam_policy(
    bucket: str,
    *,
    partition: str = "aws",
    optional: Iterable[str] = (),
    kms_key_arn: str | None = None,
    distribution_arn: str | None = None,
) -> dict[str, Any]:
    """Write the application's policy: the two statements of the specification and no more.

    ``optional`` names statements of :data:`OPTIONAL_STATEMENTS`. Raises ConfigurationError where
    one of them needs a key or a distribution that is not configured.
    """
    arn = bucket_arn(bucket, partition)
    statements: list[Statement] = [
        _allow(
            "AllowScopedObjectAccess",
            ["s3:PutObject", "s3:GetObject", "s3:DeleteObject"],
            f"{arn}/*",
        ),
        _allow("AllowListing", "s3:ListBucket", arn),
    ]
    for name in dict.fromkeys(optional):
        if name == "kms":
            key = _configured(name, "S3_KMS_KEY_ARN", kms_key_arn)
            # S3 User Guide, "Using server-side encryption with AWS KMS keys": a PUT asks for a
            # data key, a GET (and the end of a multipart upload) has one decrypted.
            actions = ["kms:GenerateDataKey", "kms:Decrypt"]
            statements.append(_allow("AllowEncryptionKey", actions, key))
        elif name == "cdn-invalidation":
            distribution = _configured(name, "CDN_DISTRIBUTION_ID", distribution_arn)
            statements.append(
                _allow("AllowInvalidation", "cloudfront:CreateInvalidation", distribution)
            )
        elif name == "multipart":
            statements.append(
                _allow(
                    "AllowMultipartCleanup",
                    [
                        "s3:AbortMultipartUpload",
                        "s3:ListMultipartUploadParts",
                        "s3:ListBucketMultipartUploads",
                    ],
                    [arn, f"{arn}/*"],
                )
            )
        else:
            raise ConfigurationError(
                f"There is no optional statement {name!r}. Choose some of: "
                f"{', '.join(OPTIONAL_STATEMENTS)}."
            )
    return {"Version": VERSION, "Statement": statements}


def _allow(sid: str, actions: str | list[str], resource: str | list[str]) -> Statement:
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resource}


def _configured(name: str, setting: str, value: str | None) -> str:
    if value is None:
        raise ConfigurationError(
            f"The statement {name} is about one resource alone: set {setting} to name it."
        )
    return value


def _bucket_and_objects(bucket: str, principals: Principals | None) -> Sequence[str]:
    arn = bucket_arn(bucket, principals.partition if principals else "aws")
    return [arn, f"{arn}/*"]
