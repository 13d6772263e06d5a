"""The file itself: sound, the same every time, in pieces, and within its limits."""

import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from io import BytesIO
from itertools import pairwise
from typing import Any

import pikepdf
import pytest
from tests.support.pdf import exported, run
from tests.support.pictures import quarters, saved

from gridboss_assets.errors import ExportTooLarge, InvalidRows
from gridboss_assets.exports import BarChart, Column, LineChart, PdfOptions, Table
from gridboss_assets.exports.encode_pdf import MAX_PDF_COLUMNS, document, encode, pages
from gridboss_assets.inspection import InProcess, inspect


def rows(count: int) -> Iterator[list[Any]]:
    for n in range(count):
        yield [n, f"Łukasz {n} Müller", "Текст " * (n % 9), n / 7]


EVERYTHING: dict[str, Any] = {
    "title": "Зміна: Season 7",
    "subtitle": "After 12 rounds",
    "chart": BarChart("name", "points"),
    "created": datetime(2026, 11, 27, 12, 30, tzinfo=UTC),
    "inspection": InProcess(),
}
COLUMNS = ["n", "name", "text", "points"]


def everything(count: int = 300) -> bytes:
    logo = saved(quarters("RGBA"), "PNG")
    return exported(COLUMNS, rows(count), **EVERYTHING, logo=logo)


VARIANTS: dict[str, Callable[[], bytes]] = {
    "everything": everything,
    "plain": lambda: exported(["n"], [[1]]),
    "no rows": lambda: exported(["n"], []),
    "many pages": lambda: exported(COLUMNS, rows(3000)),
    "lines": lambda: exported(COLUMNS, rows(50), chart=LineChart("n", "points")),
}


@pytest.mark.parametrize("name", VARIANTS)
def test_our_own_inspection_has_nothing_to_say(name: str) -> None:
    data = VARIANTS[name]()
    found = inspect("document", BytesIO(data), "application/pdf", size=len(data))
    assert found.warnings == ()


@pytest.mark.parametrize("name", VARIANTS)
def test_qpdf_finds_no_fault_in_any_page(name: str) -> None:
    with pikepdf.open(BytesIO(VARIANTS[name]()), attempt_recovery=False) as pdf:
        assert pdf.check_pdf_syntax() == []
        assert len(pdf.pages) > 0
        assert pdf.get_warnings() == []


def test_the_same_rows_give_the_same_bytes() -> None:
    assert everything() == everything()


def test_another_process_gives_the_same_bytes_too() -> None:
    code = (
        "import sys, zlib; from tests.unit.exports.test_pdf_file import everything; "
        "print(zlib.crc32(everything()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert int(done.stdout) == zlib.crc32(everything())


def test_files_that_differ_have_identifiers_that_differ() -> None:
    found = set()
    for n in (1, 2):
        with pikepdf.open(BytesIO(exported(["n"], [[n]]))) as pdf:
            found.add(bytes(pdf.trailer.ID[0]))
    assert len(found) == 2


def test_the_properties_tell_title_language_and_time() -> None:
    info = run("pdfinfo", everything(), "-isodates", "-")
    assert "Зміна: Season 7" in info
    assert "Producer:        GridBoss Assets\n" in info
    assert "CreationDate:    2026-11-27T12:30:00Z" in info
    with pikepdf.open(BytesIO(exported(["n"], [[1]], language="de", title="T"))) as pdf:
        assert pdf.Root.Lang == "de"
        assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)


def test_without_a_time_the_document_tells_none() -> None:
    with pikepdf.open(BytesIO(exported(["n"], [[1]]))) as pdf:
        assert set(pdf.docinfo.keys()) == {"/Producer"}


def test_a_time_of_another_zone_is_written_in_utc() -> None:
    zone = timezone(timedelta(hours=2))
    info = run(
        "pdfinfo",
        exported(["n"], [[1]], created=datetime(2026, 1, 1, 1, tzinfo=zone)),
        "-isodates",
        "-",
    )
    assert "2025-12-31T23:00:00Z" in info


def test_pages_leave_while_rows_still_come() -> None:
    read = 0

    def counted() -> Iterator[list[Any]]:
        nonlocal read
        for row in rows(5000):
            read += 1
            yield row

    table = Table(tuple(map(Column, COLUMNS)), counted())
    reads = []
    sizes = []
    for chunk in encode(table):
        reads.append(read)
        sizes.append(len(chunk))
    assert 500 < reads[0] < 3000
    assert all(earlier <= later for earlier, later in pairwise(reads))
    assert max(sizes) == 64 * 1024


def test_nothing_is_read_before_the_first_chunk_is_asked_for() -> None:
    def never() -> Iterator[list[Any]]:
        raise AssertionError
        yield []

    encode(Table((Column("n"),), never()))


def test_content_is_compressed() -> None:
    plain = sum(len(f"{n}{n * 7.5}") for n in range(3000))
    assert len(exported(["n", "points"], [[n, n * 7.5] for n in range(3000)])) < 4 * plain


def test_more_rows_than_the_limit_are_refused_with_a_way_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(document, "MAX_PDF_ROWS", 700)
    assert exported(["n"], ([n] for n in range(700)))
    with pytest.raises(ExportTooLarge, match=r"at most 700 rows.*CSV"):
        exported(["n"], ([n] for n in range(701)))


def test_more_pages_than_the_limit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MAX_PDF_PAGES", 3)
    with pytest.raises(ExportTooLarge, match="more than 3 pages"):
        exported(["text"], [["word " * 5000]])


def test_more_columns_than_a_page_takes_are_refused() -> None:
    names = [f"c{n}" for n in range(MAX_PDF_COLUMNS + 1)]
    with pytest.raises(ExportTooLarge, match=r"at most 40 columns.*41"):
        exported(names, [names])


def test_a_table_without_columns_is_refused() -> None:
    with pytest.raises(InvalidRows, match="needs a column"):
        exported([], [])


@pytest.mark.parametrize("row", [[1], [1, 2, 3], []])
def test_a_row_that_does_not_fit_is_named(row: list[int]) -> None:
    with pytest.raises(InvalidRows, match=f"Row 2 has {len(row)} values for 2 columns"):
        exported(["a", "b"], [[1, 2], row])


def test_a_value_that_its_format_does_not_take_is_named() -> None:
    columns = [Column("n"), Column("gap", format="{:.3f}".format)]
    with pytest.raises(InvalidRows, match="Row 3, column 'gap'") as caught:
        exported(columns, [[1, 1.5], [2, None], [3, "secret"]])
    assert "secret" not in str(caught.value)


def test_a_value_that_has_no_text_is_named() -> None:
    with pytest.raises(InvalidRows, match=r"Row 2, column 'b': .*can't be written"):
        exported(["a", "b"], [[1, "x"], [2, b"bytes"]])


def test_an_integer_beyond_all_floats_is_printed() -> None:
    assert exported(["n"], [[10**400]], chart=None)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"page_size": "A5"}, "page_size: give one of A4, letter"),
        ({"page_label": "{seite}"}, r"page_label: its fields are \{page\} and \{pages\}"),
        ({"page_label": "{"}, "page_label"),
    ],
)
def test_an_option_of_no_sense_names_what_fits(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        PdfOptions(**options)


def test_the_options_are_imported_without_reportlab() -> None:
    code = (
        "import sys; from gridboss_assets.exports import PdfOptions, BarChart; PdfOptions(); "
        "print(*sorted({'reportlab', 'PIL'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.strip() == ""
