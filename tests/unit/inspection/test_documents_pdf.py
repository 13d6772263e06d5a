"""PDF: one rule a test."""

import os
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

import pikepdf
import pytest
from tests.support.documents import PDF, check, pdf, stream

from gridboss_assets.errors import ContentMismatch, InvalidDocument, UnsafeDocument
from gridboss_assets.inspection import documents
from gridboss_assets.inspection.documents import pdf as pdf_module
from gridboss_assets.inspection.documents import pdf_limits, pdf_objects
from gridboss_assets.inspection.documents.findings import Findings
from gridboss_assets.inspection.policy import InspectionPolicy

FIXTURES = Path(__file__).parents[2] / "fixtures/documents/pdf"
# The rules for large files, on small ones.
SEARCH = pytest.mark.parametrize("at_once", [100, 0], ids=["parsed", "searched"], indirect=True)


@pytest.fixture
def at_once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(pdf_module, "_PARSED_AT_ONCE", request.param)
    return int(request.param)


def resaved(data: bytes, **options: object) -> bytes:
    out = BytesIO()
    with pikepdf.open(BytesIO(data)) as opened:
        opened.save(out, **options)  # type: ignore[arg-type]
    return out.getvalue()


def objects_packed(data: bytes) -> bytes:
    return resaved(data, object_stream_mode=pikepdf.ObjectStreamMode.generate)


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


def test_objects_of_every_type_are_accepted() -> None:
    objects = (b"5", b"1.5", b"true", b"null", b"(text)", b"<00ff>", b"/Name", b"[1 2]", b"<<>>")
    data = pdf(*objects, stream(b"x").replace(b"/Length 1", b"/Length 10 0 R"))
    assert check(data.replace(b"10 0 obj\n5", b"10 0 obj\n1"), PDF) == ()


@SEARCH
@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize(
    "annotation",
    [
        b"<</Type /Annot /Subtype /Link /Rect [0 0 9 9] /A <</S /URI /URI (https://example.com)>>>>",
        b"<</Type /Annot /Subtype /Link /Rect [0 0 9 9] /A <</S /GoTo /D [12 0 R /Fit]>>>>",
        b"<</Type /Annot /Subtype /Link /Rect [0 0 9 9] /A <</S /Named /N /NextPage>>>>",
        b"<</Title (about /JavaScript and /Launch) /A#42 (x) /Arial#2CBold 1>>",
    ],
)
def test_links_and_words_are_no_finding(annotation: bytes) -> None:
    assert check(pdf(annotation), PDF) == ()
    assert check(objects_packed(pdf(annotation, catalog=b"/X 10 0 R")), PDF) == ()


@SEARCH
@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize(
    ("body", "catalog", "field"),
    [
        (b"<</S /JavaScript /JS (app.alert(1))>>", b"/OpenAction 10 0 R", "pdf_scripts"),
        (
            b"<</S /JavaScript /JS (x)>>",
            b"/Names <</JavaScript <</Names [(a) 10 0 R]>>>>",
            "pdf_scripts",
        ),
        (b"<</O <</S/JavaScript/JS(x)>>>>", b"/AA 10 0 R", "pdf_scripts"),
        (b"<</S /J#61vaScript /J#53 (x)>>", b"/OpenAction 10 0 R", "pdf_scripts"),
        (b"/JavaScript", b"/OpenAction <</S 10 0 R>>", "pdf_scripts"),
        (b"<</S /Rendition /JS (x)>>", b"/OpenAction 10 0 R", "pdf_scripts"),
        (b"<</S /Launch /F (cmd.exe)>>", b"/OpenAction 10 0 R", "pdf_scripts"),
        (b"<</S /GoTo /Next <</S /Launch /F (x)>>>>", b"/OpenAction 10 0 R", "pdf_scripts"),
        (b"<</XFA [(template) 4 0 R]>>", b"/AcroForm 10 0 R", "pdf_scripts"),
        (b"<</S /SubmitForm /F (https://x)>>", b"/X 10 0 R", "pdf_actions"),
        (b"<</S /ImportData /F (x)>>", b"/X 10 0 R", "pdf_actions"),
        (
            b"<</S /GoToR /F (\\\\\\\\host\\\\share) /D [0 /Fit]>>",
            b"/OpenAction 10 0 R",
            "pdf_actions",
        ),
        (b"<</S /GoToE /T <</R /C>>>>", b"/OpenAction 10 0 R", "pdf_actions"),
    ],
)
def test_what_acts_is_refused(body: bytes, catalog: bytes, field: str) -> None:
    plain = pdf(body, catalog=catalog)
    for data in (plain, objects_packed(plain), resaved(plain, linearize=True)):
        with pytest.raises(UnsafeDocument):
            check(data, PDF)
        warn = InspectionPolicy(**{field: "warn"}, pdf_multimedia="accept")  # type: ignore[arg-type]
        assert check(data, PDF, warn) == (field,)
        accept = InspectionPolicy(**{field: "accept"}, pdf_multimedia="accept")  # type: ignore[arg-type]
        assert check(data, PDF, accept) == ()


