"""Reads a CloudFormation template as CloudFormation does."""

from typing import Any

from tests.unit.buckets.read_back import ReadBack, one, put

from gridboss_assets.storage.providers import BucketFeature

_CORS = {
    "Id": "ID",
    "AllowedOrigins": "AllowedOrigins",
    "AllowedMethods": "AllowedMethods",
    "AllowedHeaders": "AllowedHeaders",
    "ExposedHeaders": "ExposeHeaders",
    "MaxAge": "MaxAgeSeconds",
}
_RULE = {
    "Id": "ID",
    "Status": "Status",
    "NoncurrentVersionExpiration": "NoncurrentVersionExpiration",
    "AbortIncompleteMultipartUpload": "AbortIncompleteMultipartUpload",
}
_EXPIRATION = {
    "ExpirationInDays": "Days",
    "ExpiredObjectDeleteMarker": "ExpiredObjectDeleteMarker",
}
_RETAINED = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}


def from_cloudformation(template: dict[str, Any]) -> ReadBack:
    """Read a template; fails on a resource or a property that it does not know."""
    resources = {}
    for name, resource in template["Resources"].items():
        assert resource.keys() == {"Type", "Properties", *_RETAINED}
        assert resource.items() >= _RETAINED.items()
        resources[resource["Type"]] = (name, dict(resource["Properties"]))
    bucket, properties = resources.pop("AWS::S3::Bucket")
    _, attached = resources.pop("AWS::S3::BucketPolicy")
    assert attached["Bucket"] == {"Ref": bucket}
    name = properties.pop("BucketName")
    sides = dict(bucket_side(each, value) for each, value in properties.items())
    sides[BucketFeature.POLICY] = attached["PolicyDocument"]
    return _with_application(resources, bucket=name, sides=sides)


def bucket_side(name: str, value: Any) -> tuple[BucketFeature, Any]:  # noqa: PLR0911 - one a side
    """Read one property of an ``AWS::S3::Bucket``."""
    match name:
        case "PublicAccessBlockConfiguration":
            return BucketFeature.PUBLIC_ACCESS_BLOCK, value
        case "OwnershipControls":
            return BucketFeature.OWNERSHIP, one(one(value["Rules"]).values())
        case "BucketEncryption":
            rule = dict(one(value["ServerSideEncryptionConfiguration"]))
            default = rule.pop("ServerSideEncryptionByDefault")
            rest = put(rule, {"BucketKeyEnabled": "BucketKeyEnabled"})
            rules = [{"ApplyServerSideEncryptionByDefault": default, **rest}]
            return BucketFeature.ENCRYPTION, {"Rules": rules}
        case "VersioningConfiguration":
            return BucketFeature.VERSIONING, one(value.values())
        case "LifecycleConfiguration":
            return BucketFeature.LIFECYCLE, {"Rules": [_rule(each) for each in value["Rules"]]}
        case "CorsConfiguration":
            rules = [put(each, _CORS) for each in value["CorsRules"]]
            return BucketFeature.CORS, {"CORSRules": rules}
        case "Tags":
            return BucketFeature.TAGS, {"TagSet": value}
    raise AssertionError(f"nobody reads {name}")


def _rule(rule: dict[str, Any]) -> dict[str, Any]:
    rule = dict(rule)
    made: dict[str, Any] = {"Filter": {"Prefix": rule.pop("Prefix", "")}}
    expiration = {name: rule.pop(name) for name in _EXPIRATION if name in rule}
    if expiration:
        made["Expiration"] = put(expiration, _EXPIRATION)
    return made | put(rule, _RULE)


def _with_application(resources: dict[str, Any], **bucket: Any) -> ReadBack:
    if "AWS::IAM::RolePolicy" in resources:
        _, policy = resources.pop("AWS::IAM::RolePolicy")
        tags, end = None, f"role/{policy['RoleName']}"
    else:
        name, user = resources.pop("AWS::IAM::User")
        _, policy = resources.pop("AWS::IAM::UserPolicy")
        assert policy["UserName"] == {"Ref": name}
        tags = {tag["Key"]: tag["Value"] for tag in user.get("Tags", [])}
        end = f"user{user['Path']}{user['UserName']}"
    assert resources == {}
    return ReadBack(
        **bucket,
        application=end,
        tags=tags,
        policy_name=policy["PolicyName"],
        policy=policy["PolicyDocument"],
    )
