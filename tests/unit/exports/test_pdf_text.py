"""What a PDF says, as pdftotext reads it: all of the rows, in order, and nothing else."""

import unicodedata
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any

import pytest
from tests.support.pdf import exported, lines, run, table_text

from gridboss_assets.exports import Column


def cell(value: Any, **options: Any) -> str:
    """Export one value and return what stands below the header."""
    (page,) = lines(exported(["column"], [[value]], **options))
    assert page[0] == "column"
    return "\n".join(page[1:])


class Colour(Enum):
    RED = "red"


NAMES = [
    "Zoë Müller-Lüdenscheidt",
    "Łukasz Wiśniewski",
    "Žiga Čebašek",
    "Jørgen Ødegård",
    "Björn Þórsson",
    "İbrahim Yılmaz",  # noqa: RUF001 - a Turkish name
    "Nguyễn Văn Hùng",
    "Șerban Țăruș",
    "Αλέξανδρος Παπαδόπουλος",
    "Дмитрий Соколов",
    "Ђорђе Живковић",
    "Արամ Խաչատրյան",
    "გიორგი ბერიძე",
    "▲ 3 ▼ 1 → ★ ✓ €",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_read_back_as_it_is(name: str) -> None:
    assert cell(name) == name


def test_all_names_of_all_scripts_stand_in_one_document() -> None:
    """More characters than one subset of a font holds."""
    alphabet = [chr(code) for code in range(0x100, 0x526) if chr(code).isalpha()]
    words = ["".join(alphabet[at : at + 8]) for at in range(0, len(alphabet), 8)]
    words = [unicodedata.normalize("NFC", word) for word in words]
    (*pages,) = lines(exported(["word"], [[word] for word in words]))
    assert [line for page in pages for line in page if line != "word"] == words


def test_plain_text_is_read_after_text_of_another_subset() -> None:
    alphabet = "".join(chr(code) for code in range(0x400, 0x526) if chr(code).isalpha())
    words = [unicodedata.normalize("NFC", alphabet[at : at + 40]) for at in range(0, 280, 40)]
    rows = [[word, "plain", f"x{word[-1]}y"] for word in words]
    (page,) = lines(exported(["a", "b", "c"], rows))
    assert page[1:] == [" ".join(row) for row in rows]


@pytest.mark.parametrize(
    "text",
    [
        "<b>&amp;</b>",
        "<para><font color=red>x</font></para>",
        r"a (b) c) \ d \) \051 ((",
        "%PDF ET endstream endobj",
        "{page} of {pages} $x$",
    ],
)
def test_text_is_never_markup(text: str) -> None:
    assert cell(text) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (7, "7"),
        (-3.5, "-3.5"),
        (25.0, "25.0"),
        (0.1 + 0.2, "0.3"),
        (Decimal("12.500"), "12.500"),
        (True, "yes"),
        (False, "no"),
        (date(2026, 3, 1), "2026-03-01"),
        (datetime(2026, 3, 1, 14, 5, tzinfo=UTC), "2026-03-01 14:05+00:00"),
        (datetime(2026, 3, 1, 14, 5, 9), "2026-03-01 14:05:09"),  # noqa: DTZ001
        (None, ""),
        (float("nan"), ""),
        (Decimal("NaN"), ""),
        (float("inf"), ""),
        (timedelta(minutes=83, milliseconds=450), "1:23:00.45"),
        (Colour.RED, "red"),
        (["Ada", 7, None], "Ada, 7,"),
        ({"wins": 3}, "wins: 3"),
    ],
)
def test_a_value_is_written_as_a_reader_expects_it(value: object, text: str) -> None:
    assert cell(value) == text


def test_equal_values_of_other_types_keep_their_text() -> None:
    (page,) = lines(exported(["a"], [[1], [True], [1.0], ["1"]]))
    assert page == ["a", "1", "yes", "1.0", "1"]


def test_a_column_writes_its_values_in_its_own_format() -> None:
    columns = [Column("gap", "Gap", format="{:+.3f}".format), Column("n")]
    (page,) = lines(exported(columns, [[1.5, 1], [None, 2], [-2, 3]]))
    assert page == ["Gap n", "+1.500 1", "2", "-2.000 3"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x00b\x07c\x1b[31md\x7f", "abc[31md"),
        ("a\tb", "a b"),
        ("one\r\ntwo\u2028three", "one\ntwo\nthree"),
        ("\u202eevil\u202c \u2066x\u2069", "evil x"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("  padded  ", "padded"),
        ("Ame\u0301lie", "Amélie"),
        ("no\u00a0break", "no break"),
        ("lone \ud800 half", "lone \ufffd half"),
    ],
)
def test_what_can_not_be_seen_does_not_disturb_the_page(text: str, shown: str) -> None:
    assert cell(text) == shown


def test_a_character_that_the_font_lacks_is_shown_as_missing() -> None:
    assert cell("a 山 b") == "a \ufffd b"


def test_long_text_wraps_and_is_complete() -> None:
    text = " ".join(f"word{n}" for n in range(400))
    data = exported(["id", "text"], [[1, text], [2, "after"]])
    assert table_text(data, "id text") == f"1{text}2after".replace(" ", "")
    assert len(lines(data)[0]) > 20


def test_a_word_that_is_wider_than_its_column_is_broken() -> None:
    word = "".join(f"{n:03}x" for n in range(300))
    data = exported(["id", "link"], [[1, word], [2, "after"]])
    assert table_text(data, "id link") == f"1{word}2after"


def test_a_row_that_is_taller_than_a_page_goes_on_over_the_next() -> None:
    text = " ".join(f"word{n}" for n in range(6000))
    data = exported(["id", "text"], [[1, "before"], [2, text], [3, "after"]])
    assert len(lines(data)) > 2
    assert table_text(data, "id text") == f"1before2{text}3after".replace(" ", "")


def test_the_cells_of_many_pages_come_in_order() -> None:
    rows = [[n, NAMES[n % 13], f"{n / 7:.3f}", n * n] for n in range(900)]
    data = exported(["n", "name", "gap", "square"], rows)
    expected = "".join("".join(str(value) for value in row) for row in rows)
    assert table_text(data, "n name gap square") == expected.replace(" ", "")


def test_the_title_and_the_subtitle_stand_on_the_first_page_alone() -> None:
    data = exported(["n"], [[n] for n in range(100)], title="Season 7", subtitle="After <b>12</b>")
    first, *others = lines(data)
    assert first[:3] == ["Season 7", "After <b>12</b>", "n"]
    assert others
    assert all(page[0] == "n" for page in others)


def test_the_footer_tells_title_time_and_page() -> None:
    created = datetime(2026, 11, 27, 12, 30, tzinfo=UTC)
    data = exported(["n"], [[n] for n in range(100)], title="Season 7", created=created)
    text = run("pdftotext", data, "-raw", "-", "-")
    footers = [page.splitlines()[-1] for page in text.split("\f")[:-1]]
    assert len(footers) > 1
    total = len(footers)
    assert footers == [
        f"Season 7 · 2026-11-27 12:30 UTC Page {n} of {total}" for n in range(1, total + 1)
    ]


def test_the_page_label_is_in_the_language_that_is_asked_for() -> None:
    text = run("pdftotext", exported(["n"], [[1]], page_label="Seite {page}/{pages}"), "-", "-")
    assert "Seite 1/1" in text


def test_a_table_of_no_rows_has_its_header() -> None:
    assert lines(exported(["driver", "points"], [], title="Season 7")) == [
        ["Season 7", "driver points"]
    ]