@SEARCH
@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("kind", [b"RichMedia", b"Movie", b"Sound", b"3D"])
def test_multimedia_is_warned_about(kind: bytes) -> None:
    data = pdf(b"<</Type /Annot /Subtype /%s /Rect [0 0 9 9]>>" % kind, catalog=b"/X 10 0 R")
    assert check(data, PDF) == ("pdf_multimedia",)
    assert check(objects_packed(data), PDF) == ("pdf_multimedia",)


def attached(data: bytes, name: bytes = b"data.csv", entries: bytes = b"") -> bytes:
    return pdf(
        b"<</Type /Filespec /F (%s) /UF (%s) /EF <</F 11 0 R>>>>" % (name, name),
        stream(data, b"/Type /EmbeddedFile " + entries),
        catalog=b"/Names <</EmbeddedFiles <</Names [(%s) 10 0 R]>>>>" % name,
    )


@SEARCH
@pytest.mark.usefixtures("at_once")
def test_attachments_are_warned_about_and_programs_refused() -> None:
    program = b"MZ\x90\x00" + bytes(60) + b"PE\x00\x00"
    assert check(attached(b"a,b\n1,2\n"), PDF) == ("pdf_attachments",)
    with pytest.raises(UnsafeDocument):
        check(attached(b"a"), PDF, InspectionPolicy(pdf_attachments="refuse"))
    for data in (
        attached(program),
        attached(zlib.compress(program), entries=b"/Filter /FlateDecode"),
        attached(zlib.compress(program), entries=b"/Filter [/FlateDecode]"),
        attached(b"text", name=b"setup.EXE"),
    ):
        with pytest.raises(UnsafeDocument, match="program"):
            check(data, PDF)
        assert check(data, PDF, InspectionPolicy(pdf_executables="warn")) == (
            "pdf_attachments",
            "pdf_executables",
        )


@pytest.mark.parametrize("R", [3, 4, 6])
@pytest.mark.parametrize("user", ["", "secret"])
def test_encryption_is_refused(R: Literal[3, 4, 6], user: str) -> None:  # noqa: N803 - its name
    data = resaved(
        pdf(),
        encryption=pikepdf.Encryption(owner="owner", user=user, R=R, aes=R > 3, metadata=R > 3),
    )
    with pytest.raises(UnsafeDocument, match="encrypted"):
        check(data, PDF)
    assert check(data, PDF, InspectionPolicy(pdf_encrypted="warn")) == ("pdf_encrypted",)


def test_scripts_are_found_in_what_opens_without_a_password() -> None:
    data = resaved(
        pdf(b"<</S /JavaScript /JS (x)>>", catalog=b"/OpenAction 10 0 R"),
        encryption=pikepdf.Encryption(owner="owner", user=""),
        object_stream_mode=pikepdf.ObjectStreamMode.generate,
    )
    with pytest.raises(UnsafeDocument, match="script"):
        check(data, PDF, InspectionPolicy(pdf_encrypted="accept"))


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
    "large",
    [
        b"[" + b"0 " * 400_000 + b"]",
        b"<</A (" + b"endobj stream " * 60_000 + b")>>",
        b"<</A (\\)" + b"(stream)" * 100_000 + b")>>",
        b"<</A [stream " + b"0 " * 400_000 + b"]>>",
        b"<</A %stream\n[" + b"0 " * 400_000 + b"]>>",
        b"<</stream /endobj /B [" + b"0 " * 400_000 + b"]>>",
    ],
)
def test_an_object_that_would_fill_memory_is_refused(large: bytes) -> None:
    with pytest.raises(InvalidDocument, match="too large"):
        check(pdf(large), PDF)


def test_a_large_stream_is_no_large_object() -> None:
    assert (
        check(pdf(stream(os.urandom(3_000_000), b"/A (\\)(stream) [) /B [<00> <</C 1>>]")), PDF)
        == ()
    )


