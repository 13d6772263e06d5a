"""The reports that ship, as the files that people get."""

import csv
import io
import json
import zipfile
from typing import Any

import pytest
from tests.support.seasons import race, season

from gridboss_assets.errors import UnsupportedFormat
from gridboss_assets.exports import Format, PdfOptions, encode_zip, formats
from gridboss_assets.exports.rows import table_of
from gridboss_assets.reports import default_reports

CUP = {"sample": "meridian-cup"}


def written(name: str, format: Format, parameters: dict[str, Any]) -> bytes:  # noqa: A002
    export = default_reports()[name].prepare(parameters, format)
    rows: Any = export.rows
    if format == "zip":
        return b"".join(encode_zip.encode(rows, export.options))
    return b"".join(formats.encode(table_of(rows, export.columns), format, export.options))


def sheet(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode())))


def test_standings_as_csv_have_a_line_for_each_driver() -> None:
    lines = sheet(written("standings", "csv", CUP))
    assert len(lines) == 24
    assert (lines[0]["Pos"], lines[0]["Driver"]) == ("1", "Дарина Полозовская")
    assert (lines[0]["Points"], lines[0]["THO"], lines[3]["HÖH"]) == ("223.5", "12.5", "")


def test_standings_as_json_name_the_rounds_by_number() -> None:
    rows = json.loads(written("standings", "json", CUP | {"round": 2}))
    assert rows[0]["r1"] + rows[0]["r2"] == rows[0]["points"]
    assert "r3" not in rows[0]


def test_a_race_as_json_has_seconds_and_as_csv_too() -> None:
    rows = json.loads(written("race-results", "json", CUP | {"round": 1}))
    assert (rows[0]["time"], rows[1]["gap"]) == (2042.634, 1.788)
    lines = sheet(written("race-results", "csv", CUP | {"round": 1}))
    assert (lines[0]["Time"], lines[1]["Gap"]) == ("2042.634", "1.788")


def test_in_print_times_are_those_of_a_timing_screen() -> None:
    columns = default_reports()["race-results"].columns_for(CUP) or ()
    shown = {each.name: each.format for each in columns if each.format}
    assert [shown["time"](value) for value in (2042.634, 21505.088, 59.9999)] == [
        "34:02.634",
        "5:58:25.088",
        "1:00.000",
    ]
    assert [shown["gap"](value) for value in (1.5, 100.071, "1 lap")] == [
        "+1.500",
        "+1:40.071",
        "+1 lap",
    ]
    assert [shown["penalty"](value) for value in (5.0, 0.0)] == ["5 s", ""]
    assert shown["status"]("not_started") == "not started"


@pytest.mark.parametrize("name", ["standings", "race-results"])
def test_it_is_written_as_pdf(name: str) -> None:
    assert written(name, "pdf", CUP).startswith(b"%PDF-1")


def options(name: str, parameters: dict[str, Any]) -> PdfOptions:
    found = default_reports()[name].prepare(parameters, "pdf").options
    assert isinstance(found, PdfOptions)
    return found


def test_in_print_standings_have_title_round_and_chart() -> None:
    found = options("standings", CUP | {"round": 3})
    assert found.title == "Meridian Cup 2026"
    assert found.subtitle == "Standings after round 3, Copperhill Park"
    assert found.chart


def test_in_print_a_race_says_which_it_is() -> None:
    assert options("race-results", CUP | {"round": 3}).subtitle == (
        "Meridian Cup 2026, round 3, 2026-04-19"
    )
    alone = race("a", date="May") | {"drivers": [{"id": "a", "name": "A"}]}
    assert options("race-results", {"race": alone}).subtitle == "May"


def test_a_zip_has_a_file_for_each_round_as_it_would_be_alone() -> None:
    with zipfile.ZipFile(io.BytesIO(written("race-results", "zip", CUP))) as archive:
        assert archive.namelist() == [f"round-{number:02}.csv" for number in range(1, 13)]
        alone = written("race-results", "csv", CUP | {"round": 7})
        assert archive.read("round-07.csv") == alone


def test_a_zip_of_one_round_has_that_alone() -> None:
    data = written("race-results", "zip", CUP | {"round": 7})
    assert zipfile.ZipFile(io.BytesIO(data)).namelist() == ["round-07.csv"]


def test_standings_are_no_zip() -> None:
    with pytest.raises(UnsupportedFormat):
        default_reports()["standings"].prepare(CUP, "zip")


@pytest.mark.parametrize(
    ("name", "form", "parameters", "filename"),
    [
        ("standings", "csv", CUP, "standings-round-12.csv"),
        ("standings", "pdf", CUP | {"round": 3}, "standings-round-3.pdf"),
        ("race-results", "json", CUP, "race-results-round-12.json"),
        ("race-results", "zip", CUP, "race-results.zip"),
        ("race-results", "zip", CUP | {"round": 3}, "race-results-round-3.zip"),
    ],
)
def test_a_file_is_called_after_the_round(
    name: str,
    form: Format,
    parameters: dict[str, Any],
    filename: str,
) -> None:
    assert default_reports()[name].prepare(parameters, form).filename == filename


def test_progress_knows_how_many_rows_there_will_be() -> None:
    posted = {"season": season(race("a", "b"), race("a"))}
    totals = [
        default_reports()[n].prepare(posted, "csv").total for n in ("standings", "race-results")
    ]
    assert totals == [2, 1]
    assert default_reports()["race-results"].prepare(posted, "zip").total is None


def test_text_that_a_spreadsheet_would_run_is_defused() -> None:
    posted = season(race("a"))
    posted["drivers"][0]["name"] = "=HYPERLINK(1)"
    (line,) = sheet(written("standings", "csv", {"season": posted}))
    assert line["Driver"] == "'=HYPERLINK(1)"
