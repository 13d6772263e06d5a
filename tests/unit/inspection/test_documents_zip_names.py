"""ZIP: names, and what kind of thing they name."""

import struct
import zlib

import pytest
from tests.support.documents import ZIP, Member, archive, check

from gridboss_assets.errors import InvalidDocument, UnsafeDocument
from gridboss_assets.inspection import documents
from gridboss_assets.inspection.policy import InspectionPolicy


@pytest.mark.parametrize(
    "name",
    [
        b"../evil",
        b"a/../../evil",
        b"/etc/passwd",
        b"//host/share",
        b"\\\\host\\share",
        b"..\\evil",
        b"a\\..\\..\\evil",
        b"C:\\evil",
        b"c:evil",
        b"C:/evil",
        b"..",
        b".. /evil",
        b"a/.. ./b",
        b" ../x",
        b"",
        b"a\x00.csv",
        b"a\nb",
        b"a\x1b[2J",
        b"a\x7f",
        "a\u202efdp.csv".encode(),
        "\u2066a".encode(),
    ],
)
def test_a_name_that_leads_astray_is_refused(name: bytes) -> None:
    flags = 0 if name.isascii() else 1 << 11
    data = archive([Member(name, flags=flags)])
    with pytest.raises(UnsafeDocument):
        check(data, ZIP)
    with pytest.raises(UnsafeDocument):
        documents.check_head(data, ZIP)


def test_a_name_that_is_not_the_utf8_it_claims_is_refused() -> None:
    with pytest.raises(InvalidDocument):
        check(archive([Member(b"\xff.csv", flags=1 << 11)]), ZIP)


def test_a_second_name_in_an_extra_field_is_checked_too() -> None:
    def named(second: bytes, **local: bytes) -> bytes:
        content = b"\x01" + zlib.crc32(b"standings.csv").to_bytes(4, "little") + second
        extra = struct.pack("<2H", 0x7075, len(content)) + content
        return archive([Member(extra=extra, local={**local})])

    assert check(named("Stände.csv".encode()), ZIP) == ()
    for name in (b"../evil", b"/etc/passwd", b"a\x00b"):
        with pytest.raises(UnsafeDocument):
            check(named(name), ZIP)
    with pytest.raises(UnsafeDocument):
        check(named(b"setup.exe"), ZIP)
    with pytest.raises(UnsafeDocument, match="two names"):
        check(named(b"b.csv", name=b"b.csv", extra=b""), ZIP)


def test_backslashes_are_warned_about() -> None:
    assert check(archive([Member(b"folder\\a.csv")]), ZIP) == ("zip_backslashes",)


@pytest.mark.parametrize("mode", [0o120777, 0o010644, 0o020644, 0o060644, 0o140644])
def test_links_and_devices_are_refused(mode: int) -> None:
    with pytest.raises(UnsafeDocument, match="link" if mode == 0o120777 else "device"):
        check(archive([Member(b"x", b"a.csv", mode=mode)]), ZIP)


def test_two_entries_of_one_name_are_refused() -> None:
    data = archive([Member(data=b"first"), Member(data=b"second")])
    with pytest.raises(UnsafeDocument):
        check(data, ZIP)
    assert check(data, ZIP, InspectionPolicy(zip_duplicate_names="accept")) == ()
    slashes = archive([Member(b"a/b.csv"), Member(b"a\\b.csv")])
    with pytest.raises(UnsafeDocument):
        check(slashes, ZIP)
