"""Evidence of a bucket on which every check passes, and how a test spoils it."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.unit.buckets.conftest import wanted

from gridboss_assets.buckets.audit import judge
from gridboss_assets.buckets.audit.evidence import (
    Evidence,
    Head,
    Listed,
    Looked,
    Outcome,
    Sample,
    Stranger,
)
from gridboss_assets.buckets.desired import DesiredBucket
from gridboss_assets.buckets.plan import ORDER, BucketState, Reading
from gridboss_assets.buckets.shapes import Items, to_items
from gridboss_assets.findings import Finding
from gridboss_assets.storage.providers import BucketFeature

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
SEAL = {"inspector": "1", "sha256": "0" * 64}
OWNED = f"avatars/driver-7/{'a' * 32}.png"
REFUSED = Stranger(Outcome.REFUSED, "403")
HEAD = Head("AES256", None, SEAL)


def looked(key: str = OWNED, **changes: Any) -> Looked:
    """Return an object on which every check passes; ``changes`` spoil it."""
    return replace(Looked(key, HEAD, None, REFUSED), **changes)


def sample(place: str, *objects: Looked, age: timedelta = timedelta(hours=1)) -> Sample:
    """Return a sample that holds everything that was listed."""
    listed = tuple(Listed(each.key, NOW - age) for each in objects)
    return Sample(place, listed, more=False, looked=objects)


def samples(*objects: Looked) -> tuple[Sample, ...]:
    """Return samples of all places, with objects under ``avatars/``."""
    return (
        sample("pending/", looked(f"pending/{OWNED}", head=replace(HEAD, metadata={}))),
        sample("avatars/", *(objects or (looked(),))),
        sample("exports/", looked("exports/season.csv", head=replace(HEAD, metadata={}))),
        sample("elsewhere", looked("notes.txt", head=replace(HEAD, metadata={}))),
    )


def standing(want: DesiredBucket, **sides: Reading) -> BucketState:
    """Return a bucket that is as desired, but for the sides that are given."""
    found: dict[BucketFeature, Reading] = {
        feature: Items({name: item.value for name, item in want.of(feature).items()})
        for feature in ORDER
    }
    found |= {BucketFeature[name.upper()]: side for name, side in sides.items()}
    return BucketState(exists=True, sides=found)


def evidence(want: DesiredBucket, state: BucketState | None = None, **changes: Any) -> Evidence:
    """Return evidence on which every check passes; ``changes`` spoil it."""
    good = Evidence(state or standing(want), NOW, policy_is_public=False, samples=samples())
    return replace(good, **changes)


def judged(want: DesiredBucket | None = None, /, **changes: Any) -> list[Finding]:
    """Judge spoiled evidence; sides of the bucket go by name, everything else is evidence."""
    want = want or wanted()
    names = {feature.name.lower() for feature in BucketFeature}
    sides = {name: changes.pop(name) for name in list(changes) if name in names}
    return list(judge(want, evidence(want, standing(want, **sides), **changes)))


def with_statement(*statements: Mapping[str, Any], want: DesiredBucket | None = None) -> Items:
    """Return our policy and these statements beside it."""
    ours = [item.value for item in (want or wanted()).of(BucketFeature.POLICY).values()]
    document = {"Version": "2012-10-17", "Statement": [*ours, *statements]}
    return to_items(BucketFeature.POLICY, json.loads(json.dumps(document)))


def with_rule(feature: BucketFeature, *rules: Mapping[str, Any]) -> Items:
    """Return our lifecycle or CORS rules and these beside them."""
    ours = {name: item.value for name, item in wanted().of(feature).items()}
    return Items(ours | {rule["ID"]: rule for rule in rules})


def the(check: str, findings: list[Finding]) -> Finding:
    """Return the one finding of a check."""
    (found,) = [finding for finding in findings if finding.check == check]
    return found
