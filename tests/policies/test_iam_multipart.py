"""Large exports under the application's IAM policy, which does not allow to abort an upload."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import boto3
import pytest
from moto import mock_aws
from moto.core import enable_iam_authentication

from gridboss_assets import Credentials, S3Storage
from gridboss_assets.buckets.policies import iam_policy
from gridboss_assets.errors import ExportCancelled
from gridboss_assets.exports import write_export

BUCKET = "test-assets"
REGION = "us-east-1"


@contextmanager
def held_to(*optional: str) -> Iterator[S3Storage]:
    """Give a storage whose user is held to the two statements and to optional ones."""
    policy = json.dumps(iam_policy(BUCKET, optional=optional))
    with mock_aws():
        session = boto3.Session("k", "s", region_name=REGION)
        session.client("s3").create_bucket(Bucket=BUCKET)
        iam = session.client("iam")
        iam.create_user(UserName="gridboss")
        iam.put_user_policy(UserName="gridboss", PolicyName="p", PolicyDocument=policy)
        made = iam.create_access_key(UserName="gridboss")["AccessKey"]
        with enable_iam_authentication():
            storage = S3Storage(
                BUCKET, REGION, Credentials(made["AccessKeyId"], made["SecretAccessKey"])
            )
            yield storage
            storage.close()


def export(storage: S3Storage, told: list[str | None], *, ends: bool = False) -> int:
    def tell(upload_id: str | None) -> None:
        told.append(upload_id)
        if upload_id and ends:
            raise ExportCancelled

    rows = (("x" * 65536,) for _ in range(17 * 16))
    written = write_export(
        rows, format="json", filename="a", columns=["n"], storage=storage, on_multipart=tell
    )
    return storage.head(written.object_key).size


def test_a_large_export_needs_no_more_than_the_two_statements() -> None:
    told: list[str | None] = []
    with held_to() as storage:
        assert export(storage, told) > 17 * 1024 * 1024
    assert [bool(each) for each in told] == [True, False]


def test_where_aborting_is_denied_the_log_says_what_removes_the_parts(
    caplog: pytest.LogCaptureFixture,
) -> None:
    told: list[str | None] = []
    with held_to() as storage, caplog.at_level(logging.WARNING, "gridboss_assets"):
        with pytest.raises(ExportCancelled):
            export(storage, told, ends=True)
        assert storage.list_keys("") == []
    (record,) = caplog.records
    message = record.getMessage()
    assert record.levelname == "WARNING"
    assert "could not be aborted (not allowed)" in message
    assert "until the bucket's lifecycle rule AbortIncompleteMultipartUpload" in message
    assert "s3:AbortMultipartUpload" in message
    # Nobody heard that it has ended, for it has not.
    assert len(told) == 1


def test_where_aborting_is_denied_a_successor_is_told_so() -> None:
    told: list[str | None] = []
    with held_to() as storage:
        with pytest.raises(ExportCancelled):
            export(storage, told, ends=True)
        assert not storage.abort_multipart("exports/a.json", str(told[0]))


def test_with_the_optional_statement_the_upload_is_aborted(
    caplog: pytest.LogCaptureFixture,
) -> None:
    told: list[str | None] = []
    with held_to("multipart") as storage, caplog.at_level(logging.WARNING, "gridboss_assets"):
        with pytest.raises(ExportCancelled):
            export(storage, told, ends=True)
        assert storage.abort_multipart("exports/a.json", str(told[0]))
    assert [bool(each) for each in told] == [True, False]
    assert caplog.records == []