def test_objects_are_parsed_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    parts: list[int] = []
    real_check = pdf_objects.check_names

    def recorded(opened: pikepdf.Pdf, keys: list[tuple[int, int]], findings: Findings) -> bool:
        parts.append(len(keys))
        return real_check(opened, keys, findings)

    monkeypatch.setattr(pdf_objects, "check_names", recorded)
    monkeypatch.setattr(pdf_module, "_BATCH", 1000)
    warn = InspectionPolicy(pdf_scripts="warn")
    data = pdf(*[b"(%d)" % n for n in range(200)], b"<</S /JavaScript>>")
    assert check(data, PDF, warn) == ("pdf_scripts",)
    assert len(parts) > 4
    assert sum(parts) == 206


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


def test_an_update_is_accepted_and_its_scripts_are_found() -> None:
    old = pdf()
    at = len(old)

    def update(body: bytes) -> bytes:
        section = b"1 0 obj\n" + body + b"\nendobj\n"
        previous = int(old.rpartition(b"startxref\n")[2].split()[0])
        return (
            old + section + b"xref\n1 1\n%010d 00000 n \ntrailer\n" % at
            + b"<</Size 11 /Root 1 0 R /Prev %d>>\nstartxref\n" % previous
            + b"%d\n%%%%EOF\n" % (at + len(section))
        )  # fmt: skip

    assert check(update(b"<</Type /Catalog /Pages 2 0 R>>"), PDF) == ()
    with pytest.raises(UnsafeDocument):
        check(
            update(b"<</Type /Catalog /Pages 2 0 R /AA <</WC <</S /JavaScript /JS (x)>>>>>>"), PDF
        )


@pytest.mark.parametrize("pages", [1, 120])
def test_rewritten_files_are_accepted(pages: int) -> None:
    data = pdf(pages=pages)
    assert check(data, PDF) == ()
    assert check(objects_packed(data), PDF) == ()
    assert check(resaved(data, linearize=True), PDF) == ()


def test_a_large_file_is_searched_and_parsed_only_if_suspicious(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pdf_module, "batches", lambda *_, **__: pytest.fail("parsed"))
    assert check(pdf(pages=300), PDF) == ()
    with pytest.raises(pytest.fail.Exception):
        check(pdf(b"<</S /JavaScript>>", pages=300), PDF)


def test_words_of_interest_in_a_stream_are_cleared_by_parsing() -> None:
    assert check(pdf(stream(b"/JavaScript /JS ( /Launch 1"), pages=300), PDF) == ()


def packed_by_hand(size: int) -> bytes:
    """Write a document whose object 20 is the only one in an object stream of this size."""
    inner = zlib.compress(b"20 0 null" + b" " * size, 9)
    body = pdf(stream(inner, b"/Type /ObjStm /N 1 /First 5 /Filter /FlateDecode"))
    offsets = {
        int(line.split()[0]): body.index(b"\n" + line) + 1
        for line in body.split(b"\n")
        if line.endswith(b" 0 obj")
    }
    offsets[21] = at = body.index(b"xref\n0 ")
    table = b"".join(
        b"\x02" + (10).to_bytes(4, "big") + b"\x00"
        if number == 20
        else bytes([number in offsets]) + offsets.get(number, 0).to_bytes(4, "big") + b"\x00"
        for number in range(22)
    )
    xref = stream(table, b"/Type /XRef /W [1 4 1] /Size 22 /Root 1 0 R")
    return body[:at] + b"21 0 obj\n" + xref + b"\nendobj\nstartxref\n%d\n%%%%EOF\n" % at


@SEARCH
@pytest.mark.usefixtures("at_once")
def test_a_bomb_in_an_object_stream_is_refused() -> None:
    assert check(packed_by_hand(1_000_000), PDF) == ()
    with pytest.raises(InvalidDocument):
        check(packed_by_hand(20_000_000), PDF)


def test_more_objects_than_fit_into_memory_are_refused() -> None:
    data = pdf().replace(b"/Size 11", b"/Size 999999999")
    with pytest.raises(InvalidDocument, match="objects"):
        check(data, PDF)


def test_limits_of_qpdf_are_put_back_after_the_last_of_several_inspections() -> None:
    before = pikepdf.settings.get_qpdf_limits()
    first, second = pdf_limits.qpdf_limits(), pdf_limits.qpdf_limits()
    for enter in (first, second):
        enter.__enter__()
    inside = pikepdf.settings.get_qpdf_limits()
    assert inside["flate_max_memory"] == 2 * 1024 * 1024
    first.__exit__(None, None, None)
    assert pikepdf.settings.get_qpdf_limits() == inside
    second.__exit__(None, None, None)
    assert pikepdf.settings.get_qpdf_limits() == before
