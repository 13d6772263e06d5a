"""The desired state as Terraform's JSON syntax, for a file named ``main.tf.json``.

Names are those of the resources' documentation (registry.terraform.io, provider hashicorp/aws);
the syntax is that of "JSON Configuration Syntax" in Terraform's own.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from gridboss_assets.buckets.application import policy_name
from gridboss_assets.buckets.desired import DesiredBucket
from gridboss_assets.buckets.iac import terraform_cdn
from gridboss_assets.buckets.iac.distribution import ARN, LABEL, of_file, with_distribution
from gridboss_assets.buckets.iac.naming import Names, Part, renamed
from gridboss_assets.buckets.iac.source import (
    ADVICE,
    Application,
    api_documents,
    principals_of,
    tags_of,
)
from gridboss_assets.cdn.desired import DesiredDistribution
from gridboss_assets.storage.providers import BucketFeature

# The oldest version that the tests know the arguments of; the next major one may rename some.
PROVIDER_VERSION = "~> 6.25"
TERRAFORM_VERSION = ">= 1.5"

_MARK = "Written by `gridboss-assets iac terraform`."
_BUCKET = "${aws_s3_bucket.assets.bucket}"

_Resource = tuple[str, str, dict[str, Any]]
"""A resource's type, its label and its body."""

_SIDES: Mapping[BucketFeature, tuple[str, Names]] = {
    BucketFeature.PUBLIC_ACCESS_BLOCK: (
        "aws_s3_bucket_public_access_block",
        {
            "BlockPublicAcls": "block_public_acls",
            "IgnorePublicAcls": "ignore_public_acls",
            "BlockPublicPolicy": "block_public_policy",
            "RestrictPublicBuckets": "restrict_public_buckets",
        },
    ),
    BucketFeature.OWNERSHIP: (
        "aws_s3_bucket_ownership_controls",
        {"Rules": Part("rule", {"ObjectOwnership": "object_ownership"})},
    ),
    BucketFeature.ENCRYPTION: (
        "aws_s3_bucket_server_side_encryption_configuration",
        {
            "Rules": Part(
                "rule",
                {
                    "ApplyServerSideEncryptionByDefault": Part(
                        "apply_server_side_encryption_by_default",
                        {"SSEAlgorithm": "sse_algorithm", "KMSMasterKeyID": "kms_master_key_id"},
                    ),
                    "BucketKeyEnabled": "bucket_key_enabled",
                },
            )
        },
    ),
    BucketFeature.VERSIONING: (
        "aws_s3_bucket_versioning",
        {"VersioningConfiguration": Part("versioning_configuration", {"Status": "status"})},
    ),
    BucketFeature.LIFECYCLE: (
        "aws_s3_bucket_lifecycle_configuration",
        {
            "Rules": Part(
                "rule",
                {
                    "ID": "id",
                    "Status": "status",
                    "Filter": Part("filter", {"Prefix": "prefix"}),
                    "Expiration": Part(
                        "expiration",
                        {
                            "Days": "days",
                            "ExpiredObjectDeleteMarker": "expired_object_delete_marker",
                        },
                    ),
                    "NoncurrentVersionExpiration": Part(
                        "noncurrent_version_expiration", {"NoncurrentDays": "noncurrent_days"}
                    ),
                    "AbortIncompleteMultipartUpload": Part(
                        "abort_incomplete_multipart_upload",
                        {"DaysAfterInitiation": "days_after_initiation"},
                    ),
                },
            )
        },
    ),
    BucketFeature.CORS: (
        "aws_s3_bucket_cors_configuration",
        {
            "CORSRules": Part(
                "cors_rule",
                {
                    "ID": "id",
                    "AllowedOrigins": "allowed_origins",
                    "AllowedMethods": "allowed_methods",
                    "AllowedHeaders": "allowed_headers",
                    "ExposeHeaders": "expose_headers",
                    "MaxAgeSeconds": "max_age_seconds",
                },
            )
        },
    ),
}


