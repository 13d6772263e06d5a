"""What a check found: the shape in which ``doctor`` and its like report."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """How a check ended."""

    PASS = "pass"  # noqa: S105 - a word, not a password
    WARN = "warn"
    """Something to know, which changes no exit status."""
    FAIL = "fail"
    UNAVAILABLE = "not available"
    """This provider has no such thing; the detail says what that means."""
    UNKNOWN = "unknown"
    """It could not be told; the detail says why."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One check's result. ``remedy`` says what to do about it, where something is to be done."""

    check: str
    """The check's name, stable: scripts may rely on it."""
    status: Status
    detail: str
    """What was found, in a sentence."""
    remedy: str = ""


def exit_status(findings: Iterable[Finding]) -> int:
    """Return 1 if anything fails, else 2 if anything could not be told, else 0."""
    statuses = {finding.status for finding in findings}
    if Status.FAIL in statuses:
        return 1
    return 2 if Status.UNKNOWN in statuses else 0
