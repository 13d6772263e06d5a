"""The difference between what a distribution is and what it should be: pure.

``cdn plan`` prints it and ``cdn apply`` executes that very value.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gridboss_assets.cdn.compare import compare
from gridboss_assets.cdn.desired import DesiredDistribution
from gridboss_assets.cdn.keys import fingerprint, material
from gridboss_assets.cdn.notes import notes_on
from gridboss_assets.cdn.parts import Part, Ref, Resource, resolved, spelled
from gridboss_assets.cdn.resources import resources
from gridboss_assets.cdn.shapes import fits, joined, narrowed
from gridboss_assets.cdn.state import CdnState, Standing, StandingDistribution
from gridboss_assets.changes import Action, Change, Note
from gridboss_assets.errors import ConfigurationError

_Json = Any


@dataclass(frozen=True, slots=True)
class Step:
    """One resource that is made, changed or deleted."""

    part: Part | None
    """None for the distribution itself."""
    label: str
    name: str
    changes: tuple[Change, ...]
    target: Mapping[str, _Json] | None
    """All of it as it will be, with a Ref where an ID is not known yet; None where it goes."""
    standing: Standing | StandingDistribution | None = None

    @property
    def title(self) -> str:
        """Name the resource for a person."""
        return f"{self.part.value if self.part else 'distribution'} {self.name}"


@dataclass(frozen=True, slots=True)
class CdnPlan:
    """Everything that is to be done, in order."""

    bucket: str
    steps: tuple[Step, ...]
    kept: tuple[Note, ...]
    """What is not ours, and stays."""
    notes: tuple[Note, ...]

    @property
    def is_empty(self) -> bool:
        """Whether everything is as desired."""
        return not self.steps

    @property
    def exit_status(self) -> int:
        """1 where something is to be done, else 0."""
        return 0 if self.is_empty else 1


def plan(wanted: DesiredDistribution, state: CdnState, *, retire: Iterable[str] = ()) -> CdnPlan:
    """Work out what makes ``state`` the desired one.

    ``retire`` names public keys by ID that go for good. Raises ConfigurationError where the
    settings don't fit what is there.
    """
    gone = tuple(dict.fromkeys(retire))
    _check_keys(wanted, state, gone)
    ids = known_ids(wanted, state)
    steps = []
    older: list[Note] = []
    # What is referred to is made first: wherever a run ends, nothing is served that was not
    # before, and the next run goes on.
    for resource in resources(wanted):
        if resource.part is Part.PUBLIC_KEY and resource.ref in ids:
            continue  # perhaps under another name; a key can't be changed
        if resource.part is Part.KEY_GROUP:
            step, notes = _key_group(resource, state, ids, gone)
            older += notes
        else:
            step = _resource(resource, state.resources.get(resource.ref), ids)
        steps += [step] if step else []
    config, changes, theirs = compare(wanted, state.distribution, ids)
    if changes:
        name = state.distribution.id if state.distribution else f"for {wanted.bucket}"
        steps.append(Step(None, "", name, tuple(changes), config, state.distribution))
    steps += [_retired(key.id, key.name) for key in state.keys if key.id in gone]
    return CdnPlan(
        bucket=wanted.bucket,
        steps=tuple(steps),
        kept=tuple(theirs),
        notes=(*older, *notes_on(wanted, state, gone)),
    )


def known_ids(wanted: DesiredDistribution, state: CdnState) -> dict[Ref, str]:
    """Return the IDs of what exists already; public keys count by what they are, not by name."""
    ids = {ref: standing.id for ref, standing in state.resources.items()}
    by_material = {material(key.pem): key.id for key in reversed(state.keys)}
    for key in wanted.keys:
        if material(key) in by_material:
            ids[Ref(Part.PUBLIC_KEY, f"key-{fingerprint(key)}")] = by_material[material(key)]
    return ids


def _resource(resource: Resource, standing: Standing | None, ids: Mapping[Ref, str]) -> Step | None:
    value = resolved(resource.value, ids)
    if standing is not None and fits(value, standing.value):
        return None
    change = Change(
        Action.CHANGE if standing else Action.ADD,
        resource.name,
        narrowed(standing.value, value) if standing else None,
        spelled(value),
        resource.reason,
    )
    target = joined(value, standing.value if standing else None)
    return Step(resource.part, resource.label, resource.name, (change,), target, standing)


def _key_group(
    resource: Resource, state: CdnState, ids: Mapping[Ref, str], gone: tuple[str, ...]
) -> tuple[Step | None, list[Note]]:
    """Add keys to the group and take out only what is retired: links of the others are out."""
    standing = state.resources.get(resource.ref)
    wanted = list(dict.fromkeys(resolved(resource.value["Items"], ids)))
    there = standing.value["Items"] if standing else []
    older = [key for key in there if key not in wanted and key not in gone]
    value = {**resource.value, "Items": [*wanted, *older]}
    grown = Resource(resource.part, resource.label, resource.name, value, resource.reason)
    notes = [
        Note(
            f"public key {key}",
            "It is no longer among the settings, and stays in the key group: links that it signed "
            f"still open. `cdn apply --retire-key {key}` ends that.",
        )
        for key in older
    ]
    return _resource(grown, standing, ids), notes


def _retired(key: str, name: str) -> Step:
    change = Change(Action.REMOVE, key, name, None, "--retire-key: its links open nothing any more")
    return Step(Part.PUBLIC_KEY, key, key, (change,), None)


def _check_keys(wanted: DesiredDistribution, state: CdnState, gone: tuple[str, ...]) -> None:
    by_id = {key.id: key for key in state.keys}
    signing = wanted.key_pair_id
    if signing is not None:
        if signing not in by_id:
            raise ConfigurationError(
                f"CDN_KEY_PAIR_ID: this account has no public key {signing}. Use a profile of the "
                "account that has it (--profile), or leave it empty, with CDN_PUBLIC_KEY set, for "
                "a new one."
            )
        if wanted.signing_key and material(wanted.signing_key) != material(by_id[signing].pem):
            raise ConfigurationError(
                f"CDN_PRIVATE_KEY is not the private key of CDN_KEY_PAIR_ID {signing}, so no link "
                "would open. Set both to those of one key."
            )
    ids = known_ids(wanted, state)
    used = {signing} | {ids.get(Ref(Part.PUBLIC_KEY, f"key-{fingerprint(k)}")) for k in wanted.keys}
    for key in gone:
        if key in used:
            raise ConfigurationError(
                f"--retire-key {key}: the settings still name that key. Set CDN_KEY_PAIR_ID, "
                "CDN_PRIVATE_KEY and CDN_PUBLIC_KEY to the new one first."
            )
