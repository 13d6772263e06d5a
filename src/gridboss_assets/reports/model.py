"""What a report is, and what it answers for a request."""

from collections.abc import AsyncIterable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from gridboss_assets.errors import UnsupportedFormat
from gridboss_assets.exports import Column, Format

if TYPE_CHECKING:
    from gridboss_assets.exports import ZipEntry

Parameters = Mapping[str, Any]
Rows = Iterable[Any] | AsyncIterable[Any]
Function = Callable[[Parameters], Rows]
Entries = Callable[[Parameters], "Iterable[ZipEntry]"]
Columns = Sequence[Column | str]
AvailableTo = Literal["policy", "any_caller"]


@dataclass(frozen=True, slots=True)
class Prepared:
    """One export of a report, as ``write_export`` takes it.

    ``columns`` is None where the rows say them. ``total``: how many rows there will be, None where
    nobody knows.
    """

    rows: Rows = field(repr=False)
    filename: str
    columns: tuple[Column, ...] | None
    options: Any
    total: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One report.

    ``function`` takes the request's parameters (a JSON object) and gives rows; it raises
    ``InvalidParameters`` for what it can't use. ``check`` does that alone, before a job is made.
    ``available_to``: the default rules let any caller ask for a report that shows nothing but
    what the caller sent; every other one needs an ``authorize`` of the application's own.

    ``columns`` and each of ``options`` may be a function of the parameters. ``filename`` takes
    parameters and format, and gives the file's name without its ending. ``total`` gives the number
    of rows, ``entries`` the files of a ZIP. ``replaceable``: an application may register another
    report of this name. :meth:`prepare` puts all of it together for a request.
    """

    name: str
    function: Function = field(repr=False)
    title: str
    columns: Columns | Callable[[Parameters], Columns] | None = field(default=None, repr=False)
    formats: tuple[Format, ...] = ("csv", "json", "pdf")
    available_to: AvailableTo = "policy"
    check: Callable[[Parameters], object] | None = field(default=None, repr=False)
    filename: Callable[[Parameters, Format], str] | None = field(default=None, repr=False)
    total: Callable[[Parameters], int | None] | None = field(default=None, repr=False)
    options: Mapping[Format, Any] = field(default_factory=dict, repr=False)
    entries: Entries | None = field(default=None, repr=False)
    replaceable: bool = False

    def require(self, format: Format) -> None:  # noqa: A002 - the request's word
        """Raise ``UnsupportedFormat`` for a format that this report is not written in."""
        if format not in self.formats:
            raise UnsupportedFormat(
                f"The report {self.name} is not written as {format}. "
                f"Use one of: {', '.join(self.formats)}."
            )

    def prepare(self, parameters: Parameters, format: Format) -> Prepared:  # noqa: A002
        """Return what one export is written of; the rows are not read yet.

        Raises ``UnsupportedFormat``, and ``InvalidParameters`` where the report can tell early.
        """
        self.require(format)
        files = format == "zip"
        rows: Rows = (
            self.entries(parameters) if files and self.entries else self.function(parameters)
        )
        return Prepared(
            rows=rows,
            filename=self.filename_for(parameters, format),
            columns=None if files else self.columns_for(parameters),
            options=self.options_for(parameters, format),
            total=None if files else self.total_for(parameters),
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
        """Return the options of the format's encoder; a PDF has the report's title at least."""
        options = self.options.get(format)
        if options is None and format == "pdf":
            from gridboss_assets.exports import PdfOptions  # noqa: PLC0415 - loads fonts

            return PdfOptions(title=self.title)
        return options(parameters) if callable(options) else options

    def filename_for(self, parameters: Parameters, format: Format) -> str:  # noqa: A002
        """Name the file that people download, such as ``standings-round-10.csv``."""
        stem = self.name if self.filename is None else self.filename(parameters, format)
        return f"{stem}.{format}"

    def total_for(self, parameters: Parameters) -> int | None:
        """Say how many rows there will be, where the report knows; for progress alone."""
        return None if self.total is None else self.total(parameters)


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """A report with its parameters (league Y's standings): what a policy decides about."""

    report: Report
    parameters: Parameters = field(repr=False)
