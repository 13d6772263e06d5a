"""Who may assume the application's role: every form of trust policy, good and bad."""

from typing import Any

import pytest
from tests.unit.buckets.audit.identity.conftest import ACCOUNT, NAME, ROLE, policy

from gridboss_assets.buckets.audit.identity.reading import Identity
from gridboss_assets.buckets.audit.identity.trust import trust_findings
from gridboss_assets.findings import Finding, Status

OTHER = "210987654321"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
GITHUB = "token.actions.githubusercontent.com"
OIDC = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{GITHUB}"
COGNITO = "cognito-identity.amazonaws.com"


def trusted(principal: Any, condition: Any = None, **more: Any) -> list[Finding]:
    """Judge a role that lets one principal in."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more}
    if condition:
        statement["Condition"] = condition
    return judged(statement)


def judged(*statements: dict[str, Any]) -> list[Finding]:
    identity = Identity("role", NAME, ROLE, trust=policy(*statements))
    return list(trust_findings(identity, ROLE))


def equals(key: str, value: Any) -> dict[str, Any]:
    return {"StringEquals": {key: value}}


PASS, WARN, FAIL = Status.PASS, Status.WARN, Status.FAIL


@pytest.mark.parametrize(
    ("principal", "condition", "expected"),
    [
        ({"Service": "ecs-tasks.amazonaws.com"}, None, PASS),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:role/deploy"}, None, PASS),
        ("*", None, FAIL),
        ({"AWS": "*"}, None, FAIL),
        ({"AWS": ["*"]}, {"Bool": {"aws:MultiFactorAuthPresent": "true"}}, FAIL),
        ("*", {"StringNotEquals": {"aws:PrincipalAccount": OTHER}}, FAIL),
        ("*", {"StringEqualsIfExists": {"aws:PrincipalAccount": ACCOUNT}}, FAIL),
        ("*", {"ForAllValues:StringEquals": {"aws:PrincipalAccount": ACCOUNT}}, FAIL),
        ("*", {"ArnLike": {"aws:PrincipalArn": "*"}}, FAIL),
        ("*", {"ArnLike": {"aws:PrincipalArn": ["arn:aws:iam::1:role/a", "arn:*"]}}, FAIL),
        ("*", {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/a*"}}, WARN),
        ("*", equals("AWS:principalORGID", "o-a1b2c3d4e5"), WARN),
        ({"AWS": ROOT}, None, WARN),
        ({"AWS": ACCOUNT}, None, WARN),
        ({"AWS": OTHER}, None, FAIL),
        ({"AWS": ROOT.replace(ACCOUNT, OTHER)}, None, FAIL),
        ({"AWS": ROOT.replace(ACCOUNT, OTHER)}, equals("sts:ExternalId", "x-1"), PASS),
        ({"AWS": OTHER}, {"StringLike": {"sts:ExternalId": "*"}}, FAIL),
        ({"AWS": f"arn:aws:iam::{OTHER}:role/deploy"}, None, WARN),
        ({"AWS": f"arn:aws:iam::{OTHER}:role/deploy"}, equals("sts:ExternalId", "x"), PASS),
        ({"AWS": "AROAEXAMPLEID0000000"}, None, WARN),
        ({"Federated": OIDC}, None, FAIL),
        ({"Federated": OIDC}, equals(f"{GITHUB}:aud", "sts.amazonaws.com"), FAIL),
        ({"Federated": OIDC}, equals(f"{GITHUB}:sub", "repo:gridboss/api:*"), FAIL),
        ({"Federated": f"arn:aws:iam::{ACCOUNT}:saml-provider/people"}, None, FAIL),
        ({"Federated": COGNITO}, None, FAIL),
        ({"Federated": COGNITO}, equals(f"{COGNITO}:aud", "us-east-1:pool"), PASS),
        ({"Federated": "accounts.google.com"}, None, FAIL),
        ({"Federated": "accounts.google.com"}, equals("accounts.google.com:aud", "1"), PASS),
        ({"Federated": "www.amazon.com"}, None, FAIL),
        ({"Federated": "www.amazon.com"}, equals("www.amazon.com:app_id", "1"), PASS),
    ],
)
def test_each_who_may_assume_the_role_is_judged(
    principal: Any, condition: Any, expected: Status
) -> None:
    (found,) = trusted(principal, condition)
    assert found.check == "application trust"
    assert found.status is expected, found
    assert bool(found.remedy) is (expected is not PASS)


@pytest.mark.parametrize(
    ("sub", "expected"),
    [
        ("repo:gridboss/api:ref:refs/heads/main", PASS),
        ("repo:gridboss/*", PASS),
        ("repo:*", FAIL),
        ("*", FAIL),
        ("repo:*/*", FAIL),
        (["repo:gridboss/api:*", "*"], FAIL),
    ],
)
def test_a_subject_that_may_be_anybodys_is_none(sub: Any, expected: Status) -> None:
    audience = {f"{GITHUB}:aud": "sts.amazonaws.com"}
    (found,) = trusted(
        {"Federated": OIDC},
        {"StringEquals": audience, "StringLike": {f"{GITHUB}:sub": sub}},
        Action="sts:AssumeRoleWithWebIdentity",
    )
    assert found.status is expected


def test_people_who_sign_in_are_told_from_tokens_whatever_the_condition() -> None:
    saml = f"arn:aws:iam::{ACCOUNT}:saml-provider/people"
    condition = equals("SAML:aud", "https://signin.aws.amazon.com/saml")
    (found,) = trusted({"Federated": saml}, condition, Action="sts:AssumeRoleWithSAML")
    assert "People who sign in" in found.detail
    assert "a role of their own" in found.remedy


def test_the_subject_of_another_provider_does_not_count() -> None:
    condition = {"StringEquals": {"gitlab.com:sub": "a", "gitlab.com:aud": "b"}}
    (found,) = trusted({"Federated": OIDC}, condition)
    assert found.status is FAIL
    assert f"{GITHUB}:sub" in found.remedy


def test_a_provider_with_a_path_is_known_by_all_of_it() -> None:
    host = "oidc.eks.eu-west-1.amazonaws.com/id/ABCDEF0123"
    provider = {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{host}"}
    claims = {f"{host}:sub": "system:serviceaccount:gridboss:api", f"{host}:aud": "sts"}
    assert trusted(provider, {"StringEquals": claims})[0].status is PASS
    del claims[f"{host}:sub"]
    assert trusted(provider, {"StringEquals": claims})[0].status is FAIL


def test_everybody_but_some_is_nearly_everybody() -> None:
    statement = {"Effect": "Allow", "NotPrincipal": {"AWS": ROOT}, "Action": "sts:AssumeRole"}
    assert judged(statement)[0].status is FAIL


@pytest.mark.parametrize(
    "lets", [{"Action": "sts:*"}, {"Action": "*"}, {"NotAction": "sts:TagSession"}]
)
def test_a_wide_action_lets_in_as_well(lets: dict[str, str]) -> None:
    (found,) = judged({"Effect": "Allow", "Principal": "*", **lets})
    assert found.status is FAIL


def test_a_statement_that_only_tags_the_session_lets_nobody_in() -> None:
    service = {"Service": "ecs-tasks.amazonaws.com"}
    found = judged(
        {"Effect": "Allow", "Principal": service, "Action": "sts:AssumeRole"},
        {"Effect": "Allow", "Principal": "*", "Action": "sts:TagSession"},
    )
    assert [each.status for each in found] == [PASS]


def test_every_bad_principal_has_a_finding_and_the_statements_name() -> None:
    found = judged(
        {"Sid": "Mine", "Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "sts:AssumeRole"},
        {"Effect": "Allow", "Principal": {"AWS": [OTHER, "*"]}, "Action": "sts:AssumeRole"},
        {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"},
    )
    assert [each.status for each in found] == [WARN, FAIL, FAIL]
    assert "(Mine)" in found[0].detail
    assert "(statement 2)" in found[1].detail
    assert all(f"update-assume-role-policy --role-name {NAME}" in each.remedy for each in found)


def test_a_role_that_nobody_may_assume_is_a_warning() -> None:
    assert [each.status for each in judged()] == [WARN]


def test_those_who_may_are_named() -> None:
    (found,) = trusted({"Service": ["ecs-tasks.amazonaws.com", "lambda.amazonaws.com"]})
    assert "ecs-tasks.amazonaws.com" in found.detail
    assert "lambda.amazonaws.com" in found.detail
