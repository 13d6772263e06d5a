"""The desired state as a CloudFormation template in JSON.

Names are those of the CloudFormation Template Reference (AWS::S3::Bucket and its neighbours).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from gridboss_assets.buckets.application import policy_name
from gridboss_assets.buckets.desired import DesiredBucket
from gridboss_assets.buckets.iac import cloudformation_cdn
from gridboss_assets.buckets.iac.distribution import ARN, of_file, with_distribution
from gridboss_assets.buckets.iac.naming import Names, Part, renamed
from gridboss_assets.buckets.iac.source import (
    ADVICE,
    Application,
    api_documents,
    principals_of,
    tags_of,
)
from gridboss_assets.buckets.principals import Principals
from gridboss_assets.cdn.desired import DesiredDistribution
from gridboss_assets.storage.providers import BucketFeature

_MARK = "Written by `gridboss-assets iac cloudformation`."

_Resource = tuple[str, str, dict[str, Any]]
"""A resource's logical ID, its type and its properties."""

_SIDES: Mapping[BucketFeature, tuple[str, Names]] = {
    BucketFeature.PUBLIC_ACCESS_BLOCK: (
        "PublicAccessBlockConfiguration",
        {
            "BlockPublicAcls": "BlockPublicAcls",
            "IgnorePublicAcls": "IgnorePublicAcls",
            "BlockPublicPolicy": "BlockPublicPolicy",
            "RestrictPublicBuckets": "RestrictPublicBuckets",
        },
    ),
    BucketFeature.OWNERSHIP: (
        "OwnershipControls",
        {"Rules": Part("Rules", {"ObjectOwnership": "ObjectOwnership"})},
    ),
    BucketFeature.ENCRYPTION: (
        "BucketEncryption",
        {
            "Rules": Part(
                "ServerSideEncryptionConfiguration",
                {
                    "ApplyServerSideEncryptionByDefault": Part(
                        "ServerSideEncryptionByDefault",
                        {"SSEAlgorithm": "SSEAlgorithm", "KMSMasterKeyID": "KMSMasterKeyID"},
                    ),
                    "BucketKeyEnabled": "BucketKeyEnabled",
                },
            )
        },
    ),
    BucketFeature.VERSIONING: (
        "VersioningConfiguration",
        {"VersioningConfiguration": Part(None, {"Status": "Status"})},
    ),
    BucketFeature.LIFECYCLE: (
        "LifecycleConfiguration",
        {
            "Rules": Part(
                "Rules",
                {
                    "ID": "Id",
                    "Status": "Status",
                    "Filter": Part(None, {"Prefix": "Prefix"}),
                    "Expiration": Part(
                        None,
                        {
                            "Days": "ExpirationInDays",
                            "ExpiredObjectDeleteMarker": "ExpiredObjectDeleteMarker",
                        },
                    ),
                    "NoncurrentVersionExpiration": Part(
                        "NoncurrentVersionExpiration", {"NoncurrentDays": "NoncurrentDays"}
                    ),
                    "AbortIncompleteMultipartUpload": Part(
                        "AbortIncompleteMultipartUpload",
                        {"DaysAfterInitiation": "DaysAfterInitiation"},
                    ),
                },
            )
        },
    ),
    BucketFeature.CORS: (
        "CorsConfiguration",
        {
            "CORSRules": Part(
                "CorsRules",
                {
                    "ID": "Id",
                    "AllowedOrigins": "AllowedOrigins",
                    "AllowedMethods": "AllowedMethods",
                    "AllowedHeaders": "AllowedHeaders",
                    "ExposeHeaders": "ExposedHeaders",
                    "MaxAgeSeconds": "MaxAge",
                },
            )
        },
    ),
}


def cloudformation(wanted: DesiredBucket, cdn: DesiredDistribution | None = None) -> dict[str, Any]:
    """Write the template, with a distribution where one is given.

    Raises ConfigurationError where the bucket is not one of AWS.
    """
    principals = principals_of(wanted)
    sections = []
    if cdn is not None:
        wanted = with_distribution(wanted, cdn)
        sections.append(cloudformation_cdn.distribution(of_file(cdn)))
    application = Application(principals.application)
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": f"GridBoss Assets: the bucket {wanted.bucket} and its application.",
        # No output says it: an import of what exists already may bring none ("As part of the
        # import operation, you cannot modify or add [Outputs]").
        "Metadata": {"GridBossAssets": f"{_MARK} {ADVICE}", "Application": application.keys},
        "Rules": _place(wanted, principals),
        "Resources": {
            name: {
                "Type": kind,
                # What belongs to the application outlives the stack: files, and the way to them.
                "DeletionPolicy": "Retain",
                "UpdateReplacePolicy": "Retain",
                "Properties": cloudformation_cdn.referring(properties, ARN),
            }
            for section in (_bucket(wanted), _application(wanted, application), *sections)
            for name, kind, properties in section
        },
    }


def is_ours(document: Any) -> bool:
    """Tell whether a document was written by :func:`cloudformation`."""
    metadata = document.get("Metadata") if isinstance(document, dict) else None
    return isinstance(metadata, dict) and str(metadata.get("GridBossAssets")).startswith(_MARK)


def _place(wanted: DesiredBucket, principals: Principals) -> dict[str, Any]:
    """Refuse another account, where the policy would shut out everybody, and another region."""
    right = {
        "AWS::AccountId": (principals.account, "account"),
        "AWS::Region": (wanted.region, "region"),
    }
    return {
        "RightPlace": {
            "Assertions": [
                {
                    "Assert": {"Fn::Equals": [{"Ref": name}, value]},
                    "AssertDescription": f"This template is for the {word} {value} alone.",
                }
                for name, (value, word) in right.items()
            ]
        }
    }


def _bucket(wanted: DesiredBucket) -> Iterator[_Resource]:
    documents = api_documents(wanted)
    policy = documents.pop(BucketFeature.POLICY)
    properties: dict[str, Any] = {"BucketName": wanted.bucket, **_tags(wanted)}
    for feature, document in documents.items():
        name, names = _SIDES[feature]
        properties[name] = renamed(document, names, feature.value)
    for rule in properties.get("LifecycleConfiguration", {"Rules": []})["Rules"]:
        if rule.get("Prefix") == "":
            del rule["Prefix"]  # without it a rule is about every object
    yield "AssetsBucket", "AWS::S3::Bucket", properties
    # The reference puts it after the bucket, and so after all of the sides above.
    attached = {"Bucket": {"Ref": "AssetsBucket"}, "PolicyDocument": policy}
    yield "AssetsBucketPolicy", "AWS::S3::BucketPolicy", attached


def _application(wanted: DesiredBucket, application: Application) -> Iterator[_Resource]:
    policy = {"PolicyName": policy_name(wanted.bucket), "PolicyDocument": wanted.iam_policy()}
    if not application.is_user:
        role = {"RoleName": application.name}
        yield "ApplicationPolicy", "AWS::IAM::RolePolicy", role | policy
        return
    user = {"UserName": application.name, "Path": application.path}
    yield "ApplicationUser", "AWS::IAM::User", user | _tags(wanted)
    reference = {"UserName": {"Ref": "ApplicationUser"}}
    yield "ApplicationPolicy", "AWS::IAM::UserPolicy", reference | policy


def _tags(wanted: DesiredBucket) -> dict[str, Any]:
    tags = [{"Key": name, "Value": value} for name, value in tags_of(wanted).items()]
    return {"Tags": tags} if tags else {}
