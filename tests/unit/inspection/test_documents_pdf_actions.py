"""PDF: what acts, plays, is attached or encrypted."""

import zlib
from typing import Literal

import pikepdf
import pytest
from tests.support.documents import PDF, SEARCH, check, objects_packed, pdf, resaved, stream

from gridboss_assets.errors import UnsafeDocument
from gridboss_assets.inspection.policy import InspectionPolicy


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
