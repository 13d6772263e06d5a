"""What the application's policies allow, too little and too much, on moto."""

import json
from typing import TYPE_CHECKING

import pytest
from tests.unit.buckets.audit.identity.conftest import (
    ARN,
    BUCKET,
    DESIRED,
    KMS,
    NAME,
    OURS,
    ROLE,
    allow,
    audited,
    failing,
    make_policy,
    make_role,
    make_user,
    of,
    one,
    policy,
    status,
)

from gridboss_assets.buckets.policies import iam_policy
from gridboss_assets.findings import Status

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

EVERYTHING = policy(allow("*", "*"))


# --- too little ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "where"),
    [
        ("s3:PutObject", "pending/avatars/, avatars/, pending/exports/, exports/"),
        ("s3:GetObject", "pending/avatars/, avatars/, pending/exports/, exports/"),
        ("s3:DeleteObject", "pending/avatars/, avatars/, pending/exports/, exports/"),
        ("s3:ListBucket", ARN),
    ],
)
def test_an_action_that_it_needs_and_lacks_is_named(
    iam: "IAMClient", action: str, where: str
) -> None:
    given = [a for a in ("s3:PutObject", "s3:GetObject", "s3:DeleteObject") if a != action]
    listing = [] if action == "s3:ListBucket" else [allow("s3:ListBucket", ARN)]
    make_user(iam, policy(allow(given, f"{ARN}/*"), *listing))
    found = audited()
    access = one(found, "application access")
    assert access.status is Status.FAIL
    assert access.detail == f"It may not {action} on {where}: no policy allows it."
    assert f"iam create-user {NAME} --no-key" in access.remedy
    assert status(found, "application excess") is Status.PASS


def test_a_prefix_that_it_needs_and_lacks_is_named(iam: "IAMClient") -> None:
    objects = ["s3:PutObject", "s3:GetObject", "s3:DeleteObject"]
    given = [f"{ARN}/avatars/*", f"{ARN}/pending/*"]
    make_user(iam, policy(allow(objects, given), allow("s3:ListBucket", ARN)))
    found = one(audited(), "application access")
    assert "s3:PutObject on exports/;" in found.detail
    assert "avatars/" not in found.detail


def test_the_prefixes_of_the_kinds_are_enough(iam: "IAMClient") -> None:
    objects = ["s3:PutObject", "s3:GetObject", "s3:DeleteObject"]
    given = [f"{ARN}/avatars/*", f"{ARN}/pending/*", f"{ARN}/exports/*"]
    make_user(iam, policy(allow(objects, given), allow("s3:ListBucket", ARN)))
    assert failing(audited()) <= {"keys owner"}


def test_policies_together_may_allow_what_it_needs(iam: "IAMClient") -> None:
    make_user(iam, policy(DESIRED["Statement"][0]))
    listing = make_policy(iam, "listing", policy(DESIRED["Statement"][1]))
    assert status(audited(), "application access") is Status.FAIL
    iam.attach_user_policy(UserName=NAME, PolicyArn=listing)
    assert status(audited(), "application access") is Status.PASS


def test_a_denial_is_named_with_its_policy(iam: "IAMClient") -> None:
    make_user(iam)
    denial = {"Sid": "Frozen", "Effect": "Deny", "Action": "s3:Delete*", "Resource": "*"}
    iam.put_user_policy(
        UserName=NAME, PolicyName="freeze", PolicyDocument=json.dumps(policy(denial))
    )
    found = one(audited(), "application access")
    assert found.status is Status.FAIL
    assert "s3:DeleteObject" in found.detail
    assert "the inline policy freeze (Frozen) denies it" in found.detail


@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_what_hangs_on_a_condition_of_the_network_is_unknown(iam: "IAMClient", effect: str) -> None:
    near = {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}
    listing = {"Effect": effect, "Action": "s3:ListBucket", "Resource": ARN, "Condition": near}
    rest = DESIRED["Statement"] if effect == "Deny" else DESIRED["Statement"][:1]
    make_user(iam, policy(*rest, listing))
    found = one(audited(), "application access")
    assert found.status is Status.UNKNOWN
    assert "condition" in found.detail


