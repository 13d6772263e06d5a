"""JSON: an array or lines, which independent readers read as the rows."""

import io
import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.documents import JSON, check
from tests.unit.exports.golden import Tyre

from gridboss_assets.errors import InvalidRows
from gridboss_assets.exports import Column
from gridboss_assets.exports.encode_json import JsonOptions, encode
from gridboss_assets.exports.rows import table_of
from gridboss_assets.inspection.policy import InspectionPolicy

STRICT = InspectionPolicy(
    json_duplicate_keys="refuse", json_lone_surrogates="refuse", json_bom="refuse"
)
VALUE = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
)


def written(rows: Any, columns: Any = None, **options: Any) -> bytes:
    return b"".join(encode(table_of(rows, columns), JsonOptions(**options)))


def value_of(value: object, **options: Any) -> Any:
    return json.loads(written([(value,)], ["value"], **options))[0]["value"]


def test_rows_are_an_array_of_objects_one_a_line() -> None:
    rows = [("Ana", 25), ("Bo", None)]
    assert written(rows, ["driver", Column("points", "Points")]) == (
        b'[\n{"driver":"Ana","points":25},\n{"driver":"Bo","points":null}\n]\n'
    )


def test_lines_are_one_object_each() -> None:
    rows = [("Ana\n", 25), ("Bo", None)]
    assert written(rows, ["driver", "points"], lines=True) == (
        b'{"driver":"Ana\\n","points":25}\n{"driver":"Bo","points":null}\n'
    )


def test_no_rows_are_an_empty_array() -> None:
    assert written([], ["driver"]) == b"[]\n"
    assert written([]) == b"[]\n"


def test_no_rows_are_no_lines() -> None:
    assert written([], ["driver"], lines=True) == b""


@given(st.lists(st.tuples(VALUE, VALUE), max_size=6))
def test_python_reads_the_rows_back_and_the_inspection_finds_nothing(
    rows: list[tuple[Any, Any]],
) -> None:
    data = written(rows, ["a", 'b"\u2028'])
    assert json.loads(data) == [{"a": a, 'b"\u2028': b} for a, b in rows]
    assert check(data, JSON, STRICT) == ()


@pytest.mark.parametrize("lines", [False, True])
def test_polars_reads_many_rows(*, lines: bool) -> None:
    rows = [(number, f"driver {number}", -number / 8) for number in range(20_000)]
    pieces = list(encode(table_of(rows, ["a", "b", "c"]), JsonOptions(lines=lines)))
    assert max(map(len, pieces)) < 128 * 1024
    reader = pl.read_ndjson if lines else pl.read_json
    assert reader(io.BytesIO(b"".join(pieces))).rows() == rows


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (float("nan"), None),
        (float("-inf"), None),
        (Decimal("NaN"), None),
        (Decimal("sNaN"), None),
        (Decimal("-Infinity"), None),
        ([float("inf"), Decimal("NaN")], [None, None]),
        (Tyre.HARD, 3),
        (date(2026, 3, 1), "2026-03-01"),
        (datetime(2026, 3, 1, 14, tzinfo=UTC), "2026-03-01T14:00:00Z"),
        (time(14, 30), "14:30:00"),
        (timedelta(minutes=1, milliseconds=23_456), "PT83.456S"),
        (UUID(int=7), "00000000-0000-0000-0000-000000000007"),
        ({"laps": (1, Tyre.SOFT), 3: Decimal("1.5")}, {"laps": [1, "soft"], "3": 1.5}),
        (2**70, 2**70),
        (True, True),
    ],
)
def test_a_value_is_written_as(value: object, expected: object) -> None:
    assert value_of(value) == expected


def test_decimals_are_numbers_with_all_their_digits() -> None:
    data = written([(Decimal("12345678901234567890.10"),)], ["value"])
    found = json.loads(data, parse_float=Decimal)
    assert str(found[0]["value"]) == "12345678901234567890.10"


def test_decimals_are_strings_on_demand() -> None:
    assert value_of(Decimal("1.50"), decimals="string") == "1.50"


def test_two_columns_of_one_name_are_refused_before_anything_is_written() -> None:
    with pytest.raises(InvalidRows, match="Two columns are called 'a'"):
        next(encode(table_of([(1, 2)], ["a", Column("a", "Other")])))


@pytest.mark.parametrize("value", [b"raw", object(), {1}, [b"raw"], msgspec.Raw(b"{")])
def test_a_value_that_has_no_text_is_named_by_row_and_column(value: object) -> None:
    rows = [(1, "x")] * 700 + [(1, value)]
    with pytest.raises(InvalidRows, match="Row 701, column 'b'"):
        written(rows, ["a", "b"])


@pytest.mark.parametrize("value", ["x\ud800", ["x\ud800"]])
def test_half_a_character_is_named_by_row_and_column(value: object) -> None:
    rows = [(1, "x")] * 700 + [(1, value)]
    with pytest.raises(InvalidRows, match="Row 701, column 'b': the text holds half a character"):
        written(rows, ["a", "b"])


def test_half_a_character_in_a_name_is_refused() -> None:
    with pytest.raises(InvalidRows, match="name of a column"):
        written([(1,)], ["x\ud800"])
