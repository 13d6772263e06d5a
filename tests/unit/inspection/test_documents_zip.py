"""ZIP: an archive is what its records say, from the first byte to the last."""

import io
import struct
import zipfile
import zlib

import pytest
from tests.support.documents import ZIP, Member, archive, check, deflate

from gridboss_assets.errors import ContentMismatch, InvalidDocument, Rejection, UnsafeDocument
from gridboss_assets.inspection import documents
from gridboss_assets.inspection.policy import InspectionPolicy


def written(*names: str, method: int = zipfile.ZIP_DEFLATED, wide: bool = False) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as opened:
        for name in names:
            with opened.open(name, "w", force_zip64=wide) as entry:
                entry.write(b"driver,points\n" * 100)
    return out.getvalue()


class Unseekable(io.BytesIO):
    def seekable(self) -> bool:
        return False

    def seek(self, *_: object) -> int:
        raise io.UnsupportedOperation

    def tell(self) -> int:
        raise io.UnsupportedOperation


def streamed(*, wide: bool) -> bytes:
    out = Unseekable()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as opened:
        for name in ("a.csv", "b.csv"):
            with opened.open(name, "w", force_zip64=wide) as entry:
                entry.write(b"driver,points\n")
    return out.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        archive([]),
        archive([], comment=b"nothing in here"),
        archive([Member(), Member(b"b.csv", b"")]),
        archive([Member(method=0)]),
        archive([Member(b"folder/", b"", method=0, mode=0o40755), Member(b"folder/a.csv")]),
        archive([Member("Türkiye/İstanbul.csv".encode(), flags=1 << 11)]),
        archive([Member("Größe.csv".encode("cp437"))]),
        archive([Member(b"./a.csv"), Member(b"a..b/..c/d...csv"), Member(b"at 12:30.csv")]),
        archive(comment=b"season 2026"),
        archive([Member(flags=8)]),
        archive(
            [Member(flags=8, descriptor=struct.pack("<3I", zlib.crc32(b"x"), 3, 1), data=b"x")]
        ),
        archive([Member(extra=b"UT\x05\x00\x01" + bytes(4))]),
        archive([Member(mode=0)]),
        written("a.csv", "b/c.csv"),
        written("a.csv", method=zipfile.ZIP_STORED),
        written("a.csv", wide=True),
        streamed(wide=False),
        streamed(wide=True),
    ],
)
def test_ordinary_archives_are_accepted(data: bytes) -> None:
    assert check(data, ZIP) == ()
    documents.check_head(data, ZIP, is_whole=True)


