"""The table of reports, which the API, the workers and the documentation read.

::

    @report("lap-times", columns=["driver", "lap", Column("seconds", align="right")])
    def lap_times(parameters):
        for lap in laps_of(parameters["race"]):
            yield lap.driver, lap.number, lap.seconds
"""

from collections.abc import AsyncIterable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from gridboss_assets.errors import UnsupportedFormat, UnsupportedReport
from gridboss_assets.exports import Column, Format

Rows = Iterable[Any] | AsyncIterable[Any]
Function = Callable[[Mapping[str, Any]], Rows]


@dataclass(frozen=True, slots=True)
class Report:
    """One report.

    ``function`` takes the request's parameters (a JSON object) and gives rows; it raises
    ``InvalidParameters`` for what it can't use. ``check`` does that alone, before a job is made.
    ``available_to``: the default rules let any caller ask for a report that shows nothing but
    what the caller sent; every other one needs an ``authorize`` of the application's own.
    """

    name: str
    function: Function = field(repr=False)
    columns: tuple[Column, ...]
    title: str
    formats: tuple[Format, ...] = ("csv", "json", "pdf")
    available_to: Literal["policy", "any_caller"] = "policy"
    check: Callable[[Mapping[str, Any]], None] | None = field(default=None, repr=False)

    def require(self, format: Format) -> None:  # noqa: A002 - the request's word
        """Raise ``UnsupportedFormat`` for a format that this report is not written in."""
        if format not in self.formats:
            raise UnsupportedFormat(
                f"The report {self.name} is not written as {format}. "
                f"Use one of: {', '.join(self.formats)}."
            )


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """A report with its parameters (league Y's standings): what a policy decides about."""

    report: Report
    parameters: Mapping[str, Any] = field(repr=False)


class Reports(Mapping[str, Report]):
    """The reports of one application, by name."""

    def __init__(self, *reports: Report) -> None:
        self._by_name = {each.name: each for each in reports}

    def add(self, report: Report) -> None:
        """Add a report; raises ``ValueError`` for a name that is taken."""
        if report.name in self._by_name:
            msg = f"there is a report called {report.name!r} already"
            raise ValueError(msg)
        self._by_name[report.name] = report

    def __getitem__(self, name: str) -> Report:
        """Return the report called ``name``; raises ``UnsupportedReport``, which names all."""
        try:
            return self._by_name[name]
        except KeyError:
            raise UnsupportedReport(
                f"There is no such report. Use one of: {', '.join(self._by_name)}."
            ) from None

    def __contains__(self, name: object) -> bool:
        """Tell whether there is a report of this name (the inherited test expects a KeyError)."""
        return name in self._by_name

    def __iter__(self) -> Iterator[str]:
        """Go through the names in the order of their registration."""
        return iter(self._by_name)

    def __len__(self) -> int:
        """Count the reports."""
        return len(self._by_name)


_REPORTS = Reports()


def default_reports() -> Reports:
    """Return the table that :func:`report` fills."""
    return _REPORTS


def report(  # noqa: PLR0913 - a report has this many sides, all but its name and columns optional
    name: str,
    *,
    columns: Sequence[Column | str],
    title: str = "",
    formats: Sequence[Format] = ("csv", "json", "pdf"),
    available_to: Literal["policy", "any_caller"] = "policy",
    check: Callable[[Mapping[str, Any]], None] | None = None,
    reports: Reports = _REPORTS,
) -> Callable[[Function], Function]:
    """Register a function as a report; see :class:`Report`. Returns the function as it was."""

    def register(function: Function) -> Function:
        shown = tuple(Column(each) if isinstance(each, str) else each for each in columns)
        heading = title or name.replace("-", " ").capitalize()
        reports.add(Report(name, function, shown, heading, tuple(formats), available_to, check))
        return function

    return register
