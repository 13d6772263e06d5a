"""Reads a configuration in Terraform's JSON syntax as Terraform does."""

import json
from typing import Any

from tests.unit.buckets.read_back import ReadBack, one, put

from gridboss_assets.storage.providers import BucketFeature

_ENCRYPTION = {"sse_algorithm": "SSEAlgorithm", "kms_master_key_id": "KMSMasterKeyID"}
_PUBLIC_ACCESS = {
    "block_public_acls": "BlockPublicAcls",
    "ignore_public_acls": "IgnorePublicAcls",
    "block_public_policy": "BlockPublicPolicy",
    "restrict_public_buckets": "RestrictPublicBuckets",
}
_CORS = {
    "id": "ID",
    "allowed_origins": "AllowedOrigins",
    "allowed_methods": "AllowedMethods",
    "allowed_headers": "AllowedHeaders",
    "expose_headers": "ExposeHeaders",
    "max_age_seconds": "MaxAgeSeconds",
}
_RULE = {"id": "ID", "status": "Status"}
_ACTIONS = {
    "filter": ("Filter", {"prefix": "Prefix"}),
    "expiration": (
        "Expiration",
        {"days": "Days", "expired_object_delete_marker": "ExpiredObjectDeleteMarker"},
    ),
    "noncurrent_version_expiration": (
        "NoncurrentVersionExpiration",
        {"noncurrent_days": "NoncurrentDays"},
    ),
    "abort_incomplete_multipart_upload": (
        "AbortIncompleteMultipartUpload",
        {"days_after_initiation": "DaysAfterInitiation"},
    ),
}


def from_terraform(document: dict[str, Any]) -> ReadBack:
    """Read a configuration; fails on a resource or an argument that it does not know."""
    bodies = {
        kind: _body(kind, labels)
        for kind, labels in document["resource"].items()
        if kind.startswith("aws_s3_bucket_")
    }
    iam = {kind: labels for kind, labels in document["resource"].items() if "_iam_" in kind}
    bucket = dict(document["resource"]["aws_s3_bucket"]["assets"])
    assert bucket.pop("lifecycle") == {"prevent_destroy": True}
    tags = evaluated(bucket.pop("tags", {}))
    sides = {
        BucketFeature.TAGS: {"TagSet": [{"Key": k, "Value": v} for k, v in tags.items()]},
        **dict(_side(kind, body) for kind, body in bodies.items()),
    }
    return _with_application(iam, bucket=one(bucket.values()), sides=sides)


def _body(kind: str, labels: dict[str, Any]) -> dict[str, Any]:
    body = dict(one(labels.values()))
    assert labels.keys() == {"assets"}
    assert body.pop("bucket") == "${aws_s3_bucket.assets.bucket}", kind
    body.pop("depends_on", None)
    return dict(evaluated(body))


def _side(kind: str, body: dict[str, Any]) -> tuple[BucketFeature, Any]:  # noqa: PLR0911 - one a side
    match kind.removeprefix("aws_s3_bucket_"):
        case "public_access_block":
            return BucketFeature.PUBLIC_ACCESS_BLOCK, put(body, _PUBLIC_ACCESS)
        case "ownership_controls":
            return BucketFeature.OWNERSHIP, one(one(one(body.values())).values())
        case "server_side_encryption_configuration":
            rule = dict(one(body["rule"]))
            default = put(rule.pop("apply_server_side_encryption_by_default"), _ENCRYPTION)
            rest = put(rule, {"bucket_key_enabled": "BucketKeyEnabled"})
            rules = [{"ApplyServerSideEncryptionByDefault": default, **rest}]
            return BucketFeature.ENCRYPTION, {"Rules": rules}
        case "versioning":
            return BucketFeature.VERSIONING, one(body["versioning_configuration"].values())
        case "lifecycle_configuration":
            return BucketFeature.LIFECYCLE, {"Rules": [_rule(each) for each in body["rule"]]}
        case "cors_configuration":
            rules = [put(each, _CORS) for each in body["cors_rule"]]
            return BucketFeature.CORS, {"CORSRules": rules}
        case "policy":
            return BucketFeature.POLICY, json.loads(one(body.values()))
    raise AssertionError(f"nobody reads {kind}")


def _rule(rule: dict[str, Any]) -> dict[str, Any]:
    plain = {name: part for name, part in rule.items() if name not in _ACTIONS}
    actions = {}
    for name in rule.keys() & _ACTIONS.keys():
        theirs, names = _ACTIONS[name]
        actions[theirs] = put(rule[name], names)
    return put(plain, _RULE) | actions


def _with_application(iam: dict[str, Any], **bucket: Any) -> ReadBack:
    bodies = {kind: dict(labels["application"]) for kind, labels in iam.items()}
    if "aws_iam_role_policy" in bodies:
        policy, tags = bodies.pop("aws_iam_role_policy"), None
        end = f"role/{evaluated(policy['role'])}"
    else:
        policy, user = bodies.pop("aws_iam_user_policy"), bodies.pop("aws_iam_user")
        assert policy["user"] == "${aws_iam_user.application.name}"
        tags, end = evaluated(user.get("tags", {})), f"user{user['path']}{user['name']}"
    assert bodies == {}
    document = json.loads(evaluated(policy["policy"]))
    return ReadBack(
        **bucket, application=end, tags=tags, policy_name=policy["name"], policy=document
    )


def evaluated(value: Any) -> Any:
    """Evaluate what holds no reference ("Strings"); a template in it would be an accident."""
    if isinstance(value, dict):
        return {evaluated(name): evaluated(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [evaluated(each) for each in value]
    if not isinstance(value, str):
        return value
    text, at = "", 0
    while at < len(value):
        escaped = value[at : at + 3] in {"$${", "%%{"}
        assert escaped or value[at : at + 2] not in {"${", "%{"}, f"a template: {value}"
        text += value[at + 1 : at + 3] if escaped else value[at]
        at += 3 if escaped else 1
    return text
