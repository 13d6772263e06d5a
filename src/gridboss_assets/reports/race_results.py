"""The report ``race-results``: one race, as it was classified."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from gridboss_assets.exports import Column, Format
from gridboss_assets.reports.parameters import race_of
from gridboss_assets.reports.registry import report
from gridboss_assets.reports.scoring import Place, classify, shown
from gridboss_assets.reports.season import Season

if TYPE_CHECKING:
    from gridboss_assets.exports import PdfOptions, ZipEntry

_MINUTE = 60


def clock(value: Any) -> str:
    """Write seconds as a timing screen does: ``1:32:04.123``, ``1:31.456``."""
    minutes, thousandths = divmod(round(value * 1000), _MINUTE * 1000)
    hours, minutes = divmod(minutes, _MINUTE)
    seconds = f"{thousandths // 1000:02}.{thousandths % 1000:03}"
    return f"{hours}:{minutes:02}:{seconds}" if hours else f"{minutes}:{seconds}"


def _gap(value: Any) -> str:
    if isinstance(value, str):
        return f"+{value}"
    return f"+{value:.3f}" if value < _MINUTE else f"+{clock(value)}"


def _penalty(value: Any) -> str:
    return f"{value:g} s" if value else ""


def _status(value: Any) -> str:
    return str(value).replace("_", " ")


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
    Column("status", "Status", format=_status),
)


def _filename(parameters: Mapping[str, Any], format: Format) -> str:  # noqa: A002
    if _is_alone(parameters) or (format == "zip" and parameters.get("round") is None):
        return "race-results"
    return f"race-results-round-{race_of(parameters)[1]}"


def _is_alone(parameters: Mapping[str, Any]) -> bool:
    return parameters.get("race") is not None


def _pdf(parameters: Mapping[str, Any]) -> "PdfOptions":
    from gridboss_assets.exports import PdfOptions  # noqa: PLC0415 - for a PDF alone

    season, number = race_of(parameters)
    race = season.races[number - 1]
    parts = [race.date] if _is_alone(parameters) else [season.name, f"round {number}", race.date]
    return PdfOptions(title=race.name, subtitle=", ".join(part for part in parts if part))


def _entries(parameters: Mapping[str, Any]) -> "Iterator[ZipEntry]":
    """Give a file for each round, or the one that is asked for."""
    from gridboss_assets.exports import ZipEntry  # noqa: PLC0415 - for a ZIP alone

    season, number = race_of(parameters)
    rounds = range(1, number + 1) if parameters.get("round") is None else (number,)
    return (
        ZipEntry(f"round-{each:02}.csv", _rows(season, each), columns=COLUMNS) for each in rounds
    )


def _total(parameters: Mapping[str, Any]) -> int:
    season, number = race_of(parameters)
    return len(season.races[number - 1].results)


@report(
    "race-results",
    columns=COLUMNS,
    available_to="any_caller",
    check=race_of,
    filename=_filename,
    total=_total,
    options={"pdf": _pdf},
    entries=_entries,
    replaceable=True,
)
def rows(parameters: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    """Go through the classification, the winner first and who did not start last."""
    return _rows(*race_of(parameters))


def _rows(season: Season, number: int) -> Iterator[tuple[Any, ...]]:
    places = classify(season.races[number - 1], season.drivers, season.rules)
    return (_row(place) for place in places)


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
