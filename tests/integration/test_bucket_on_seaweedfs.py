"""Planning and applying on a real server: afterwards nothing is left to do, and uploads work."""

from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.support.buckets import configurations, put

from gridboss_assets.buckets.aws import Bucket
from gridboss_assets.buckets.desired import DesiredBucket, desired
from gridboss_assets.buckets.plan import plan
from gridboss_assets.storage.providers import SEAWEEDFS, provider_by_answer
from gridboss_config import Settings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from gridboss_assets.dev.seaweed import SeaweedFS

CHANGES: list[dict[str, Any]] = [
    {},
    {"cors_origins": ()},
    {"s3_versioning": True, "s3_tags": {"app": "gridboss"}},
    {"s3_noncurrent_days": 3, "s3_versioning": True},
]


def wanted(server: "SeaweedFS", bucket: str, **changes: Any) -> DesiredBucket:
    given = {"cors_origins": ("https://a.example",), "s3_endpoint": server.endpoint} | changes
    made = Settings(_env_file=None, s3_bucket=bucket, s3_region="us-east-1", **given)
    return desired(made, None, provider=SEAWEEDFS)


def test_the_server_says_who_it_is(s3_client: "S3Client", bucket: str) -> None:
    headers = s3_client.head_bucket(Bucket=bucket)["ResponseMetadata"]["HTTPHeaders"]
    assert provider_by_answer(headers) is SEAWEEDFS


@settings(
    max_examples=25,
    phases=[Phase.explicit, Phase.generate],  # a real server is too slow for shrinking
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(start=configurations(), before=st.sampled_from(CHANGES), after=st.sampled_from(CHANGES))
def test_plan_after_apply_is_empty(  # noqa: PLR0913, PLR0917 - fixtures and examples
    seaweed: "SeaweedFS",
    s3_client: "S3Client",
    bucket: str,
    start: dict[str, Any],
    before: dict[str, Any],
    after: dict[str, Any],
) -> None:
    # SeaweedFS has no public access block, and its ACLs can't be switched off.
    put(s3_client, bucket, start | {"access": None, "ownership": None})
    here = Bucket(s3_client, bucket, "us-east-1", SEAWEEDFS)
    for changes in (before, after):
        want = wanted(seaweed, bucket, **changes)
        list(here.apply(plan(want, here.read())))
        assert plan(want, here.read()).is_empty


def test_a_bucket_is_made_and_takes_uploads(
    seaweed: "SeaweedFS", s3_client: "S3Client", bucket: str
) -> None:
    name = f"{bucket}-new"
    here = Bucket(s3_client, name, "us-east-1", SEAWEEDFS)
    want = wanted(seaweed, name)
    try:
        assert next(here.apply(plan(want, here.read()))) == "bucket"
        list(here.apply(plan(want, here.read())))
        assert plan(want, here.read()).is_empty
        stored = s3_client.put_object(Bucket=name, Key="avatars/a.png", Body=b"x")
        assert stored["ServerSideEncryption"] == "AES256"
    finally:
        s3_client.delete_object(Bucket=name, Key="avatars/a.png")
        s3_client.delete_bucket(Bucket=name)
