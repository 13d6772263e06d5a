"""The runbook's commands, in its order, from nothing to a bucket in service and back.

What stands in for what: moto is AWS, with IAM and STS. SeaweedFS is every provider's storage, told
by S3_PROVIDER which row of data to go by: so what is tried there is our part, and not what MinIO,
R2 or B2 answers.
"""

import json
import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from tests.docs.runbook import Story, call_aws, env
from tests.docs.sections import Command, commands, section
from tests.docs.serving import serving
from tests.docs.test_data import named
from tests.support.nobody import Nobody
from tests.support.s3server import assert_disposable

from gridboss_assets.buckets.operator import Operator
from gridboss_assets.dev.bucket import prepare_bucket
from gridboss_config import Settings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from gridboss_assets.dev.seaweed import SeaweedFS

NAME = "gridboss-prod-assets"
ORIGIN = "https://app.example.com"
USER = "gridboss-assets"
FIRST_KEY = "AKIAIOSFODNN7EXAMPLE"
JWT_SECRET = "a-secret-of-at-least-thirty-two-bytes"

Capture = pytest.CaptureFixture[str]


# --- AWS, on moto ----------------------------------------------------------------------------


@pytest.fixture
def aws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> Iterator[Story]:
    """Sign in as the role that the runbook calls an operator, in an account with nothing in it."""
    story = Story(
        tmp_path, monkeypatch, capsys, {"aws": lambda command: call_aws(command, tmp_path)}
    )
    story.set(AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="x", AWS_DEFAULT_REGION="eu-west-1")
    monkeypatch.setattr(Operator, "stranger", Nobody())
    with mock_aws():
        trust = {"Version": "2012-10-17", "Statement": []}
        boto3.client("iam").create_role(
            RoleName="bucket-admin", AssumeRolePolicyDocument=json.dumps(trust)
        )
        session = boto3.client("sts").assume_role(
            RoleArn="arn:aws:iam::123456789012:role/bucket-admin", RoleSessionName="somebody"
        )["Credentials"]
        story.set(
            AWS_ACCESS_KEY_ID=session["AccessKeyId"],
            AWS_SECRET_ACCESS_KEY=session["SecretAccessKey"],
            AWS_SESSION_TOKEN=session["SessionToken"],
        )
        yield story


def set_up(story: Story) -> dict[str, str]:
    """Follow the section and hand over the key, as the runbook has it; return what was in it."""
    story.follow(section("AWS"))
    key = env(story.folder / "key.env")
    assert key["S3_PRINCIPAL_ARN"] in (story.folder / ".env").read_text(encoding="utf-8")
    (story.folder / "key.env").unlink()
    story.names[FIRST_KEY] = key["S3_ACCESS_KEY"]
    return key


def statuses() -> dict[str, str]:
    """Return the user's keys."""
    found = boto3.client("iam").list_access_keys(UserName=USER)["AccessKeyMetadata"]
    return {key["AccessKeyId"]: key["Status"] for key in found}


def policy() -> Any:
    """Return the bucket's policy, None if there is none."""
    try:
        return json.loads(boto3.client("s3").get_bucket_policy(Bucket=NAME)["Policy"])
    except ClientError as error:
        assert error.response["Error"]["Code"] == "NoSuchBucketPolicy"  # noqa: PT017
        return None


def test_on_aws_the_bucket_and_its_user_are_made(aws: Story) -> None:
    set_up(aws)
    # The documents of bucket.md are for the same bucket, user and operator.
    assert policy() == named("bucket-policy")
    lifecycle = boto3.client("s3").get_bucket_lifecycle_configuration(Bucket=NAME)
    assert lifecycle["Rules"] == named("lifecycle")["Rules"]
    block = boto3.client("s3").get_public_access_block(Bucket=NAME)
    assert all(block["PublicAccessBlockConfiguration"].values())
    assert list(statuses().values()) == ["Active"]


def test_on_aws_the_key_is_rotated_and_the_retired_one_comes_back(aws: Story) -> None:
    first = set_up(aws)["S3_ACCESS_KEY"]
    aws.follow(section("Rotate the key")[:1])
    second = env(aws.folder / "key.env")["S3_ACCESS_KEY"]
    assert statuses() == {first: "Inactive", second: "Active"}
    aws.follow(section("Roll back")[:1])
    assert statuses() == {first: "Active", second: "Active"}


