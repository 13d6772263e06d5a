"""What the tests of the audit's reading share: a bucket on moto, and calls that go wrong."""

from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from moto import mock_aws
from tests.unit.buckets.audit.evidences import OWNED, SEAL
from tests.unit.buckets.conftest import NAME, wanted

from gridboss_assets.buckets.audit import bucket_findings
from gridboss_assets.buckets.aws import Bucket
from gridboss_assets.buckets.plan import plan
from gridboss_assets.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_s3 import S3Client

# moto says of every multipart upload that it is of the day before.
NOW = datetime(2010, 11, 11, tzinfo=UTC)


def refusal(operation: str, code: str = "AccessDenied", status: int = 403) -> ClientError:
    """Make an answer of S3 that is an error."""
    answer: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, operation)


class Calls:
    """Stands between a client and its server: notes each call, and lets some go wrong."""

    def __init__(self, client: "S3Client") -> None:
        self.made: list[str] = []
        self.failing: dict[str, Exception] = {}
        self.answers: dict[str, Any] = {}
        self._call: Callable[..., Any] = client._make_api_call  # type: ignore[attr-defined] # noqa: SLF001
        client._make_api_call = self  # type: ignore[attr-defined] # noqa: SLF001

    def __call__(self, operation: str, arguments: dict[str, Any]) -> Any:
        self.made.append(operation)
        if operation in self.failing:
            raise self.failing[operation]
        if operation in self.answers:
            return self.answers[operation]
        return self._call(operation, arguments)


class Place:
    """A bucket on moto that is as desired, with a sealed file, and who audits it."""

    def __init__(self, s3: "S3Client") -> None:
        self.s3 = s3
        self.want = wanted()
        s3.create_bucket(Bucket=NAME)
        bucket = Bucket(s3, NAME, "us-east-1", self.want.provider)
        list(bucket.apply(plan(self.want, bucket.read())))
        policy = s3.get_bucket_policy(Bucket=NAME)
        # moto reads no conditions, so the policy's denials would shut everybody out.
        s3.delete_bucket_policy(Bucket=NAME)
        s3.put_object(Bucket=NAME, Key=OWNED, Body=b"x", Metadata=SEAL)
        self.stranger = boto3.client(
            "s3", region_name="us-east-1", config=Config(signature_version=UNSIGNED)
        )
        self.calls, self.strange_calls = Calls(s3), Calls(self.stranger)
        self.calls.answers |= {
            "GetBucketPolicy": policy,
            "GetBucketPolicyStatus": {"PolicyStatus": {"IsPublic": False}},
        }
        # moto lists every bucket for everybody.
        self.strange_calls.failing["ListObjectsV2"] = refusal("ListObjectsV2")

    def audit(self, sample: int = 100) -> list[Finding]:
        """Audit it."""
        acting: Any = SimpleNamespace(s3=self.s3, stranger=self.stranger)
        return list(bucket_findings(acting, self.want, sample=sample, now=NOW, tell=lambda _: None))

    def acls_are_on(self) -> None:
        """Switch ACLs on, so that they are looked at."""
        rules: Any = {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
        self.s3.put_bucket_ownership_controls(Bucket=NAME, OwnershipControls=rules)


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """Give a bucket that is as desired."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "operator")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    with mock_aws():
        yield Place(boto3.client("s3", region_name="us-east-1"))
