"""CSV by RFC 4180: CRLF, quotes where they are needed, UTF-8.

Written by Python's own csv module, many rows at a time. What is done beyond that is done to whole
columns of a batch, and only where their types or what they hold ask for it.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import isfinite
from typing import Any, Literal
from uuid import UUID

import msgspec

from gridboss_assets.errors import InvalidRows
from gridboss_assets.exports import csv_safety
from gridboss_assets.exports.batches import Batches
from gridboss_assets.exports.columns import Column, Table
from gridboss_assets.exports.values import duration, plain, refused

_BOM = b"\xef\xbb\xbf"
_END = "\r\n"
_SURROGATE = re.compile("[\ud800-\udfff]")

Delimiter = Literal[",", ";", "\t", "|"]

# What `str`, which the csv module calls, writes as we want it: dates and times by ISO 8601.
_WRITTEN_AS_IS = frozenset({type(None), str, int, date, time, UUID})
_FIGURES = _WRITTEN_AS_IS | {float}


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvOptions:
    """``bom``: begin with a byte order mark, by which Excel recognises UTF-8.

    ``delimiter``: Excel splits at a semicolon where the comma is the decimal sign.
    ``defuse_formulas``: put an apostrophe before a text that a spreadsheet would run.
    """

    bom: bool = False
    delimiter: Delimiter = ","
    defuse_formulas: bool = True


def encode(table: Table, options: CsvOptions | None = None) -> Iterator[bytes]:
    """Write a table: the columns' titles, then its rows; some 64 KiB at a time.

    Nothing is an empty cell, and so are figures that are none (NaN, infinities). ``true`` and
    ``false``; dates and times by ISO 8601; a duration as ``1:23:45.6``; an ``Enum`` by its value;
    lists and mappings as JSON. Raises ``InvalidRows`` with the number of the row, also for bytes,
    control characters and half characters (lone surrogates).
    """
    options = options or CsvOptions()
    writer = _Writer(table.columns, options)
    if options.bom:
        yield _BOM
    if table.columns:
        yield writer.titles()
    batches = Batches(table.rows)
    for batch in batches:
        chunk = writer.records(batch, batches.first)
        batches.wrote(len(batch), len(chunk))
        yield chunk


class _Writer:
    """Turns rows into records of CSV."""

    def __init__(self, columns: tuple[Column, ...], options: CsvOptions) -> None:
        self._columns = columns
        self._delimiter = options.delimiter
        self._defuses = options.defuse_formulas
        self._lines: list[str] = []
        self.write = self._lines.append  # the csv module's file; a list is the quickest there is
        self._csv = csv.writer(self, delimiter=options.delimiter, lineterminator=_END)

    def titles(self) -> bytes:
        """Write the first record."""
        titles = [column.title for column in self._columns]
        if self._defuses:
            titles = [csv_safety.defused(title, self._delimiter) for title in titles]
        if csv_safety.begins_otherwise(titles[0]):
            titles[0] = csv_safety.Quoted(titles[0])
        return self._encoded(self._line(titles), [[title] for title in titles], 0)

    def records(self, rows: Sequence[Sequence[Any]], first: int) -> bytes:
        """Write rows; ``first`` is the number of the first of them."""
        columns: list[Sequence[Any]] = []
        is_changed = by_hand = False
        for column, values in zip(self._columns, zip(*rows, strict=True), strict=True):
            cells: Sequence[Any] = values
            types = set(map(type, cells))
            if not (types <= _WRITTEN_AS_IS or (types <= _FIGURES and _are_finite(cells))):
                cells = _texts(cells, column, first)
                types = set(map(type, cells))
                is_changed = True
            if self._defuses and str in types:
                safe = csv_safety.changes(cells, types, self._delimiter)
                if safe:
                    cells = [safe.get(v, v) if type(v) is str else v for v in cells]
                    by_hand |= any(type(text) is csv_safety.Quoted for text in safe.values())
                    is_changed = True
            columns.append(cells)
        if by_hand:
            text = "".join(map(self._line, zip(*columns, strict=True)))
        else:
            self._csv.writerows(zip(*columns, strict=True) if is_changed else rows)
            text = "".join(self._lines)
            self._lines.clear()
        return self._encoded(text, columns, first)

    def _line(self, cells: Sequence[Any]) -> str:
        """Write a record by hand: the csv module puts no single cell in quotes."""
        texts = (
            "" if cell is None else cell if isinstance(cell, str) else str(cell) for cell in cells
        )
        line = self._delimiter.join(csv_safety.written(text, self._delimiter) for text in texts)
        # The only cell of a record is told from an empty line by its quotes.
        return (line or '""') + _END

    def _encoded(self, text: str, columns: Sequence[Sequence[Any]], first: int) -> bytes:
        try:
            encoded = text.encode()
        except UnicodeEncodeError:
            raise self._misplaced(_SURROGATE, "half a character", columns, first) from None
        if csv_safety.has_controls(encoded):
            raise self._misplaced(csv_safety.CONTROL, "a control character", columns, first)
        return encoded

    def _misplaced(
        self, what: re.Pattern[str], name: str, columns: Sequence[Sequence[Any]], first: int
    ) -> InvalidRows:
        """Say where a character stands that CSV can't hold; row 0 is that of the titles."""
        for number, row in enumerate(zip(*columns, strict=True), first):
            for column, cell in zip(self._columns, row, strict=True):
                if isinstance(cell, str) and what.search(cell):
                    where = f"Row {number}, column {column.name!r}: the text"
                    if number == 0:
                        where = f"The title of column {column.name!r}"
                    return InvalidRows(f"{where} holds {name}. Remove it.")
        return InvalidRows(f"A text holds {name}. Remove it.")


def _are_finite(values: Sequence[Any]) -> bool:
    """Tell at C's speed that no figure is NaN or infinite: their sum then is neither."""
    try:
        return isfinite(sum(filter(None, values)))
    except (TypeError, OverflowError):  # figures among texts or dates, or an int of 309 digits
        return False


def _texts(values: Sequence[Any], column: Column, first: int) -> list[Any]:
    texts = []
    for number, value in enumerate(values, first):
        try:
            texts.append(_text(plain(value)))
        except TypeError:
            raise refused(number, column, value) from None
    return texts


def _text(value: Any) -> Any:
    """Write a plain value where ``str`` would do otherwise."""
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return duration(value)
    if isinstance(value, list | dict):
        return _NESTED.encode(value).decode()
    return value


_NESTED = msgspec.json.Encoder(decimal_format="number")
