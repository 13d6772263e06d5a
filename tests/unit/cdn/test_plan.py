"""The plan for what exists already: ours comes first, and no other way leads to the bucket."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.cloudfront_account import CloudFront
from tests.unit.cdn.conftest import OWN_HOST, key_pair, wanted
from tests.unit.cdn.test_apply import config, left, run

from gridboss_assets.cdn.aws import Distribution
from gridboss_assets.cdn.configuration import ORIGIN_ID
from gridboss_assets.cdn.plan import CdnPlan
from gridboss_assets.cdn.shapes import fits, from_api, to_api
from gridboss_assets.changes import Action
from gridboss_assets.errors import ConfigurationError

KEY: dict[str, Any] = {"cdn_public_key": key_pair("one")[1]}
WEBSITE = {
    "Id": "website",
    "DomainName": "www.example.com",
    "CustomOriginConfig": {
        "HTTPPort": 80,
        "HTTPSPort": 443,
        "OriginProtocolPolicy": "https-only",
    },
}


def stored(cloudfront: CloudFront) -> tuple[str, dict[str, Any]]:
    """Return the only distribution: its ID and its configuration, to be changed."""
    (found,) = cloudfront.stored["Distribution"].items()
    return found[0], found[1]["config"]


def behaviour(pattern: str, origin: str) -> dict[str, Any]:
    """Return a behaviour that somebody made."""
    return {
        "PathPattern": pattern,
        "TargetOriginId": origin,
        "ViewerProtocolPolicy": "allow-all",
        "ForwardedValues": {"QueryString": True, "Cookies": {"Forward": "none"}},
        "MinTTL": 0,
    }


def with_behaviours(cloudfront: CloudFront, *more: dict[str, Any], first: bool = True) -> None:
    """Let somebody add behaviours, and the origin of a website."""
    found = stored(cloudfront)[1]
    found["Origins"] = {"Quantity": 2, "Items": [*found["Origins"]["Items"][:1], WEBSITE]}
    ours = found["CacheBehaviors"]["Items"]
    items = [*more, *ours] if first else [*ours, *more]
    found["CacheBehaviors"] = {"Quantity": len(items), "Items": items}


def patterns(cloudfront: CloudFront) -> list[str]:
    return [each["PathPattern"] for each in config(cloudfront)["CacheBehaviors"]["Items"]]


def actions(planned: CdnPlan) -> dict[str, Action]:
    return {change.name: change.action for step in planned.steps for change in step.changes}


def test_another_way_to_the_bucket_is_taken_out() -> None:
    cloudfront = CloudFront()
    run(cloudfront, **KEY)
    with_behaviours(cloudfront, behaviour("*.png", ORIGIN_ID), behaviour("pending/*", ORIGIN_ID))
    planned = run(cloudfront, **KEY)
    assert actions(planned) == {"*.png": Action.REMOVE, "pending/*": Action.REMOVE}
    assert patterns(cloudfront) == ["avatars/*", "exports/*"]


def test_a_way_through_another_origin_or_a_group_of_the_same_bucket_is_taken_out() -> None:
    cloudfront = CloudFront()
    run(cloudfront, **KEY)
    with_behaviours(cloudfront, behaviour("a/*", "old"), behaviour("b/*", "group"), first=False)
    found = stored(cloudfront)[1]
    old = {
        "Id": "old",
        "DomainName": "test-assets.s3.amazonaws.com",
        "S3OriginConfig": {"OriginAccessIdentity": ""},
    }
    found["Origins"] = {"Quantity": 3, "Items": [*found["Origins"]["Items"], old]}
    found["OriginGroups"] = {
        "Quantity": 1,
        "Items": [
            {
                "Id": "group",
                "FailoverCriteria": {"StatusCodes": {"Quantity": 1, "Items": [404]}},
                "Members": {"Quantity": 2, "Items": [{"OriginId": "old"}, {"OriginId": "website"}]},
            }
        ],
    }
    planned = run(cloudfront, **KEY)
    assert {"a/*", "b/*", "group", "old"} == actions(planned).keys()
    assert {each["Id"] for each in config(cloudfront)["Origins"]["Items"]} == {ORIGIN_ID, "website"}


def test_what_leads_elsewhere_stays_after_ours_and_is_named() -> None:
    cloudfront = CloudFront()
    run(cloudfront, **KEY)
    with_behaviours(cloudfront, behaviour("exports/*.csv", "website"))
    planned = run(cloudfront, **KEY)
    assert actions(planned) == {"order of behaviors": Action.CHANGE}
    assert patterns(cloudfront) == ["avatars/*", "exports/*", "exports/*.csv"]
    assert {n.text for n in planned.kept} == {"exports/*.csv", "www.example.com"}


def test_without_a_key_any_more_exports_are_no_longer_served() -> None:
    cloudfront = CloudFront()
    run(cloudfront, **KEY)
    planned = run(cloudfront)
    assert actions(planned) == {"exports/*": Action.REMOVE}
    assert patterns(cloudfront) == ["avatars/*"]
    assert any(note.subject == "key" for note in planned.notes)


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("ViewerProtocolPolicy", "allow-all"),
        ("OriginRequestPolicyId", "216adef6-5c7f-47e4-b989-5492eafa07d3"),
        ("TrustedKeyGroups", {"Enabled": False, "Quantity": 0}),
        ("ResponseHeadersPolicyId", None),
        ("AllowedMethods", {"Quantity": 3, "Items": ["GET", "HEAD", "OPTIONS"]}),
        ("FunctionAssociations", None),
        ("CachePolicyId", "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"),
        ("Compress", False),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_whatever_somebody_changes_of_ours_is_put_right(part: str, value: Any) -> None:
    cloudfront = CloudFront()
    run(cloudfront, **KEY)
    found = stored(cloudfront)[1]
    ours = found["CacheBehaviors"]["Items"][1]
    if part == "FunctionAssociations":
        ours = found["DefaultCacheBehavior"]
    before = dict(ours)
    ours[part] = value
    if value is None:
        del ours[part]
    assert left(cloudfront, **KEY).exit_status == 1
    run(cloudfront, **KEY)
    after = config(cloudfront)
    again = [*after["CacheBehaviors"]["Items"], after["DefaultCacheBehavior"]]
    assert from_api(before) in [
        {name: value for name, value in from_api(each).items() if name in before} for each in again
    ]


def test_a_distribution_that_is_there_for_something_else_is_refused() -> None:
    cloudfront = CloudFront()
    run(cloudfront)
    with_behaviours(cloudfront)
    id_, found = stored(cloudfront)
    found["Comment"] = "the website"
    found["DefaultCacheBehavior"]["TargetOriginId"] = "website"
    with pytest.raises(ConfigurationError, match=r"serves something else.*www\.example\.com"):
        left(cloudfront, cdn_distribution_id=id_)


def test_a_distribution_that_somebody_made_for_the_bucket_is_taken_over_by_its_id() -> None:
    cloudfront = CloudFront()
    origin = {
        "Id": "S3-test-assets",
        "DomainName": "test-assets.s3.eu-west-1.amazonaws.com",
        "S3OriginConfig": {"OriginAccessIdentity": "origin-access-identity/cloudfront/E1"},
    }
    default = behaviour("", "S3-test-assets")
    del default["PathPattern"]
    by_hand: Any = {
        "CallerReference": "by hand",
        "Comment": "by hand",
        "Enabled": True,
        "Origins": {"Quantity": 1, "Items": [origin]},
        "DefaultCacheBehavior": default,
    }
    made = cloudfront.client().create_distribution(DistributionConfig=by_hand)
    id_ = made["Distribution"]["Id"]
    run(cloudfront, **KEY, cdn_distribution_id=id_)
    assert left(cloudfront, **KEY, cdn_distribution_id=id_).steps == ()
    assert [each["Id"] for each in config(cloudfront)["Origins"]["Items"]] == [ORIGIN_ID]
    assert "ForwardedValues" not in config(cloudfront)["DefaultCacheBehavior"]
    assert config(cloudfront)["CallerReference"] == "by hand"


@pytest.mark.parametrize("stricter", ["TLSv1.2_2025", "TLSv1.3_2025"])
def test_a_stricter_choice_of_tls_stays(stricter: str) -> None:
    cloudfront = CloudFront()
    run(cloudfront, **OWN_HOST)
    stored(cloudfront)[1]["ViewerCertificate"]["MinimumProtocolVersion"] = stricter
    assert left(cloudfront, **OWN_HOST).steps == ()


@pytest.mark.parametrize("weaker", ["TLSv1", "TLSv1.1_2016", "TLSv1.2_2019"])
def test_a_weaker_one_does_not(weaker: str) -> None:
    cloudfront = CloudFront()
    run(cloudfront, **OWN_HOST)
    stored(cloudfront)[1]["ViewerCertificate"]["MinimumProtocolVersion"] = weaker
    assert actions(left(cloudfront, **OWN_HOST)) == {"certificate": Action.CHANGE}


def test_under_cloudfronts_own_name_a_note_says_what_tls_that_means() -> None:
    notes = {n.subject for n in left(CloudFront()).notes}
    assert notes == {"key", "certificate"}
    assert {n.subject for n in left(CloudFront(), **KEY, **OWN_HOST).notes} == set()


def test_with_a_kms_key_a_note_says_whom_the_key_has_to_admit() -> None:
    arn = "arn:aws:kms:eu-west-1:123456789012:key/1a2b"
    notes = left(CloudFront(), s3_kms_key_arn=arn).notes
    assert "cloudfront.amazonaws.com" in next(n.text for n in notes if n.subject == "kms")


def test_reading_changes_nothing() -> None:
    cloudfront = CloudFront()
    run(cloudfront, **KEY)
    cloudfront.calls.clear()
    Distribution(cloudfront.client(), wanted(**KEY)).read()
    assert {call[:3] for call in cloudfront.calls} <= {"Get", "Lis", "Des"}


VALUES = st.recursive(
    st.text(max_size=3) | st.booleans() | st.integers(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(VALUES)
def test_whatever_is_sent_is_read_back_as_it_was(value: Any) -> None:
    assert from_api(to_api(value)) == value
    assert fits(value, from_api(to_api(value)))
