"""What a distribution is made of: its resources, and the pieces of its own configuration.

They have CloudFront's own words. Lists stand here as plain lists; ``shapes`` gives them the API's
``Quantity`` and ``Items``. None means that a part has to be absent. Where one resource names
another there is a ``Ref``, since its ID is known only once it was made.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

_Json = Any


class Part(StrEnum):
    """What a distribution is made of; in the order in which they are made."""

    ORIGIN_ACCESS = "origin access control"
    FUNCTION = "function"
    CACHE_POLICY = "cache policy"
    HEADERS_POLICY = "response headers policy"
    PUBLIC_KEY = "public key"
    KEY_GROUP = "key group"


@dataclass(frozen=True, slots=True)
class Ref:
    """Stands for the ID of another resource; for a function's ARN."""

    part: Part
    label: str

    def __str__(self) -> str:
        """Say what is referred to."""
        return f"({self.part.value} {self.label})"


def resolved(value: _Json, ids: Mapping[Ref, str]) -> _Json:
    """Put IDs in the place of references, as far as they are known."""
    if isinstance(value, Ref):
        return ids.get(value, value)
    if isinstance(value, Mapping):
        return {name: resolved(inner, ids) for name, inner in value.items()}
    return [resolved(each, ids) for each in value] if isinstance(value, list) else value


def spelled(value: _Json) -> _Json:
    """Write a value for a person, or as JSON: references in words, and nothing that is empty."""
    if isinstance(value, Ref):
        return str(value)
    if isinstance(value, Mapping):
        return {name: spelled(v) for name, v in value.items() if v not in (None, "", [])}
    return [spelled(each) for each in value] if isinstance(value, list) else value


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource beside the distribution, with the reason why it is there."""

    part: Part
    label: str
    """What it is called among the resources of one distribution."""
    name: str
    """What it is called in the account."""
    value: Mapping[str, _Json]
    reason: str

    @property
    def ref(self) -> Ref:
        """What stands for its ID."""
        return Ref(self.part, self.label)


@dataclass(frozen=True, slots=True)
class Piece:
    """One named piece of the distribution's own configuration, with its reason.

    ``place`` is the part of the configuration. Where that is a list, ``name`` tells which of its
    elements is meant: an origin's ID, a path pattern, a host name.
    """

    place: str
    name: str
    value: _Json
    reason: str
