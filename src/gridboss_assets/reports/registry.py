"""The table of reports, which the API, the workers and the documentation read.

::

    @report("lap-times", columns=["driver", "lap", Column("seconds", align="right")])
    def lap_times(parameters):
        for lap in laps_of(parameters["race"]):
            yield lap.driver, lap.number, lap.seconds
"""

import inspect
from collections.abc import AsyncIterable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from gridboss_assets.errors import UnsupportedFormat, UnsupportedReport
from gridboss_assets.exports import Column, Format

Parameters = Mapping[str, Any]
Rows = Iterable[Any] | AsyncIterable[Any]
Function = Callable[[Parameters], Rows]
Columns = Sequence[Column | str]
AvailableTo = Literal["policy", "any_caller"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One report.

    ``function`` takes the request's parameters (a JSON object) and gives rows; it raises
    ``InvalidParameters`` for what it can't use. ``check`` does that alone, before a job is made.
    ``available_to``: the default rules let any caller ask for a report that shows nothing but
    what the caller sent; every other one needs an ``authorize`` of the application's own.

    ``columns``, ``filename``, ``total`` and each of ``options`` may be a function of the
    parameters; :meth:`columns_for` and its neighbours answer for a request. ``replaceable``: an
    application may register another report of this name.
    """

    name: str
    function: Function = field(repr=False)
    title: str
    columns: Columns | Callable[[Parameters], Columns] | None = field(default=None, repr=False)
    formats: tuple[Format, ...] = ("csv", "json", "pdf")
    available_to: AvailableTo = "policy"
    check: Callable[[Parameters], None] | None = field(default=None, repr=False)
    filename: Callable[[Parameters], str] | None = field(default=None, repr=False)
    total: Callable[[Parameters], int | None] | None = field(default=None, repr=False)
    options: Mapping[Format, Any] = field(default_factory=dict, repr=False)
    replaceable: bool = False

    def require(self, format: Format) -> None:  # noqa: A002 - the request's word
        """Raise ``UnsupportedFormat`` for a format that this report is not written in."""
        if format not in self.formats:
            raise UnsupportedFormat(
                f"The report {self.name} is not written as {format}. "
                f"Use one of: {', '.join(self.formats)}."
            )

    def check_parameters(self, parameters: Parameters) -> None:
        """Raise ``InvalidParameters`` for what the report can't use, where it can tell early."""
        if self.check is not None:
            self.check(parameters)

    def columns_for(self, parameters: Parameters) -> tuple[Column, ...] | None:
        """Say what the report shows with these parameters. None: what its first row holds."""
        columns = self.columns(parameters) if callable(self.columns) else self.columns
        if columns is None:
            return None
        return tuple(Column(each) if isinstance(each, str) else each for each in columns)

    def options_for(self, parameters: Parameters, format: Format) -> Any:  # noqa: A002
        """Return the options of the format's encoder; None where the report has none."""
        options = self.options.get(format)
        return options(parameters) if callable(options) else options

    def filename_for(self, parameters: Parameters, format: Format) -> str:  # noqa: A002
        """Name the file that people download, such as ``standings-round-10.csv``."""
        stem = self.name if self.filename is None else self.filename(parameters)
        return f"{stem}.{format}"

    def total_for(self, parameters: Parameters) -> int | None:
        """Say how many rows there will be, where the report knows; for progress alone."""
        return None if self.total is None else self.total(parameters)


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """A report with its parameters (league Y's standings): what a policy decides about."""

    report: Report
    parameters: Parameters = field(repr=False)


class Reports(Mapping[str, Report]):
    """The reports of one application, by name."""

    def __init__(self, *reports: Report) -> None:
        self._by_name = {each.name: each for each in reports}

    def add(self, report: Report) -> None:
        """Add a report; raises ``ValueError`` for a name that is taken.

        One that is ``replaceable`` (those that ship are) gives way to an application's own.
        """
        standing = self._by_name.get(report.name)
        if standing is not None and not standing.replaceable:
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
    """Return the table that :func:`report` fills; the reports that ship stand in it."""
    return _REPORTS


def report(  # noqa: PLR0913 - a report has this many sides, all but its name optional
    name: str,
    *,
    columns: Columns | Callable[[Parameters], Columns] | None = None,
    title: str = "",
    formats: Sequence[Format] = ("csv", "json", "pdf"),
    available_to: AvailableTo = "policy",
    check: Callable[[Parameters], None] | None = None,
    filename: Callable[[Parameters], str] | None = None,
    total: Callable[[Parameters], int | None] | None = None,
    options: Mapping[Format, Any] | None = None,
    replaceable: bool = False,
    reports: Reports = _REPORTS,
) -> Callable[[Function], Function]:
    """Register a function as a report; see :class:`Report`. Returns the function as it was.

    ``filename`` gives the name without its ending. ``options`` has, by format, the options of the
    encoder or a function of the parameters that makes them. Raises ``ValueError`` for a name that
    is taken, and ``TypeError`` for a coroutine function, which returns where rows are yielded.
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
                formats=tuple(formats),
                available_to=available_to,
                check=check,
                filename=filename,
                total=total,
                options=dict(options or {}),
                replaceable=replaceable,
            )
        )
        return function

    return register
