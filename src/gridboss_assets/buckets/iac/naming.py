"""The S3 API's names in another format's words, by tables that a reader can check.

A part that a table doesn't know raises: a lifecycle rule that lost a part on the way would be
another rule, and might delete more than it should.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Names = Mapping[str, "str | Part"]
"""What each part of an object is called in the other format."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part that has parts of its own: an object, or a list of such objects."""

    name: str | None
    """Its name; None where its parts stand in the outer object."""
    names: Names


def renamed(value: Mapping[str, Any], names: Names, where: str) -> dict[str, Any]:
    """Write an object in the other format's words.

    ``where`` names the object in the message of the LookupError that an unknown part raises.
    """
    result: dict[str, Any] = {}
    for name, inner in value.items():
        part, place = names.get(name), f"{where}.{name}"
        if isinstance(part, Part):
            result |= _inside(inner, part, place)
        elif part is None or _has_names(inner):
            raise LookupError(f"{place} has no name in this format")
        else:
            result[part] = inner
    return result


def _inside(inner: Any, part: Part, place: str) -> dict[str, Any]:
    if part.name is None:
        return renamed(inner, part.names, place)
    if isinstance(inner, list):
        return {part.name: [renamed(each, part.names, place) for each in inner]}
    return {part.name: renamed(inner, part.names, place)}


def _has_names(value: Any) -> bool:
    return isinstance(value, Mapping) or (
        isinstance(value, list) and any(isinstance(each, Mapping) for each in value)
    )
