"""Applying a plan leaves nothing to do, whatever stood there and wherever a run before ended."""

import traceback
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.buckets import configurations, put
from tests.unit.buckets.conftest import NAME, wanted

from gridboss_assets.buckets.aws import _PUTS, Bucket
from gridboss_assets.buckets.plan import ORDER, NotReadable, plan
from gridboss_assets.buckets.shapes import NOTHING
from gridboss_assets.errors import ConfigurationError, OperationFailed
from gridboss_assets.storage.providers import AWS, BucketFeature

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SETTINGS: list[dict[str, Any]] = [
    {},
    {"cors_origins": ()},
    {"s3_versioning": True, "s3_tags": {"app": "gridboss"}},
    {"s3_kms_key_arn": "arn:aws:kms:us-east-1:123456789012:key/abc", "s3_noncurrent_days": 3},
    {"cdn_distribution_id": "E2QWRUHEXAMPLE", "cdn_key_pair_id": "K2JCJMDEXAMPLE"},
]


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(start=configurations(), before=st.sampled_from(SETTINGS), after=st.sampled_from(SETTINGS))
def test_plan_after_apply_is_empty(s3: "S3Client", start: Any, before: Any, after: Any) -> None:
    s3.create_bucket(Bucket=NAME)
    try:
        put(s3, NAME, start)
        bucket = Bucket(s3, NAME, "us-east-1", AWS)
        state = bucket.read()
        for changed in (before, after):
            want = wanted(**changed)
            list(bucket.apply(plan(want, state)))
            state = bucket.read()
            assert plan(want, state).is_empty
    finally:
        s3.delete_bucket(Bucket=NAME)


def test_a_bucket_that_is_missing_is_made_in_its_region(s3: "S3Client") -> None:
    bucket = Bucket(s3, NAME, "us-east-1", AWS)
    assert not bucket.read().exists
    done = list(bucket.apply(plan(wanted(), bucket.read())))
    assert done[0] == "bucket"
    assert plan(wanted(), bucket.read()).is_empty


@pytest.mark.parametrize("failing", [f for f in ORDER if wanted(s3_tags={"a": "b"}).of(f)])
def test_a_run_that_failed_half_way_is_finished_by_the_next(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch, failing: BucketFeature
) -> None:
    want = wanted(s3_tags={"a": "b"})
    planned = plan(want, bucket.read())
    operation, _ = _PUTS[failing]
    with monkeypatch.context() as broken:
        broken.setattr(bucket.client, operation, _refuse("InternalError", 500))
        with pytest.raises(OperationFailed, match="InternalError"):
            list(bucket.apply(planned))
    left = plan(want, bucket.read())
    features = [step.feature for step in planned.steps]
    assert [s.feature for s in left.steps] == features[features.index(failing) :]
    list(bucket.apply(left))
    assert plan(want, bucket.read()).is_empty


def test_a_public_acl_is_taken_back_before_acls_are_switched_off(
    s3: "S3Client",
) -> None:
    s3.create_bucket(Bucket=NAME)
    s3.put_bucket_acl(Bucket=NAME, ACL="public-read")
    bucket = Bucket(s3, NAME, "us-east-1", AWS)
    planned = plan(wanted(), bucket.read())
    assert [s.feature for s in planned.steps if s.resets_acl] == [BucketFeature.OWNERSHIP]
    list(bucket.apply(planned))
    grants = s3.get_bucket_acl(Bucket=NAME)["Grants"]
    assert not any("URI" in grant["Grantee"] for grant in grants)


def _refuse(code: str, status: int, **more: Any) -> Any:
    def refuse(**_: Any) -> None:
        said = {"Code": code, **more}
        error: Any = {"Error": said, "ResponseMetadata": {"HTTPStatusCode": status}}
        raise ClientError(error, "GetBucketPolicy")

    return refuse


def test_what_may_not_be_read_is_not_readable(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bucket.client, "get_bucket_policy", _refuse("AccessDenied", 403))
    side = bucket.read().side(BucketFeature.POLICY)
    assert isinstance(side, NotReadable)
    assert "GetBucketPolicy" in side.detail


def test_a_side_is_absent_whether_or_not_the_server_has_words_for_it(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ceph's errors have an empty message, which botocore gives as None."""
    wordless = _refuse("NoSuchTagSet", 404, Message=None)
    monkeypatch.setattr(bucket.client, "get_bucket_tagging", wordless)
    assert bucket.read().side(BucketFeature.TAGS) == NOTHING


def test_wrong_keys_are_named_for_what_they_are(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bucket.client, "get_bucket_policy", _refuse("ExpiredToken", 400))
    with pytest.raises(OperationFailed, match="session has expired"):
        bucket.read()


def test_an_answer_that_is_no_answer_is_not_quoted(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    def garbage(**_: Any) -> None:
        raise ResponseParserError("Unable to parse response: <secret>")

    monkeypatch.setattr(bucket.client, "get_bucket_policy", garbage)
    with pytest.raises(OperationFailed, match="can't be read") as caught:
        bucket.read()
    assert "secret" not in "".join(traceback.format_exception(caught.value))


def test_a_bucket_in_another_region_is_refused(s3: "S3Client") -> None:
    s3.create_bucket(Bucket=NAME, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    with pytest.raises(ConfigurationError, match="S3_REGION=eu-west-1"):
        Bucket(s3, NAME, "us-east-1", AWS).read()
