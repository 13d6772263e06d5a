"""Taking objects out of the CDN's caches: requests, answers, and what goes wrong."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from gridboss_assets.errors import CdnDenied, CdnError, CdnUnavailable
from gridboss_assets.invalidation import CloudFrontInvalidator, path_of
from gridboss_assets.models import Credentials

if TYPE_CHECKING:
    from mypy_boto3_cloudfront.type_defs import OriginTypeDef

CREDENTIALS = Credentials("AKIAEXAMPLE", "the-secret", "the-token")
DISTRIBUTION = "E2QWRUHEXAMPLE"


def made() -> CloudFrontInvalidator:
    return CloudFrontInvalidator(DISTRIBUTION, lambda: CREDENTIALS)


@pytest.fixture
def distribution() -> Iterator[str]:
    """A distribution of moto's, and its ID."""
    with mock_aws():
        client = boto3.client("cloudfront", region_name="us-east-1")
        origin: OriginTypeDef = {
            "Id": "bucket",
            "DomainName": "b.s3.eu-west-1.amazonaws.com",
            "S3OriginConfig": {"OriginAccessIdentity": ""},
        }
        answer = client.create_distribution(
            DistributionConfig={
                "CallerReference": "1",
                "Comment": "",
                "Enabled": True,
                "Origins": {"Quantity": 1, "Items": [origin]},
                "DefaultCacheBehavior": {
                    "TargetOriginId": "bucket",
                    "ViewerProtocolPolicy": "https-only",
                },
            }
        )
        yield answer["Distribution"]["Id"]


def test_paths_are_told_to_the_distribution(distribution: str) -> None:
    invalidator = CloudFrontInvalidator(distribution, lambda: CREDENTIALS)
    invalidation = invalidator.invalidate(["/avatars/a.png", "/exports/a.csv*"])
    batch = boto3.client("cloudfront", region_name="us-east-1").get_invalidation(
        DistributionId=distribution, Id=invalidation
    )["Invalidation"]["InvalidationBatch"]
    assert batch["Paths"] == {"Quantity": 2, "Items": ["/avatars/a.png", "/exports/a.csv*"]}


def test_the_same_object_can_be_invalidated_again(distribution: str) -> None:
    invalidator = CloudFrontInvalidator(distribution, lambda: CREDENTIALS)
    assert invalidator.invalidate(["/a"]) != invalidator.invalidate(["/a"])


def test_a_distribution_that_is_none_is_named(distribution: str) -> None:
    assert distribution != DISTRIBUTION
    with pytest.raises(CdnDenied) as caught:
        made().invalidate(["/avatars/a.png"])
    assert "CDN_DISTRIBUTION_ID" in str(caught.value.detail)


@pytest.mark.parametrize(
    ("code", "status", "error", "advice"),
    [
        ("AccessDenied", 403, CdnDenied, "cdn-invalidation"),
        ("TooManyInvalidationsInProgress", 400, CdnUnavailable, "TooMany"),
        ("InvalidArgument", 400, CdnError, "InvalidArgument"),
    ],
)
def test_what_goes_wrong_is_told_apart(
    code: str, status: int, error: type[CdnError], advice: str
) -> None:
    invalidator = made()
    with Stubber(invalidator.client()) as stubber:
        stubber.add_client_error("create_invalidation", code, "…", status)
        with pytest.raises(error) as caught:
            invalidator.invalidate(["/avatars/a.png"])
    assert type(caught.value) is error
    assert advice in str(caught.value.detail)
    assert "the-secret" not in f"{caught.value!r} {caught.value.detail} {invalidator!r}"


def test_a_service_that_is_down_is_unavailable() -> None:
    invalidator = CloudFrontInvalidator(
        DISTRIBUTION, lambda: CREDENTIALS, endpoint="http://127.0.0.1:9"
    )
    with pytest.raises(CdnUnavailable):
        invalidator.invalidate(["/avatars/a.png"])


def answer(status: str) -> dict[str, Any]:
    batch = {"Paths": {"Quantity": 1, "Items": ["/a"]}, "CallerReference": "1"}
    return {
        "Invalidation": {
            "Id": "I1",
            "Status": status,
            "CreateTime": "2026-11-01T00:00:00Z",
            "InvalidationBatch": batch,
        }
    }


def test_it_is_waited_for_until_every_edge_has_forgotten() -> None:
    invalidator = made()
    slept: list[float] = []
    with Stubber(invalidator.client()) as stubber:
        for status in ("InProgress", "InProgress", "Completed"):
            stubber.add_response("get_invalidation", answer(status))
        assert invalidator.wait("I1", sleep=slept.append)
        stubber.assert_no_pending_responses()
    assert len(slept) == 2


def test_waiting_has_an_end() -> None:
    invalidator = made()
    with Stubber(invalidator.client()) as stubber:
        stubber.add_response("get_invalidation", answer("InProgress"))
        assert not invalidator.wait("I1", timeout=-1, sleep=lambda _: None)


def test_a_path_is_percent_encoded() -> None:
    assert path_of("exports/Läufe 1.csv") == "/exports/L%C3%A4ufe%201.csv"
    assert path_of("exports/a.csv", every_query=True) == "/exports/a.csv*"


def test_too_many_at_once_are_told_what_cloudfront_takes() -> None:
    invalidator = made()
    with Stubber(invalidator.client()) as stubber:
        stubber.add_client_error("create_invalidation", "TooManyInvalidationsInProgress", "…", 400)
        with pytest.raises(CdnUnavailable, match=r"3000 paths at once, and 15 with a wildcard"):
            invalidator.invalidate(["/exports/a.csv*"])
