"""Seasons that ship as data, to try reports with: invented leagues, teams and drivers.

``scripts/lib/sample-seasons`` makes them; they have the form that a caller posts.
"""

from functools import cache
from importlib.resources import files

import msgspec

from gridboss_assets.errors import InvalidParameters
from gridboss_assets.reports.season import Season

NAMES = ("harbour-sprint", "meridian-cup")


def load(name: str) -> Season:
    """Return a sample season; raises ``InvalidParameters``, which names all."""
    if name not in NAMES:
        raise InvalidParameters(f"`sample`: there is no such sample. Use: {', '.join(NAMES)}.")
    return _read(name)


@cache
def _read(name: str) -> Season:
    return msgspec.json.decode(files(__name__).joinpath(f"{name}.json").read_bytes(), type=Season)
