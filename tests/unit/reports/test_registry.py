"""Registering reports, and what they answer for a request."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from gridboss_assets.errors import UnsupportedFormat, UnsupportedReport
from gridboss_assets.exports import Column, PdfOptions
from gridboss_assets.exports.encode_zip import ZipEntry
from gridboss_assets.reports import Report, Reports, default_reports, report


@pytest.fixture
def reports() -> Reports:
    return Reports()


def rows(_parameters: Any) -> Iterator[tuple[int]]:
    yield (1,)


def made(reports: Reports, **how: Any) -> Report:
    report("lap-times", reports=reports, **how)(rows)
    return reports["lap-times"]


def test_the_reports_that_ship_are_there_at_once() -> None:
    assert {"standings", "race-results"} <= set(default_reports())


def test_any_caller_may_ask_for_the_reports_that_ship() -> None:
    shipped = [default_reports()[name] for name in ("standings", "race-results")]
    assert {each.available_to for each in shipped} == {"any_caller"}


def test_a_report_of_ones_own_is_for_a_policy_to_decide(reports: Reports) -> None:
    assert made(reports).available_to == "policy"


def test_the_function_stays_what_it_was(reports: Reports) -> None:
    assert report("lap-times", reports=reports)(rows) is rows


def test_a_name_is_registered_once(reports: Reports) -> None:
    made(reports)
    with pytest.raises(ValueError, match="'lap-times' already"):
        made(reports)


def test_what_ships_gives_way_to_a_report_of_ones_own() -> None:
    own = Reports(*default_reports().values())
    report("standings", reports=own)(rows)
    assert own["standings"].function is rows
    with pytest.raises(ValueError, match="'standings' already"):
        report("standings", reports=own)(rows)


def test_names_become_columns(reports: Reports) -> None:
    points = Column("points", align="right")
    assert made(reports, columns=["driver", points]).columns_for({}) == (Column("driver"), points)


def test_columns_may_depend_on_the_parameters(reports: Reports) -> None:
    made(reports, columns=lambda parameters: [f"r{n}" for n in range(parameters["rounds"])])
    assert reports["lap-times"].columns_for({"rounds": 2}) == (Column("r0"), Column("r1"))


def test_without_columns_the_rows_say_them(reports: Reports) -> None:
    assert made(reports).columns_for({}) is None


def test_options_are_those_of_the_format(reports: Reports) -> None:
    made(reports, options={"csv": "fixed", "json": lambda parameters: parameters["mode"]})
    answers = [reports["lap-times"].options_for({"mode": 1}, f) for f in ("csv", "json")]
    assert answers == ["fixed", 1]


def test_a_file_is_called_after_the_report_or_as_it_says(reports: Reports) -> None:
    assert made(reports).filename_for({}, "csv") == "lap-times.csv"
    report("b", filename=lambda p, _: f"b-{p['n']}", reports=reports)(rows)
    assert reports["b"].filename_for({"n": 3}, "pdf") == "b-3.pdf"


def test_a_pdf_has_the_title_of_its_report_at_least(reports: Reports) -> None:
    assert made(reports).prepare({}, "pdf").options == PdfOptions(title="Lap times")


def test_a_check_is_made_where_there_is_one(reports: Reports) -> None:
    seen: list[object] = []
    made(reports, check=seen.append).check_parameters({"n": 1})
    Report(name="b", title="B", function=rows).check_parameters({"n": 2})
    assert seen == [{"n": 1}]


def test_with_entries_a_report_is_written_as_zip_too(reports: Reports) -> None:
    files = [ZipEntry("a.csv", [(1,)], columns=["n"])]
    zipped = made(reports, entries=lambda _: files)
    assert zipped.formats == ("csv", "json", "pdf", "zip")
    assert zipped.prepare({}, "zip").rows is files
    assert zipped.prepare({}, "csv").rows is not files


def test_a_report_that_is_a_zip_alone_yields_its_entries(reports: Reports) -> None:
    files = [ZipEntry("a.csv", [(1,)], columns=["n"])]
    report("all", formats=["zip"], reports=reports)(lambda _: files)
    assert reports["all"].prepare({}, "zip").rows is files


def test_a_coroutine_function_is_refused(reports: Reports) -> None:
    async def returns(_parameters: Any) -> list[int]:
        return [1]

    with pytest.raises(TypeError, match="has to yield its rows"):
        report("lap-times", reports=reports)(returns)  # type: ignore[arg-type]


def test_an_asynchronous_generator_is_taken(reports: Reports) -> None:
    async def yields(_parameters: Any) -> AsyncIterator[tuple[int]]:
        yield (1,)

    report("lap-times", reports=reports)(yields)
    assert reports["lap-times"].function is yields


def test_another_format_names_those_that_there_are(reports: Reports) -> None:
    with pytest.raises(UnsupportedFormat, match="Use one of: csv, json, pdf"):
        made(reports).require("zip")


def test_another_name_names_those_that_there_are(reports: Reports) -> None:
    made(reports)
    with pytest.raises(UnsupportedReport, match="Use one of: lap-times"):
        reports["standings"]
    assert "standings" not in reports
