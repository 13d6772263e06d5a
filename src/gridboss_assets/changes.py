"""What plans consist of, whatever they are about: single changes with their reasons, and notes."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

_Json = Any


class Action(StrEnum):
    """What happens to one item."""

    ADD = "add"
    CHANGE = "change"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the plan."""

    action: Action
    name: str
    before: _Json
    after: _Json
    reason: str


@dataclass(frozen=True, slots=True)
class Note:
    """Something that a person should know beside what is to be done."""

    subject: str
    text: str


def leaves(value: _Json, path: str = "") -> dict[str, str]:
    """Flatten a value to ``path → text``, for showing what changes; lists of texts are one leaf."""
    if isinstance(value, Mapping):
        found: dict[str, str] = {}
        for name, inner in value.items():
            found |= leaves(inner, f"{path}.{name}" if path else str(name))
        return found
    if isinstance(value, Sequence) and not isinstance(value, str):
        if all(isinstance(each, str) for each in value):
            return {path: ", ".join(value)}
        found = {}
        for index, inner in enumerate(value):
            found |= leaves(inner, f"{path}[{index}]")
        return found
    return {path: value if isinstance(value, str) else json.dumps(value, default=str)}
