"""The audit never disagrees with the plan about what the plan speaks of."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.buckets import configurations
from tests.unit.buckets.conftest import wanted
from tests.unit.buckets.test_apply import SETTINGS

from gridboss_assets.buckets.audit import configuration
from gridboss_assets.buckets.plan import (
    ORDER,
    BucketState,
    NotOffered,
    NotReadable,
    Reading,
    changes,
    plan,
)
from gridboss_assets.buckets.shapes import to_items
from gridboss_assets.findings import Status
from gridboss_assets.storage.providers import AWS, BACKBLAZE_B2, CEPH, BucketFeature

HIDDEN = st.dictionaries(
    st.sampled_from(ORDER), st.sampled_from([NotReadable("refused"), NotOffered("501")]), max_size=3
)


def sides_of(start: dict[str, Any]) -> dict[BucketFeature, Reading]:
    """Return what a server would answer that was configured so."""
    names = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    default = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": start["encryption"]}}
    tags = [{"Key": name, "Value": value} for name, value in start["tags"].items()]
    documents = {
        BucketFeature.PUBLIC_ACCESS_BLOCK: dict.fromkeys(names, start["access"]),
        BucketFeature.OWNERSHIP: start["ownership"],
        BucketFeature.ENCRYPTION: {"Rules": [default]} if start["encryption"] else None,
        BucketFeature.VERSIONING: start["versioning"],
        BucketFeature.LIFECYCLE: {"Rules": start["lifecycle"]} if start["lifecycle"] else None,
        BucketFeature.CORS: {"CORSRules": start["cors"]} if start["cors"] else None,
        BucketFeature.TAGS: {"TagSet": tags} if tags else None,
        BucketFeature.POLICY: {"Statement": start["policy"]} if start["policy"] else None,
    }
    return {feature: to_items(feature, document) for feature, document in documents.items()}


@settings(max_examples=200)
@given(
    start=configurations(),
    asked=st.sampled_from(SETTINGS),
    provider=st.sampled_from([AWS, CEPH, BACKBLAZE_B2]),
    hidden=HIDDEN,
)
def test_what_the_audit_finds_is_what_the_plan_would_do(
    start: Any, asked: dict[str, Any], provider: Any, hidden: Any
) -> None:
    if not provider.iam:
        asked = {name: value for name, value in asked.items() if name != "s3_kms_key_arn"}
    want = wanted(provider, wanted().principals if provider.iam else None, **asked)
    sides = {f: s for f, s in (sides_of(start) | hidden).items() if f not in provider.lacks}
    state = BucketState(exists=True, sides=sides)

    planned = plan(want, state)
    found = {finding.check: finding for finding in configuration.check(want, state)}

    assert list(found) == list(ORDER)
    by_status = {
        status: {name for name, f in found.items() if f.status is status} for status in Status
    }
    assert by_status[Status.FAIL] == {step.feature for step in planned.steps}
    assert by_status[Status.UNKNOWN] == {note.subject for note in planned.unknown}
    for feature, change in changes(planned):
        assert change.name in found[feature].detail
        assert change.reason in found[feature].detail
    for note in planned.kept:
        assert note.text in found[note.subject].detail or note.subject in by_status[Status.FAIL]
