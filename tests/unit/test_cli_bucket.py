"""``gridboss-assets bucket``: shows the plan, asks, executes that plan, and says what it did."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from tests.support.bucket_commands import APPLICATION, NAME, Run, operators_environment

from gridboss_assets.buckets.aws import Bucket

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

OPERATOR = "arn:aws:iam::123456789012:role/team/admin"
KMS_KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    with operators_environment(monkeypatch, tmp_path):
        monkeypatch.setenv("S3_PRINCIPAL_ARN", APPLICATION)
        monkeypatch.setenv("CORS_ORIGINS", "https://app.example")
        yield


@pytest.fixture
def s3() -> "S3Client":
    client = boto3.client("s3", region_name="us-east-1")
    client.create_bucket(Bucket=NAME)
    return client


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    return Run(monkeypatch, capsys)


def test_a_plan_shows_each_change_with_its_reason_and_changes_nothing(
    run: Run, s3: "S3Client"
) -> None:
    code, out, err = run("plan")
    assert code == 1
    assert "+ gridboss-pending: uploads that nobody completed go away after a day" in out
    assert "Reading test-assets on AWS" in err
    with pytest.raises(s3.exceptions.ClientError, match="NoSuchLifecycleConfiguration"):
        s3.get_bucket_lifecycle_configuration(Bucket=NAME)


def test_apply_does_what_the_plan_said_and_then_there_is_nothing_to_do(
    run: Run, s3: "S3Client"
) -> None:
    _, shown, _ = run("plan")
    code, out, err = run("apply", "--yes")
    assert (code, out) == (0, shown)
    assert "done: bucket policy" in err
    code, out, _ = run("plan")
    assert (code, out) == (0, "test-assets is as desired.\n")
    assert run("apply", "--yes")[0] == 0
    assert json.loads(s3.get_bucket_policy(Bucket=NAME)["Policy"])["Statement"]


@pytest.mark.usefixtures("s3")
def test_a_change_shows_what_was_and_what_will_be(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("apply", "--yes")
    monkeypatch.setenv("CORS_ORIGINS", "https://other.example")
    code, out, _ = run("plan")
    assert code == 1
    assert "AllowedOrigins: https://app.example → https://other.example" in out
    assert "gridboss-pending" not in out


@pytest.mark.usefixtures("s3")
def test_nothing_is_changed_without_a_yes(run: Run) -> None:
    code, _, err = run("apply")
    assert code == 2
    assert "--yes" in err
    assert run("plan")[0] == 1


@pytest.mark.usefixtures("s3")
def test_the_json_of_a_plan_holds_the_values_themselves(run: Run) -> None:
    code, out, _ = run("plan", "--json")
    plan = json.loads(out)
    assert (code, plan["status"], plan["creates"]) == (1, 1, False)
    changes = {c["name"]: c for step in plan["steps"] for c in step["changes"]}
    assert changes["gridboss-pending"]["after"]["Expiration"] == {"Days": 1}


def test_a_policy_that_would_shut_the_caller_out_is_refused_before_anything_is_done(
    run: Run, s3: "S3Client"
) -> None:
    code, _, err = run("apply", "--yes", "--operator-arn", OPERATOR)
    assert code == 2
    assert "Nothing was changed" in err
    assert "--operator-arn" in err
    with pytest.raises(s3.exceptions.ClientError, match="NoSuchBucketPolicy"):
        s3.get_bucket_policy(Bucket=NAME)


def test_a_bucket_that_changed_since_the_plan_is_left_alone(
    run: Run, s3: "S3Client", monkeypatch: pytest.MonkeyPatch
) -> None:
    read, states = Bucket.read, []

    def changing(self: Bucket) -> Any:
        states.append(read(self))
        s3.put_bucket_versioning(Bucket=NAME, VersioningConfiguration={"Status": "Enabled"})
        return states[-1]

    monkeypatch.setattr(Bucket, "read", changing)
    code, _, err = run("apply", "--yes")
    assert code == 2
    assert "has changed since the plan was made" in err
    assert len(states) == 2


@pytest.mark.usefixtures("s3")
def test_a_run_that_breaks_off_says_what_is_done_and_what_is_not(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    apply = Bucket.apply

    def breaking(self: Bucket, planned: Any) -> Iterator[str]:
        monkeypatch.setattr(
            self.client, "put_bucket_cors", lambda **_: self.client.head_bucket(Bucket="test-none")
        )
        return apply(self, planned)

    with monkeypatch.context() as broken:
        broken.setattr(Bucket, "apply", breaking)
        code, _, err = run("apply", "--yes")
    assert code == 2
    assert "Done: public access block, object ownership, encryption, lifecycle." in err
    assert "Not done: CORS, bucket policy." in err


def test_missing_settings_are_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("S3_BUCKET")
    monkeypatch.delenv("S3_REGION")
    code, out, err = run("plan")
    assert (code, out) == (2, "")
    assert "S3_BUCKET and S3_REGION" in err


@pytest.mark.usefixtures("s3")
def test_the_applications_keys_are_not_needed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("S3_ENABLED", "true")
    assert run("plan")[0] == 1


def test_without_credentials_it_says_whose_are_needed(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    code, _, err = run("plan")
    assert code == 2
    assert "operator's credentials" in err


def test_an_unknown_profile_is_named(run: Run) -> None:
    code, _, err = run("plan", "--profile", "nobody")
    assert code == 2
    assert "nobody" in err


def test_a_sessions_arn_is_refused_as_an_operators(run: Run) -> None:
    session = "arn:aws:sts::123456789012:assumed-role/admin/alice"
    code, _, err = run("plan", "--operator-arn", session)
    assert code == 2
    assert "session's ARN" in err


@pytest.mark.usefixtures("s3")
def test_an_application_of_another_account_is_refused(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("S3_PRINCIPAL_ARN", APPLICATION.replace("123456789012", "999999999999"))
    code, _, err = run("plan")
    assert code == 2
    assert "999999999999" in err


@pytest.mark.usefixtures("s3")
def test_the_application_is_found_by_its_access_key(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    iam = boto3.client("iam", region_name="us-east-1")
    iam.create_user(UserName="gridboss-prod", Path="/apps/")
    key = iam.create_access_key(UserName="gridboss-prod")["AccessKey"]["AccessKeyId"]
    monkeypatch.delenv("S3_PRINCIPAL_ARN")
    code, _, err = run("plan")
    assert (code, "S3_PRINCIPAL_ARN" in err) == (2, True)
    monkeypatch.setenv("S3_ACCESS_KEY", key)
    code, out, _ = run("plan")
    assert code == 1
    assert "arn:aws:iam::123456789012:user/apps/gridboss-prod" in out


def test_the_policy_is_printed_without_asking_anybody(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    code, out, _ = run("policy", "--operator-arn", OPERATOR)
    sids = [statement["Sid"] for statement in json.loads(out)["Statement"]]
    assert (code, sids) == (0, ["DenyInsecureTransport", "DenyOtherPrincipals"])
    assert OPERATOR in out


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"S3_VERSIONING": "true", "S3_KMS_KEY_ARN": KMS_KEY},
        {"CDN_DISTRIBUTION_ID": "E2QWRUHEXAMPLE"},
        {"CDN_DISTRIBUTION_ID": "E2QWRUHEXAMPLE", "CDN_KEY_PAIR_ID": "K2JCJMDEXAMPLE"},
        {"S3_PRINCIPAL_ARN": "arn:aws:iam::123456789012:role/apps/gridboss"},
    ],
    ids=lambda settings: " ".join(settings) or "by default",
)
def test_the_policy_that_is_printed_is_the_one_that_apply_writes(
    run: Run, s3: "S3Client", monkeypatch: pytest.MonkeyPatch, settings: dict[str, str]
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    code, printed, _ = run("policy")
    assert (code, run("apply", "--yes")[0]) == (0, 0)
    assert json.loads(printed) == json.loads(s3.get_bucket_policy(Bucket=NAME)["Policy"])


def test_the_policy_for_a_plain_http_stand_in_of_aws_denies_no_http(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("S3_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("S3_PROVIDER", "aws")
    code, out, _ = run("policy", "--operator-arn", OPERATOR)
    assert code == 0
    assert [each["Sid"] for each in json.loads(out)["Statement"]] == ["DenyOtherPrincipals"]


def test_where_apply_writes_no_policy_none_is_printed(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("S3_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("S3_PROVIDER", "seaweedfs")
    code, out, err = run("policy")
    assert (code, out) == (2, "")
    assert "writes no policy for test-assets" in err


def test_a_provider_without_policies_says_what_to_do_instead(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("S3_PROVIDER", "r2")
    code, out, err = run("policy")
    assert (code, out) == (2, "")
    assert "API tokens" in err


@pytest.mark.usefixtures("s3")
def test_a_role_is_admitted_with_its_path(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    role = boto3.client("iam").create_role(
        RoleName="admin", Path="/team/", AssumeRolePolicyDocument="{}"
    )["Role"]["Arn"]
    sts = boto3.client("sts", region_name="us-east-1")
    session = sts.assume_role(RoleArn=role, RoleSessionName="alice")["Credentials"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", session["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", session["SecretAccessKey"])
    monkeypatch.setenv("AWS_SESSION_TOKEN", session["SessionToken"])
    _, out, _ = run("plan")
    assert role == "arn:aws:iam::123456789012:role/team/admin"
    assert role in out


def test_a_role_that_may_not_ask_iam_is_named_on_the_command_line(
    run: Run, s3: "S3Client", monkeypatch: pytest.MonkeyPatch
) -> None:
    sts = boto3.client("sts", region_name="us-east-1")
    # There is no such role in IAM, so its path can't be read there.
    session = sts.assume_role(RoleArn=OPERATOR, RoleSessionName="alice")["Credentials"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", session["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", session["SecretAccessKey"])
    monkeypatch.setenv("AWS_SESSION_TOKEN", session["SessionToken"])
    assert run("plan")[0] == 2
    assert run("apply", "--yes", "--operator-arn", OPERATOR)[0] == 0
    assert OPERATOR in s3.get_bucket_policy(Bucket=NAME)["Policy"]
    assert run("plan", "--operator-arn", OPERATOR)[0] == 0


class Terminal(io.StringIO):
    """Somebody who types an answer."""

    def isatty(self) -> bool:
        return True


@pytest.mark.usefixtures("s3")
@pytest.mark.parametrize(
    ("answer", "code", "after"), [("y\n", 0, 0), ("n\n", 1, 1), ("\n", 1, 1), ("", 1, 1)]
)
def test_the_answer_of_a_person_decides_and_the_question_stays_out_of_the_result(
    run: Run, monkeypatch: pytest.MonkeyPatch, answer: str, code: int, after: int
) -> None:
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    found, out, err = run("apply", "--json")
    assert found == code
    assert "+ gridboss-pending:" in err
    assert "Change test-assets so?" in err
    assert out.startswith("{") if code == 0 else out == ""
    assert run("plan")[0] == after
