"""What the document about the audit says is what the audit does."""

import json
import re
from typing import Any

from tests.docs.documents import ROOT, blocks, prose
from tests.unit.buckets.audit.evidences import judged, the
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
    of_bucket, of_objects = named("audit-policy")["Statement"]
    actions = [*of_bucket["Action"], *of_objects["Action"]]
    assert actions == [*sorted(of_bucket["Action"]), *sorted(of_objects["Action"])]
    assert set(actions) == set(PERMISSIONS.values())
    assert of_objects["Resource"] == of_bucket["Resource"] + "/*"
    assert all(("Object" in action) == (action in of_objects["Action"]) for action in actions)


def test_the_finding_that_is_shown_is_one_that_is_made() -> None:
    (shown,) = named("audit-finding")["findings"]
    found = the(Check.WEBSITE, judged(wanted(s3_bucket="gridboss-prod-assets"), website=True))
    assert shown == {
        "check": found.check,
        "status": found.status,
        "detail": found.detail,
        "remedy": found.remedy,
    }
