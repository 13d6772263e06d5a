"""What the tests of the identity's checks share: an application on moto, and findings by name."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws
from tests.unit.buckets.conftest import wanted

from gridboss_assets.buckets.audit.identity import identity_findings
from gridboss_assets.buckets.operator import Operator
from gridboss_assets.buckets.policies import iam_policy
from gridboss_assets.buckets.principals import principals
from gridboss_assets.findings import Finding, Status
from gridboss_config import Settings

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

ACCOUNT = "123456789012"
BUCKET = "test-assets"
ARN = f"arn:aws:s3:::{BUCKET}"
NAME = "gridboss-assets"
USER = f"arn:aws:iam::{ACCOUNT}:user/{NAME}"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/apps/{NAME}"
OPERATOR = f"arn:aws:iam::{ACCOUNT}:role/team/bucket-admin"
OURS = f"gridboss-assets-{BUCKET}"
KMS = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"

Policy = dict[str, Any]


OPERATORS_SECRET = "nobody-may-see-this"


@pytest.fixture
def iam(monkeypatch: pytest.MonkeyPatch) -> Iterator["IAMClient"]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "operator")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", OPERATORS_SECRET)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
    with mock_aws():
        yield boto3.client("iam", region_name="us-east-1")


def allow(action: Any, resource: Any, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def policy(*statements: dict[str, Any]) -> Policy:
    return {"Version": "2012-10-17", "Statement": list(statements)}


DESIRED = iam_policy(BUCKET)
TRUST = policy(
    {
        "Effect": "Allow",
        "Principal": {"Service": "ecs-tasks.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
)


def make_user(iam: "IAMClient", document: Policy | None = DESIRED, path: str = "/") -> str:
    """Make the application's user with an inline policy and a key; return the key's ID."""
    iam.create_user(UserName=NAME, Path=path)
    if document is not None:
        iam.put_user_policy(UserName=NAME, PolicyName=OURS, PolicyDocument=json.dumps(document))
    return iam.create_access_key(UserName=NAME)["AccessKey"]["AccessKeyId"]


def make_role(
    iam: "IAMClient", document: Policy = DESIRED, trust: Policy = TRUST, **more: Any
) -> None:
    """Make the application's role with an inline policy."""
    iam.create_role(
        RoleName=NAME, Path="/apps/", AssumeRolePolicyDocument=json.dumps(trust), **more
    )
    iam.put_role_policy(RoleName=NAME, PolicyName=OURS, PolicyDocument=json.dumps(document))


def make_policy(iam: "IAMClient", name: str, document: Policy) -> str:
    made = iam.create_policy(PolicyName=name, PolicyDocument=json.dumps(document))
    return made["Policy"]["Arn"]


def audited(
    application: str | None = USER,
    *,
    key: str = "",
    later: timedelta = timedelta(0),
    operators: tuple[str, ...] = (OPERATOR,),
    **changes: Any,
) -> list[Finding]:
    """Run the checks; ``changes`` are settings, ``later`` how old everything is by then."""
    settings = Settings(
        _env_file=None,
        s3_bucket=BUCKET,
        s3_region="us-east-1",
        s3_principal_arn=application,
        s3_access_key=key,
        **changes,
    )
    who = principals(application, operators, application.split(":")[4]) if application else None
    want = wanted(principals=who, s3_principal_arn=application, **changes)
    return identity_findings(Operator(settings), want, now=datetime.now(UTC) + later)


def failing(findings: list[Finding]) -> set[str]:
    """Return the checks that did not pass."""
    return {each.check for each in findings if each.status is not Status.PASS}


def of(findings: list[Finding], check: str) -> list[Finding]:
    return [each for each in findings if each.check == check]


def one(findings: list[Finding], check: str) -> Finding:
    """Return the only finding of a check."""
    (found,) = of(findings, check)
    return found


def status(findings: list[Finding], check: str) -> Status:
    return one(findings, check).status
