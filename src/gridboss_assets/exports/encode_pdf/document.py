"""The whole document: sample, plan, head, pages, end."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import chain, islice
from typing import Any

from gridboss_assets.errors import ExportTooLarge, InvalidRows
from gridboss_assets.exports.columns import Column, Table
from gridboss_assets.exports.encode_pdf.bar_chart import Bars
from gridboss_assets.exports.encode_pdf.chart import Box, Chart
from gridboss_assets.exports.encode_pdf.file import PdfFile
from gridboss_assets.exports.encode_pdf.fonts import Faces
from gridboss_assets.exports.encode_pdf.head import head
from gridboss_assets.exports.encode_pdf.ink import Ink
from gridboss_assets.exports.encode_pdf.line_chart import Lines
from gridboss_assets.exports.encode_pdf.logo import NAME, Logo, put_logo
from gridboss_assets.exports.encode_pdf.measure import MARGIN, PADDING, Plan, plan, side_of
from gridboss_assets.exports.encode_pdf.options import (
    MAX_PDF_COLUMNS,
    MAX_PDF_ROWS,
    BarChart,
    LineChart,
    PdfOptions,
)
from gridboss_assets.exports.encode_pdf.pages import BOTTOM, Pages
from gridboss_assets.exports.encode_pdf.text import one_line, writer_of
from gridboss_assets.exports.row_shapes import a
from gridboss_assets.exports.values import refused

SAMPLE_ROWS = 500
"""So many rows are read before the first page is planned."""

# A chart leaves so much of the first page to the table.
_CHART_SHARE = 0.62
_GAP = 14.0

Row = tuple[Sequence[Any], list[str]]


def write(table: Table, options: PdfOptions) -> Iterator[bytes]:
    """See :func:`gridboss_assets.exports.encode_pdf.encode`."""
    _check_columns(table.columns)
    file = PdfFile()
    faces = Faces(options.font, file)
    chart = _chart_of(options.chart, table.columns)
    logo = put_logo(options.logo, options.inspection, file) if options.logo is not None else None
    rows = _texts(table, chart)
    sample = list(islice(rows, SAMPLE_ROWS + 1))
    is_sample = len(sample) > SAMPLE_ROWS
    planned = _plan(table, options, sample, faces, is_sample=is_sample)
    pages = Pages(file, planned, table.columns, faces)
    box = _start(
        pages, planned, faces, options=options, logo=logo, chart=chart, is_sample=is_sample
    )
    for _, texts in chain(_drained(sample), rows):
        pages.add(texts)
        yield from file.chunks()
    drawn = ""
    if chart and box:
        ink = Ink()
        chart.draw(ink, box, faces)
        drawn = ink.operators()
    file.put(pages.resources, _resources(file, logo))
    tree = pages.finish(footer=_footer(options), page_label=options.page_label, first_overlay=drawn)
    title = one_line(options.title)
    file.finish(tree, title=title, language=options.language, created=options.created)
    yield from file.chunks(last=True)


def _drained(sample: list[Row]) -> Iterator[Row]:
    """Go through the sample and let go of each row."""
    sample.reverse()
    while sample:
        yield sample.pop()


def _check_columns(columns: Sequence[Column]) -> None:
    if not columns:
        raise InvalidRows("A table needs a column. Name the columns of the export.")
    if len(columns) > MAX_PDF_COLUMNS:
        raise ExportTooLarge(
            f"A page takes at most {MAX_PDF_COLUMNS} columns, and the export has {len(columns)}. "
            "Choose fewer, or CSV, which takes any number."
        )


def _chart_of(asked: BarChart | LineChart | None, columns: Sequence[Column]) -> Chart | None:
    if asked is None:
        return None
    return Bars(asked, columns) if isinstance(asked, BarChart) else Lines(asked, columns)


def _texts(table: Table, chart: Chart | None) -> Iterator[Row]:
    """Read the rows once: each with its text; the chart sees them in passing."""
    writers = [writer_of(column.format) for column in table.columns]
    for number, row in enumerate(table.rows, 1):
        if number > MAX_PDF_ROWS:
            raise ExportTooLarge(
                f"A PDF takes at most {MAX_PDF_ROWS:,} rows. Narrow the export down, or choose "
                "CSV, which takes any number."
            )
        try:
            texts = [write(value) for write, value in zip(writers, row, strict=True)]
        except Exception as error:
            raise _unfit(number, row, table.columns, error) from error
        if chart is not None:
            chart.see(row)
        yield row, texts


def _unfit(
    number: int, row: Sequence[Any], columns: Sequence[Column], error: Exception
) -> InvalidRows:
    """Find out what is wrong with a row."""
    if len(row) != len(columns):
        return InvalidRows(f"Row {number} has {len(row)} values for {len(columns)} columns.")
    for column, value in zip(columns, row, strict=True):
        with suppress(Exception):
            writer_of(column.format)(value)
            continue
        if column.format is None:
            return refused(number, column, value)
        return InvalidRows(
            f"Row {number}, column {column.name!r}: the column's format does not take "
            f"{a(value)}. Mend the one or the other.",
            detail=f"{type(error).__name__}: {error}",
        )
    return InvalidRows(f"Row {number} can't be written as text.", detail=type(error).__name__)


def _plan(
    table: Table, options: PdfOptions, sample: Sequence[Row], faces: Faces, *, is_sample: bool
) -> Plan:
    sides = [
        side_of(column, [row[at] for row, _ in sample]) for at, column in enumerate(table.columns)
    ]
    return plan(
        table.columns,
        [texts for _, texts in sample],
        sides,
        faces,
        page_size=options.page_size,
        landscape=options.landscape,
        is_sample=is_sample,
    )


def _start(  # noqa: PLR0913 - all that stands on the first page
    pages: Pages,
    planned: Plan,
    faces: Faces,
    *,
    options: PdfOptions,
    logo: Logo | None,
    chart: Chart | None,
    is_sample: bool,
) -> Box | None:
    """Begin the first page; returns where the chart will stand."""
    first = head(options, logo, planned, faces)
    if chart is None:
        pages.start(first.content, first.height)
        return None
    top = planned.height - MARGIN - first.height
    height = min(
        chart.height(seen_all=not is_sample), _CHART_SHARE * (planned.height - MARGIN - BOTTOM)
    )
    pages.start(first.content, first.height + height + _GAP)
    return Box(planned.left + PADDING, top - height, planned.right - PADDING, top)


def _resources(file: PdfFile, logo: Logo | None) -> bytes:
    pictures = b"/XObject<</%b %d 0 R>>" % (NAME.encode(), logo.number) if logo else b""
    return b"<</Font %b%b>>" % (file.fonts_reference, pictures)


def _footer(options: PdfOptions) -> str:
    parts = [one_line(options.title)]
    if options.created is not None:
        zone = f" {options.created:%Z}" if options.created.tzinfo else ""
        parts.append(f"{options.created:%Y-%m-%d %H:%M}{zone}")
    return " · ".join(filter(None, parts))
