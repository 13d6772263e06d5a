"""Rows from every source become the same table; one that does not fit is named."""

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from types import SimpleNamespace
from typing import Any, NamedTuple

import msgspec
import polars as pl
import pyarrow as pa
import pytest

from gridboss_assets.errors import ConfigurationError, InvalidRows
from gridboss_assets.exports import Column
from gridboss_assets.exports.rows import table_of


class Named(NamedTuple):
    driver: str
    points: int


@dataclass
class Data:
    driver: str
    points: int


class Struct(msgspec.Struct):
    driver: str
    points: int


class Slotted:
    """An object like those of an ORM."""

    def __init__(self, driver: str, points: int) -> None:
        self.driver, self.points = driver, points


VALUES = [("Ana", 25), ("Bo", 18)]
ARROW = pa.table({"driver": ["Ana", "Bo"], "points": [25, 18]})
SOURCES: dict[str, Callable[[], Any]] = {
    "mappings": lambda: [{"driver": d, "points": p} for d, p in VALUES],
    "named tuples": lambda: [Named(*row) for row in VALUES],
    "dataclasses": lambda: [Data(*row) for row in VALUES],
    "msgspec structs": lambda: [Struct(*row) for row in VALUES],
    "an Arrow table": lambda: ARROW,
    "an Arrow record batch": lambda: ARROW.to_batches()[0],
    "an Arrow reader": ARROW.to_reader,
    "a polars frame": lambda: pl.DataFrame(ARROW.to_pydict()),
}


def values(rows: Any, columns: Any = None) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in table_of(rows, columns).rows]


@pytest.mark.parametrize("source", SOURCES)
def test_rows_that_name_their_values_need_no_columns(source: str) -> None:
    table = table_of(SOURCES[source]())
    assert [column.name for column in table.columns] == ["driver", "points"]
    assert [tuple(row) for row in table.rows] == VALUES


@pytest.mark.parametrize("source", SOURCES)
def test_columns_select_and_order_what_is_named(source: str) -> None:
    assert values(SOURCES[source](), ["points"]) == [(25,), (18,)]
    assert values(SOURCES[source](), ["points", Column("driver", "Driver")]) == [
        (25, "Ana"),
        (18, "Bo"),
    ]


@pytest.mark.parametrize("source", SOURCES)
def test_a_column_that_is_not_there_is_named(source: str) -> None:
    with pytest.raises(InvalidRows, match="laps"):
        values(SOURCES[source](), ["driver", "laps"])


def test_objects_are_read_by_attribute_when_columns_are_given() -> None:
    assert values([Slotted("Ana", 25)], ["points", "driver"]) == [(25, "Ana")]


@pytest.mark.parametrize("rows", [VALUES, [list(row) for row in VALUES], iter(VALUES)])
def test_sequences_are_read_by_position(rows: Any) -> None:
    assert values(rows, ["name", "score"]) == VALUES


def test_sequences_without_columns_are_refused() -> None:
    with pytest.raises(InvalidRows, match="Give `columns`"):
        table_of(VALUES)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (("Bo",), "Row 100 has 1 values for 2 columns"),
        (("Bo", 18, 3), "Row 100 has 3 values for 2 columns"),
        ("Bo", "Row 100 is a str"),
        ({"driver": "Bo", "points": 1}, "Row 100 is a dict"),
        (None, "Row 100 is a NoneType"),
        (18, "Row 100 is an int"),
        ({1, 2}, "Row 100 is a set"),
    ],
)
def test_a_row_that_does_not_fit_is_named_by_its_number(row: Any, message: str) -> None:
    rows = [*[("Ana", 25)] * 99, row, ("Cy", 1)]
    with pytest.raises(InvalidRows, match=message):
        values(rows, ["driver", "points"])


@pytest.mark.parametrize("row", ["ab", b"ab", None, 5, {1, 2}])
def test_a_first_row_that_is_none_is_refused(row: Any) -> None:
    with pytest.raises(InvalidRows, match="Row 1 is"):
        values([row], ["driver", "points"])