def test_what_is_certain_is_said_before_what_is_doubtful(iam: "IAMClient") -> None:
    near = {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}
    doubtful = {"Effect": "Deny", "Action": "s3:ListBucket", "Resource": "*", "Condition": near}
    make_user(iam, policy(doubtful, DESIRED["Statement"][0]))
    found = one(audited(), "application access")
    assert found.status is Status.FAIL
    assert found.detail == f"It may not s3:ListBucket on {ARN}: no policy allows it."


def test_a_permissions_boundary_that_takes_something_away_is_named(iam: "IAMClient") -> None:
    boundary = make_policy(iam, "boundary", policy(allow("s3:Get*", "*")))
    make_role(iam, PermissionsBoundary=boundary)
    found = one(audited(ROLE), "application access")
    assert found.status is Status.FAIL
    assert boundary in found.detail
    assert "s3:GetObject" not in found.detail
    assert "delete-role-permissions-boundary" in found.remedy


def test_a_permissions_boundary_that_leaves_what_it_needs_passes(iam: "IAMClient") -> None:
    make_role(iam, PermissionsBoundary=make_policy(iam, "boundary", policy(allow("s3:*", "*"))))
    assert failing(audited(ROLE)) == set()


# --- too much --------------------------------------------------------------------------------


def test_a_statement_that_goes_beyond_is_named_with_what_it_allows(iam: "IAMClient") -> None:
    more = allow(["s3:GetObjectAcl", "s3:GetObject"], [f"{ARN}/*", "arn:aws:s3:::other/*"])
    make_user(iam, policy(*DESIRED["Statement"], more | {"Sid": "More"}))
    found = one(audited(), "application excess")
    assert found.status is Status.FAIL
    assert f"the inline policy {OURS} (More)" in found.detail
    assert f"s3:GetObjectAcl on {ARN}/*, arn:aws:s3:::other/*" in found.detail
    assert "s3:GetObject on arn:aws:s3:::other/*" in found.detail
    assert f"iam create-user {NAME} --no-key" in found.remedy


def test_a_long_list_of_actions_is_cut_short(iam: "IAMClient") -> None:
    make_user(iam, policy(allow([f"iam:Get{number}" for number in range(9)], "*")))
    detail = one(audited(), "application excess").detail
    assert "iam:Get5 and 3 more on *" in detail


def test_a_managed_policy_is_named_by_its_arn(iam: "IAMClient") -> None:
    make_user(iam)
    arn = make_policy(iam, "admin", EVERYTHING)
    iam.attach_user_policy(UserName=NAME, PolicyArn=arn)
    found = one(audited(), "application excess")
    assert f"the managed policy {arn} (statement 1) allows * on *" in found.detail
    assert f"aws iam detach-user-policy --user-name {NAME} --policy-arn {arn}" in found.remedy


@pytest.mark.parametrize("managed", [True, False])
def test_a_groups_policy_is_named_with_the_group(iam: "IAMClient", managed: bool) -> None:  # noqa: FBT001
    make_user(iam)
    iam.create_group(GroupName="admins")
    iam.add_user_to_group(UserName=NAME, GroupName="admins")
    if managed:
        arn = make_policy(iam, "admin", EVERYTHING)
        iam.attach_group_policy(GroupName="admins", PolicyArn=arn)
    else:
        iam.put_group_policy(
            GroupName="admins", PolicyName="admin", PolicyDocument=json.dumps(EVERYTHING)
        )
    found = audited()
    assert (
        "of the group admins (statement 1) allows * on *" in one(found, "application excess").detail
    )
    assert "remove-user-from-group" in one(found, "application excess").remedy
    assert status(found, "application groups") is Status.WARN


def test_another_inline_policy_is_to_be_deleted(iam: "IAMClient") -> None:
    make_role(iam)
    iam.put_role_policy(RoleName=NAME, PolicyName="old", PolicyDocument=json.dumps(EVERYTHING))
    found = one(audited(ROLE), "application excess")
    assert f"aws iam delete-role-policy --role-name {NAME} --policy-name old" in found.remedy


def test_our_own_inline_policy_of_a_role_is_to_be_written_anew(iam: "IAMClient") -> None:
    make_role(iam, EVERYTHING)
    found = one(audited(ROLE), "application excess")
    assert f"put-role-policy --role-name {NAME} --policy-name {OURS}" in found.remedy


