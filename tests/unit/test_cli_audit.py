"""``gridboss-assets bucket audit``: a result on stdout, progress on stderr, and an exit status."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from tests.support.bucket_commands import APPLICATION, NAME, Run, operators_environment
from tests.support.nobody import Nobody

from gridboss_assets.buckets.operator import Operator
from gridboss_assets.buckets.policies import iam_policy

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    with operators_environment(monkeypatch, tmp_path):
        monkeypatch.setenv("S3_PRINCIPAL_ARN", APPLICATION)
        monkeypatch.setenv("CORS_ORIGINS", "https://app.example")
        monkeypatch.setattr(Operator, "stranger", Nobody())
        yield


@pytest.fixture
def s3() -> "S3Client":
    client = boto3.client("s3", region_name="us-east-1")
    client.create_bucket(Bucket=NAME)
    return client


@pytest.fixture
def unused_port() -> Iterator[int]:
    """Give a port at which nobody listens, and which nobody else is given meanwhile."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


class AuditRun(Run):
    """Runs the audit, and reads what it says to machines."""

    def found(self, *arguments: str) -> tuple[int, dict[str, dict[str, str]]]:
        """Run an audit with --json, and return its exit status and findings by name."""
        code, out, _ = self("audit", "--json", *arguments)
        answer = json.loads(out)
        assert answer["status"] == code
        return code, {finding["check"]: finding for finding in answer["findings"]}


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> AuditRun:
    return AuditRun(monkeypatch, capsys)


@pytest.mark.usefixtures("s3")
def test_a_bucket_that_differs_is_shown_as_a_table_with_remedies(run: AuditRun) -> None:
    code, out, err = run("audit")
    assert code == 1
    assert "✗ fail" in out
    assert "→ `gridboss-assets bucket apply` mends it." in out
    assert "Reading test-assets on AWS" in err
    assert "fail" in err.splitlines()[-1]


@pytest.fixture
def application() -> str:
    """Make the application's user, with its policy and a key; give the key's ID."""
    iam = boto3.client("iam", region_name="us-east-1")
    iam.create_user(UserName="gridboss-assets")
    iam.put_user_policy(
        UserName="gridboss-assets",
        PolicyName=f"gridboss-assets-{NAME}",
        PolicyDocument=json.dumps(iam_policy(NAME)),
    )
    return iam.create_access_key(UserName="gridboss-assets")["AccessKey"]["AccessKeyId"]


@pytest.mark.usefixtures("s3")
def test_after_apply_the_audit_passes(
    run: AuditRun, application: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("S3_ACCESS_KEY", application)
    assert run("apply", "--yes")[0] == 0
    code, out, _ = run("audit", "--json")
    found = json.loads(out)["findings"]
    assert [f for f in found if f["status"] != "pass"] == []
    assert code == 0
    assert {"application access", "keys owner"} <= {f["check"] for f in found}


@pytest.mark.usefixtures("s3", "application")
def test_an_application_that_may_do_more_than_it_should_is_found(run: AuditRun) -> None:
    assert run("apply", "--yes")[0] == 0
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    boto3.client("iam", region_name="us-east-1").put_user_policy(
        UserName="gridboss-assets",
        PolicyName="more",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [everything]}),
    )
    code, found = run.found()
    assert (code, found["application excess"]["status"]) == (1, "fail")


@pytest.mark.usefixtures("s3")
def test_json_is_all_that_stands_on_stdout(run: AuditRun) -> None:
    code, out, err = run("audit", "--json")
    answer = json.loads(out)
    assert (code, answer["status"]) == (1, 1)
    assert set(answer["findings"][0]) == {"check", "status", "detail", "remedy"}
    assert "Looking at objects: avatars/" in err


@pytest.mark.usefixtures("s3")
def test_the_size_of_the_sample_is_chosen(run: AuditRun, s3: "S3Client") -> None:
    for number in range(3):
        s3.put_object(Bucket=NAME, Key=f"exports/{number}.csv", Body=b"x")
    _, found = run.found("--sample", "2")
    assert "2 of 3 objects under exports/" in found["sample of objects"]["detail"]
    _, found = run.found("--sample", "0")
    assert found["sample of objects"]["status"] == "warn"