def end64(
    *, count: int = 1, size: int | None = None, start: int | None = None, extra: int = 0
) -> bytes:
    """Write an archive of one entry with a ZIP64 end."""
    plain = archive()
    end = plain.index(b"PK\x05\x06")
    at = plain.index(b"PK\x01\x02")
    record = struct.pack(
        "<4sQ2H2I4Q",
        b"PK\x06\x06",
        44 + extra,
        45,
        45,
        0,
        0,
        count,
        count,
        end - at if size is None else size,
        at if start is None else start,
    )
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, end, 1)
    last = b"PK\x05\x06" + struct.pack("<4H2IH", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return plain[:end] + record + locator + last


def test_a_zip64_end_is_accepted() -> None:
    assert check(end64(), ZIP) == ()
    assert check(end64()[:-22] + archive()[-22:], ZIP) == ()


@pytest.mark.parametrize(
    "data",
    [
        end64(count=2),
        end64(count=0),
        end64(size=10),
        end64(start=7),
        end64(extra=12),
        end64(start=2**60),
        end64().replace(b"PK\x06\x07", b"PK\x06\x00"),
        end64().replace(b"PK\x06\x06", b"PK\x06\x00"),
        end64()[:-22] + archive(count=2)[-22:],
        written("a.csv", wide=True).replace(b"\x01\x00\x10\x00", b"\x01\x00\x08\x00"),
    ],
)
def test_a_zip64_record_that_lies_is_refused(data: bytes) -> None:
    with pytest.raises(Rejection):
        check(data, ZIP)


@pytest.mark.parametrize(
    "local",
    [
        {"name": b"../x.csv"},
        {"name": b"standings.csx"},
        {"name": b"standings.cs"},
        {"method": 0},
        {"crc": 1},
        {"crc": 0},
        {"packed": 1},
        {"size": 1},
        {"size": 0},
        {"flags": 1},
        {"flags": 1 << 11},
        {"flags": 8},
        {"extra": struct.pack("<2H", 0x7075, 8) + b"\x01" + bytes(4) + b"x.x"},
    ],
)
def test_a_local_header_that_contradicts_the_directory_is_refused(
    local: dict[str, int | bytes],
) -> None:
    with pytest.raises(UnsafeDocument):
        check(archive([Member(local=local), Member(b"b.csv")]), ZIP)


def test_entries_that_share_their_data_are_refused() -> None:
    """The quoted overlap of "A better zip bomb": one kernel, many names."""
    kernel = Member(b"a.csv", b"0" * 1000)
    inside = archive([kernel])[: archive([kernel]).index(b"PK\x01\x02")]
    twice = archive([kernel, Member(b"a.csv", b"0" * 1000, offset=0)])
    twice = twice.replace(inside * 2, inside, 1)
    start = len(inside)
    twice = twice[:-6] + start.to_bytes(4, "little") + twice[-2:]
    with pytest.raises(UnsafeDocument, match="overlap"):
        check(twice, ZIP, InspectionPolicy(zip_duplicate_names="accept"))
    inner = archive([Member(b"b.csv", b"x" * 50, method=0)])
    local = inner[: inner.index(b"PK\x01\x02")]
    outer = Member(b"a.csv", local, method=0)
    both = archive([outer, Member(b"b.csv", b"x" * 50, method=0, offset=35)])
    with pytest.raises(Rejection):
        check(both, ZIP)


@pytest.mark.parametrize(
    "data",
    [
        archive(prefix=b"#!/bin/sh\n"),
        archive(prefix=b"MZ" + bytes(100)),
        archive(prefix=b"<html>"),
        archive(prefix=b"\x00"),
    ],
)
def test_something_before_the_archive_is_another_type(data: bytes) -> None:
    with pytest.raises(ContentMismatch):
        check(data, ZIP)
    with pytest.raises(ContentMismatch):
        documents.check_head(data, ZIP)


@pytest.mark.parametrize(
    "data",
    [
        archive() + b"\x00",
        archive() + b"<html>",
        archive()[:-1],
        archive()[:-10],
        archive()[:-22],
        archive()[:-40],
        archive()[:40],
        b"PK\x03\x04",
        b"PK\x05\x06" + bytes(17),
        archive([Member(behind=b"hidden")]),
        archive([Member(), Member(b"b.csv", behind=b"hidden")]),
        archive([Member(behind=b"hidden"), Member(b"b.csv")]),
        archive(prefix=b"PK\x03\x04" + bytes(30)),
        archive(before_end=b"hidden", size=len(archive()) - archive().index(b"PK\x01\x02") - 16),
        archive(before_end=b"hidden"),
        archive(count=0),
        archive(count=2),
        archive(disk=1),
        archive(size=10),
        archive(start=1),
        archive(comment=archive([])),
        archive(comment=b"a" + archive([])),
        archive(comment=archive([]) + b"a"),
        archive(comment=b"PK\x05\x06"),
        archive([Member(), Member(b"b.csv")])[: -22 - 10] + archive()[-22:],
        b"PK\x07\x08" + archive(),
        b"PK00" + archive(),
    ],
)
def test_an_archive_ends_and_begins_where_it_says(data: bytes) -> None:
    with pytest.raises(Rejection):
        check(data, ZIP)


@pytest.mark.parametrize(
    "member",
    [
        Member(crc=1),
        Member(method=0, crc=1),
        Member(size=5),
        Member(size=500),
        Member(method=0, size=5),
        Member(packed=deflate(b"driver,points\n7,25\n")[:-3]),
        Member(packed=deflate(b"driver,points\n7,25\n") + b"x"),
        Member(packed=b"\xff" * 20),
        Member(packed=b""),
        Member(flags=8, descriptor=b"PK\x07\x08" + bytes(12)),
        Member(flags=8, descriptor=b""),
        Member(extra=b"\x01"),
        Member(extra=struct.pack("<2H", 1, 90)),
    ],
)
def test_an_entry_is_what_it_declares(member: Member) -> None:
    with pytest.raises(Rejection):
        check(archive([member]), ZIP)


def test_a_version_that_does_not_exist_is_refused() -> None:
    data = archive()
    at = data.index(b"PK\x01\x02")
    with pytest.raises(InvalidDocument, match="newer"):
        check(data[: at + 6] + b"\x40" + data[at + 7 :], ZIP)


def test_a_patch_is_refused() -> None:
    with pytest.raises(InvalidDocument, match="patch"):
        check(archive([Member(flags=1 << 5)]), ZIP)


def test_an_end_inside_an_entry_that_fits_the_file_is_refused() -> None:
    def end(comment: int) -> bytes:
        return b"PK\x05\x06" + struct.pack("<4H2IH", 0, 0, 0, 0, 0, 0, comment)

    behind = archive([Member(method=0, data=end(0))])
    comment = len(behind) - behind.index(end(0)) - 22
    assert check(behind, ZIP, InspectionPolicy(zip_nested="accept")) == ()
    with pytest.raises(UnsafeDocument, match="two ends"):
        check(archive([Member(method=0, data=end(comment))]), ZIP)
