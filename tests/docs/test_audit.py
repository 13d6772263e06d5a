"""What the document about the audit says is what the audit does."""

import json
import re
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient
from moto import mock_aws
from tests.docs.documents import ROOT, blocks, prose
from tests.unit.buckets.audit.evidences import judged, the
from tests.unit.buckets.audit.identity.conftest import (
    DESIRED,
    ROLE,
    audited,
    make_policy,
    make_role,
)
from tests.unit.buckets.audit.identity.test_reading import make_a_user_with_everything
from tests.unit.buckets.conftest import wanted

from gridboss_assets.buckets.audit import CHECKS, Check
from gridboss_assets.buckets.audit.names import PERMISSIONS
from gridboss_assets.findings import Status

PAGE = ROOT / "docs" / "audit.md"


def named(name: str) -> Any:
    (block,) = [block for block in blocks("json") if name in block.setup]
    return json.loads(block.text)


def first_column(heading: str) -> list[str]:
    """Return the first cells of the table that follows a heading's cell."""
    lines = prose(PAGE).partition(f"| {heading} |")[2].splitlines()[2:]
    rows = lines[: lines.index("")]
    return [row.split("|")[1].strip() for row in rows]


def test_every_check_is_explained_and_no_other() -> None:
    explained = [name for cell in first_column("check") for name in re.findall("`([^`]+)`", cell)]
    assert sorted(explained) == sorted(CHECKS)


def test_every_result_is_explained() -> None:
    assert sorted(first_column("result")) == sorted(Status)


def test_an_auditor_is_allowed_just_the_calls_that_are_made() -> None:
    of_bucket, of_objects, _ = named("audit-policy")["Statement"]
    actions = [*of_bucket["Action"], *of_objects["Action"]]
    assert actions == [*sorted(of_bucket["Action"]), *sorted(of_objects["Action"])]
    assert set(actions) == set(PERMISSIONS.values())
    assert of_objects["Resource"] == of_bucket["Resource"] + "/*"
    assert all(("Object" in action) == (action in of_objects["Action"]) for action in actions)


def test_every_check_of_the_application_is_explained_and_no_other() -> None:
    cells = first_column("check of the application")
    explained = [name for cell in cells for name in re.findall("`([^`]+)`", cell)]
    folder = ROOT / "src" / "gridboss_assets" / "buckets" / "audit" / "identity"
    code = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    assert set(explained) == set(re.findall('"((?:application|keys) [a-z]+)"', code))


def test_an_auditor_may_read_just_what_is_read_of_the_identity(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "operator")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    called: set[str] = set()
    real = BaseClient._make_api_call  # type: ignore[attr-defined]  # noqa: SLF001
    with mock_aws():
        iam = boto3.client("iam", region_name="us-east-1")
        make_a_user_with_everything(iam)
        make_role(iam, PermissionsBoundary=make_policy(iam, "boundary", DESIRED))

        def record(client: Any, operation: str, parameters: Any) -> Any:
            if client.meta.service_model.service_name == "iam":
                called.add(f"iam:{operation}")
            return real(client, operation, parameters)

        monkeypatch.setattr(BaseClient, "_make_api_call", record)
        audited(key="AKIASOMEBODYSKEY0000")
        audited(ROLE)
    (statement,) = [s for s in named("audit-policy")["Statement"] if s["Sid"] == "AuditIdentity"]
    assert statement["Action"] == sorted(called)


def test_the_finding_that_is_shown_is_one_that_is_made() -> None:
    (shown,) = named("audit-finding")["findings"]
    found = the(Check.WEBSITE, judged(wanted(s3_bucket="gridboss-prod-assets"), website=True))
    assert shown == {
        "check": found.check,
        "status": found.status,
        "detail": found.detail,
        "remedy": found.remedy,
    }