def test_a_missing_bucket_differs(run: AuditRun) -> None:
    code, found = run.found()
    assert code == 1
    assert found["bucket"]["status"] == "fail"
    assert found["not tried"]["status"] == "unknown"


def test_missing_settings_are_a_finding(run: AuditRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("S3_BUCKET")
    code, found = run.found()
    assert (code, list(found)) == (1, ["settings", "not tried"])
    assert "S3_BUCKET" in found["settings"]["detail"]


def test_unusable_settings_are_named(run: AuditRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("S3_BUCKET", "s3://test-assets")
    code, found = run.found()
    assert (code, "S3_BUCKET" in found["settings"]["detail"]) == (1, True)


def test_without_credentials_nothing_can_be_told(
    run: AuditRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    code, found = run.found()
    assert (code, found["operator"]["status"]) == (2, "unknown")
    assert "operator's credentials" in found["operator"]["detail"]


def test_an_unknown_profile_is_named(run: AuditRun) -> None:
    code, found = run.found("--profile", "nobody")
    assert (code, "nobody" in found["operator"]["detail"]) == (2, True)


@pytest.mark.usefixtures("s3")
def test_without_an_application_nobody_knows_whom_the_bucket_is_for(
    run: AuditRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("S3_PRINCIPAL_ARN")
    code, found = run.found()
    assert (code, "S3_PRINCIPAL_ARN" in found["operator"]["detail"]) == (2, True)


@pytest.mark.usefixtures("s3")
def test_a_root_users_key_is_found_though_nobody_knows_whom_the_bucket_is_for(
    run: AuditRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("S3_PRINCIPAL_ARN")
    monkeypatch.setenv("S3_ACCESS_KEY", "AKIAIOSFODNN7EXAMPLE")
    unowned: Any = {"AccessKeyLastUsed": {"ServiceName": "N/A", "Region": "N/A"}}
    iam = SimpleNamespace(get_access_key_last_used=lambda **_: unowned)
    monkeypatch.setattr(Operator, "iam", iam)
    code, found = run.found()
    assert (code, found["application identity"]["status"]) == (1, "fail")
    assert "root user" in found["application identity"]["detail"]


@pytest.mark.usefixtures("s3")
def test_an_operator_of_the_command_line_belongs_to_what_is_desired(run: AuditRun) -> None:
    arn = "arn:aws:iam::123456789012:role/team/admin"
    _, found = run.found("--operator-arn", arn)
    assert arn not in found["operator"]["detail"]
    assert (found["operator"]["status"], "S3_OPERATOR_ARNS" in found["operator"]["remedy"]) == (
        "warn",
        True,
    )


def test_a_sessions_arn_is_refused_as_an_operators(run: AuditRun) -> None:
    session = "arn:aws:sts::123456789012:assumed-role/admin/alice"
    code, out, err = run("audit", "--operator-arn", session)
    assert (code, out) == (2, "")
    assert "session's ARN" in err


def test_a_dead_server_is_a_finding_too(
    run: AuditRun, monkeypatch: pytest.MonkeyPatch, unused_port: int
) -> None:
    monkeypatch.setenv("S3_ENDPOINT", f"http://127.0.0.1:{unused_port}")
    monkeypatch.setenv("S3_PROVIDER", "seaweedfs")
    code, found = run.found()
    assert (code, found["bucket"]["status"]) == (2, "unknown")
    assert "S3_ENDPOINT" in found["bucket"]["remedy"]


def test_a_dead_server_of_which_nobody_knows_whose_it_is_is_a_finding_too(
    run: AuditRun, monkeypatch: pytest.MonkeyPatch, unused_port: int
) -> None:
    monkeypatch.setenv("S3_ENDPOINT", f"http://127.0.0.1:{unused_port}")
    code, found = run.found()
    assert code == 2
    assert "S3_ENDPOINT" in found["operator"]["detail"]
