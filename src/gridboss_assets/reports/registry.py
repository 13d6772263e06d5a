"""The table of reports, which the API, the workers and the documentation read.

::

    @report("lap-times", columns=["driver", "lap", Column("seconds", align="right")])
    def lap_times(parameters):
        for lap in laps_of(parameters["race"]):
            yield lap.driver, lap.number, lap.seconds
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gridboss_assets.by_name import ByName
from gridboss_assets.errors import UnsupportedReport
from gridboss_assets.exports import Format
from gridboss_assets.reports.model import (
    AvailableTo,
    Columns,
    Entries,
    Function,
    Parameters,
    Report,
)


class Reports(ByName[Report]):
    """The reports of one application, by name."""

    unknown = UnsupportedReport
    noun = "report"

    def add(self, report: Report) -> None:
        """Add a report; raises ``ValueError`` for a name that is taken.

        One that is ``replaceable`` (those that ship are) gives way to an application's own.
        """
        standing = self._by_name.get(report.name)
        if standing is not None and not standing.replaceable:
            msg = f"there is a report called {report.name!r} already"
            raise ValueError(msg)
        self._by_name[report.name] = report


_REPORTS = Reports()


def default_reports() -> Reports:
    """Return the table that :func:`report` fills; the reports that ship stand in it."""
    return _REPORTS


def report(  # noqa: PLR0913 - a report has this many sides, all but its name optional
    name: str,
    *,
    columns: Columns | Callable[[Parameters], Columns] | None = None,
    title: str = "",
    formats: Sequence[Format] | None = None,
    available_to: AvailableTo = "policy",
    check: Callable[[Parameters], object] | None = None,
    filename: Callable[[Parameters, Format], str] | None = None,
    total: Callable[[Parameters], int | None] | None = None,
    options: Mapping[Format, Any] | None = None,
    entries: Entries | None = None,
    replaceable: bool = False,
    reports: Reports = _REPORTS,
) -> Callable[[Function], Function]:
    """Register a function as a report; see :class:`Report`. Returns the function as it was.

    ``filename`` takes parameters and format, and gives the name without its ending. ``options``
    has, by format, the options of the encoder or a function of the parameters that makes them.
    Without ``formats`` the report is written as CSV, JSON and PDF, and as ZIP where it has
    ``entries``. Raises ``ValueError`` for a name that is taken, and ``TypeError`` for a coroutine
    function, which returns where rows are yielded.
    """

    def register(function: Function) -> Function:
        if inspect.iscoroutinefunction(function):
            msg = f"the report {name!r} has to yield its rows: an async function may not return"
            raise TypeError(msg)
        reports.add(
            Report(
                name=name,
                function=function,
                title=title or name.replace("-", " ").capitalize(),
                columns=columns,
                formats=tuple(formats or _formats(entries)),
                available_to=available_to,
                check=check,
                filename=filename,
                total=total,
                options=dict(options or {}),
                entries=entries,
                replaceable=replaceable,
            )
        )
        return function

    return register


def _formats(entries: Entries | None) -> tuple[Format, ...]:
    return ("csv", "json", "pdf") if entries is None else ("csv", "json", "pdf", "zip")
