"""What is inside a ZIP's entries: unpacked piece by piece, counted, summed, and thrown away."""

import zlib

from gridboss_assets.inspection.documents import zip_names
from gridboss_assets.inspection.documents.contents import Buffer
from gridboss_assets.inspection.documents.findings import Findings
from gridboss_assets.inspection.documents.head import CONTENT
from gridboss_assets.inspection.documents.zip_records import Entry, damaged, hostile

_STORED, _DEFLATED = 0, 8  # APPNOTE 6.3.10 §4.4.5

_PIECE_IN = 64 * 1024
_PIECE_OUT = 256 * 1024
_BEGINNING = 512  # of what is unpacked, to see what it is: a tar archive says so at 257

_OFFICE_NAMES = (b".docx", b".xlsx", b".pptx", b".odt", b".ods", b".odp")


def check_entry(data: Buffer, entry: Entry, start: int, findings: Findings) -> None:
    """Unpack the entry whose data begin at ``start``, and see what it is."""
    if entry.is_encrypted:
        found_encryption(findings)
        return
    if entry.method not in (_STORED, _DEFLATED):
        findings.add(
            "zip_methods",
            "The archive is packed by a method that many systems can't open. "
            "Create it again with the usual one (Deflate).",
        )
        return
    unpack = _inflate if entry.method == _DEFLATED else _copy
    crc, beginning = unpack(data, entry, start)
    if crc != entry.crc:
        raise damaged("an entry's checksum is wrong")
    _check_content(entry, beginning, findings)


def _copy(data: Buffer, entry: Entry, start: int) -> tuple[int, bytes]:
    if entry.size != entry.packed:
        raise hostile("an entry has two sizes")
    crc, end = 0, start + entry.packed
    for at in range(start, end, _PIECE_OUT):
        crc = zlib.crc32(data[at : min(at + _PIECE_OUT, end)], crc)
    return crc, data[start : min(start + _BEGINNING, end)]


def _inflate(data: Buffer, entry: Entry, start: int) -> tuple[int, bytes]:
    """Unpack to nowhere; stops as soon as more comes out than was declared."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    crc, size, beginning = 0, 0, b""
    at, end = start, start + entry.packed
    try:
        while not inflater.eof:
            piece = inflater.unconsumed_tail
            if not piece:
                piece = data[at : min(at + _PIECE_IN, end)]
                at += len(piece)
            out = inflater.decompress(piece, _PIECE_OUT)
            if not piece and not out:
                raise damaged("an entry is cut short")
            crc = zlib.crc32(out, crc)
            size += len(out)
            if size > entry.size:
                raise hostile("an entry holds more than it declares")
            if len(beginning) < _BEGINNING:
                beginning += out[:_BEGINNING]
    except zlib.error:
        raise damaged("an entry can't be unpacked") from None
    if size != entry.size:
        raise hostile("an entry holds less than it declares")
    if inflater.unused_data or at != end:
        raise hostile("something stands behind an entry's data")
    return crc, beginning


def _check_content(entry: Entry, beginning: bytes, findings: Findings) -> None:
    """See what an unpacked entry is by its first bytes."""
    # OpenDocument 1.3 part 2 §3.3: the type of the package is its first entry, not packed.
    if entry.names[0] == b"mimetype" and b"opendocument" in beginning:
        zip_names.found_office(findings)
    match = CONTENT.match(beginning)
    if match is None:
        return
    if match["program"] is not None:
        zip_names.found_program(findings)
    elif match["office"] is not None or entry.names[0].lower().endswith(_OFFICE_NAMES):
        zip_names.found_office(findings)
    else:
        findings.add(
            "zip_nested",
            "The archive holds another archive. Put its files in directly and try again.",
        )


def found_encryption(findings: Findings) -> None:
    """Note an encrypted entry."""
    findings.add(
        "zip_encrypted",
        "The archive is encrypted. Create it again without a password.",
    )