def test_a_mapping_without_a_key_is_named() -> None:
    with pytest.raises(InvalidRows, match="Row 2 has no value for 'points'"):
        values([{"driver": "Ana", "points": 25}, {"driver": "Bo"}])


def test_a_mapping_with_a_key_that_the_first_row_lacks_is_named() -> None:
    with pytest.raises(InvalidRows, match="Row 2 has the key 'laps'"):
        values([{"driver": "Ana"}, {"driver": "Bo", "laps": 3}])


def test_a_row_that_is_no_mapping_like_the_others_is_named() -> None:
    with pytest.raises(InvalidRows, match="Row 2 is a tuple"):
        values([{"driver": "Ana"}, ("Bo",)])


def test_keys_that_are_no_text_are_refused() -> None:
    with pytest.raises(InvalidRows, match="the key 7"):
        table_of([{7: "Ana"}])


def test_an_object_without_an_attribute_is_named() -> None:
    rows = [Slotted("Ana", 1), SimpleNamespace(driver="Bo")]
    with pytest.raises(InvalidRows, match="Row 2 is a SimpleNamespace without 'points'"):
        values(rows, ["driver", "points"])


def test_no_rows_with_columns_are_an_empty_table() -> None:
    table = table_of([], ["driver", "points"])
    assert [column.name for column in table.columns] == ["driver", "points"]
    assert list(table.rows) == []


def test_no_rows_and_no_columns_are_a_table_without_columns() -> None:
    table = table_of(iter(()))
    assert table.columns == ()
    assert list(table.rows) == []


def test_an_empty_arrow_table_has_its_columns() -> None:
    assert [c.name for c in table_of(ARROW.slice(0, 0)).columns] == ["driver", "points"]


@pytest.mark.parametrize("columns", ["driver", [], ()])
def test_columns_are_a_list_of_one_at_least(columns: Any) -> None:
    with pytest.raises(InvalidRows, match="list of names"):
        table_of(VALUES, columns)


@pytest.mark.parametrize("rows", [5, "rows", b"rows", None])
def test_what_is_no_iterable_of_rows_is_refused(rows: Any) -> None:
    with pytest.raises(InvalidRows, match="no iterable"):
        table_of(rows, ["driver"])


def test_rows_are_read_in_small_parts_and_not_all_at_once() -> None:
    read = 0

    def rows() -> Iterator[Mapping[str, int]]:
        nonlocal read
        for number in range(100_000):
            read += 1
            yield {"number": number}

    table = table_of(rows())
    assert next(table.rows) == (0,)
    assert read < 1000


def test_a_generator_of_rows_is_closed_with_the_table() -> None:
    closed = []

    def rows() -> Iterator[Mapping[str, int]]:
        try:
            while True:
                yield {"number": 1}
        finally:
            closed.append(True)

    table = table_of(rows())
    next(table.rows)
    del table
    assert closed


def test_arrow_without_pyarrow_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ConfigurationError, match="pip install pyarrow"):
        table_of(pl.DataFrame({"driver": ["Ana"]}))


def test_arrow_batches_are_read_one_after_another() -> None:
    read = 0

    def batches() -> Iterator[pa.RecordBatch]:
        nonlocal read
        for number in range(50):
            read += 1
            yield pa.record_batch({"number": [number] * 1024})

    schema = pa.schema([("number", pa.int64())])
    table = table_of(pa.RecordBatchReader.from_batches(schema, batches()))
    assert next(table.rows) == (0,)
    assert read < 5
    assert sum(1 for _ in table.rows) == 50 * 1024 - 1


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (pa.timestamp("ns"), datetime(1970, 1, 1, 0, 0, 1)),  # noqa: DTZ001
        (pa.timestamp("ns", "UTC"), datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)),
        (pa.duration("ns"), timedelta(seconds=1)),
        (pa.time64("ns"), time(0, 0, 1)),
    ],
)
def test_nanoseconds_of_arrow_are_cut(kind: Any, expected: object) -> None:
    table = pa.table({"at": pa.array([1_000_000_001, None], kind)})
    assert values(table) == [(expected,), (None,)]
