"""Reports for the acceptance suite, whose service imports them as an application's own.

``gated`` writes 2,000 rows, waits until a file of a given name appears in the service's folder,
and goes on. ``broken`` breaks off in the middle, as ``how`` says.
"""

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from gridboss_assets.errors import InvalidRows
from gridboss_assets.reports import report

BEFORE = 2000
_SECONDS = 60.0


def _total(parameters: Mapping[str, Any]) -> int:
    return BEFORE + int(parameters["rows"])


@report("gated", columns=["number"], available_to="any_caller", total=_total)
def gated(parameters: Mapping[str, Any]) -> Iterator[tuple[int]]:
    """Count, with a pause before the rest."""
    for number in range(BEFORE):
        yield (number,)
    gate, deadline = Path(parameters["gate"]).name, time.monotonic() + _SECONDS
    while not Path(gate).exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    for number in range(int(parameters["rows"])):
        yield (BEFORE + number,)


@report("broken", columns=["number"], available_to="any_caller")
def broken(parameters: Mapping[str, Any]) -> Iterator[tuple[int]]:
    """Break off after some rows."""
    yield (1,)
    if parameters.get("how") == "secretly":
        raise InvalidRows("Row 2 does not fit.", detail="password=hunter2")
    raise InvalidRows("Row 2 does not fit.")


@report("league", columns=["number"])
def league(parameters: Mapping[str, Any]) -> Iterator[tuple[int]]:
    """Show what only an application's own rules could allow."""
    del parameters
    yield (1,)
