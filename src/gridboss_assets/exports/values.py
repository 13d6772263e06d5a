"""The values that rows may hold, made plain: one form for each before a format writes it."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from math import isfinite
from typing import Any
from uuid import UUID

from gridboss_assets.errors import InvalidRows
from gridboss_assets.exports.columns import Column
from gridboss_assets.exports.row_shapes import a

_PLAIN_TYPES = frozenset(
    {type(None), bool, int, float, str, Decimal, datetime, date, time, timedelta, UUID}
)


def plain(value: Any) -> Any:
    """Return a value as one of Python's own types; raises ``TypeError`` for what has no text.

    An ``Enum`` counts as its value, a number of numpy as Python's. Figures that are none (NaN and
    the infinities) become None. Lists and mappings stay such, made plain inside.
    """
    kind = type(value)
    if kind is float:
        return value if isfinite(value) else None
    if kind is Decimal:
        return value if value.is_finite() else None
    if kind in _PLAIN_TYPES:
        return value
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, Mapping):
        return {_name(key): plain(each) for key, each in value.items()}
    return plain(_usual(value))


def _usual(value: Any) -> Any:
    """Return an unusual value in the form of a usual one."""
    if isinstance(value, Enum):
        return value.value
    if type(value).__module__ == "numpy" and hasattr(value, "item"):
        item = value.item()
        if type(item) is not type(value):
            return item
    for kind, convert in _CONVERSIONS:
        if isinstance(value, kind):
            return convert(value)
    raise TypeError(type(value).__name__)


_CONVERSIONS: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    (str, str.__str__),
    (int, int),
    (float, float),
    (Decimal, Decimal),
    (datetime, lambda value: datetime.fromisoformat(value.isoformat())),
    (date, lambda value: date(value.year, value.month, value.day)),
    (time, lambda value: time.fromisoformat(value.isoformat())),
    (timedelta, lambda value: timedelta(value.days, value.seconds, value.microseconds)),
    (UUID, lambda value: UUID(int=value.int)),  # asyncpg has one of its own
)


def _name(key: Any) -> str:
    key = plain(key)
    return key if isinstance(key, str) else str(key)


def duration(value: timedelta) -> str:
    """Write a duration as hours, minutes and seconds, as spreadsheets read it: ``1:23:45.678``."""
    sign, value = ("-", -value) if value < timedelta() else ("", value)
    seconds = value.days * 86_400 + value.seconds
    text = f"{sign}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return f"{text}.{value.microseconds:06}".rstrip("0") if value.microseconds else text


def refused(number: int, column: Column, value: Any) -> InvalidRows:
    """Say that a row has a value that can't be written, and where."""
    return InvalidRows(
        f"Row {number}, column {column.name!r}: {a(value)} can't be written. "
        "Give a text, a number, a date, a UUID or nothing."
    )
