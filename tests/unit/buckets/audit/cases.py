"""For each check ways to make it not pass, with the words that its finding has to say.

The table is compared with the names of all checks, so that none can be added without a case.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gridboss_assets.findings import Finding, Status

FAIL, WARN = Status.FAIL, Status.WARN
UNKNOWN, UNAVAILABLE = Status.UNKNOWN, Status.UNAVAILABLE


@dataclass(frozen=True)
class Case:
    """One spoiled bucket: which check notices, how it ends, and what it says."""

    check: str
    status: Status
    says: tuple[str, ...]
    make: Callable[[], list[Finding]]


CASES: list[Case] = []


def case(check: str, status: Status, *says: str) -> Callable[[Any], Any]:
    """Enter a function that returns findings into the table."""

    def enter(make: Callable[[], list[Finding]]) -> Callable[[], list[Finding]]:
        CASES.append(Case(str(check), status, says, make))
        return make

    return enter
