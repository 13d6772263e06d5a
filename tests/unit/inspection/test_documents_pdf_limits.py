"""PDF: no file takes more memory than it may."""

import os
import zlib

import pikepdf
import pytest
from tests.support.documents import PDF, SEARCH, check, pdf, stream

from gridboss_assets.errors import InvalidDocument
from gridboss_assets.inspection.documents import pdf as pdf_module
from gridboss_assets.inspection.documents import pdf_limits, pdf_objects
from gridboss_assets.inspection.documents.findings import Findings
from gridboss_assets.inspection.policy import InspectionPolicy


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
