"""Planning and applying on Ceph: afterwards nothing is left to do, and what is set has effect."""

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.integration.ceph.conftest import EVERYTHING, code_of, wanted
from tests.support.buckets import configurations, put
from tests.support.cephserver import CephServer

from gridboss_assets.buckets.aws import _PUTS, Bucket
from gridboss_assets.buckets.plan import ORDER, plan
from gridboss_assets.buckets.shapes import NOTHING
from gridboss_assets.errors import OperationFailed
from gridboss_assets.storage.providers import CEPH, GENERIC, BucketFeature, provider_by_answer

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CHANGES: list[dict[str, Any]] = [
    {},
    {"cors_origins": ()},
    {"s3_versioning": True, "s3_tags": {"app": "gridboss"}},
    {"s3_noncurrent_days": 3, "s3_versioning": True},
]


def test_the_server_says_who_it_is(ceph_client: "S3Client", ceph_bucket: str) -> None:
    headers = ceph_client.head_bucket(Bucket=ceph_bucket)["ResponseMetadata"]["HTTPHeaders"]
    assert "server" not in headers
    assert provider_by_answer(headers) is CEPH


def test_the_server_says_so_even_of_a_bucket_that_is_missing(ceph_client: "S3Client") -> None:
    with pytest.raises(ClientError) as missing:
        ceph_client.head_bucket(Bucket="test-not-there")
    assert provider_by_answer(missing.value.response["ResponseMetadata"]["HTTPHeaders"]) is CEPH


@settings(
    max_examples=10,
    phases=[Phase.explicit, Phase.generate],  # a real server is too slow for shrinking
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(start=configurations(), before=st.sampled_from(CHANGES), after=st.sampled_from(CHANGES))
def test_plan_after_apply_is_empty(  # noqa: PLR0913, PLR0917 - fixtures and examples
    ceph: CephServer,
    ceph_client: "S3Client",
    ceph_bucket: str,
    start: dict[str, Any],
    before: dict[str, Any],
    after: dict[str, Any],
) -> None:
    # Where the block is on, a policy can't have come about afterwards. Encryption and ownership
    # can't be set up on Ceph.
    ceph_client.delete_public_access_block(Bucket=ceph_bucket)
    put(ceph_client, ceph_bucket, start | {"access": None, "ownership": None, "encryption": None})
    put(ceph_client, ceph_bucket, dict.fromkeys(start) | {"access": start["access"]})
    here = Bucket(ceph_client, ceph_bucket, "us-east-1", CEPH)
    for changes in (before, after):
        want = wanted(ceph, ceph_bucket, **changes)
        list(here.apply(plan(want, here.read())))
        assert plan(want, here.read()).is_empty


FEATURES = [feature for feature in ORDER if feature not in CEPH.lacks]


@pytest.mark.parametrize("failing", FEATURES)
def test_a_run_that_failed_half_way_is_finished_by_the_next(
    ceph: CephServer,
    over_tls: "S3Client",
    ceph_bucket: str,
    monkeypatch: pytest.MonkeyPatch,
    failing: BucketFeature,
) -> None:
    here = Bucket(over_tls, f"{ceph_bucket}-half", "us-east-1", CEPH)
    want = wanted(ceph, here.name, **EVERYTHING)
    operation, _ = _PUTS[failing]
    with monkeypatch.context() as broken:
        broken.setattr(over_tls, operation, _refuse)
        with pytest.raises(OperationFailed, match="InternalError"):
            list(here.apply(plan(want, here.read())))
    left = plan(want, here.read())
    assert [step.feature for step in left.steps] == FEATURES[FEATURES.index(failing) :]
    list(here.apply(left))
    assert plan(want, here.read()).is_empty


def _refuse(**_: Any) -> None:
    answer: Any = {"Error": {"Code": "InternalError"}, "ResponseMetadata": {"HTTPStatusCode": 500}}
    raise ClientError(answer, "PutAnything")


def test_a_ceph_that_is_taken_for_another_server_is_read_all_the_same(
    ceph_client: "S3Client", ceph_bucket: str
) -> None:
    """It answers what it lacks with a list of the bucket's keys, and 200."""
    state = Bucket(ceph_client, ceph_bucket, "us-east-1", GENERIC).read()
    for feature in (BucketFeature.OWNERSHIP, BucketFeature.ENCRYPTION):
        assert state.side(feature) == NOTHING


def test_what_ceph_lacks_it_refuses(ceph_client: "S3Client", ceph_bucket: str) -> None:
    state = dict.fromkeys(("access", "versioning", "lifecycle", "cors", "tags", "policy"))
    for lacked in ({"encryption": "AES256"}, {"ownership": "BucketOwnerEnforced"}):
        with pytest.raises(ClientError) as refused:
            put(
                ceph_client, ceph_bucket, {"encryption": None, "ownership": None, **state, **lacked}
            )
        assert code_of(refused) == "InvalidArgument"
