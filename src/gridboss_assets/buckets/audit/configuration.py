"""The sides of the bucket that the plan speaks of, judged by that plan, so that both agree."""

from collections.abc import Iterator

from gridboss_assets.buckets.audit.names import APPLY, SIDES, passed, unavailable, unread
from gridboss_assets.buckets.desired import DesiredBucket
from gridboss_assets.buckets.plan import (
    ORDER,
    BucketState,
    NotOffered,
    NotReadable,
    Plan,
    Step,
    plan,
)
from gridboss_assets.buckets.shapes import NOTHING, Items
from gridboss_assets.findings import Finding, Status
from gridboss_assets.storage.providers import BucketFeature


def check(wanted: DesiredBucket, state: BucketState) -> Iterator[Finding]:
    """Judge each side of a bucket that exists."""
    planned = plan(wanted, state)
    steps = {step.feature: step for step in planned.steps}
    for feature in ORDER:
        if found := unjudged(feature, wanted, state, feature):
            yield found
        elif feature in steps:
            yield Finding(feature, Status.FAIL, _differs(steps[feature]), APPLY)
        else:
            yield _as_desired(wanted, planned, feature)


def unjudged(
    check: str, wanted: DesiredBucket, state: BucketState, feature: BucketFeature
) -> Finding | None:
    """Say why a check of one side can't be made, where it can't: not there, or not readable."""
    reading = state.side(feature)
    if feature in wanted.provider.lacks:
        return unavailable(check, wanted.provider.lacks[feature])
    if isinstance(reading, NotReadable):
        return unread(check, SIDES[feature], reading.detail)
    if isinstance(reading, NotOffered):
        return unavailable(check, " ".join([reading.detail, *_left_undone(wanted, feature)]))
    return None


def items_of(state: BucketState, feature: BucketFeature) -> Items:
    """Return what stands on one side of the bucket; nothing where it was not read."""
    reading = state.side(feature)
    return reading if isinstance(reading, Items) else NOTHING


def _differs(step: Step) -> str:
    lines = [f"{c.action.value} {c.name} ({c.reason})" for c in step.changes]
    return f"It is not what the settings ask for. To do: {'; '.join(lines)}."


def _left_undone(wanted: DesiredBucket, feature: BucketFeature) -> list[str]:
    reasons = list(dict.fromkeys(item.reason for item in wanted.of(feature).values()))
    return [f"Nothing else there sees to it that {'; '.join(reasons)}."] if reasons else []


def _as_desired(wanted: DesiredBucket, planned: Plan, feature: BucketFeature) -> Finding:
    names = list(wanted.of(feature))
    about = [note.text for note in planned.notes if note.subject == feature.value]
    kept = [note.text for note in planned.kept if note.subject == feature.value]
    detail = f"As the settings ask: {', '.join(names)}." if names else "The settings ask for none."
    if kept:
        detail += f" Not ours, and stays: {', '.join(kept)}."
    if feature is BucketFeature.VERSIONING and about:
        text, _, remedy = about[0].partition(". ")
        return Finding(feature, Status.WARN, f"{text}.", remedy)
    if feature is BucketFeature.ENCRYPTION:
        for note in planned.notes:
            if note.subject == "kms":  # the bucket is right, and the application shut out
                return Finding(feature, Status.WARN, f"{detail} {note.text}")
    return passed(feature, " ".join([detail, *about]))
