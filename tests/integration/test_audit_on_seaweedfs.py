"""Auditing on a real server: what is set up passes, and what opens or loses files is found."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from gridboss_assets import S3Storage, Uploads
from gridboss_assets.buckets.audit import Check, audit
from gridboss_assets.buckets.aws import Bucket
from gridboss_assets.buckets.desired import DesiredBucket, desired
from gridboss_assets.buckets.operator import Operator
from gridboss_assets.buckets.plan import plan
from gridboss_assets.findings import Finding, Status, exit_status
from gridboss_assets.storage.providers import SEAWEEDFS, BucketFeature
from gridboss_config import Settings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from gridboss_assets.dev.seaweed import SeaweedFS

Audit = Callable[..., dict[str, Finding]]


@pytest.fixture
def settings(seaweed: "SeaweedFS", bucket: str) -> Settings:
    return Settings(
        _env_file=None,
        s3_enabled=True,
        s3_bucket=bucket,
        s3_region="us-east-1",
        s3_endpoint=seaweed.endpoint,
        s3_access_key=seaweed.access_key,
        s3_secret_key=seaweed.secret_key,
        cors_origins=("https://a.example",),
    )


@pytest.fixture
def want(settings: Settings) -> DesiredBucket:
    return desired(settings, None, provider=SEAWEEDFS)


@pytest.fixture
def found(
    settings: Settings,
    want: DesiredBucket,
    seaweed: "SeaweedFS",
    monkeypatch: pytest.MonkeyPatch,
) -> Audit:
    """Give an audit of the test's bucket, ``later`` than now."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", seaweed.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", seaweed.secret_key)
    acting = Operator(settings)

    def run(later: timedelta = timedelta()) -> dict[str, Finding]:
        now = datetime.now(UTC) + later
        every = audit(acting, want, sample=100, now=now, tell=lambda _: None)
        return {finding.check: finding for finding in every}

    return run


@pytest.fixture
def applied(s3_client: "S3Client", want: DesiredBucket) -> Bucket:
    """Make the bucket what it should be."""
    here = Bucket(s3_client, want.bucket, want.region, want.provider)
    list(here.apply(plan(want, here.read())))
    return here


def failing(every: dict[str, Finding]) -> set[str]:
    return {name for name, finding in every.items() if finding.status is Status.FAIL}


def test_a_bucket_that_was_set_up_and_used_passes(
    found: Audit, applied: Bucket, settings: Settings
) -> None:
    uploads = Uploads(S3Storage.from_settings(settings))
    signed = uploads.sign("export", filename="a.csv", content_type="text/csv", owner="driver-7")
    applied.client.put_object(
        Bucket=applied.name,
        Key=f"pending/{signed.object_key}",
        Body=b"driver,points\n7,25\n",
        ContentType="text/csv",
    )
    uploads.complete(signed.object_key)
    every = found()
    assert exit_status(every.values()) == 0, [f for f in every.values() if f.remedy]
    assert [f.check for f in every.values() if f.status is Status.WARN] == [Check.TLS]
    assert every[Check.UNSEALED].detail.startswith("1 of 1 files carry a seal")
    for feature, meaning in SEAWEEDFS.lacks.items():
        assert every[feature] == Finding(feature, Status.UNAVAILABLE, meaning)


def test_a_bare_bucket_differs_in_what_the_plan_would_do(
    found: Audit, want: DesiredBucket, s3_client: "S3Client"
) -> None:
    here = Bucket(s3_client, want.bucket, want.region, want.provider)
    steps = {step.feature for step in plan(want, here.read()).steps}
    assert steps
    assert failing(found()) == steps


@pytest.mark.usefixtures("applied")
def test_a_public_acl_of_the_bucket_is_found(
    found: Audit, s3_client: "S3Client", bucket: str
) -> None:
    s3_client.put_object(Bucket=bucket, Key="exports/a.csv", Body=b"x")
    s3_client.put_bucket_acl(Bucket=bucket, ACL="public-read")
    every = found()
    assert failing(every) == {Check.BUCKET_ACL, Check.PUBLIC_LISTING, Check.PUBLIC_OBJECTS}
    assert "AllUsers: READ" in every[Check.BUCKET_ACL].detail
    s3_client.put_bucket_acl(Bucket=bucket, ACL="private")
    assert failing(found()) == set()


@pytest.mark.usefixtures("applied")
def test_a_public_acl_of_an_object_is_found_though_this_server_does_not_honour_it(
    found: Audit, s3_client: "S3Client", bucket: str
) -> None:
    for name in "ab":
        s3_client.put_object(Bucket=bucket, Key=f"exports/{name}.csv", Body=b"x")
    s3_client.put_object_acl(Bucket=bucket, Key="exports/b.csv", ACL="public-read")
    every = found()
    assert failing(every) == {Check.OBJECT_ACLS}
    assert "1 of 2 objects" in every[Check.OBJECT_ACLS].detail
    assert "exports/b.csv (AllUsers: READ)" in every[Check.OBJECT_ACLS].detail


