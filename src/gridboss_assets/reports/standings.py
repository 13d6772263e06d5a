"""The report ``standings``: the table of a championship, with a column for each round."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from gridboss_assets.exports import Column, Format
from gridboss_assets.reports.parameters import season_of
from gridboss_assets.reports.registry import report
from gridboss_assets.reports.scoring import Standing, shown, standings

if TYPE_CHECKING:
    from gridboss_assets.exports import PdfOptions


_BARS = 10
"""Drivers in the chart: it leaves half of the first page to the table."""


def columns(parameters: Mapping[str, Any]) -> list[Column]:
    """Say what the table shows: one column a round, and what is dropped where not all count."""
    season = season_of(parameters)
    return [
        Column("position", "Pos", "right"),
        Column("driver", "Driver"),
        Column("number", "No", "right"),
        Column("team", "Team"),
        Column("points", "Points", "right"),
        Column("gap", "Gap", "right"),
        Column("wins", "Wins", "right"),
        Column("podiums", "Podiums", "right"),
        Column("best", "Best", "right"),
        *([Column("dropped", "Dropped", "right")] if season.rules.count_best else []),
        *(
            Column(f"r{number}", race.code or f"R{number}", "right")
            for number, race in enumerate(season.races, start=1)
        ),
    ]


def _filename(parameters: Mapping[str, Any], _format: Format) -> str:
    return f"standings-round-{len(season_of(parameters).races)}"


def _pdf(parameters: Mapping[str, Any]) -> "PdfOptions":
    from gridboss_assets.exports import BarChart, PdfOptions  # noqa: PLC0415 - for a PDF alone

    season = season_of(parameters)
    return PdfOptions(
        title=season.name,
        subtitle=f"Standings after round {len(season.races)}, {season.races[-1].name}",
        chart=BarChart("driver", "points", top=_BARS, title="Points by driver"),
    )


def _total(parameters: Mapping[str, Any]) -> int:
    return len(season_of(parameters).drivers)


@report(
    "standings",
    columns=columns,
    available_to="any_caller",
    check=season_of,
    filename=_filename,
    total=_total,
    options={"pdf": _pdf},
    replaceable=True,
)
def rows(parameters: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    """Go through the championship, the leader first."""
    season = season_of(parameters)
    drops = season.rules.count_best is not None
    return (_row(each, drops=drops) for each in standings(season))


def _row(each: Standing, *, drops: bool) -> tuple[Any, ...]:
    return (
        each.position,
        each.driver.name,
        each.driver.number,
        each.driver.team,
        shown(each.total),
        shown(each.gap),
        each.wins,
        each.podiums,
        each.best,
        *([shown(each.dropped)] if drops else []),
        *(None if points is None else shown(points) for points in each.rounds),
    )
