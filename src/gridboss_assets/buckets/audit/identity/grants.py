"""Does a statement allow more than the application needs? Pure, and on the safe side.

A pattern counts as within what is wanted only where every text that it matches is. So an action
with a wildcard always goes beyond: it names what AWS adds to it later as well. Conditions and
denials excuse nothing, for somebody may change them without a thought of this.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from gridboss_assets.buckets.evaluation import as_list, statements_of

_Json = Any


@dataclass(frozen=True, slots=True)
class Grants:
    """Resources by action, in lower case; a resource is literal or ends in its only ``*``."""

    resources: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, policy: Mapping[str, _Json]) -> "Grants":
        """Read a policy of ours, such as :func:`application_policy` writes."""
        found: dict[str, frozenset[str]] = {}
        for _, statement in statements_of(policy):
            for action in as_list(statement["Action"]):
                named = frozenset(as_list(statement["Resource"]))
                found[action.lower()] = found.get(action.lower(), frozenset()) | named
        # An action on objects that is named for the bucket, or the reverse, allows nothing: people
        # write all of them into one statement with both resources (Service Authorization
        # Reference, "Actions, resources, and condition keys for Amazon S3").
        s3 = frozenset().union(*(on for action, on in found.items() if action.startswith("s3:")))
        return cls({a: s3 if a.startswith("s3:") else on for a, on in found.items()})

    def include(self, action: str, resource: str) -> bool:
        """Tell whether whatever the two patterns match is in here."""
        wanted = self.resources.get(action.lower(), frozenset())
        return any(_within(resource, each) for each in wanted)


@dataclass(frozen=True, slots=True)
class Excess:
    """What one statement allows beyond what is wanted.

    ``optional`` names the optional statement that would allow just this, if it were wanted.
    """

    statement: str
    allows: tuple[str, ...]
    """Phrases such as ``s3:GetObjectAcl on *``."""
    conditions: tuple[str, ...]
    """The condition keys on which it hangs."""
    optional: str | None = None


def excesses(
    policy: Mapping[str, _Json],
    wanted: Grants,
    optional: Mapping[str, Grants],
    *,
    partition: str,
) -> list[Excess]:
    """Find what a policy's statements allow beyond ``wanted``, each statement for itself."""
    found = []
    for name, statement in statements_of(policy):
        if statement["Effect"] != "Allow":
            continue
        conditions = tuple(
            key for keys in (statement.get("Condition") or {}).values() for key in keys
        )
        for owner, cells in _beyond(statement, wanted, optional, partition).items():
            found.append(Excess(name, tuple(_phrases(cells)), conditions, owner))
    return found


def _beyond(
    statement: Mapping[str, _Json],
    wanted: Grants,
    optional: Mapping[str, Grants],
    partition: str,
) -> dict[str | None, list[tuple[str, str]]]:
    """Return pairs of action and resource, by the optional statement that has them, or None."""
    actions, resources = _element(statement, "Action"), _element(statement, "Resource")
    found: dict[str | None, list[tuple[str, str]]] = {}
    for action, resource in product(actions, resources):
        # Nobody reaches another partition from here, so `arn:*:` says no more than our own.
        on = resource.replace("arn:*:", f"arn:{partition}:", 1)
        if not wanted.include(action, on):
            owner = next((n for n, grants in optional.items() if grants.include(action, on)), None)
            found.setdefault(owner, []).append((action, resource))
    return found


def _element(statement: Mapping[str, _Json], name: str) -> list[str]:
    if f"Not{name}" in statement:
        # No pattern of a wanted resource or action looks like this, so it is always beyond.
        return [f"everything but {', '.join(as_list(statement[f'Not{name}']))}"]
    return as_list(statement.get(name, []))


def _phrases(cells: Iterable[tuple[str, str]]) -> list[str]:
    """Write the actions that share their resources together."""
    on: dict[str, list[str]] = {}
    for action, resource in cells:
        on.setdefault(action, []).append(resource)
    together: dict[tuple[str, ...], list[str]] = {}
    for action, resources in on.items():
        together.setdefault(tuple(resources), []).append(action)
    return [f"{_some(actions)} on {_some(resources)}" for resources, actions in together.items()]


def _some(names: Sequence[str], most: int = 6) -> str:
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


def _within(pattern: str, wanted: str) -> bool:
    if wanted.endswith("*"):
        # No ARN has a wildcard or a variable in it, so what begins like one is literal there.
        return pattern.startswith(wanted[:-1])
    return pattern == wanted
