"""The report ``race-results``: one race, as it was classified."""

from collections.abc import Iterator, Mapping
from typing import Any

from gridboss_assets.exports import Column
from gridboss_assets.reports.parameters import race_of
from gridboss_assets.reports.registry import report
from gridboss_assets.reports.scoring import Place, classify, shown

_MINUTE = 60
_HOUR = 3600


def clock(value: Any) -> str:
    """Write seconds as a timing screen does: ``1:32:04.123``, ``1:31.456``."""
    if value is None:
        return ""
    minutes, thousandths = divmod(round(value * 1000), _MINUTE * 1000)
    hours, minutes = divmod(minutes, _MINUTE)
    seconds = f"{thousandths // 1000:02}.{thousandths % 1000:03}"
    return f"{hours}:{minutes:02}:{seconds}" if hours else f"{minutes}:{seconds}"


def _gap(value: Any) -> str:
    if value is None:
        return ""
    return f"+{value}" if isinstance(value, str) else f"+{value:.3f}"


def _penalty(value: Any) -> str:
    return f"{value:g} s" if value else ""


COLUMNS = (
    Column("position", "Pos", "right"),
    Column("number", "No", "right"),
    Column("driver", "Driver"),
    Column("team", "Team"),
    Column("laps", "Laps", "right"),
    Column("time", "Time", "right", clock),
    Column("gap", "Gap", "right", _gap),
    Column("best_lap", "Best lap", "right", clock),
    Column("incidents", "Inc", "right"),
    Column("penalty", "Penalty", "right", _penalty),
    Column("points", "Points", "right"),
    Column("status", "Status"),
)


def _check(parameters: Mapping[str, Any]) -> None:
    race_of(parameters)


def _filename(parameters: Mapping[str, Any]) -> str:
    return (
        "race-results" if "race" in parameters else f"race-results-round-{race_of(parameters)[1]}"
    )


def _total(parameters: Mapping[str, Any]) -> int:
    season, number = race_of(parameters)
    return len(season.races[number - 1].results)


@report(
    "race-results",
    columns=COLUMNS,
    available_to="any_caller",
    check=_check,
    filename=_filename,
    total=_total,
    replaceable=True,
)
def rows(parameters: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    """Go through the classification, the winner first and who did not start last."""
    season, number = race_of(parameters)
    for place in classify(season.races[number - 1], season.drivers, season.rules):
        yield _row(place)


def _row(place: Place) -> tuple[Any, ...]:
    result = place.result
    return (
        place.position,
        place.driver.number,
        place.driver.name,
        place.driver.team,
        result.laps,
        place.time,
        _behind(place),
        result.best_lap,
        result.incidents,
        result.penalty,
        shown(place.points),
        result.status,
    )


def _behind(place: Place) -> float | str | None:
    """Seconds behind the winner, or whole laps in words."""
    if place.position is None or place.position == 1:
        return None
    if place.laps_behind:
        return "1 lap" if place.laps_behind == 1 else f"{place.laps_behind} laps"
    return place.gap
