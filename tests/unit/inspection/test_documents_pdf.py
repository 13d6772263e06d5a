"""PDF: a document is whole, and nothing is ever repaired."""

import os
import zlib
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from tests.support.documents import PDF, SEARCH, check, objects_packed, pdf, resaved, stream

from gridboss_assets.errors import ContentMismatch, InvalidDocument
from gridboss_assets.inspection import documents


@pytest.mark.parametrize("version", [b"1.0", b"1.4", b"1.7", b"2.0"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\n%\xe2\xe3\xcf\xd3\n"])
def test_every_version_is_accepted(version: bytes, end: bytes) -> None:
    assert check(pdf(header=b"%PDF-" + version + end), PDF) == ()


def test_what_fpdf2_writes_is_accepted() -> None:
    """Its files open at a page, which is an /OpenAction with a destination and no action."""
    data = pdf(
        stream(zlib.compress(b"BT /F1 9 Tf ET"), b"/Filter /FlateDecode"),
        b"<</Title (Standings) /Producer (py-pdf/fpdf2.8.4) /CreationDate (D:20260302)>>",
        catalog=b"/OpenAction [12 0 R /FitH null] /PageLayout /OneColumn",
        header=b"%PDF-1.3\n%\xe9\xeb\xf1\xbf\n",
    )
    assert check(data, PDF) == ()


def test_a_page_may_have_no_resources() -> None:
    assert check(pdf().replace(b"/Resources", b"/Resourcez"), PDF) == ()


@pytest.mark.parametrize(
    "head",
    [
        b"%FDF-1.2\n",
        b"\n%PDF-1.7\n",
        b"junk here\n%PDF-1.7\n",
        b"\xef\xbb\xbf%PDF-1.7\n",
        b"%pdf-1.7\n",
        b"%PDF-",
        b"%PDF-9.9\n",
        b"%PDF-1.77\n",
        b"<html>%PDF-1.7\n",
        b"MZ%PDF-1.7\n",
    ],
)
def test_the_header_stands_first(head: bytes) -> None:
    for data in (head, pdf(header=head)):
        with pytest.raises(ContentMismatch):
            check(data, PDF)
        with pytest.raises(ContentMismatch):
            documents.check_head(data, PDF)


@pytest.mark.parametrize("blank", [b"", b"\n", b"\r\n \t\x0c\n", bytes(300), bytes(900)])
def test_white_space_may_follow_the_end(blank: bytes) -> None:
    assert check(pdf().rstrip() + blank, PDF) == ()


@pytest.mark.parametrize(
    "data",
    [
        pdf() + b"more",
        pdf() + b"<script>" * 500,
        pdf() + bytes(2000),
        pdf().replace(b"%%EOF", b""),
        pdf().replace(b"startxref", b"startxxxx"),
        pdf()[:-12],
        pdf()[: len(pdf()) // 2],
        pdf().rstrip()[:-1],
    ],
)
def test_nothing_else_follows_the_end(data: bytes) -> None:
    with pytest.raises(InvalidDocument):
        check(data, PDF)
    with pytest.raises(InvalidDocument):
        documents.check_head(data, PDF, is_whole=True)


def wrong_startxref(by: int) -> bytes:
    before, _, after = pdf().rpartition(b"startxref\n")
    return before + b"startxref\n%d\n" % (int(after.split()[0]) + by) + b"%%EOF\n"


@SEARCH
@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize(
    "data",
    [
        wrong_startxref(7),
        wrong_startxref(-7),
        wrong_startxref(10**8),
        pdf().replace(b"0000000009 00000 n", b"0000000019 00000 n"),
        pdf().replace(b"3 0 obj\n", b"8 0 obj\n"),
        pdf(header=b"%PDF-1.7\n").replace(b"%PDF-1.7\n", b"%PDF-1.7\n%shifted\n"),
        pdf().replace(b"endobj\n3 0", b"xxxxxx\n3 0"),
        pdf().replace(b"endobj\n4 0", b"xxxxxx\n4 0"),
        pdf().replace(b"/Root 1 0 R", b"/Root 3 0 R"),
        pdf().replace(b"/Root 1 0 R", b"/Root 9 9 R"),
        pdf().replace(b"/Type /Catalog", b"/Type /Catalo"),
        pdf().replace(b"/Kids", b"/Kid "),
    ],
)
def test_what_only_opens_by_repair_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidDocument):
        check(data, PDF)


@SEARCH
@pytest.mark.usefixtures("at_once")
def test_an_object_in_place_of_another_never_reaches_qpdf() -> None:
    """Found by fuzzing: qpdf frees object 1 while it writes it out, and the process ends."""
    good = pdf(b"<</Type /Annot>>", catalog=b"/X 10 0 R")
    with pytest.raises(InvalidDocument, match="not where its table says"):
        check(good.replace(b"\n10 0 obj", b"\n1  0 obj"), PDF)


def test_two_objects_at_one_place_never_reach_qpdf() -> None:
    good = pdf(b"<</Type /Annot>>", catalog=b"/X 10 0 R")
    with pytest.raises(InvalidDocument, match="not where its table says"):
        check(good.replace(b"%010d 00000 n" % good.index(b"10 0 obj"), b"0000000009 00000 n"), PDF)


@pytest.mark.parametrize(
    "kids",
    [b"[2 0 R]", b"[3 0 R]", b"[9 0 R]", b"[7]", b"[11 0 R 11 0 R]", b"11 0 R", b"[[11 0 R]]"],
)
def test_a_page_tree_that_is_none_is_refused(kids: bytes) -> None:
    good = pdf(b"<<>>", pages=1)
    before = good.partition(b"/Kids")[0]
    padded = good.replace(b"/Kids [11 0 R]", (b"/Kids " + kids).ljust(len(b"/Kids [11 0 R]")))
    assert padded.startswith(before)
    with pytest.raises(InvalidDocument):
        check(padded, PDF)


def test_nothing_is_ever_repaired(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[object] = []
    real_open = pikepdf.open

    def recorded(source: BytesIO, **options: Any) -> pikepdf.Pdf:
        opened.append(options["attempt_recovery"])
        return real_open(source, **options)

    monkeypatch.setattr(pikepdf, "open", recorded)
    check(pdf(), PDF)
    assert opened == [False]


def test_a_stream_of_another_length_is_refused() -> None:
    with pytest.raises(InvalidDocument):
        check(pdf().replace(b"/Length 40", b"/Length 99"), PDF)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (b"/MediaBox", b"/MediaBax"),
        (b"[0 0 612 792]", b"[0 0 612    ]"),
        (b"/Type /Page ", b"/Type /Pagx "),
        (b"/Type /Pages", b"/Type /Pagex"),
    ],
)
def test_a_page_without_what_every_page_has_is_refused(right: bytes, wrong: bytes) -> None:
    with pytest.raises(InvalidDocument):
        check(pdf().replace(right, wrong), PDF)


def test_pages_inherit_from_the_tree() -> None:
    moved = pdf(b"<</Type /Page /Parent 11 0 R /Contents 4 0 R>>", pages=0)
    tree = b"/Kids [10 0 R] /Count 1 /MediaBox [0 0 9 9]"
    plain = moved.replace(b"/Kids [] /Count 0", tree)
    shift = len(tree) - len(b"/Kids [] /Count 0")
    for at in (3, 4, 10):
        old = moved.index(b"%d 0 obj" % at)
        plain = plain.replace(b"%010d 00000 n" % old, b"%010d 00000 n" % (old + shift))
    start = moved.index(b"xref\n")
    plain = plain.replace(b"startxref\n%d\n" % start, b"startxref\n%d\n" % (start + shift))
    assert check(plain, PDF) == ()


def test_a_document_without_pages_is_refused() -> None:
    with pytest.raises(InvalidDocument):
        check(pdf(pages=0), PDF)


@SEARCH
@pytest.mark.usefixtures("at_once")
def test_a_lost_part_in_the_middle_is_noticed() -> None:
    noise = zlib.compress(os.urandom(60_000))
    good = pdf(*[stream(noise, b"/Filter /FlateDecode") for _ in range(3)])
    assert check(good, PDF) == ()
    for start in (20_000, 40_000, 62_000, 100_000):
        holed = good[:start] + bytes(8192) + good[start + 8192 :]
        with pytest.raises(InvalidDocument):
            check(holed, PDF)


@pytest.mark.parametrize("pages", [1, 120])
def test_rewritten_files_are_accepted(pages: int) -> None:
    data = pdf(pages=pages)
    assert check(data, PDF) == ()
    assert check(objects_packed(data), PDF) == ()
    assert check(resaved(data, linearize=True), PDF) == ()
