"""What the application's IAM policy allows, by an evaluator of policies that others wrote."""

from collections.abc import Callable

import pytest
from tests.support.policy_evaluator import (
    ADMINISTRATOR,
    Caller,
    Policy,
    as_role_session,
    as_user,
    evaluate,
)

from gridboss_assets.buckets.policies import OPTIONAL_STATEMENTS, iam_policy

ACCOUNT = "123456789012"
BUCKET = "gridboss-assets"
ARN = f"arn:aws:s3:::{BUCKET}"
OBJECT = f"{ARN}/avatars/a.png"
IAM = f"arn:aws:iam::{ACCOUNT}"
USER = f"{IAM}:user/apps/gridboss-assets"
ROLE = f"{IAM}:role/apps/gridboss-assets"
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"
OTHER_KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/99999999-2222-3333-4444-555555555555"
DISTRIBUTION = f"arn:aws:cloudfront::{ACCOUNT}:distribution/EDFDVBD6EXAMPLE"
OTHER_DISTRIBUTION = f"arn:aws:cloudfront::{ACCOUNT}:distribution/E2ANOTHERONE"

Call = tuple[str, str]

# What the product calls (S3 User Guide, "Required permissions for Amazon S3 API operations").
NEEDED: dict[str, Call] = {
    "PutObject": ("s3:PutObject", f"{ARN}/pending/a"),
    "GetObject": ("s3:GetObject", f"{ARN}/exports/a.csv"),
    "HeadObject": ("s3:GetObject", f"{ARN}/avatars/a.png"),
    "DeleteObject": ("s3:DeleteObject", f"{ARN}/pending/a"),
    "ListObjectsV2": ("s3:ListBucket", ARN),
}

OPTIONAL: dict[str, set[Call]] = {
    "kms": {("kms:GenerateDataKey", KEY), ("kms:Decrypt", KEY)},
    "cdn-invalidation": {("cloudfront:CreateInvalidation", DISTRIBUTION)},
    "multipart": {
        ("s3:AbortMultipartUpload", OBJECT),
        ("s3:ListMultipartUploadParts", OBJECT),
        ("s3:ListBucketMultipartUploads", ARN),
    },
}

_ON_OBJECTS = """
    PutObjectAcl GetObjectAcl PutObjectTagging GetObjectTagging DeleteObjectTagging
    GetObjectAttributes GetObjectVersion DeleteObjectVersion PutObjectVersionAcl RestoreObject
    PutObjectRetention PutObjectLegalHold BypassGovernanceRetention ReplicateObject
"""
_ON_BUCKETS = """
    DeleteBucket PutBucketPolicy GetBucketPolicy DeleteBucketPolicy PutBucketAcl GetBucketAcl
    PutBucketCORS GetBucketCORS PutLifecycleConfiguration PutEncryptionConfiguration
    PutBucketVersioning PutBucketPublicAccessBlock PutBucketOwnershipControls PutBucketTagging
    PutBucketLogging PutBucketNotification PutReplicationConfiguration PutBucketWebsite
    ListBucketVersions GetBucketLocation CreateBucket
"""
REFUSED: list[Call] = [
    *((f"s3:{name}", OBJECT) for name in _ON_OBJECTS.split()),
    *((f"s3:{name}", ARN) for name in _ON_BUCKETS.split()),
    ("s3:ListAllMyBuckets", "*"),
    *(
        (f"s3:{name}", f"{bucket}/avatars/a.png")
        for name in ("PutObject", "GetObject", "DeleteObject", "AbortMultipartUpload")
        for bucket in ("arn:aws:s3:::another-bucket", f"{ARN}-2", f"arn:aws:s3:::my-{BUCKET}")
    ),
    ("s3:ListBucket", "arn:aws:s3:::another-bucket"),
    ("s3:ListBucket", f"{ARN}-2"),
    ("s3:ListBucketMultipartUploads", f"{ARN}-2"),
    ("iam:CreateAccessKey", USER),
    ("iam:PutUserPolicy", USER),
    ("iam:AttachUserPolicy", USER),
    ("iam:GetUser", USER),
    ("iam:PassRole", ROLE),
    ("iam:PutRolePolicy", ROLE),
    ("sts:AssumeRole", f"{IAM}:role/operator"),
    ("kms:Encrypt", KEY),
    ("kms:ReEncryptFrom", KEY),
    ("kms:CreateGrant", KEY),
    ("kms:PutKeyPolicy", KEY),
    ("kms:ScheduleKeyDeletion", KEY),
    ("kms:Decrypt", OTHER_KEY),
    ("kms:GenerateDataKey", OTHER_KEY),
    ("cloudfront:CreateInvalidation", OTHER_DISTRIBUTION),
    ("cloudfront:GetDistribution", DISTRIBUTION),
    ("cloudfront:UpdateDistribution", DISTRIBUTION),
]
EVERYTHING = sorted(set(NEEDED.values()).union(REFUSED, *OPTIONAL.values()))


