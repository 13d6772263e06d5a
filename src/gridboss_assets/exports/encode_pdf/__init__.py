"""PDF: a table on pages, as it is printed.

::

    options  what a caller may ask for, and the limits
    sample   the first rows ──► measure: alignment, type size, widths, portrait or landscape
    cells    a row's text ──► lines that fit their columns ──► PDF operators
    pages    rows ──► pages: header repeated, footer with the total
    head, logo, bar_chart, line_chart: what stands above the table on the first page
    fonts    the font, its widths and its codes       ink   lines, areas and text of a drawing
    file     objects ──► bytes, each as soon as it is complete

Pages leave as soon as they are full, so memory doesn't grow with the rows. Of reportlab the fonts
(parsing, subsets, embedding) and the object model are used. Its canvas is not: it keeps all pages
until the end, and takes twice the time for text (``scripts/bench exports-pdf``).
"""

from collections.abc import Iterator

from gridboss_assets.exports.columns import Table
from gridboss_assets.exports.encode_pdf.options import (
    MAX_PDF_COLUMNS,
    MAX_PDF_PAGES,
    MAX_PDF_ROWS,
    BarChart,
    LineChart,
    PdfFont,
    PdfOptions,
)

__all__ = [
    "MAX_PDF_COLUMNS",
    "MAX_PDF_PAGES",
    "MAX_PDF_ROWS",
    "BarChart",
    "LineChart",
    "PdfFont",
    "PdfOptions",
    "encode",
]


def encode(table: Table, options: PdfOptions | None = None) -> Iterator[bytes]:
    """Write a table as PDF, in chunks of 64 KiB at most.

    The same rows and options give the same bytes. Raises ``InvalidRows`` for a row that does not
    fit its columns and for a chart of columns that there are not, ``ExportTooLarge`` for more rows,
    columns or pages than the limits, a ``Rejection`` or ``InspectionError`` for a logo that does
    not pass, and ``ValueError`` for a font that is none.
    """
    # reportlab takes a fifth of a second to import.
    from gridboss_assets.exports.encode_pdf.document import write  # noqa: PLC0415

    return write(table, options or PdfOptions())
