"""A season as data: drivers, rules, races, and what was measured in each. Limits stand here.

The names of the JSON that a caller posts, and of the samples, are these in camelCase. What is said
of each field stands in ``docs/reference/reports.md`` too. Times are seconds.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

MAX_DRIVERS = 200
MAX_RACES = 100
MAX_ROWS = 10_000
"""Results of all races of a season together."""
MAX_TEXT = 120
"""Characters of a name."""
MAX_CODE = 8
MAX_LAPS = 5_000
MAX_SECONDS = 7 * 24 * 3600.0
"""A week: endurance races last a day."""
MAX_POINTS = 10_000.0
MAX_FACTOR = 100.0
MAX_INCIDENTS = 10_000
MAX_NUMBER = 9_999

# Neither control characters nor halves of surrogate pairs, which no encoding of text can hold.
_TEXT = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]*$"

Name = Annotated[str, Meta(min_length=1, max_length=MAX_TEXT, pattern=_TEXT)]
Text = Annotated[str, Meta(max_length=MAX_TEXT, pattern=_TEXT)]
Code = Annotated[str, Meta(min_length=1, max_length=MAX_CODE, pattern=_TEXT)]
Points = Annotated[float, Meta(ge=0, le=MAX_POINTS)]
Laps = Annotated[int, Meta(ge=0, le=MAX_LAPS)]
Seconds = Annotated[float, Meta(gt=0, le=MAX_SECONDS)]
Number = Annotated[int, Meta(ge=0, le=MAX_NUMBER)]
Round = Annotated[int, Meta(ge=1, le=MAX_RACES)]
Status = Literal["finished", "retired", "disqualified", "not_started"]

# The Formula One World Championship's (FIA Formula One Sporting Regulations, article 6).
_POINTS = (25.0, 18.0, 15.0, 12.0, 10.0, 8.0, 6.0, 4.0, 2.0, 1.0)


class Part(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """What all parts of a season have in common: camelCase, and no field that nobody knows."""


class Driver(Part, frozen=True):
    """One who takes part."""

    id: Annotated[Name, Meta(description="What results refer to; shown nowhere.")]
    name: Name
    team: Text = ""
    number: Annotated[Number | None, Meta(description="The car's.")] = None


class Rules(Part, frozen=True):
    """How points are given."""

    points: Annotated[
        tuple[Points, ...],
        Meta(
            max_length=MAX_DRIVERS,
            description="For the first, the second and so on. The default is Formula One's.",
        ),
    ] = _POINTS
    fastest_lap: Annotated[Points, Meta(description="Points for the fastest lap.")] = 0.0
    fastest_lap_top: Annotated[
        int,
        Meta(
            ge=1,
            le=MAX_DRIVERS,
            description="The fastest lap counts if its driver is classified among so many.",
        ),
    ] = 10
    count_best: Annotated[
        Round | None,
        Meta(description="Only so many of a driver's rounds count, the best; null: all do."),
    ] = None
    classified_percent: Annotated[
        int,
        Meta(
            ge=0,
            le=100,
            description="Who covered less of the winner's laps, rounded down, is not classified.",
        ),
    ] = 90


class Result(Part, frozen=True, kw_only=True):
    """What was measured of one driver in one race."""

    driver: Annotated[Name, Meta(description="The ID of a driver.")]
    status: Annotated[
        Status,
        Meta(description="`finished`, `retired`, `disqualified` or `not_started`."),
    ] = "finished"
    laps: Annotated[Laps, Meta(description="Whole laps that were covered.")]
    time: Annotated[
        Seconds | None,
        Meta(description="From the start to the line, without penalty. Who finished has one."),
    ] = None
    best_lap: Seconds | None = None
    incidents: Annotated[int, Meta(ge=0, le=MAX_INCIDENTS)] = 0
    penalty: Annotated[
        float, Meta(ge=0, le=MAX_SECONDS, description="Seconds that are added to the time.")
    ] = 0.0


class Race(Part, frozen=True, kw_only=True):
    """One round."""

    name: Name
    code: Annotated[
        Code | None, Meta(description="Title of its column in the standings, such as `MON`.")
    ] = None
    date: Text = ""
    points_factor: Annotated[
        float,
        Meta(ge=0, le=MAX_FACTOR, description="0.5 where half the points are given."),
    ] = 1.0
    results: Annotated[
        tuple[Result, ...],
        Meta(
            max_length=MAX_DRIVERS,
            description="In any order. Who is level in laps and time stays in this one.",
        ),
    ]


class Season(Part, frozen=True, kw_only=True):
    """A championship."""

    name: Name
    rules: Rules = Rules()
    drivers: Annotated[tuple[Driver, ...], Meta(min_length=1, max_length=MAX_DRIVERS)]
    races: Annotated[
        tuple[Race, ...],
        Meta(
            min_length=1,
            max_length=MAX_RACES,
            description=f"In their order, with at most {MAX_ROWS} results together.",
        ),
    ]


class SingleRace(Race, frozen=True, kw_only=True):
    """A race that belongs to no season: it brings drivers and rules along."""

    rules: Rules = Rules()
    drivers: Annotated[tuple[Driver, ...], Meta(min_length=1, max_length=MAX_DRIVERS)]