def test_on_aws_a_change_is_watched_and_rolled_back(aws: Story) -> None:
    set_up(aws)
    before = policy()
    account = "arn:aws:iam::123456789012"
    aws.set(S3_OPERATOR_ARNS=f"{account}:role/bucket-admin,{account}:role/ci")
    keep, plan, apply = commands(*section("Change the bucket"))
    aws.run(keep)
    aws.run(Command(plan.line, plan.words, status=1))
    aws.run(apply)
    assert policy() != before
    aws.follow(section("Watch it"))
    aws.follow(section("Roll back")[1:2])
    assert policy() == before


def test_on_aws_the_user_goes_with_its_keys_and_the_policy_too(aws: Story) -> None:
    set_up(aws)
    aws.follow(section("Roll back")[2:])
    with pytest.raises(ClientError, match="NoSuchEntity"):
        statuses()
    unlock, root = commands(*section("Locked out"))
    aws.run(unlock)
    assert policy() is None
    assert root.words[1:3] == ("sts", "assume-root")  # which moto lacks


# --- every provider, on SeaweedFS ------------------------------------------------------------


@pytest.fixture
def name(s3_client: "S3Client") -> Iterator[str]:
    """Give the name of a bucket that is not there yet, and clean up after it."""
    name = f"test-{secrets.token_hex(8)}"
    yield name
    for item in s3_client.list_objects_v2(Bucket=name).get("Contents", []):
        s3_client.delete_object(Bucket=name, Key=item.get("Key", ""))
    s3_client.delete_bucket(Bucket=name)


@pytest.fixture
def story(  # noqa: PLR0913, PLR0917 - fixtures
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Capture,
    seaweed: "SeaweedFS",
    s3_client: "S3Client",
    name: str,
) -> Story:
    assert_disposable(seaweed.endpoint, name)

    def stand_in(command: Command) -> None:
        if {"bucket", "create", name} <= set(command.words):
            s3_client.create_bucket(Bucket=name)

    others = dict.fromkeys(("wrangler", "b2"), stand_in)
    story = Story(tmp_path, monkeypatch, capsys, others)
    story.names[NAME] = name
    story.set(
        AWS_ACCESS_KEY_ID=seaweed.access_key,
        AWS_SECRET_ACCESS_KEY=seaweed.secret_key,
        S3_ENDPOINT=seaweed.endpoint,
        S3_BUCKET=name,
    )
    return story


def in_service(story: Story, seaweed: "SeaweedFS", provider: str) -> str:
    """Follow the section about that, and return what the real upload said."""
    story.set(
        APP_ENV="production",
        S3_ENABLED="true",
        S3_PROVIDER=provider,
        S3_ACCESS_KEY=seaweed.access_key,
        S3_SECRET_KEY=seaweed.secret_key,
        CORS_ORIGINS=ORIGIN,
        JWT_SECRET=JWT_SECRET,
    )
    found = section("Put it into service")
    *checks, token = commands(*found)
    for command in checks:
        # The audit of AWS asks IAM and STS too, which SeaweedFS has not.
        if provider != "aws" or "audit" not in command.words:
            story.run(command)
    (script,) = [block for block in found if "service" in block.setup]
    file = story.folder / "golive.py"
    file.write_text(script.text, encoding="utf-8")
    with serving(Settings()) as url:
        done = subprocess.run(  # noqa: S603 - the document's own
            [sys.executable, str(file)],
            env={"API": url, "TOKEN": story.run(token).strip()},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("title", "provider"), [("MinIO", "minio"), ("Cloudflare R2", "r2"), ("Backblaze B2", "b2")]
)
def test_elsewhere_the_bucket_is_made_and_put_into_service(
    story: Story, seaweed: "SeaweedFS", s3_client: "S3Client", title: str, provider: str
) -> None:
    story.set(S3_PROVIDER=provider)
    story.follow(section(title))
    if provider == "minio":  # whose CORS is the server's
        rules: Any = {"CORSRules": [named("cors")["CORSRules"][0]]}
        s3_client.put_bucket_cors(Bucket=story.names[NAME], CORSConfiguration=rules)
        here = json.dumps(named("iam-policy")).replace(NAME, story.names[NAME])
        assert json.loads((story.folder / "policy.json").read_bytes()) == json.loads(here)
    assert "sealed, downloaded and deleted: exports/go-live/" in in_service(
        story, seaweed, provider
    )


def test_a_bucket_as_on_aws_is_put_into_service(
    story: Story, seaweed: "SeaweedFS", s3_client: "S3Client"
) -> None:
    prepare_bucket(s3_client, story.names[NAME], origins=[ORIGIN])
    story.set(S3_REGION="us-east-1")
    assert "sealed, downloaded and deleted: exports/go-live/" in in_service(story, seaweed, "aws")
