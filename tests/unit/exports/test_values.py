"""Values of other libraries become Python's own."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import Any, Self
from uuid import UUID

import pytest

from gridboss_assets.exports.values import duration, plain


class Rank(IntEnum):
    FIRST = 1


class Team(StrEnum):
    RED = "red"


class Text(str):
    __slots__ = ()

    def __str__(self) -> str:
        return "another"


class Stamp(datetime):
    def __str__(self) -> str:
        return "another"


class Id(UUID):
    pass


class Scalar:
    """A number of numpy, by what is looked at: its module, and ``item``."""

    def __init__(self, item: object) -> None:
        self._item = item

    def item(self) -> Any:
        return self if self._item is Self else self._item


Scalar.__module__ = "numpy"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Rank.FIRST, 1),
        (Team.RED, "red"),
        (Text("text"), "text"),
        (type("Float", (float,), {})(0.5), 0.5),
        (type("Float", (float,), {})("nan"), None),
        (type("Number", (Decimal,), {})("1.50"), Decimal("1.50")),
        (Stamp(2026, 3, 1, 14, 0, 0, 7), datetime(2026, 3, 1, 14, 0, 0, 7)),  # noqa: DTZ001
        (type("Day", (date,), {})(2026, 3, 1), date(2026, 3, 1)),
        (Id(int=7), UUID(int=7)),
        (Scalar(7), 7),
        (Scalar(float("inf")), None),
    ],
)
def test_a_value_of_a_subclass_becomes_plain(value: object, expected: object) -> None:
    found = plain(value)
    assert found == expected
    assert type(found) is type(expected)


def test_a_number_that_python_lacks_is_refused() -> None:
    with pytest.raises(TypeError, match="Scalar"):
        plain(Scalar(Self))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (timedelta(), "0:00:00"),
        (timedelta(minutes=1, seconds=23, milliseconds=456), "0:01:23.456"),
        (timedelta(days=2, microseconds=1), "48:00:00.000001"),
        (timedelta(seconds=-0.5), "-0:00:00.5"),
    ],
)
def test_a_duration_is_hours_minutes_and_seconds(value: timedelta, text: str) -> None:
    assert duration(value) == text
