"""The seasons that ship: as large and as varied as they are meant to be."""

import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from gridboss_assets.reports import default_reports, samples
from gridboss_assets.reports.parameters import season_of
from gridboss_assets.reports.scoring import classify, standings

ROOT = Path(__file__).parents[3]
EVERY = pytest.mark.parametrize("name", samples.NAMES)


@EVERY
def test_a_sample_has_twenty_drivers_and_ten_races(name: str) -> None:
    season = samples.load(name)
    assert len(season.drivers) >= 20
    assert len(season.races) >= 10


@EVERY
def test_a_sample_may_be_posted_as_it_is(name: str) -> None:
    import json  # noqa: PLC0415 - as a caller does it

    text = (ROOT / f"src/gridboss_assets/reports/samples/{name}.json").read_text(encoding="utf-8")
    assert season_of({"season": json.loads(text)}) == samples.load(name)


@EVERY
def test_a_sample_has_what_happens_in_seasons(name: str) -> None:
    results = [each for race in samples.load(name).races for each in race.results]
    assert {each.status for each in results} == {
        "finished",
        "retired",
        "disqualified",
        "not_started",
    }
    assert any(each.penalty for each in results)
    assert any(each.incidents for each in results)


@EVERY
def test_a_sample_has_drivers_with_equal_points_whom_counting_back_separates(name: str) -> None:
    table = standings(samples.load(name))
    pairs = pairwise(table)
    assert any(one.total == other.total and one.position < other.position for one, other in pairs)


def test_a_sample_has_cars_a_lap_behind() -> None:
    season = samples.load("meridian-cup")
    last = classify(season.races[-1], season.drivers, season.rules)
    assert {place.laps_behind for place in last} > {0, 1, 2}


def test_names_are_in_three_scripts() -> None:
    names = "".join(driver.name for driver in samples.load("meridian-cup").drivers)
    assert all(letter in names for letter in "Łвά")


def test_the_files_are_what_the_script_makes(tmp_path: Path) -> None:
    script = (ROOT / "scripts/lib/sample-seasons").read_text(encoding="utf-8")
    place = tmp_path / "scripts/lib/sample-seasons"
    made = tmp_path / "src/gridboss_assets/reports/samples"
    for folder in (place.parent, made):
        folder.mkdir(parents=True)
    place.write_text(script, encoding="utf-8")
    subprocess.run([sys.executable, str(place)], check=True)  # noqa: S603 - our own script
    for name in samples.NAMES:
        shipped = ROOT / f"src/gridboss_assets/reports/samples/{name}.json"
        assert (made / f"{name}.json").read_bytes() == shipped.read_bytes()


def column(report: str, name: str, **parameters: Any) -> list[Any]:
    found = default_reports()[report]
    titles = [each.name for each in found.columns_for(parameters) or ()]
    return [row[titles.index(name)] for row in found.function(parameters)]  # type: ignore[union-attr]


def test_the_championship_after_each_round_adds_up_to_the_last() -> None:
    for number in range(1, 13):
        points = column("standings", f"r{number}", sample="meridian-cup")
        race = column("race-results", "points", sample="meridian-cup", round=number)
        assert sum(each or 0 for each in points) == sum(race)


def test_standings_have_a_column_for_each_round() -> None:
    found = default_reports()["standings"].columns_for({"sample": "meridian-cup", "round": 3})
    assert [each.title for each in found or ()][-3:] == ["SAL", "NEV", "COP"]
