"""Importing the modules that an application names."""

import sys
from pathlib import Path

import pytest

from gridboss_assets.errors import Misconfigured
from gridboss_assets.reports import default_reports, load_reports, registry


@pytest.fixture(autouse=True)
def _own_table_and_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the modules of a test, and what they register, to that test."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "modules", dict(sys.modules))
    monkeypatch.setattr(registry._REPORTS, "_by_name", dict(registry._REPORTS))  # noqa: SLF001


def write(folder: Path, text: str) -> None:
    (folder / "league_reports.py").write_text(text, encoding="utf-8")


REGISTERS = """
from gridboss_assets.reports import report

@report("lap-times")
def lap_times(parameters):
    yield {"lap": 1}
"""


def test_without_modules_there_is_what_ships() -> None:
    assert list(load_reports()) == ["race-results", "standings"]


def test_a_module_registers_its_reports_once(tmp_path: Path) -> None:
    write(tmp_path, REGISTERS)
    assert "lap-times" in load_reports(["league_reports"])
    assert load_reports(["league_reports"]) is default_reports()


def test_a_module_that_there_is_not_is_named_with_the_remedy() -> None:
    with pytest.raises(Misconfigured) as refused:
        load_reports(["league_reports"])
    assert refused.value.detail == (
        "REPORT_MODULES: league_reports can't be imported: ModuleNotFoundError: No module named "
        "'league_reports'. Install it where this process runs, or put its folder on PYTHONPATH."
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero."),
        ("def", "SyntaxError: invalid syntax (league_reports.py, line 1)."),
        (REGISTERS * 2, "ValueError: there is a report called 'lap-times' already."),
    ],
)
def test_a_module_that_fails_is_named_with_its_reason(
    tmp_path: Path, text: str, reason: str
) -> None:
    write(tmp_path, text)
    with pytest.raises(Misconfigured) as refused:
        load_reports(["league_reports"])
    assert refused.value.detail == f"REPORT_MODULES: league_reports can't be imported: {reason}"
    assert "league_reports" not in str(refused.value)
