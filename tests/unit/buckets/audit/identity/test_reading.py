"""What IAM refuses is unknown under the name of the missing permission; the rest is read."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError, EndpointConnectionError
from tests.unit.buckets.audit.identity.conftest import (
    DESIRED,
    NAME,
    OURS,
    ROLE,
    USER,
    allow,
    audited,
    make_policy,
    make_role,
    make_user,
    of,
    policy,
    status,
)

from gridboss_assets.buckets.audit.identity.reading import (
    Document,
    Subject,
    key_owner,
    read_identity,
)
from gridboss_assets.findings import Finding, Status, exit_status

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

Refuse = Callable[..., list[str]]


@pytest.fixture
def refuse(monkeypatch: pytest.MonkeyPatch) -> Refuse:
    """Have operations fail, by default as IAM refuses them; the list grows with each call."""
    real = BaseClient._make_api_call  # type: ignore[attr-defined]  # noqa: SLF001

    def install(*operations: str, error: Exception | None = None) -> list[str]:
        called: list[str] = []

        def call(client: Any, operation: str, parameters: Any) -> Any:
            called.append(operation)
            if operation in operations:
                raise error or ClientError(
                    {
                        "Error": {"Code": "AccessDenied", "Message": "no"},
                        "ResponseMetadata": {"HTTPStatusCode": 403},  # type: ignore[typeddict-item]
                    },
                    operation,
                )
            return real(client, operation, parameters)

        monkeypatch.setattr(BaseClient, "_make_api_call", call)
        return called

    return install


def unknown(findings: list[Finding], permission: str) -> set[str]:
    """Return the checks that are unknown, each of which names the permission."""
    found = [each for each in findings if each.status is Status.UNKNOWN]
    assert all(f"iam:{permission}" in each.detail and each.remedy for each in found), found
    return {each.check for each in found}


def make_a_user_with_everything(iam: "IAMClient") -> None:
    """Have a user of whom everything there is to read is as desired."""
    make_user(iam)
    iam.create_group(GroupName="apps")
    iam.add_user_to_group(UserName=NAME, GroupName="apps")
    listing = json.dumps(policy(DESIRED["Statement"][1]))
    iam.put_group_policy(GroupName="apps", PolicyName="listing", PolicyDocument=listing)
    arn = make_policy(iam, "listing", policy(DESIRED["Statement"][1]))
    iam.attach_user_policy(UserName=NAME, PolicyArn=arn)
    iam.attach_group_policy(GroupName="apps", PolicyArn=arn)


MAY, MORE, KEYS = "application access", "application excess", {"keys listing"}


@pytest.mark.parametrize(
    ("operation", "checks"),
    [
        ("GetUser", {"application identity", MAY}),
        ("ListUserPolicies", {MAY, MORE}),
        ("GetUserPolicy", {MAY, MORE}),
        ("ListAttachedUserPolicies", {MAY, MORE}),
        ("GetPolicy", {MAY, MORE}),
        ("GetPolicyVersion", {MAY, MORE}),
        ("ListGroupsForUser", {MAY, MORE, "application groups"}),
        ("ListGroupPolicies", {MAY, MORE}),
        ("GetGroupPolicy", {MAY, MORE}),
        ("ListAttachedGroupPolicies", {MAY, MORE}),
        ("GetLoginProfile", {"application password"}),
        ("ListAccessKeys", KEYS),
        ("GetAccessKeyLastUsed", KEYS),
    ],
)
def test_what_is_refused_of_a_user_leaves_just_its_checks_unknown(
    iam: "IAMClient", refuse: Refuse, operation: str, checks: set[str]
) -> None:
    make_a_user_with_everything(iam)
    called = refuse(operation)
    found = audited()
    assert operation in called
    assert unknown(found, operation) == checks
    assert exit_status(found) == 2


@pytest.mark.parametrize(
    ("operation", "checks"),
    [
        ("GetRole", {"application identity", MAY, "application trust"}),
        ("ListRolePolicies", {MAY, MORE}),
        ("GetRolePolicy", {MAY, MORE}),
        ("ListAttachedRolePolicies", {MAY, MORE}),
        ("GetPolicy", {MAY}),
    ],
)
def test_what_is_refused_of_a_role_leaves_just_its_checks_unknown(
    iam: "IAMClient", refuse: Refuse, operation: str, checks: set[str]
) -> None:
    make_role(iam, PermissionsBoundary=make_policy(iam, "boundary", DESIRED))
    refuse(operation)
    assert unknown(audited(ROLE), operation) == checks


def test_an_auditor_who_may_do_nothing_gets_no_crash_and_no_pass_about_permissions(
    iam: "IAMClient", refuse: Refuse
) -> None:
    make_a_user_with_everything(iam)
    called = refuse(*_every_call())
    found = audited(key="AKIASOMEBODYSKEY0000")
    passed = {each.check for each in found if each.status is Status.PASS}
    assert passed == {"application alone"}
    assert "GetUser" in called


def _every_call() -> list[str]:
    client = boto3.client("iam", region_name="us-east-1")
    return list(client.meta.service_model.operation_names)


def test_only_reading_calls_are_made(iam: "IAMClient", refuse: Refuse) -> None:
    make_a_user_with_everything(iam)
    make_role(iam, PermissionsBoundary=make_policy(iam, "boundary", DESIRED))
    called = refuse()
    audited(key="AKIASOMEBODYSKEY0000")
    audited(ROLE)
    assert called
    assert all(each.startswith(("Get", "List")) for each in called)


def test_one_refused_policy_does_not_hide_what_another_allows(
    iam: "IAMClient", refuse: Refuse
) -> None:
    make_user(iam, policy(allow("*", "*")))
    iam.attach_user_policy(UserName=NAME, PolicyArn=make_policy(iam, "other", DESIRED))
    refuse("GetPolicy")
    statuses = [each.status for each in of(audited(), MORE)]
    assert statuses == [Status.FAIL, Status.UNKNOWN]


def test_a_network_that_fails_is_unknown_too(iam: "IAMClient", refuse: Refuse) -> None:
    make_user(iam)
    refuse("GetLoginProfile", error=EndpointConnectionError(endpoint_url="https://iam"))
    found = audited()
    assert status(found, "application password") is Status.UNKNOWN
    assert "iam:" not in of(found, "application password")[0].remedy


def test_whose_key_it_is_stays_open_where_that_is_refused(iam: "IAMClient", refuse: Refuse) -> None:
    key = make_user(iam)
    refuse("GetAccessKeyLastUsed")
    assert status(audited(key=key), "keys owner") is Status.UNKNOWN
    assert key_owner(iam, key) == (
        None,
        "these credentials may not call iam:GetAccessKeyLastUsed",
    )


def test_a_user_is_read_with_all_that_gives_it_permissions(iam: "IAMClient") -> None:
    make_a_user_with_everything(iam)
    found = read_identity(iam, "user", NAME)
    assert found is not None
    listing = policy(DESIRED["Statement"][1])
    arn = f"{USER.rpartition(':')[0]}:policy/listing"
    assert found.documents == (
        Document(OURS, DESIRED),
        Document(arn, listing, managed=True),
        Document("listing", listing, group="apps"),
        Document(arn, listing, managed=True, group="apps"),
    )
    assert (found.arn, found.groups, found.password) == (USER, ("apps",), False)
    assert len(found.keys) == 1
    assert found.unread == ()


def test_the_version_of_a_managed_policy_that_is_in_force_is_read(iam: "IAMClient") -> None:
    make_user(iam)
    arn = make_policy(iam, "listing", DESIRED)
    iam.attach_user_policy(UserName=NAME, PolicyArn=arn)
    everything = policy(allow("*", "*"))
    iam.create_policy_version(
        PolicyArn=arn, PolicyDocument=json.dumps(everything), SetAsDefault=True
    )
    found = read_identity(iam, "user", NAME)
    assert found is not None
    assert found.documents[1].policy == everything


def test_every_page_of_a_list_is_read(iam: "IAMClient", monkeypatch: pytest.MonkeyPatch) -> None:
    make_user(iam)
    for number in range(3):
        document = json.dumps(policy(allow("s3:GetObjectAcl", f"arn:aws:s3:::b{number}")))
        iam.put_user_policy(UserName=NAME, PolicyName=f"p{number}", PolicyDocument=document)
    real: Any = iam.get_paginator

    def small(operation: str) -> Any:
        paginator = real(operation)
        pages = paginator.paginate
        paginator.paginate = lambda **given: pages(PaginationConfig={"PageSize": 1}, **given)
        return paginator

    monkeypatch.setattr(iam, "get_paginator", small)
    found = read_identity(iam, "user", NAME)
    assert found is not None
    assert [each.name for each in found.documents] == [OURS, "p0", "p1", "p2"]


def test_a_user_that_is_not_there_is_none(iam: "IAMClient") -> None:
    assert read_identity(iam, "user", NAME) is None
    assert read_identity(iam, "role", NAME) is None


def test_a_missing_permission_is_named_once_for_each_subject(
    iam: "IAMClient", refuse: Refuse
) -> None:
    make_role(iam)
    refuse("GetRole")
    found = read_identity(iam, "role", NAME)
    assert found is not None
    assert {each.subject for each in found.unread} == {Subject.IDENTITY, Subject.BOUNDARY}
    assert found.documents == (Document(OURS, DESIRED),)
