"""Whatever is posted is refused without being repeated, or makes a whole report."""

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.seasons import race, season, seasons

from gridboss_assets.errors import InvalidParameters
from gridboss_assets.reports import Report, default_reports

SECRET = "s3cr3t-<b>"
JUNK = st.sampled_from(
    [SECRET, [SECRET], {SECRET: SECRET}, None, True, -1, 0, 1, 1.5, 1e308, 2**70, [], {}, "", "a"]
)
BASE: dict[str, Any] = {
    "season": season(race("a", "b", date="2026-03-01", code="R"), rules={"points": [3, 2, 1]}),
    "round": 1,
}
REPORTS = pytest.mark.parametrize("name", ["standings", "race-results"])


def places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Name every place in a JSON value, itself left out."""
    if not isinstance(value, dict | list):
        return
    for step, part in value.items() if isinstance(value, dict) else enumerate(value):
        yield (*way, step)
        yield from places(part, (*way, step))


def whole(report: Report, parameters: dict[str, Any]) -> None:
    """Make everything of a report that a job needs."""
    report.check_parameters(parameters)
    export = report.prepare(parameters, "pdf")
    columns, made = export.columns, export.rows
    rows: Any = list(made)  # type: ignore[arg-type]
    assert columns
    assert len(rows) == export.total
    assert {len(row) for row in rows} <= {len(columns)}
    json.dumps(rows, allow_nan=False).encode()
    for row in rows:
        for column, value in zip(columns, row, strict=True):
            if column.format is not None and value is not None:
                assert isinstance(column.format(value), str)


@REPORTS
@given(place=st.sampled_from(list(places(BASE))), junk=JUNK)
def test_junk_is_refused_unrepeated_or_shown(name: str, place: tuple[Any, ...], junk: Any) -> None:
    posted: Any = deepcopy(BASE)
    *way, last = place
    part = posted
    for step in way:
        part = part[step]
    part[last] = junk
    refusal = ""
    try:
        whole(default_reports()[name], posted)
    except InvalidParameters as refused:
        refusal = str(refused)
    assert SECRET not in refusal


@REPORTS
@given(posted=seasons())
def test_every_season_makes_a_whole_report(name: str, posted: dict[str, Any]) -> None:
    whole(default_reports()[name], {"season": posted})