@pytest.mark.parametrize("other", ["policy", "group", "password"])
def test_a_user_whom_create_user_refuses_is_not_sent_there(iam: "IAMClient", other: str) -> None:
    make_user(iam, EVERYTHING)
    if other == "policy":
        arn = make_policy(iam, "listing", policy(DESIRED["Statement"][1]))
        iam.attach_user_policy(UserName=NAME, PolicyArn=arn)
    elif other == "group":
        iam.create_group(GroupName="apps")
        iam.add_user_to_group(UserName=NAME, GroupName="apps")
    else:
        iam.create_login_profile(UserName=NAME, Password="Abc-12345678")
    remedy = one(audited(), "application excess").remedy
    assert "create-user" not in remedy
    assert f"put-user-policy --user-name {NAME} --policy-name {OURS}" in remedy


def test_a_condition_does_not_excuse_but_is_mentioned(iam: "IAMClient") -> None:
    near = {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}
    make_user(iam, policy(*DESIRED["Statement"], allow("s3:*", "*", Condition=near)))
    found = one(audited(), "application excess")
    assert found.status is Status.FAIL
    assert "aws:SourceIp" in found.detail


def test_a_boundary_without_excess_turns_the_failure_into_a_warning(iam: "IAMClient") -> None:
    boundary = make_policy(iam, "boundary", DESIRED)
    make_role(iam, EVERYTHING, PermissionsBoundary=boundary)
    found = one(audited(ROLE), "application excess")
    assert found.status is Status.WARN
    assert boundary in found.detail


def test_a_boundary_that_holds_more_excuses_nothing(iam: "IAMClient") -> None:
    boundary = make_policy(iam, "boundary", policy(allow("s3:*", "*")))
    make_role(iam, EVERYTHING, PermissionsBoundary=boundary)
    assert status(audited(ROLE), "application excess") is Status.FAIL


# --- optional statements ---------------------------------------------------------------------


def test_an_optional_statement_that_settings_ask_for_passes(iam: "IAMClient") -> None:
    make_user(iam, iam_policy(BUCKET, optional=["kms"], kms_key_arn=KMS))
    found = audited(s3_iam_statements=("kms",), s3_kms_key_arn=KMS)
    assert failing(found) <= {"keys owner"}


def test_an_optional_statement_that_nobody_asks_for_fails_under_its_name(
    iam: "IAMClient",
) -> None:
    make_user(iam, iam_policy(BUCKET, optional=["multipart"]))
    found = audited()
    assert status(found, "application excess") is Status.PASS
    statements = one(found, "application statements")
    assert statements.status is Status.FAIL
    assert "the optional statement multipart" in statements.detail
    assert "S3_IAM_STATEMENTS" in statements.remedy


def test_a_key_that_no_setting_names_is_beyond_every_statement(iam: "IAMClient") -> None:
    make_user(iam, iam_policy(BUCKET, optional=["kms"], kms_key_arn=KMS))
    assert "kms:Decrypt" in one(audited(), "application excess").detail


@pytest.mark.parametrize(
    ("name", "lacking"),
    [
        ("kms", f"kms:GenerateDataKey on {KMS}; kms:Decrypt on {KMS}"),
        ("multipart", f"s3:ListBucketMultipartUploads on {ARN}"),
    ],
)
def test_an_optional_statement_that_is_asked_for_and_absent_fails(
    iam: "IAMClient", name: str, lacking: str
) -> None:
    make_user(iam)
    found = one(audited(s3_iam_statements=(name,), s3_kms_key_arn=KMS), "application access")
    assert found.status is Status.FAIL
    assert lacking in found.detail


def test_a_kms_key_without_the_statement_kms_is_a_warning(iam: "IAMClient") -> None:
    make_user(iam)
    statements = of(audited(s3_kms_key_arn=KMS), "application statements")
    assert [each.status for each in statements] == [Status.PASS, Status.WARN]


def test_a_statement_about_what_is_not_configured_leaves_it_unknown(iam: "IAMClient") -> None:
    make_user(iam)
    found = one(audited(s3_iam_statements=("kms",)), "application statements")
    assert found.status is Status.UNKNOWN
    assert "S3_KMS_KEY_ARN" in found.detail
