"""`gridboss-assets doctor` on Ceph: what it enforces is told from what it only takes."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.support.cephserver import CephServer
from tests.support.doctor import Doctor, keys, settings_of

from gridboss_assets.buckets.aws import Bucket
from gridboss_assets.buckets.desired import desired
from gridboss_assets.buckets.plan import plan
from gridboss_assets.doctor.probes import SUBJECTS
from gridboss_assets.storage.providers import CEPH
from gridboss_config import Settings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PROBES = {each.name for one in SUBJECTS for each in (one.baseline, *one.probes)}
UNSIGNED = {
    "put-unsigned-metadata",
    "put-unsigned-copy-source",
    "put-unsigned-tagging",
    "put-unsigned-acl",
}
NOT_ENFORCED = UNSIGNED | {"if-match-delete", "copy-if-match", "checksum-wrong", "plain-http"}
ADVICE = {"S3_UPLOAD_METHOD": "post", "S3_CHECKSUMS": "when_required"}


@pytest.fixture
def doctor(ceph: CephServer, ceph_bucket: str, tmp_path: Path) -> Doctor:
    settings = settings_of(ceph.endpoint, ceph_bucket, ceph.access_key, ceph.secret_key)
    return Doctor(tmp_path, settings | {"S3_PROVIDER": "ceph"})


def test_a_deployment_in_order_passes(doctor: Doctor) -> None:
    run = doctor()
    assert (run.status, run.named("fail", "unknown")) == (0, set())
    assert run.named("pass") >= {"clock", "credentials", "region", "bucket", "reading", "cors"}


def test_forms_are_enforced(doctor: Doctor, ceph_client: "S3Client", ceph_bucket: str) -> None:
    run = doctor("--live")
    assert (run.status, run.named("fail", "unknown")) == (0, set())
    assert run.results().keys() == PROBES
    assert run.but_for("works", "enforced") == dict.fromkeys(NOT_ENFORCED, "not enforced")
    assert run.advice() == ADVICE
    assert run.report["notes"] == run.report["left"] == []
    assert keys(ceph_client, ceph_bucket) == []


def test_puts_take_headers_that_were_not_signed(doctor: Doctor) -> None:
    run = doctor("--live", S3_UPLOAD_METHOD="put")
    assert (run.status, run.named("fail")) == (1, UNSIGNED)
    assert run.advice() == ADVICE


def test_a_server_that_nobody_named_is_recognised(doctor: Doctor) -> None:
    run = doctor("--live", S3_PROVIDER="auto")
    assert run.advice() == ADVICE | {"S3_PROVIDER": "ceph"}


def test_a_bucket_as_it_should_be_makes_no_file_public(
    doctor: Doctor, ceph: CephServer, ceph_client: "S3Client", ceph_bucket: str
) -> None:
    settings = Settings(
        _env_file=None,
        s3_bucket=ceph_bucket,
        s3_region="us-east-1",
        s3_endpoint=ceph.endpoint,
        cors_origins=doctor.settings["CORS_ORIGINS"],
    )
    here = Bucket(ceph_client, ceph_bucket, "us-east-1", CEPH)
    list(here.apply(plan(desired(settings, None, provider=CEPH), here.read())))
    run = doctor("--live", S3_UPLOAD_METHOD="put")
    assert run.results()["put-unsigned-acl"] == "enforced"
    assert run.named("fail") == UNSIGNED - {"put-unsigned-acl"}