@pytest.mark.usefixtures("applied")
def test_a_public_policy_is_found(found: Audit, s3_client: "S3Client", bucket: str) -> None:
    statement = {
        "Sid": "Open",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket}/avatars/*",
    }
    s3_client.put_bucket_policy(
        Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    )
    s3_client.put_object(Bucket=bucket, Key="avatars/a.png", Body=b"x")
    s3_client.put_object(Bucket=bucket, Key="exports/a.csv", Body=b"x")
    every = found()
    assert failing(every) == {
        BucketFeature.POLICY,
        Check.PUBLIC_POLICY,
        Check.STATEMENTS,
        Check.PUBLIC_OBJECTS,
    }
    assert "avatars/a.png" in every[Check.PUBLIC_OBJECTS].detail
    assert "exports/a.csv" not in every[Check.PUBLIC_OBJECTS].detail


def test_what_was_stored_before_the_bucket_encrypted_is_found(
    found: Audit, s3_client: "S3Client", want: DesiredBucket
) -> None:
    s3_client.delete_bucket_encryption(Bucket=want.bucket)
    s3_client.put_object(Bucket=want.bucket, Key="exports/old.csv", Body=b"x")
    here = Bucket(s3_client, want.bucket, want.region, want.provider)
    list(here.apply(plan(want, here.read())))
    s3_client.put_object(Bucket=want.bucket, Key="exports/new.csv", Body=b"x")
    every = found()
    assert failing(every) == {Check.OBJECT_ENCRYPTION}
    assert "1 of 2 objects are not encrypted at rest: exports/old.csv." in (
        every[Check.OBJECT_ENCRYPTION].detail
    )


def test_the_remedy_for_what_is_not_encrypted_works(
    found: Audit, s3_client: "S3Client", want: DesiredBucket
) -> None:
    where: Any = {"Bucket": want.bucket, "Key": "exports/old.csv"}
    s3_client.delete_bucket_encryption(Bucket=want.bucket)
    s3_client.put_object(**where, Body=b"x")
    here = Bucket(s3_client, want.bucket, want.region, want.provider)
    list(here.apply(plan(want, here.read())))
    assert "write it anew" in found()[Check.OBJECT_ENCRYPTION].remedy
    s3_client.put_object(**where, Body=s3_client.get_object(**where)["Body"].read())
    assert found()[Check.OBJECT_ENCRYPTION].status is Status.PASS


@pytest.mark.usefixtures("applied")
def test_a_file_that_nobody_inspected_is_found(
    found: Audit, s3_client: "S3Client", bucket: str
) -> None:
    s3_client.put_object(Bucket=bucket, Key="avatars/evil.svg", Body=b"<svg/>")
    every = found()
    assert every[Check.UNSEALED].status is Status.WARN
    assert "avatars/evil.svg" in every[Check.UNSEALED].detail


@pytest.mark.usefixtures("applied")
def test_a_rule_of_others_that_deletes_sealed_files_is_found(
    found: Audit, s3_client: "S3Client", bucket: str
) -> None:
    rules: list[Any] = s3_client.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    theirs: Any = {
        "ID": "cleanup",
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "Expiration": {"Days": 30},
    }
    s3_client.put_bucket_lifecycle_configuration(
        Bucket=bucket, LifecycleConfiguration={"Rules": [*rules, theirs]}
    )
    every = found()
    assert failing(every) == {Check.LIFECYCLE_RULES}
    assert "cleanup deletes objects after 30 days" in every[Check.LIFECYCLE_RULES].detail
    assert every[BucketFeature.LIFECYCLE].status is Status.PASS


@pytest.mark.usefixtures("applied")
def test_uploads_that_no_rule_removed_are_found_by_their_age(
    found: Audit, s3_client: "S3Client", bucket: str
) -> None:
    s3_client.put_object(Bucket=bucket, Key="pending/exports/driver-7/a.csv", Body=b"x")
    upload = s3_client.create_multipart_upload(Bucket=bucket, Key="exports/b.csv")
    try:
        now, then = found(), found(later=timedelta(days=4))
        checks = (Check.STALE, Check.MULTIPART)
        assert [now[check].status for check in checks] == [Status.PASS] * 2
        assert [then[check].status for check in checks] == [Status.WARN] * 2
        assert "pending/exports/driver-7/a.csv" in then[Check.STALE].detail
        assert "exports/b.csv" in then[Check.MULTIPART].detail
    finally:
        s3_client.abort_multipart_upload(
            Bucket=bucket, Key="exports/b.csv", UploadId=upload["UploadId"]
        )


def test_keys_of_another_are_refused_and_nothing_is_claimed(
    settings: Settings, want: DesiredBucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody-else")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a-secret-that-nobody-may-see")
    now = datetime.now(UTC)
    every = audit(Operator(settings), want, sample=100, now=now, tell=lambda _: None)
    assert [(f.check, f.status) for f in every] == [
        (Check.BUCKET, Status.UNKNOWN),
        (Check.NOT_TRIED, Status.UNKNOWN),
        ("application identity", Status.UNAVAILABLE),
    ]
    assert "a-secret-that-nobody-may-see" not in str(every)
