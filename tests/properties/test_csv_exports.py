"""Whatever the rows hold: their CSV passes our own inspection, and reads back as the rows."""

import csv
import io
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st
from tests.support.documents import CSV, check

from gridboss_assets.exports.encode_csv import CsvOptions, Delimiter, encode
from gridboss_assets.exports.rows import table_of

# What cells are made of that matters here: signs, delimiters, quotes, blanks, figures, and letters.
TRICKY = st.text(st.sampled_from("=+-@,;|\t\r\n\"'0eE.% Ab(é€𝄞"), max_size=8)
FREE = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
TEXT = TRICKY | FREE
FIGURE = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
DECIMAL = st.decimals(allow_nan=False, allow_infinity=False)
DELIMITER: st.SearchStrategy[Delimiter] = st.sampled_from([",", ";", "\t", "|"])
WIDTH, NAMES = 3, ["a", "b", "c"]
ROWS = st.lists(st.tuples(*[TEXT | FIGURE | DECIMAL | st.none()] * WIDTH), max_size=6)
TITLES = st.lists(TEXT.filter(bool), min_size=WIDTH, max_size=WIDTH)


def written(rows: Sequence[Sequence[Any]], titles: Sequence[str], **options: Any) -> bytes:
    return b"".join(encode(table_of(rows, titles), CsvOptions(**options)))


def read(data: bytes, delimiter: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode(), newline=""), delimiter=delimiter))


@given(rows=ROWS, titles=TITLES, delimiter=DELIMITER, bom=st.booleans())
@example(rows=[("{}", 1, 2)], titles=['{"a":1}', "b", "c"], delimiter=",", bom=False)
@example(rows=[], titles=["ID;PWXL", "b", "c"], delimiter=";", bom=False)
@example(rows=[("a", "\t=1", '"=1')] * 2, titles=["=a", "<b>", "-"], delimiter=",", bom=False)
@example(rows=[(Decimal("-1E+40"), -1e-7, Decimal("0E-9"))], titles=NAMES, delimiter=",", bom=True)
def test_an_export_passes_our_own_inspection_without_a_warning(
    *, rows: list[tuple[Any, ...]], titles: list[str], delimiter: Delimiter, bom: bool
) -> None:
    data = written(rows, titles, delimiter=delimiter, bom=bom)
    assert check(data, CSV) == ()


@given(ROWS, DELIMITER)
def test_it_reads_back_as_the_rows_but_for_apostrophes(
    rows: list[tuple[Any, ...]], delimiter: Delimiter
) -> None:
    found = read(written(rows, NAMES, delimiter=delimiter), delimiter)[1:]
    for row, cells in zip(rows, found, strict=True):
        for value, cell in zip(row, cells, strict=True):
            text = "" if value is None else str(value)
            assert cell == text or (isinstance(value, str) and cell == f"'{text}")


@given(ROWS, DELIMITER)
def test_how_a_row_is_written_does_not_depend_on_those_beside_it(
    rows: list[tuple[Any, ...]], delimiter: Delimiter
) -> None:
    header = written([], NAMES, delimiter=delimiter)
    alone = [written([row], NAMES, delimiter=delimiter).removeprefix(header) for row in rows]
    assert written(rows, NAMES, delimiter=delimiter) == header + b"".join(alone)


@given(ROWS, DELIMITER)
def test_without_defusing_it_is_what_the_csv_module_writes(
    rows: list[tuple[Any, ...]], delimiter: Delimiter
) -> None:
    expected = io.StringIO(newline="")
    csv.writer(expected, delimiter=delimiter).writerows([tuple(NAMES), *rows])
    found = written(rows, NAMES, delimiter=delimiter, defuse_formulas=False)
    assert found == expected.getvalue().encode()


@given(
    st.lists(
        st.one_of(st.just("-5"), st.just("+12.345"), st.just("-1:23.4"), st.just("+49 30 1")),
        max_size=5,
    )
)
def test_texts_that_are_figures_stay_as_they_are(texts: list[str]) -> None:
    found = read(written([(text, "=") for text in texts], NAMES[:2]), ",")[1:]
    assert found == [[text, "'="] for text in texts]
