"""Auditing a bucket on Ceph: what was set up there passes, and what opens it is found."""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from tests.integration.ceph.conftest import EVERYTHING, wanted
from tests.support.cephserver import CephServer

from gridboss_assets.buckets.audit import Check, audit
from gridboss_assets.buckets.aws import Bucket
from gridboss_assets.buckets.operator import Operator
from gridboss_assets.buckets.plan import plan
from gridboss_assets.findings import Finding, Status
from gridboss_assets.storage.providers import CEPH
from gridboss_config import Settings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@pytest.fixture
def here(ceph: CephServer, over_tls: "S3Client", ceph_bucket: str) -> Bucket:
    """Give a bucket that is as desired."""
    made = Bucket(over_tls, ceph_bucket, "us-east-1", CEPH)
    list(made.apply(plan(wanted(ceph, ceph_bucket, **EVERYTHING), made.read())))
    return made


def audited(ceph: CephServer, bucket: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Finding]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ceph.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", ceph.secret_key)
    settings = Settings(
        _env_file=None, s3_bucket=bucket, s3_region="us-east-1", s3_endpoint=ceph.tls_endpoint
    )
    want = wanted(ceph, bucket, **EVERYTHING)
    now = datetime.now(UTC)
    every = audit(Operator(settings), want, sample=9, now=now, tell=lambda _: None)
    return {finding.check: finding for finding in every}


def trouble(every: dict[str, Finding]) -> dict[str, Status]:
    told = {Status.PASS, Status.UNAVAILABLE}
    return {name: finding.status for name, finding in every.items() if finding.status not in told}


def test_a_bucket_that_was_set_up_passes(
    ceph: CephServer, here: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.client.put_object(Bucket=here.name, Key="pending/avatars/a", Body=b"x")
    every = audited(ceph, here.name, monkeypatch)
    # radosgw has to be told where TLS ends in front of it.
    assert trouble(every) == {Check.TLS: Status.WARN}
    for feature, meaning in CEPH.lacks.items():
        assert every[feature] == Finding(feature, Status.UNAVAILABLE, meaning)


def test_a_user_whom_the_policy_lets_in_does_not_make_it_public(
    ceph: CephServer, here: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though radosgw itself calls such a policy public."""
    _allow(here, {"AWS": "arn:aws:iam:::user/stranger"})
    assert here.client.get_bucket_policy_status(Bucket=here.name)["PolicyStatus"]["IsPublic"]
    every = audited(ceph, here.name, monkeypatch)
    assert trouble(every)[Check.STATEMENTS] is Status.WARN
    assert every[Check.PUBLIC_POLICY].status is Status.UNAVAILABLE


def test_what_opens_the_bucket_is_found(
    ceph: CephServer, here: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.client.put_object(Bucket=here.name, Key="exports/a.csv", Body=b"x")
    _allow(here, "*")
    found = trouble(audited(ceph, here.name, monkeypatch))
    assert {name for name, status in found.items() if status is Status.FAIL} == {
        "bucket policy",
        Check.STATEMENTS,
        Check.PUBLIC_POLICY,
        Check.PUBLIC_LISTING,
        Check.PUBLIC_OBJECTS,
    }


def _allow(here: Bucket, principal: Any) -> None:
    policy = json.loads(here.client.get_bucket_policy(Bucket=here.name)["Policy"])
    arn = f"arn:aws:s3:::{here.name}"
    policy["Statement"].append(
        {
            "Sid": "Theirs",
            "Effect": "Allow",
            "Principal": principal,
            "Action": ["s3:GetObject", "s3:ListBucket"],
            "Resource": [arn, f"{arn}/*"],
        }
    )
    here.client.put_bucket_policy(Bucket=here.name, Policy=json.dumps(policy))
