"""The difference between what a bucket is and what it should be: pure.

``bucket plan`` prints it and ``bucket apply`` executes that very value.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gridboss_assets.buckets import policies
from gridboss_assets.buckets.desired import OWNED, DesiredBucket
from gridboss_assets.buckets.shapes import (
    NOTHING,
    Items,
    covered,
    is_public,
    provided,
    same,
    same_place,
)
from gridboss_assets.changes import Action, Change, Note
from gridboss_assets.storage.providers import BucketFeature

_Json = Any

# What protects comes first, and the policy, which may shut somebody out, last: wherever a run
# ends, the bucket is no more open than before, and the next run can go on.
ORDER = (
    BucketFeature.PUBLIC_ACCESS_BLOCK,
    BucketFeature.OWNERSHIP,
    BucketFeature.ENCRYPTION,
    BucketFeature.VERSIONING,
    BucketFeature.LIFECYCLE,
    BucketFeature.CORS,
    BucketFeature.TAGS,
    BucketFeature.POLICY,
)


@dataclass(frozen=True, slots=True)
class NotOffered:
    """The server has no such thing, whatever the provider's row says."""

    detail: str


@dataclass(frozen=True, slots=True)
class NotReadable:
    """It could not be read, so nobody knows."""

    detail: str


Reading = Items | NotOffered | NotReadable


@dataclass(frozen=True, slots=True)
class BucketState:
    """What a bucket is. A side of it that was not read counts as not configured."""

    exists: bool
    sides: Mapping[BucketFeature, Reading]
    grants_to_others: bool = False
    """Whether its ACL gives anybody but its owner anything."""

    def side(self, feature: BucketFeature) -> Reading:
        """Return what was read of one side."""
        return self.sides.get(feature, NOTHING)


@dataclass(frozen=True, slots=True)
class Step:
    """One call of the S3 API: a side of the bucket, its changes, and all of it as it will be."""

    feature: BucketFeature
    changes: tuple[Change, ...]
    target: Items
    resets_acl: bool = False
    """Whether the bucket's ACL has to be made private first."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that is to be done, in order."""

    bucket: str
    region: str
    creates: bool
    steps: tuple[Step, ...]
    kept: tuple[Note, ...]
    """What stands in the bucket's configuration, is not ours, and stays."""
    notes: tuple[Note, ...]
    unknown: tuple[Note, ...]
    """What could not be told."""

    @property
    def is_empty(self) -> bool:
        """Whether the bucket is as desired, as far as could be told."""
        return not self.creates and not self.steps

    @property
    def exit_status(self) -> int:
        """1 where something is to be done, 2 where it could not be told, else 0."""
        if not self.is_empty:
            return 1
        return 2 if self.unknown else 0


def plan(wanted: DesiredBucket, state: BucketState) -> Plan:
    """Work out what makes ``state`` the desired one."""
    steps, kept, notes, unknown = [], [], list(wanted.notes), []
    for feature in ORDER:
        items, reading = wanted.of(feature), state.side(feature)
        if isinstance(reading, NotReadable):
            if feature not in wanted.provider.lacks:
                unknown.append(Note(feature.value, reading.detail))
        elif isinstance(reading, NotOffered):
            if items:
                notes.append(Note(feature.value, reading.detail))
        else:
            step, theirs = _step(wanted, feature, reading, state)
            steps += [step] if step.changes else []
            kept += [Note(feature.value, name) for name in theirs]
    versioning = state.side(BucketFeature.VERSIONING)
    if isinstance(versioning, Items) and not wanted.versioned and _is_versioned(versioning):
        notes.append(
            Note(
                BucketFeature.VERSIONING.value,
                "The bucket keeps old versions, which nothing expires. Set S3_VERSIONING=true for "
                "rules that do, or suspend versioning.",
            )
        )
    return Plan(
        bucket=wanted.bucket,
        region=wanted.region,
        creates=not state.exists,
        steps=tuple(steps),
        kept=tuple(kept),
        notes=tuple(notes),
        unknown=tuple(unknown),
    )


def _step(
    wanted: DesiredBucket, feature: BucketFeature, standing: Items, state: BucketState
) -> tuple[Step, list[str]]:
    """Compare one side; also name what is not ours and stays."""
    items = wanted.of(feature)
    target: dict[str, _Json] = {}
    others: dict[str, _Json] = {}
    changes = []
    for name, value in standing.by_name.items():
        item = items.get(name)
        if item is not None and not same(feature, value, item.value):
            target[name] = item.value
            changes.append(Change(Action.CHANGE, name, value, item.value, item.reason))
        elif item is None and (reason := _why_removed(wanted, feature, name, value)):
            changes.append(Change(Action.REMOVE, name, value, None, reason))
        else:
            target[name] = value
            others |= {name: value} if item is None else {}
    missing = {
        name: item
        for name, item in items.items()
        if name not in standing.by_name and not provided(feature, item.value, others)
    }
    theirs = list(others) if feature in _MANY else []
    new = {name: item.value for name, item in missing.items()}
    changes += [Change(Action.ADD, n, None, i.value, i.reason) for n, i in missing.items()]
    # The first CORS rule that fits a request decides (S3 User Guide, "CORS"), so ours come first.
    target = new | target if feature is BucketFeature.CORS else target | new
    return (
        Step(
            feature,
            tuple(changes),
            Items(target, standing.extras),
            resets_acl=feature is BucketFeature.OWNERSHIP and state.grants_to_others,
        ),
        theirs,
    )


def _is_versioned(versioning: Items) -> bool:
    return "Enabled" in versioning.by_name.values()


_MANY = frozenset(
    {BucketFeature.LIFECYCLE, BucketFeature.CORS, BucketFeature.TAGS, BucketFeature.POLICY}
)
_RULES = frozenset({BucketFeature.LIFECYCLE, BucketFeature.CORS})


def _why_removed(
    wanted: DesiredBucket, feature: BucketFeature, name: str, value: _Json
) -> str | None:
    """Say why an item that nobody wants has to go; None where it may stay."""
    if feature is BucketFeature.POLICY:
        if name in policies.SIDS:
            return "the settings no longer ask for it"
        if is_public(value):
            return "it opens the bucket to everybody"
    elif feature in _RULES:
        if name.startswith(OWNED):
            return "the settings no longer ask for it"
        items = [item.value for item in wanted.of(feature).values()]
        if (
            not wanted.provider.keeps_rule_ids
            and not covered(feature, value, items)
            and any(same_place(feature, value, item) for item in items)
        ):
            return "it stands where ours belongs"
    return None


def changes(planned: Plan) -> Iterator[tuple[BucketFeature, Change]]:
    """Go through all lines of the plan."""
    for step in planned.steps:
        for change in step.changes:
            yield step.feature, change
