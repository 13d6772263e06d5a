"""JSON by RFC 8259: an array of objects, or one object a line (NDJSON)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal
from uuid import UUID

import msgspec

from gridboss_assets.errors import InvalidRows
from gridboss_assets.exports.batches import Batches
from gridboss_assets.exports.columns import Column, Table
from gridboss_assets.exports.values import plain, refused

# What msgspec writes as we want it: NaN and the infinities as null, durations by ISO 8601.
_WRITTEN_AS_IS = frozenset(
    {type(None), bool, int, float, str, datetime, date, time, timedelta, UUID}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonOptions:
    """``lines``: one object a line and no array, as programs that read piece by piece want it.

    ``decimals``: a ``Decimal`` as a ``number``, whose digits the file holds exactly (RFC 8259 §6
    has no limit), or as a ``string``, for readers that would round a number to a double.
    """

    lines: bool = False
    decimals: Literal["number", "string"] = "number"


def encode(table: Table, options: JsonOptions | None = None) -> Iterator[bytes]:
    """Write a table, some 64 KiB at a time; each row is an object in a line of its own.

    The names are the columns' names, not their labels. Figures that are none (NaN, infinities) are
    null, as ``JSON.stringify`` has it; dates, times and durations are ISO 8601; an ``Enum`` is its
    value. Raises ``InvalidRows`` for two columns of one name, and with the row's number for bytes
    and half characters (lone surrogates).
    """
    options = options or JsonOptions()
    names = _names(table.columns)
    encoder = msgspec.json.Encoder(decimal_format=options.decimals)
    is_empty = True
    batches = Batches(table.rows)
    for batch in batches:
        rows = _plain(table.columns, batch, batches.first)
        objects = [dict(zip(names, row, strict=True)) for row in rows]
        try:
            chunk = encoder.encode_lines(objects)
        except UnicodeEncodeError:
            raise _half_a_character(table.columns, rows, batches.first) from None
        if not options.lines:
            # A line break inside a text is escaped, so each one ends an object.
            chunk = (b"[\n" if is_empty else b",\n") + chunk[:-1].replace(b"\n", b",\n")
        is_empty = False
        batches.wrote(len(batch), len(chunk))
        yield chunk
    if not options.lines:
        yield b"[]\n" if is_empty else b"\n]\n"


def _names(columns: tuple[Column, ...]) -> list[str]:
    names = [column.name for column in columns]
    for name in names:
        if names.count(name) > 1:
            raise InvalidRows(
                f"Two columns are called {name!r}, which JSON can't hold. Give each its own name."
            )
    return names


def _plain(
    columns: tuple[Column, ...], rows: Sequence[Sequence[Any]], first: int
) -> Sequence[Sequence[Any]]:
    """Make plain the columns that hold more than msgspec writes as we want it."""
    made: list[Sequence[Any]] = []
    is_changed = False
    for column, values in zip(columns, zip(*rows, strict=True), strict=True):
        if set(map(type, values)) <= _WRITTEN_AS_IS:
            made.append(values)
        else:
            made.append([_plain_value(v, column, n) for n, v in enumerate(values, first)])
            is_changed = True
    return list(zip(*made, strict=True)) if is_changed else rows


def _plain_value(value: Any, column: Column, number: int) -> Any:
    try:
        return plain(value)
    except TypeError:
        raise refused(number, column, value) from None


def _half_a_character(
    columns: tuple[Column, ...], rows: Sequence[Sequence[Any]], first: int
) -> InvalidRows:
    for number, row in enumerate(rows, first):
        for column, value in zip(columns, row, strict=True):
            try:
                msgspec.json.encode(value)
            except UnicodeEncodeError:
                return InvalidRows(
                    f"Row {number}, column {column.name!r}: the text holds half a character. "
                    "Remove it."
                )
    return InvalidRows("The name of a column holds half a character. Remove it.")
