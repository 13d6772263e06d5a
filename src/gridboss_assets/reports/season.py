"""A season as data: drivers, rules, races, and what was measured in each. Limits stand here.

The names below, in camelCase, are those of the JSON that a caller posts and of the samples.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

MAX_DRIVERS = 200
MAX_RACES = 100
MAX_ROWS = 10_000
"""Results of all races of a season together."""
MAX_TEXT = 120
"""Characters of a name."""
MAX_LAPS = 5_000
MAX_SECONDS = 7 * 24 * 3600.0
"""A week: endurance races last a day."""
MAX_POINTS = 10_000.0
MAX_INCIDENTS = 10_000
MAX_NUMBER = 9_999

# Neither control characters nor halves of surrogate pairs, which no encoding of text can hold.
_TEXT = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]*$"

Name = Annotated[str, Meta(min_length=1, max_length=MAX_TEXT, pattern=_TEXT)]
Text = Annotated[str, Meta(max_length=MAX_TEXT, pattern=_TEXT)]
Points = Annotated[float, Meta(ge=0, le=MAX_POINTS)]
Laps = Annotated[int, Meta(ge=0, le=MAX_LAPS)]
Seconds = Annotated[float, Meta(gt=0, le=MAX_SECONDS)]
Count = Annotated[int, Meta(ge=0, le=MAX_INCIDENTS)]
Position = Annotated[int, Meta(ge=1, le=MAX_DRIVERS)]
Status = Literal["finished", "retired", "disqualified", "not_started"]


class Part(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """What all parts of a season have in common: camelCase, and no field that nobody knows."""


class Driver(Part, frozen=True, kw_only=True):
    """One who takes part. ``id`` is what results refer to."""

    id: Name
    name: Name
    team: Text = ""
    number: Annotated[int, Meta(ge=0, le=MAX_NUMBER)] | None = None


class Rules(Part, frozen=True, kw_only=True):
    """How points are given. The defaults are those of Formula One since 2025.

    ``points``: for the first, the second and so on (FIA Formula One Sporting Regulations,
    article 6). ``fastest_lap``: points for the fastest lap, if its driver is classified among
    the first ``fastest_lap_top``. ``count_best``: only so many of a driver's rounds count, the
    best. ``classified_percent``: who covered a smaller part of the winner's laps, rounded down,
    is not classified.
    """

    points: Annotated[tuple[Points, ...], Meta(max_length=MAX_DRIVERS)] = (
        25, 18, 15, 12, 10, 8, 6, 4, 2, 1,
    )  # fmt: skip
    fastest_lap: Points = 0
    fastest_lap_top: Position = 10
    count_best: Annotated[int, Meta(ge=1, le=MAX_RACES)] | None = None
    classified_percent: Annotated[int, Meta(ge=0, le=100)] = 90


class Result(Part, frozen=True, kw_only=True):
    """What was measured of one driver in one race. Times are seconds.

    ``time`` is from the start to the line, without ``penalty``, which is added to it. Drivers
    who are level in laps and time stay in the order in which they stand.
    """

    driver: Name
    status: Status = "finished"
    laps: Laps
    time: Seconds | None = None
    best_lap: Seconds | None = None
    incidents: Count = 0
    penalty: Annotated[float, Meta(ge=0, le=MAX_SECONDS)] = 0.0


class Race(Part, frozen=True, kw_only=True):
    """One round. ``points_factor`` is 0.5 where half the points are given."""

    name: Name
    code: Annotated[str, Meta(min_length=1, max_length=8, pattern=_TEXT)] | None = None
    date: Text = ""
    points_factor: Annotated[float, Meta(ge=0, le=100)] = 1
    results: Annotated[tuple[Result, ...], Meta(max_length=MAX_DRIVERS)]


class Season(Part, frozen=True, kw_only=True):
    """A championship: its drivers, and its races in their order."""

    name: Name
    rules: Rules = Rules()
    drivers: Annotated[tuple[Driver, ...], Meta(min_length=1, max_length=MAX_DRIVERS)]
    races: Annotated[tuple[Race, ...], Meta(min_length=1, max_length=MAX_RACES)]


class SingleRace(Race, frozen=True, kw_only=True):
    """A race that belongs to no season: it brings drivers and rules along."""

    rules: Rules = Rules()
    drivers: Annotated[tuple[Driver, ...], Meta(min_length=1, max_length=MAX_DRIVERS)]
