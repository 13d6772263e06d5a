"""PDF: readable without repair, ending where it says, and without anything that acts.

The frame (ISO 32000-2 §7.5) is checked in the bytes. Then pikepdf (qpdf) opens the file without
recovery, and any warning refuses it: what readers repair, they repair differently.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import IO, BinaryIO, cast

import pikepdf

from gridboss_assets.errors import InvalidDocument
from gridboss_assets.inspection.documents import pdf_objects
from gridboss_assets.inspection.documents.contents import Buffer, contents, real_descriptor
from gridboss_assets.inspection.documents.findings import Findings
from gridboss_assets.inspection.documents.head import mismatch, name_of, text_format
from gridboss_assets.inspection.documents.pdf_limits import MAX_OBJECTS, qpdf_limits
from gridboss_assets.inspection.documents.pdf_structure import (
    batches,
    check_pages,
    damaged,
    read_structure,
)

# ISO 32000-2 §7.5.2: the header is the first line. Readers search the first 1,024 bytes for it,
# which is how pages and programs pass for PDF.
_HEADER = re.compile(rb"%PDF-[12]\.[0-9](?![0-9])")

# §7.5.5: the last line is %%EOF, before it startxref and an offset. White space is that of §7.2.3,
# NUL included; readers search the last 1,024 bytes.
_END = re.compile(
    rb"startxref[\x00\t\n\f\r ]++([0-9]{1,10})[\x00\t\n\f\r ]++%%EOF[\x00\t\n\f\r ]*+\Z"
)
_TAIL = 1024

# The number of objects, as the newest trailer declares it (§7.5.5, §7.5.8.2).
_SIZE = re.compile(rb"/Size[\x00\t\n\f\r ]++([0-9]+)")
_TRAILER = 4096

# What pikepdf raises for bytes that it can't make sense of.
_PARSER_ERRORS = (pikepdf.PikepdfError, RuntimeError, ValueError, OverflowError)


# Up to so many objects are parsed at once, in less than a millisecond.
_PARSED_AT_ONCE = 100
# What is parsed together; it takes some 75 times as much memory.
_BATCH = 512 * 1024

# A part of an upload that got lost leaves zeros behind.
_HOLE = bytes(4096)

_REPAIRED = "it could only be opened by repairing it"


def check_head(head: bytes, *, is_whole: bool, findings: Findings) -> None:  # noqa: ARG001
    """Check the header; where the file is whole, its end too."""
    if not _HEADER.match(head):
        raise mismatch(name_of(head) or text_format(head), "application/pdf")
    if is_whole:
        _find_end(head)


def check(file: IO[bytes], *, size: int, findings: Findings) -> None:
    """Check a whole document; raises a ``Rejection``."""
    start = file.tell()
    with contents(file, size) as data:
        _check_number_of_objects(data, _find_end(data))
        file.seek(start)
        is_real = real_descriptor(file, size) is not None
        source = file if is_real else BytesIO(data[:])
        with qpdf_limits():
            try:
                _check_objects(source, data, findings)
            except pikepdf.PasswordError:
                _found_encryption(findings)
            except _PARSER_ERRORS as error:
                raise damaged(_REPAIRED) from error


@contextmanager
def _opened(source: IO[bytes]) -> Iterator[pikepdf.Pdf]:
    with pikepdf.open(
        cast("BinaryIO", source),
        attempt_recovery=False,
        suppress_warnings=True,
        # Pages inherit when they are read, not now: that alone would parse all pages.
        inherit_page_attributes=False,
        access_mode=pikepdf.AccessMode.mmap,
    ) as pdf:
        yield pdf
        if pdf.get_warnings():
            raise damaged(_REPAIRED)


def _check_objects(source: IO[bytes], data: Buffer, findings: Findings) -> None:
    """Search a large file, parse a small or suspicious one.

    Parsing every object of a large file costs twice what opening it does. So a large file is
    searched as bytes: the whole file, which holds every name that is not packed, and every object
    stream. Only if a name of interest could be there are the objects parsed, some at a time.
    """
    has_hole = data.find(_HOLE) >= 0
    with _opened(source) as pdf:
        if pdf.is_encrypted:
            _found_encryption(findings)
        structure = read_structure(pdf, data)
        check_pages(pdf)
        if len(structure) <= _PARSED_AT_ONCE and len(data) <= _BATCH and not has_hole:
            keys = list(pdf.get_xref_table())
            if pdf_objects.check_names(pdf, keys, findings):
                pdf_objects.check_streams(pdf, keys, findings, inflate=False)
            return
        suspicious = (
            len(structure) <= _PARSED_AT_ONCE
            or has_hole
            or not structure.is_tidy
            or pdf_objects.has_suspect(data)
        )
        unpacked: dict[int, int] = {}
        for number in structure.packed:
            packed = pdf.get_object(number, 0).read_bytes()
            unpacked[number] = len(packed)
            suspicious = suspicious or pdf_objects.has_suspect(packed)
    if not suspicious:
        return
    parts = list(batches(structure, unpacked, size=_BATCH))
    has_attachments = False
    for part in parts:
        with _opened(source) as pdf:
            has_attachments |= pdf_objects.check_names(pdf, part, findings)
    if has_attachments or has_hole:
        for part in parts:
            with _opened(source) as pdf:
                pdf_objects.check_streams(pdf, part, findings, inflate=has_hole)


def _find_end(data: Buffer) -> int:
    """Return the offset of the newest cross-reference section."""
    match = _END.search(data[-_TAIL:])
    if match is None:
        raise InvalidDocument(
            "The PDF doesn't end as it should: it is cut short, or something was added behind it. "
            "Export it again."
        )
    offset = int(match[1])
    if offset >= len(data):
        raise damaged("its table is not where its end says")
    return offset


def _check_number_of_objects(data: Buffer, section: int) -> None:
    """Refuse more objects than fit into memory, before qpdf reads their table."""
    # Behind a table comes its trailer; a stream has its dictionary at its beginning.
    for at in (section, max(section, len(data) - _TRAILER)):
        for match in _SIZE.finditer(data[at : at + _TRAILER]):
            if int(match[1][:10]) > MAX_OBJECTS:
                raise InvalidDocument(
                    f"The PDF has more than {MAX_OBJECTS} objects. Split it and try again."
                )


def _found_encryption(findings: Findings) -> None:
    findings.add("pdf_encrypted", "The PDF is encrypted. Save it without a password and try again.")
