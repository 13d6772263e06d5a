"""CSV: the very bytes, what independent readers make of them, and what is refused."""

import csv
import io
from datetime import date, datetime
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from tests.support.documents import CSV, check
from tests.unit.exports.golden import GOLDEN, Golden

from gridboss_assets.errors import InvalidRows
from gridboss_assets.exports import Column
from gridboss_assets.exports.encode_csv import CsvOptions, encode
from gridboss_assets.exports.rows import table_of

BY_NAME = {golden.name: golden for golden in GOLDEN}


def written(rows: Any, columns: Any = None, **options: Any) -> bytes:
    return b"".join(encode(table_of(rows, columns), CsvOptions(**options)))


def read(name: str, **options: Any) -> pl.DataFrame:
    return pl.read_csv(BY_NAME[name].data, **options)


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: golden.name)
def test_a_table_has_these_very_bytes(golden: Golden) -> None:
    found = b"".join(encode(table_of(golden.rows, golden.columns), golden.options))
    assert found == golden.data


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: golden.name)
def test_the_golden_files_pass_our_own_inspection(golden: Golden) -> None:
    expected = () if golden.options.defuse_formulas else ("csv_formulas",)
    assert check(golden.data, CSV) == expected


def test_polars_reads_unicode() -> None:
    expected = pl.DataFrame(
        BY_NAME["unicode"].rows, ["position", "driver", "Équipe", "points"], orient="row"
    )
    assert_frame_equal(read("unicode"), expected)


def test_polars_reads_a_byte_order_mark_and_semicolons() -> None:
    found = read("bom-semicolons", separator=";")
    assert found.columns == ["position", "driver", "Équipe", "points"]
    assert found.row(3) == (4, "a;b", 'c,"d"', 0)


def test_polars_reads_quotes_and_lines() -> None:
    assert read("quotes").fill_null("").rows() == [
        ('say "hi"', "a,b"),
        ("two\nlines", "two\r\nlines"),
        (" blanks ", "'"),
        ('"', ""),
        ("", ""),
    ]


def test_polars_reads_figures_as_figures() -> None:
    found = read("numbers", schema_overrides={"integer": pl.Float64, "decimal": pl.Float64})
    assert found.schema == {
        "integer": pl.Float64,
        "float": pl.Float64,
        "decimal": pl.Float64,
        "truth": pl.Boolean,
    }
    assert found["float"].to_list() == [0.5, -12.345, 1e-07, None, None, 1e16]
    assert found["truth"].to_list() == [True, False, None, True, True, True]
    assert found["decimal"].to_list() == [1.5, -1e-07, 0.0, None, None, 1e20]
    assert found["integer"].to_list() == [0, -5, 2**70, None, 1, 3]


def test_polars_reads_dates_as_dates() -> None:
    found = read("dates", try_parse_dates=True)
    assert found["day"].to_list() == [date(2026, 3, 1), date(1, 1, 1), None]
    moments = found["moment"].str.slice(0, 19).str.to_datetime()
    assert moments[0] == datetime(2026, 3, 1, 14)  # noqa: DTZ001


def test_polars_reads_a_header_without_rows() -> None:
    assert read("empty").columns == ["driver", "points"]


def test_a_spreadsheet_sees_texts_where_formulas_stood() -> None:
    rows = list(csv.reader(io.StringIO(BY_NAME["formulas"].data.decode(), newline="")))
    assert rows[0] == ["cell", "'=title", "kept"]
    for row, (cell, other, kept) in zip(rows[1:], BY_NAME["formulas"].rows, strict=True):
        assert row[0] in {cell, f"'{cell}"}
        assert row[1] in {other, f"'{other}"}
        assert row[2] == kept


@pytest.mark.parametrize("defuse", [True, False])
def test_many_rows_are_written_in_pieces(*, defuse: bool) -> None:
    rows = [(number, f"driver {number}", -number / 8) for number in range(20_000)]
    pieces = list(encode(table_of(rows, ["a", "b", "c"]), CsvOptions(defuse_formulas=defuse)))
    assert max(map(len, pieces)) < 128 * 1024
    assert list(csv.reader(io.StringIO(b"".join(pieces).decode()))) == [
        ["a", "b", "c"],
        *([str(value) for value in row] for row in rows),
    ]


def test_wide_rows_are_written_in_few_at_a_time() -> None:
    rows = ((number, "x" * 1_000_000) for number in range(40))
    pieces = list(encode(table_of(rows, ["number", "text"])))
    assert max(map(len, pieces[2:])) < 1_100_000


def test_a_formula_among_many_rows_changes_nothing_else() -> None:
    rows = [(number, "a-b") for number in range(5000)]
    expected = written(rows, ["a", "b"]).replace(b"\r\n4321,a-b", b"\r\n4321,'=A1")
    rows[4321] = (4321, "=A1")
    assert written(rows, ["a", "b"]) == expected


def test_an_empty_cell_beside_a_quoted_one_is_no_empty_line() -> None:
    assert written([("",), ("total;=A1",)], ["a"]) == b'a\r\n""\r\n"total;=A1"\r\n'


@pytest.mark.parametrize("title", ["<b>", "ID", '{"a":1}', "[a]", "%PDF-1.7", "#!/bin/sh"])
def test_a_file_never_begins_like_another_format(title: str) -> None:
    data = written([("x", 1)], [title, "b"])
    assert data.startswith(b'"')
    assert check(data, CSV) == ()


def test_a_table_without_columns_is_an_empty_file() -> None:
    assert written([]) == b""


@pytest.mark.parametrize(
    ("value", "what"),
    [
        (b"raw", "a bytes"),
        (object(), "an object"),
        (1j, "a complex"),
        ({1}, "a set"),
        ([b"raw"], "a list"),
    ],
)
def test_a_value_that_has_no_text_is_named_by_row_and_column(value: object, what: str) -> None:
    rows = [(1, "x")] * 700 + [(1, value)]
    with pytest.raises(InvalidRows, match=f"Row 701, column 'b': {what} can't be written"):
        written(rows, ["a", "b"])


@pytest.mark.parametrize("defuse", [True, False])
@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("x\ud800", "half a character"),
        ("x\x00", "a control character"),
        ("\x1b[1m", "a control character"),
        ("x\x7f", "a control character"),
    ],
)
def test_a_text_that_csv_cannot_hold_is_named_by_row_and_column(
    text: str, what: str, *, defuse: bool
) -> None:
    rows = [("x", "y")] * 700 + [("x", text)]
    with pytest.raises(InvalidRows, match=f"Row 701, column 'b': the text holds {what}"):
        written(rows, ["a", "b"], defuse_formulas=defuse)


def test_a_title_that_csv_cannot_hold_is_named() -> None:
    with pytest.raises(InvalidRows, match="title of column 'b'"):
        written([], ["a", Column("b", "x\x00")])
