"""From rows to a sealed object: CSV, JSON, PDF and ZIP, as streams.

::

    export = write_export(rows, format="csv", filename="standings.csv", owner="driver-7")
    export.object_key        # exports/driver-7/….csv: hand this to the application
"""

from typing import TYPE_CHECKING

from gridboss_assets.exports.columns import Align, Column, Format, Table
from gridboss_assets.lazy import lazily

if TYPE_CHECKING:
    from gridboss_assets.exports.destination import Export
    from gridboss_assets.exports.encode_csv import CsvOptions
    from gridboss_assets.exports.encode_json import JsonOptions
    from gridboss_assets.exports.encode_pdf import BarChart, LineChart, PdfFont, PdfOptions
    from gridboss_assets.exports.encode_zip import ZipEntry, ZipOptions
    from gridboss_assets.exports.writer import awrite_export, write_export

__all__ = [
    "Align",
    "BarChart",
    "Column",
    "CsvOptions",
    "Export",
    "Format",
    "JsonOptions",
    "LineChart",
    "PdfFont",
    "PdfOptions",
    "Table",
    "ZipEntry",
    "ZipOptions",
    "awrite_export",
    "write_export",
]

# Reports need columns alone.
__getattr__ = lazily(
    __name__,
    {
        "destination": ("Export",),
        "encode_csv": ("CsvOptions",),
        "encode_json": ("JsonOptions",),
        "encode_pdf": ("BarChart", "LineChart", "PdfFont", "PdfOptions"),
        "encode_zip": ("ZipEntry", "ZipOptions"),
        "writer": ("awrite_export", "write_export"),
    },
)