def _left_to_iam(action: str) -> Policy:
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": f"{IAM}:root"}, "Action": action}
            | ({"Resource": "*"} if action == "kms:*" else {})
        ],
    }


# Keys and roles must first leave it to their account's IAM policies who may use them: AWS's default
# policy of a key does, and so does a role whose trust policy names the account.
RESOURCE_POLICIES = {"kms": _left_to_iam("kms:*"), "sts": _left_to_iam("sts:AssumeRole")}


def allowed(caller: Caller) -> set[Call]:
    """Ask for everything, and return what is allowed."""
    asked = [
        caller.asks(action, on, of=ACCOUNT, policy=RESOURCE_POLICIES.get(action.split(":")[0]))
        for action, on in EVERYTHING
    ]
    return {
        call
        for call, result in zip(EVERYTHING, evaluate(asked), strict=True)
        if result == "Allowed"
    }


def policy_with(*optional: str) -> Policy:
    """Write the policy with some of the optional statements."""
    return iam_policy(BUCKET, optional=optional, kms_key_arn=KEY, distribution_arn=DISTRIBUTION)


def as_the_user(policy: Policy) -> Caller:
    return as_user(USER, policy)


def as_the_role(policy: Policy) -> Caller:
    return as_role_session(ROLE, "i-0123456789abcdef0", policy)


def test_the_harness_can_allow_everything_that_is_asked_for() -> None:
    assert allowed(as_user(USER, ADMINISTRATOR)) == set(EVERYTHING)


@pytest.mark.parametrize("caller", [as_the_user, as_the_role])
def test_what_the_product_calls_is_allowed_and_nothing_else(
    caller: Callable[[Policy], Caller],
) -> None:
    assert allowed(caller(policy_with())) == set(NEEDED.values())


@pytest.mark.parametrize("name", OPTIONAL)
def test_an_optional_statement_adds_just_its_own(name: str) -> None:
    assert allowed(as_the_user(policy_with(name))) == set(NEEDED.values()) | OPTIONAL[name]


def test_all_optional_statements_together_add_what_each_adds() -> None:
    assert OPTIONAL.keys() == OPTIONAL_STATEMENTS.keys()
    wanted = set(NEEDED.values()).union(*OPTIONAL.values())
    assert allowed(as_the_user(policy_with(*OPTIONAL))) == wanted


@pytest.mark.parametrize("partition", ["aws-cn", "aws-us-gov"])
def test_in_another_partition_the_same_is_allowed_there(partition: str) -> None:
    policy = iam_policy(BUCKET, partition=partition)
    caller = as_user(USER.replace("arn:aws:", f"arn:{partition}:"), policy)
    calls = [(a, on.replace("arn:aws:", f"arn:{partition}:")) for a, on in NEEDED.values()]
    asked = [caller.asks(action, on, of=ACCOUNT) for action, on in calls]
    assert evaluate(asked) == ["Allowed"] * len(calls)