def terraform(wanted: DesiredBucket, cdn: DesiredDistribution | None = None) -> dict[str, Any]:
    """Write the configuration, with a distribution where one is given.

    Raises ConfigurationError where the bucket is not one of AWS.
    """
    principals = principals_of(wanted)
    sections = []
    if cdn is not None:
        wanted, cdn = with_distribution(wanted, cdn), of_file(cdn)
        sections.append(_distribution(cdn))
    application = Application(principals.application)
    resources: dict[str, dict[str, Any]] = {}
    for section in (_bucket(wanted), _application(wanted, application), *sections):
        for kind, label, body in section:
            resources.setdefault(kind, {})[label] = body
    return {
        "//": f"{_MARK} {ADVICE}",
        "terraform": {
            "required_version": TERRAFORM_VERSION,
            "required_providers": {
                "aws": {"source": "hashicorp/aws", "version": PROVIDER_VERSION},
            },
        },
        # In another account the policy would shut out everybody there.
        "provider": {
            "aws": {"region": wanted.region, "allowed_account_ids": [principals.account]},
        },
        "resource": resources,
        "output": {
            "application": {"description": application.keys, "value": _literal(application.arn)},
            **(_outputs() if cdn else {}),
        },
    }


def is_ours(document: Any) -> bool:
    """Tell whether a document was written by :func:`terraform`."""
    return isinstance(document, dict) and str(document.get("//", "")).startswith(_MARK)


def _bucket(wanted: DesiredBucket) -> Iterator[_Resource]:
    documents = api_documents(wanted)
    policy = documents.pop(BucketFeature.POLICY)
    kept = {"lifecycle": {"prevent_destroy": True}}
    yield "aws_s3_bucket", "assets", {"bucket": wanted.bucket, **_tags(wanted), **kept}
    sides = []
    for feature, document in documents.items():
        kind, names = _SIDES[feature]
        body: dict[str, Any] = {"bucket": _BUCKET}
        if feature is BucketFeature.LIFECYCLE and BucketFeature.VERSIONING in documents:
            # Rules about old versions need versioning first (the resource's documentation).
            body["depends_on"] = [f"{_SIDES[BucketFeature.VERSIONING][0]}.assets"]
        yield kind, "assets", body | _literal(renamed(document, names, feature.value))
        sides.append(f"{kind}.assets")
    yield (
        "aws_s3_bucket_policy",
        "assets",
        # Last, as in `bucket apply`: it is what may shut somebody out.
        {"bucket": _BUCKET, "policy": _policy(policy), "depends_on": sides},
    )


def _application(wanted: DesiredBucket, application: Application) -> Iterator[_Resource]:
    policy = {"name": policy_name(wanted.bucket), "policy": _policy(wanted.iam_policy())}
    if not application.is_user:
        role = _literal(application.name)
        yield "aws_iam_role_policy", "application", {"//": application.keys, "role": role, **policy}
        return
    body = {"name": _literal(application.name), "path": _literal(application.path)}
    yield "aws_iam_user", "application", {"//": application.keys, **body, **_tags(wanted)}
    user = "${aws_iam_user.application.name}"
    yield "aws_iam_user_policy", "application", {"user": user, **policy}


def _distribution(cdn: DesiredDistribution) -> Iterator[_Resource]:
    for kind, label, body in terraform_cdn.distribution(cdn):
        yield kind, label, terraform_cdn.expressed(_literal(body))


def _outputs() -> dict[str, Any]:
    made = f"aws_cloudfront_distribution.{LABEL}"
    return {
        "cdn_distribution_id": {"description": "CDN_DISTRIBUTION_ID", "value": f"${{{made}.id}}"},
        "cdn_domain": {
            "description": "Where the host name of CDN_BASE_URL has to lead (a CNAME), or that "
            "host name itself.",
            "value": f"${{{made}.domain_name}}",
        },
    }


def _tags(wanted: DesiredBucket) -> dict[str, Any]:
    tags = tags_of(wanted)
    return {"tags": _literal(tags)} if tags else {}


def _policy(document: Mapping[str, Any]) -> str:
    text: str = _literal(json.dumps(document))
    return text.replace(ARN, terraform_cdn.ARN)


def _literal(value: Any) -> Any:
    """Keep Terraform from reading a value, or a name in it, as a template ("Strings")."""
    if isinstance(value, str):
        return value.replace("${", "$${").replace("%{", "%%{")
    if isinstance(value, dict):
        return {_literal(name): _literal(inner) for name, inner in value.items()}
    return [_literal(each) for each in value] if isinstance(value, list) else value
