"""The names of the audit's checks, and the permission that each of its calls needs: data.

The names are stable: scripts may rely on them.
"""

from collections.abc import Mapping
from enum import StrEnum

from gridboss_assets.findings import Finding, Status
from gridboss_assets.storage.providers import BucketFeature


class Check(StrEnum):
    """Every check beside those of the bucket's sides, which are called as ``BucketFeature`` is."""

    SETTINGS = "settings"
    OPERATOR = "operator"
    BUCKET = "bucket"
    REGION = "region"
    BUCKET_ACL = "bucket ACL"
    TLS = "TLS only"
    OTHERS = "other principals"
    PUBLIC_POLICY = "public policy"
    APPLICATION = "access of the application"
    OPERATORS = "access of the operators"
    STATEMENTS = "statements of others"
    CDN = "access of the CDN"
    DELETED = "deleted principals"
    CORS_RULES = "CORS rules of others"
    LIFECYCLE_RULES = "lifecycle rules of others"
    WEBSITE = "website hosting"
    REPLICATION = "replication"
    PUBLIC_LISTING = "public listing"
    SAMPLE = "sample of objects"
    PUBLIC_OBJECTS = "public objects"
    OBJECT_ACLS = "object ACLs"
    OBJECT_ENCRYPTION = "encryption of objects"
    UNSEALED = "unsealed objects"
    STALE = "stale uploads"
    MULTIPART = "unfinished multipart uploads"
    NOT_TRIED = "not tried"


CHECKS: tuple[str, ...] = (*map(str, Check), *map(str, BucketFeature))
"""The names of all checks."""

PERMISSIONS: Mapping[str, str] = {
    "HeadBucket": "s3:ListBucket",
    "GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "GetBucketOwnershipControls": "s3:GetBucketOwnershipControls",
    "GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "GetBucketVersioning": "s3:GetBucketVersioning",
    "GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
    "GetBucketCors": "s3:GetBucketCORS",
    "GetBucketTagging": "s3:GetBucketTagging",
    "GetBucketPolicy": "s3:GetBucketPolicy",
    "GetBucketAcl": "s3:GetBucketAcl",
    "GetBucketPolicyStatus": "s3:GetBucketPolicyStatus",
    "GetBucketWebsite": "s3:GetBucketWebsite",
    "GetBucketReplication": "s3:GetReplicationConfiguration",
    "ListMultipartUploads": "s3:ListBucketMultipartUploads",
    "ListObjectsV2": "s3:ListBucket",
    "HeadObject": "s3:GetObject",
    "GetObjectAcl": "s3:GetObjectAcl",
}
"""For each call that the audit signs the permission it needs.

Service Authorization Reference, "Actions, resources, and condition keys for Amazon S3".
"""

SIDES: Mapping[BucketFeature, str] = {
    BucketFeature.PUBLIC_ACCESS_BLOCK: "GetPublicAccessBlock",
    BucketFeature.OWNERSHIP: "GetBucketOwnershipControls",
    BucketFeature.ENCRYPTION: "GetBucketEncryption",
    BucketFeature.VERSIONING: "GetBucketVersioning",
    BucketFeature.LIFECYCLE: "GetBucketLifecycleConfiguration",
    BucketFeature.CORS: "GetBucketCors",
    BucketFeature.TAGS: "GetBucketTagging",
    BucketFeature.POLICY: "GetBucketPolicy",
}
"""The call that reads each side of a bucket."""

APPLY = "`gridboss-assets bucket apply` mends it."


def passed(check: str, detail: str) -> Finding:
    """Report that all is well."""
    return Finding(check, Status.PASS, detail)


def unavailable(check: str, meaning: str) -> Finding:
    """Report what a provider does not have, and what that means."""
    return Finding(check, Status.UNAVAILABLE, meaning)


def unread(check: str, operation: str, why: str) -> Finding:
    """Report what could not be read, and the permission that may be missing."""
    return Finding(
        check,
        Status.UNKNOWN,
        why,
        f"Allow {PERMISSIONS[operation]} to whoever audits, or audit as somebody who has it.",
    )


def some(names: list[str], most: int = 3) -> str:
    """Name the first few of many, such as ``a, b and 4 more``."""
    shown, left = names[:most], len(names) - most
    return f"{', '.join(shown)} and {left} more" if left > 0 else ", ".join(shown)
