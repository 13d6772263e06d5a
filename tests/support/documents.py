"""Documents built by hand, byte by byte: a ZIP or PDF that no library would write."""

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO

import pikepdf
import pytest

from gridboss_assets.inspection import documents
from gridboss_assets.inspection.policy import DEFAULT_POLICY, InspectionPolicy

CSV, JSON = "text/csv", "application/json"
PDF, ZIP = "application/pdf", "application/zip"

SEARCH = pytest.mark.parametrize("at_once", [100, 0], ids=["parsed", "searched"], indirect=True)
"""The rules for large PDFs, on small ones: with the fixture ``at_once``."""


def check(
    data: bytes, content_type: str, policy: InspectionPolicy = DEFAULT_POLICY
) -> tuple[str, ...]:
    """Check a document that is held in memory."""
    return documents.check(BytesIO(data), content_type, size=len(data), policy=policy)


def pdf(
    *objects: bytes,
    catalog: bytes = b"",
    header: bytes = b"%PDF-1.7\n",
    pages: int = 1,
    contents: int | None = None,
) -> bytes:
    """Write a PDF with a table of cross-references; further objects are numbered from 10 on.

    ``contents``: the number of the first page's content; those of the others follow it. Without,
    all pages have the same.
    """
    first = 10 + len(objects)
    kids = b" ".join(b"%d 0 R" % (first + n) for n in range(pages))
    numbered = {
        1: b"<</Type /Catalog /Pages 2 0 R %s>>" % catalog,
        2: b"<</Type /Pages /Kids [%s] /Count %d>>" % (kids, pages),
        3: b"<</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>",
        4: stream(b"BT /F1 18 Tf 72 720 Td (Standings) Tj ET"),
        **dict(enumerate(objects, 10)),
    }
    page = (
        b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents %d 0 R "
        b"/Resources <</Font <</F1 3 0 R>>>>>>"
    )
    numbered |= {first + n: page % (4 if contents is None else contents + n) for n in range(pages)}
    out, offsets = bytearray(header), {}
    for number, body in numbered.items():
        offsets[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start, size = len(out), max(offsets) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n" % size
    for number in range(1, size):
        at = offsets.get(number)
        out += b"0000000000 00000 f \n" if at is None else b"%010d 00000 n \n" % at
    out += b"trailer\n<</Size %d /Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, start)
    return bytes(out)


def stream(data: bytes, entries: bytes = b"") -> bytes:
    """Write a PDF stream object."""
    return b"<</Length %d %s>>\nstream\n%s\nendstream" % (len(data), entries, data)


@dataclass
class Member:
    """One entry of a ZIP; what is None follows from the rest."""

    name: bytes = b"standings.csv"
    data: bytes = b"driver,points\n7,25\n"
    method: int = 8
    flags: int = 0
    mode: int = 0o100644
    extra: bytes = b""
    descriptor: bytes | None = None
    packed: bytes | None = None
    size: int | None = None
    crc: int | None = None
    offset: int | None = None
    local: dict[str, int | bytes] = field(default_factory=dict)
    behind: bytes = b""

    def body(self) -> bytes:
        """Return the entry's bytes as they are stored."""
        if self.packed is not None:
            return self.packed
        return deflate(self.data) if self.method == 8 else self.data


def deflate(data: bytes) -> bytes:
    """Compress to a bare Deflate stream."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def archive(
    members: Sequence[Member] = (Member(),),
    *,
    prefix: bytes = b"",
    comment: bytes = b"",
    before_end: bytes = b"",
    **end: int,
) -> bytes:
    """Write a ZIP; ``end`` overrides fields of the end record (disk, count, size, start)."""
    out, central = bytearray(prefix), bytearray()
    for member in members:
        body = member.body()
        crc = zlib.crc32(member.data) if member.crc is None else member.crc
        size = len(member.data) if member.size is None else member.size
        said = {
            "name": member.name, "method": member.method, "flags": member.flags,
            "crc": crc, "packed": len(body), "size": size, "extra": member.extra,
        }  # fmt: skip
        if member.flags & 8:
            said |= {"crc": 0, "packed": 0, "size": 0}
        said |= member.local
        offset = len(out) if member.offset is None else member.offset
        out += struct.pack(
            "<4s5H3I2H", b"PK\x03\x04", 20, said["flags"], said["method"], 0, 33, said["crc"],
            said["packed"], said["size"], len(said["name"]), len(said["extra"]),  # type: ignore[arg-type]
        )  # fmt: skip
        out += said["name"] + said["extra"] + body  # type: ignore[operator]
        if member.flags & 8:
            plain = b"PK\x07\x08" + struct.pack("<3I", crc, len(body), size)
            out += plain if member.descriptor is None else member.descriptor
        out += member.behind
        central += struct.pack(
            "<4s6H3I5H2I", b"PK\x01\x02", 0x0314, 20, member.flags, member.method, 0, 33, crc,
            len(body), size, len(member.name), len(member.extra), 0, 0, 0, member.mode << 16,
            offset,
        ) + member.name + member.extra  # fmt: skip
    start = len(out)
    count = end.get("count", len(members))
    size, start = end.get("size", len(central)), end.get("start", start)
    record = struct.pack(
        "<4s4H2IH", b"PK\x05\x06", end.get("disk", 0), 0, count, count, size, start, len(comment)
    )
    return bytes(out + central + before_end + record + comment)


def resaved(data: bytes, **options: object) -> bytes:
    """Have a PDF written anew by a library."""
    out = BytesIO()
    with pikepdf.open(BytesIO(data)) as opened:
        opened.save(out, **options)  # type: ignore[arg-type]
    return out.getvalue()


def objects_packed(data: bytes) -> bytes:
    """Have the objects of a PDF put into object streams."""
    return resaved(data, object_stream_mode=pikepdf.ObjectStreamMode.generate)
