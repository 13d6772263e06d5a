"""ZIP: what careful engineers disagree about."""

import bz2

import pytest
from tests.support.documents import ZIP, Member, archive, check

from gridboss_assets.errors import UnsafeDocument
from gridboss_assets.inspection.policy import InspectionPolicy


@pytest.mark.parametrize(
    ("member", "field"),
    [
        (Member(flags=1), "zip_encrypted"),
        (Member(flags=1 | 1 << 6), "zip_encrypted"),
        (Member(method=99), "zip_encrypted"),
        (Member(method=12, packed=bz2.compress(b"driver,points\n7,25\n")), "zip_methods"),
        (Member(method=14, packed=b"x"), "zip_methods"),
        (Member(method=9, packed=b"x"), "zip_methods"),
        (Member(method=93, packed=b"x"), "zip_methods"),
        (Member(method=255, packed=b"x"), "zip_methods"),
        (Member(b"a", b"\x7fELF" + bytes(60)), "zip_executables"),
        (Member(b"a", b"MZ\x90\x00" + bytes(60)), "zip_executables"),
        (Member(b"a.csv", b"#!/bin/sh\n"), "zip_executables"),
        (Member(b"a", b"\xca\xfe\xba\xbe\x00\x00\x00\x34"), "zip_executables"),
        (Member(b"a.exe", b""), "zip_executables"),
        (Member(b"a.BAT ", b""), "zip_executables"),
        (Member(b"a.pdf.js.", b""), "zip_executables"),
        (Member(b"word/vbaProject.bin", b""), "zip_executables"),
        (Member(b"AndroidManifest.xml", b""), "zip_executables"),
        (Member(b"[Content_Types].xml", b""), "zip_office"),
        (Member(b"mimetype", b"application/vnd.oasis.opendocument.text", 0), "zip_office"),
        (Member(b"a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "zip_office"),
        (Member(b"a.xlsx", archive()), "zip_office"),
        (Member(b"a.zip", archive()), "zip_nested"),
        (Member(b"a.csv", archive(), method=0), "zip_nested"),
        (Member(b"a.gz", b"\x1f\x8b\x08"), "zip_nested"),
        (Member(b"a.7z", b"7z\xbc\xaf\x27\x1c"), "zip_nested"),
        (Member(b"a.tar", bytes(257) + b"ustar"), "zip_nested"),
        (Member(b"a\\b.csv"), "zip_backslashes"),
    ],
)
def test_what_is_a_matter_of_policy(member: Member, field: str) -> None:
    data = archive([member])
    assert check(data, ZIP, InspectionPolicy(**{field: "warn"})) == (field,)  # type: ignore[arg-type]
    assert check(data, ZIP, InspectionPolicy(**{field: "accept"})) == ()  # type: ignore[arg-type]
    with pytest.raises(UnsafeDocument):
        check(data, ZIP, InspectionPolicy(**{field: "refuse"}))  # type: ignore[arg-type]


def test_a_java_program_is_refused_by_its_classes() -> None:
    manifest = Member(b"META-INF/MANIFEST.MF", b"Main-Class: x")
    assert check(archive([manifest]), ZIP) == ()
    with pytest.raises(UnsafeDocument):
        check(archive([manifest, Member(b"X.class", b"")]), ZIP)


def test_text_that_begins_like_a_program_is_none() -> None:
    members = [
        Member(b"a.csv", b"MZ,intensity\n1,2\n"),
        Member(b"b.csv", b"PK,name\n"),
        Member(b"BM", b"BM"),
    ]
    assert check(archive(members), ZIP) == ()
