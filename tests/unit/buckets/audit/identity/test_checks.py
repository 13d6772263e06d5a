"""The checks of the application's identity, on moto: who it is, its password, and its keys."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from tests.unit.buckets.audit.identity.conftest import (
    ACCOUNT,
    BUCKET,
    KMS,
    NAME,
    OPERATOR,
    OPERATORS_SECRET,
    ROLE,
    USER,
    allow,
    audited,
    failing,
    make_role,
    make_user,
    of,
    one,
    policy,
    status,
)
from tests.unit.buckets.conftest import wanted

from gridboss_assets.buckets.audit.identity import identity_findings
from gridboss_assets.buckets.operator import Operator
from gridboss_assets.buckets.users import Key, Users
from gridboss_assets.errors import ConfigurationError
from gridboss_assets.findings import Status, exit_status
from gridboss_assets.storage.providers import BACKBLAZE_B2, CEPH, CLOUDFLARE_R2, MINIO, SEAWEEDFS
from gridboss_config import Settings

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

EVERYTHING = policy(allow("*", "*"))


def test_a_user_as_create_user_makes_it_passes_every_check(iam: "IAMClient") -> None:
    found = audited(key=make_user(iam))
    assert failing(found) == set()
    assert [each.check for each in found] == [
        "application identity",
        "application alone",
        "application access",
        "application excess",
        "application statements",
        "application password",
        "application groups",
        "keys listing",
        "keys number",
        "keys age",
        "keys unused",
        "keys service",
        "keys inactive",
        "keys owner",
    ]


def test_a_role_with_the_printed_policy_passes_every_check(iam: "IAMClient") -> None:
    make_role(iam)
    found = audited(ROLE)
    assert failing(found) == set()
    assert "ecs-tasks.amazonaws.com" in one(found, "application trust").detail
    assert not of(found, "keys number")


def test_every_finding_that_is_no_pass_says_what_to_do(iam: "IAMClient") -> None:
    make_user(iam, EVERYTHING)
    iam.create_login_profile(UserName=NAME, Password="Abc-12345678")
    iam.create_group(GroupName="admins")
    iam.add_user_to_group(UserName=NAME, GroupName="admins")
    found = audited(key="AKIAANOTHERSKEY00000", later=timedelta(days=365))
    assert len(failing(found)) >= 6
    assert all(each.remedy for each in found if each.status is not Status.PASS)


# --- who it is -------------------------------------------------------------------------------


def test_without_any_name_the_application_is_unknown(iam: "IAMClient") -> None:
    del iam
    (found,) = audited(None)
    assert (found.check, found.status) == ("application identity", Status.UNKNOWN)
    assert "S3_PRINCIPAL_ARN" in found.remedy


def test_its_access_key_says_who_it_is(iam: "IAMClient") -> None:
    found = audited(None, key=make_user(iam))
    assert USER in one(found, "application identity").detail
    assert status(found, "keys owner") is Status.PASS


def test_a_key_that_nobody_knows_leaves_it_unknown(iam: "IAMClient") -> None:
    del iam
    (found,) = audited(None, key="AKIANOBODYSKEY000000")
    assert found.status is Status.UNKNOWN
    assert "S3_PRINCIPAL_ARN" in found.remedy


def test_a_key_that_is_no_users_is_the_roots_and_fails(
    iam: "IAMClient", monkeypatch: pytest.MonkeyPatch
) -> None:
    key = make_user(iam)
    settings = Settings(_env_file=None, s3_bucket=BUCKET, s3_access_key=key)
    acting = Operator(settings)
    monkeypatch.setattr(acting.iam, "get_access_key_last_used", lambda **_: {})
    (found,) = identity_findings(acting, wanted(), now=datetime.now(UTC))
    assert (found.check, found.status) == ("application identity", Status.FAIL)
    assert "root user" in found.detail


@pytest.mark.parametrize("arn", [USER, ROLE])
def test_a_user_or_role_that_is_not_there_fails(iam: "IAMClient", arn: str) -> None:
    del iam
    (found,) = audited(arn)
    assert (found.check, found.status) == ("application identity", Status.FAIL)
    assert NAME in found.detail


def test_an_arn_with_another_path_fails_for_the_bucket_policy_would_not_know_it(
    iam: "IAMClient",
) -> None:
    make_user(iam, path="/apps/")
    found = one(audited(), "application identity")
    assert found.status is Status.FAIL
    assert f"S3_PRINCIPAL_ARN={USER.replace('user/', 'user/apps/')}" in found.remedy


def test_an_application_of_another_account_is_unknown(iam: "IAMClient") -> None:
    del iam
    (found,) = audited(USER.replace(ACCOUNT, "210987654321"))
    assert found.status is Status.UNKNOWN
    assert "210987654321" in found.remedy


def test_who_runs_the_audit_is_not_the_application(
    iam: "IAMClient", monkeypatch: pytest.MonkeyPatch
) -> None:
    make_user(iam)
    monkeypatch.setattr(Operator, "caller", lambda _: _caller(USER))
    assert status(audited(), "application alone") is Status.FAIL


def test_a_caller_whom_iam_does_not_tell_is_unknown(
    iam: "IAMClient", monkeypatch: pytest.MonkeyPatch
) -> None:
    def caller(_: Operator) -> None:
        raise ConfigurationError("Only IAM knows that role's path.")

    make_user(iam)
    monkeypatch.setattr(Operator, "caller", caller)
    found = one(audited(), "application alone")
    assert found.status is Status.UNKNOWN
    assert "Only IAM knows" in found.detail
    assert status(audited(operators=(USER,)), "application alone") is Status.FAIL


def _caller(arn: str) -> Any:
    from gridboss_assets.buckets.operator import Caller  # noqa: PLC0415

    return Caller(arn, ACCOUNT)


@pytest.mark.parametrize(
    "named",
    [{"operators": (OPERATOR, USER)}, {"s3_operator_arns": (USER,)}],
    ids=["on the command line", "by setting"],
)
def test_no_operator_is_the_application(iam: "IAMClient", named: dict[str, Any]) -> None:
    make_user(iam)
    assert status(audited(**named), "application alone") is Status.FAIL


# --- the user, and keys ----------------------------------------------------------------------


def test_a_password_for_the_console_fails(iam: "IAMClient") -> None:
    make_user(iam)
    iam.create_login_profile(UserName=NAME, Password="Abc-12345678")
    found = one(audited(), "application password")
    assert found.status is Status.FAIL
    assert "delete-login-profile" in found.remedy


def test_the_check_of_keys_reads_them(iam: "IAMClient") -> None:
    key = make_user(iam)
    found = audited(key=key, later=timedelta(days=91))
    assert key in one(found, "keys age").detail
    assert status(found, "keys age") is Status.WARN


@pytest.mark.parametrize(
    ("statements", "expected"), [((), Status.WARN), (("multipart", "kms"), Status.PASS)]
)
def test_a_use_for_kms_is_its_own_where_the_statement_kms_is_asked_for(
    iam: "IAMClient",
    monkeypatch: pytest.MonkeyPatch,
    statements: tuple[str, ...],
    expected: Status,
) -> None:
    key = Key(make_user(iam), True, datetime.now(UTC), datetime.now(UTC), "kms")  # noqa: FBT003
    monkeypatch.setattr(Users, "keys", lambda *_: (key,))
    found = audited(s3_iam_statements=statements, s3_kms_key_arn=KMS)
    assert status(found, "keys service") is expected


def test_the_key_of_another_user_fails_and_names_the_user(iam: "IAMClient") -> None:
    make_user(iam)
    iam.create_user(UserName="alice")
    key = iam.create_access_key(UserName="alice")["AccessKey"]["AccessKeyId"]
    found = one(audited(key=key), "keys owner")
    assert found.status is Status.FAIL
    assert "It is the user alice's" in found.detail


def test_a_role_with_the_key_of_a_user_fails(iam: "IAMClient") -> None:
    make_role(iam)
    found = one(audited(ROLE, key=make_user(iam)), "keys owner")
    assert found.status is Status.FAIL


def test_no_secret_is_in_what_is_found(iam: "IAMClient") -> None:
    iam.create_user(UserName=NAME)
    made = iam.create_access_key(UserName=NAME)["AccessKey"]
    found = audited(key=made["AccessKeyId"], s3_secret_key=made["SecretAccessKey"])
    assert made["AccessKeyId"] in str(found)
    assert made["SecretAccessKey"] not in str(found)
    assert OPERATORS_SECRET not in str(found)


# --- elsewhere -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("provider", "tool"),
    [
        (MINIO, "mc admin policy"),
        (CLOUDFLARE_R2, "API token"),
        (BACKBLAZE_B2, "b2 key create"),
        (SEAWEEDFS, "s3.configure"),
        (CEPH, "radosgw-admin"),
    ],
    ids=lambda value: getattr(value, "id", ""),
)
def test_a_provider_without_iam_is_not_asked_and_says_where_to_look(
    iam: "IAMClient", provider: Any, tool: str
) -> None:
    del iam
    want = wanted(provider, None, s3_endpoint="http://127.0.0.1:1")
    settings = Settings(_env_file=None, s3_bucket=BUCKET, s3_endpoint="http://127.0.0.1:1")
    (found,) = identity_findings(Operator(settings), want, now=datetime.now(UTC))
    assert found.status is Status.UNAVAILABLE
    assert tool in found.remedy
    assert exit_status([found]) == 0
