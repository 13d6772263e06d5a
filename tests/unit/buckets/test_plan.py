"""The plan holds what differs, in a safe order, and leaves alone what is not ours."""

from typing import Any

import pytest
from tests.unit.buckets.conftest import wanted

from gridboss_assets.buckets.plan import (
    ORDER,
    BucketState,
    NotOffered,
    NotReadable,
    Plan,
    Step,
    changes,
    plan,
)
from gridboss_assets.buckets.shapes import Items, to_items
from gridboss_assets.changes import Action
from gridboss_assets.storage.providers import BACKBLAZE_B2, BucketFeature


def state(**sides: Any) -> BucketState:
    return BucketState(
        exists=True, sides={BucketFeature[name.upper()]: side for name, side in sides.items()}
    )


def lifecycle(*rules: dict[str, Any]) -> BucketState:
    return state(lifecycle=to_items(BucketFeature.LIFECYCLE, {"Rules": list(rules)}))


def step_of(found: Plan, feature: BucketFeature) -> Step:
    return next(step for step in found.steps if step.feature is feature)


def lines(found: Any, feature: BucketFeature) -> dict[str, Action]:
    return {change.name: change.action for f, change in changes(found) if f is feature}


def test_a_missing_bucket_is_created_and_everything_is_set() -> None:
    found = plan(wanted(), BucketState(exists=False, sides={}))
    assert found.creates
    assert [s.feature for s in found.steps] == [f for f in ORDER if wanted().of(f)]


def test_what_protects_comes_first_and_the_policy_last() -> None:
    features = [s.feature for s in plan(wanted(), state()).steps]
    assert features[:2] == [BucketFeature.PUBLIC_ACCESS_BLOCK, BucketFeature.OWNERSHIP]
    assert features[-1] is BucketFeature.POLICY


def test_rules_of_others_stay_and_are_named() -> None:
    theirs = {"ID": "logs", "Status": "Enabled", "Filter": {"Prefix": "logs/"}}
    found = plan(wanted(), lifecycle(theirs))
    step = step_of(found, BucketFeature.LIFECYCLE)
    assert step.target.by_name["logs"] == theirs
    assert [note.text for note in found.kept] == ["logs"]


def test_a_rule_of_ours_that_nobody_wants_any_more_goes() -> None:
    old = {"ID": "gridboss-noncurrent-avatars", "Status": "Enabled", "Filter": {"Prefix": "a/"}}
    found = plan(wanted(), lifecycle(old))
    assert lines(found, BucketFeature.LIFECYCLE)["gridboss-noncurrent-avatars"] is Action.REMOVE


def test_a_statement_that_opens_the_bucket_goes_and_others_stay() -> None:
    public = {"Sid": "Open", "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "s3:GetObject"}
    logging = public | {"Sid": "Logs", "Principal": {"Service": "logging.s3.amazonaws.com"}}
    policy = {"Version": "2012-10-17", "Statement": [public, logging]}
    found = plan(wanted(), state(policy=to_items(BucketFeature.POLICY, policy)))
    assert lines(found, BucketFeature.POLICY)["Open"] is Action.REMOVE
    assert "Logs" not in lines(found, BucketFeature.POLICY)


def test_our_cors_rule_comes_before_others() -> None:
    theirs = {"ID": "open", "AllowedOrigins": ["*"], "AllowedMethods": ["GET"]}
    found = plan(wanted(), state(cors=to_items(BucketFeature.CORS, {"CORSRules": [theirs]})))
    step = step_of(found, BucketFeature.CORS)
    assert list(step.target.by_name) == ["gridboss-uploads", "open"]


def test_what_stands_beside_the_rules_is_written_back() -> None:
    kept = {"BlockedEncryptionTypes": {"EncryptionType": ["SSE-C"]}}
    items = Items({"default encryption": {"SSEAlgorithm": "aws:kms"}}, kept)
    step = next(
        s
        for s in plan(wanted(), state(encryption=items)).steps
        if s.feature is BucketFeature.ENCRYPTION
    )
    assert step.target.extras == kept


def test_what_cannot_be_read_is_unknown_and_not_changed() -> None:
    found = plan(wanted(), state(policy=NotReadable("refused")))
    assert not lines(found, BucketFeature.POLICY)
    assert [note.text for note in found.unknown] == ["refused"]


def test_what_the_server_lacks_is_noted_and_not_changed() -> None:
    found = plan(wanted(), state(tags=NotOffered("501"), ownership=NotOffered("501")))
    assert not lines(found, BucketFeature.OWNERSHIP)
    assert "501" in [note.text for note in found.notes]


@pytest.mark.parametrize(
    "rules",
    [
        # One rule comes back as two, without names.
        [
            {"Status": "Enabled", "Filter": {"Prefix": "pending/"}, "Expiration": {"Days": 1}},
            {
                "Status": "Enabled",
                "Filter": {"Prefix": "pending/"},
                "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
            },
        ],
        # The prefix stands beside the filter's place.
        [
            {
                "Status": "Enabled",
                "Prefix": "pending/",
                "Expiration": {"Days": 1, "ExpiredObjectDeleteMarker": False},
                "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
            }
        ],
    ],
)
def test_the_same_in_other_words_is_no_difference(rules: list[dict[str, Any]]) -> None:
    found = plan(
        wanted(BACKBLAZE_B2, None),
        state(lifecycle=to_items(BucketFeature.LIFECYCLE, {"Rules": rules})),
    )
    assert "gridboss-pending" not in lines(found, BucketFeature.LIFECYCLE)


def test_a_disabled_rule_is_no_rule() -> None:
    rule = wanted().of(BucketFeature.LIFECYCLE)["gridboss-pending"].value | {"Status": "Disabled"}
    found = plan(wanted(), lifecycle(rule))
    assert lines(found, BucketFeature.LIFECYCLE)["gridboss-pending"] is Action.CHANGE


def test_where_names_are_not_kept_a_changed_rule_takes_the_old_ones_place() -> None:
    old = {
        "Status": "Enabled",
        "Filter": {"Prefix": "avatars/"},
        "NoncurrentVersionExpiration": {"NoncurrentDays": 90},
    }
    found = plan(
        wanted(BACKBLAZE_B2, None),
        lifecycle(old),
    )
    assert lines(found, BucketFeature.LIFECYCLE)["rule 1"] is Action.REMOVE
    assert lines(found, BucketFeature.LIFECYCLE)["gridboss-noncurrent-avatars"] is Action.ADD


def test_versions_that_nobody_expires_are_told() -> None:
    found = plan(wanted(), state(versioning=to_items(BucketFeature.VERSIONING, "Enabled")))
    assert any("nothing expires" in note.text for note in found.notes)


def test_a_rule_that_goes_stands_in_for_none() -> None:
    old = wanted().of(BucketFeature.LIFECYCLE)["gridboss-pending"].value | {"ID": "gridboss-old"}
    found = lines(plan(wanted(), lifecycle(old)), BucketFeature.LIFECYCLE)
    assert found["gridboss-old"] is Action.REMOVE
    assert found["gridboss-pending"] is Action.ADD


def test_a_rule_of_others_that_does_the_same_is_enough() -> None:
    theirs = wanted().of(BucketFeature.LIFECYCLE)["gridboss-pending"].value | {"ID": "cleanup"}
    found = lines(plan(wanted(), lifecycle(theirs)), BucketFeature.LIFECYCLE)
    assert list(found) == ["gridboss-unfinished-multipart"]
