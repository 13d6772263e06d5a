"""CSV: text in UTF-8 that is nothing else (RFC 4180, RFC 7111 §4; "text/csv" is text first).

Any text is some CSV, so records and columns are not judged. The text is scanned once, in pieces, by
operations that run at the speed of memory: 20 MiB take some 60 ms.
"""

import codecs
import re
from typing import IO

import msgspec

from gridboss_assets.errors import ContentMismatch, EmptyObject, InvalidDocument
from gridboss_assets.inspection.documents import csv_cells
from gridboss_assets.inspection.documents.findings import Findings
from gridboss_assets.inspection.documents.head import (
    UTF8_BOM,
    UTF16_BOMS,
    UTF32_BOMS,
    WHITE_SPACE,
    mismatch,
    text_format,
)

# Fits into the processor's cache together with what is made of it, and stays below the 128 KiB from
# which glibc's malloc asks the system for memory every time.
_CHUNK = 64 * 1024

_UTF8 = codecs.getincrementaldecoder("utf-8")
_UTF16 = codecs.getincrementaldecoder("utf-16")

# An object's first name stands in bare quotes, which no CSV writer puts in the middle of a cell.
_JSON_OBJECT = re.compile(rb'[\[\s]*+\{\s*+(?:"(?:[^"\\]++|\\.)*+"\s*+:|\}\s*+\Z)', re.DOTALL)
_JSON_START = re.compile(rb"[\[{]")


def check_head(head: bytes, *, is_whole: bool, findings: Findings) -> None:
    """Check the first bytes: encoding, control characters, other formats."""
    found = text_format(head)
    if found is not None:
        raise mismatch(found, "text/csv")
    text = _Text(findings)
    text.begin(head)
    text.feed(head, is_last=is_whole)
    _check_start(text.start)
    if is_whole and _is_json(text.start):
        raise mismatch("application/json", "text/csv")


def check(file: IO[bytes], *, size: int, findings: Findings) -> None:
    """Check a whole text; ``check_head`` has seen its first bytes."""
    text = _Text(findings)
    begin = file.tell()
    is_first = True
    left = size
    while left > 0:
        chunk = file.read(min(_CHUNK, left))
        if not chunk:
            raise InvalidDocument("The file is cut short. Upload it again.")
        left -= len(chunk)
        if is_first:
            text.begin(chunk)
            is_first = False
        text.feed(chunk, is_last=left == 0)
    if text.is_blank:
        raise EmptyObject("The file holds nothing but blank lines. Choose another file.")
    _check_start(text.start)
    if _JSON_START.match(text.start):
        file.seek(begin)
        if _is_json(file.read(size).removeprefix(UTF8_BOM).lstrip(WHITE_SPACE)):
            raise mismatch("application/json", "text/csv")


def _check_start(start: bytes) -> None:
    found = "application/json" if _JSON_OBJECT.match(start) else text_format(start)
    if found is not None:
        raise mismatch(found, "text/csv")


class _Text:
    """Takes the bytes of a text piece by piece, in whatever encoding they come."""

    def __init__(self, findings: Findings) -> None:
        self.start = b""
        self.is_blank = True
        self._findings = findings
        self._is_first = True
        self._utf8 = _UTF8()
        self._utf16: codecs.IncrementalDecoder | None = None
        self._cells = csv_cells.Scanner(findings)

    def begin(self, first: bytes) -> None:
        """Find the encoding by the byte order mark (RFC 3629 §6; Unicode 16 §23.8)."""
        if first.startswith(UTF32_BOMS):
            raise ContentMismatch("The file is text in UTF-32. Save it as UTF-8 and try again.")
        if first.startswith(UTF16_BOMS):
            self._findings.add(
                "csv_utf16",
                "The file is text in UTF-16. Save it as “CSV UTF-8” and try again.",
                ContentMismatch,
            )
            self._utf16 = _UTF16()

    def feed(self, chunk: bytes, *, is_last: bool) -> None:
        """Check the next bytes; raises a ``Rejection``."""
        try:
            if self._utf16 is None:
                self._utf8.decode(chunk, final=is_last)
            else:
                chunk = self._utf16.decode(chunk, final=is_last).encode()
        except UnicodeError:
            raise InvalidDocument(
                "The file is not text in UTF-8. Save it as “CSV UTF-8” and try again."
            ) from None
        if self._is_first:
            self._is_first = False
            chunk = chunk.removeprefix(UTF8_BOM)
        if self.is_blank:
            self.start = chunk.lstrip(WHITE_SPACE)
            self.is_blank = not self.start
        self._cells.feed(chunk, is_last=is_last)


def _is_json(data: bytes) -> bool:
    """Tell whether a text is a JSON array or object, or its first line is one (NDJSON)."""
    if not _JSON_START.match(data):
        return False
    return any(_parses(text) for text in (data, data.partition(b"\n")[0]))


def _parses(text: bytes) -> bool:
    try:
        msgspec.json.decode(text, type=msgspec.Raw)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True
