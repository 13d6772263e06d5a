"""JSON: one valid document in UTF-8 (RFC 8259), no deeper than the policy says.

msgspec reads past values at some 1.5 GB/s without building them, and follows the grammar but for
two things: it takes strings that are no UTF-8, and refuses half a surrogate pair. Both are dealt
with here. It counts in no number, so integers of any length are only characters (ijson's C backend
can crash the process on one of over 4,300 digits).
"""

import codecs
import re
from itertools import accumulate
from typing import IO

import msgspec

from gridboss_assets.errors import ContentMismatch, EmptyObject, InvalidDocument, UnsafeDocument
from gridboss_assets.inspection.documents import json_names
from gridboss_assets.inspection.documents.contents import Buffer, contents
from gridboss_assets.inspection.documents.findings import Findings
from gridboss_assets.inspection.documents.head import (
    UTF8_BOM,
    UTF16_BOMS,
    mismatch,
    text_format,
)

_CHUNK = 256 * 1024
_WHITE_SPACE = b" \t\r\n"  # RFC 8259 §2

_UTF8 = codecs.getincrementaldecoder("utf-8")
_VALUE_START = re.compile(rb'[\[{"\-0-9tfn]')

_ALL_BUT_STRUCTURE = bytes(set(range(256)) - set(b'[]{}"'))
# What can follow a backslash (RFC 8259 §7) stays with it.
_ALL_BUT_ESCAPES = bytes(set(range(256)) - set(b'[]{}"\\/bfnrtu'))
_STRING = re.compile(rb'"[^"]*+"')
_SQUARE = bytes.maketrans(b"{}", b"[]")
_STEPS = bytes.maketrans(b"[]", b"\x01\xff")  # as signed bytes, up and down
# So many innermost levels go by replacing; counting, level by level, is left for what is deeper.
_FLAT_LEVELS = 6


def check_head(head: bytes, *, is_whole: bool, findings: Findings) -> None:
    """Check the first bytes: encoding, and how a value can begin."""
    if head.startswith(UTF16_BOMS) or b"\x00" in head:
        found = text_format(head)
        if found is None:
            raise ContentMismatch(
                "The file is not text in UTF-8, as JSON has to be. Save it as UTF-8 and try again."
            )
        raise mismatch(found, "application/json")
    if head.startswith(UTF8_BOM):
        findings.add(
            "json_bom",
            "The file begins with a byte order mark. Save it as UTF-8 without one and try again.",
            InvalidDocument,
        )
    text = head.removeprefix(UTF8_BOM).lstrip(_WHITE_SPACE)
    if text and not _VALUE_START.match(text):
        raise mismatch(text_format(head), "application/json")
    if is_whole and not text:
        raise EmptyObject("The file holds nothing but blanks. Choose another file.")
    _check_utf8(head, is_whole=is_whole)


def check(file: IO[bytes], *, size: int, findings: Findings) -> None:
    """Check a whole document; raises a ``Rejection``."""
    with contents(file, size) as data:
        check_head(data[:_CHUNK], is_whole=size <= _CHUNK, findings=findings)
        _check_utf8(data, is_whole=True)
        start = len(UTF8_BOM) if data[: len(UTF8_BOM)] == UTF8_BOM else 0
        _check_grammar(data, start, findings)
        _check_depth(data, findings.policy.json_depth)
        if findings.wants("json_duplicate_keys") and json_names.has_duplicates(data):
            findings.add(
                "json_duplicate_keys",
                "An object in the file holds the same name twice. Export the file again.",
                InvalidDocument,
            )


def _check_utf8(data: Buffer, *, is_whole: bool) -> None:
    decoder = _UTF8()
    try:
        for at in range(0, len(data), _CHUNK):
            decoder.decode(data[at : at + _CHUNK], final=is_whole and at + _CHUNK >= len(data))
    except UnicodeDecodeError:
        raise InvalidDocument(
            "The file is not text in UTF-8, as JSON has to be. Save it as UTF-8 and try again."
        ) from None


def _check_grammar(data: Buffer, start: int, findings: Findings) -> None:
    """RFC 8259 §2: one value between white space, and nothing else."""
    error = _error_in(data, start, len(data))
    if error is None:
        return
    has_surrogates = data.find(b"\\ud") >= 0 or data.find(b"\\uD") >= 0
    if has_surrogates and _error_in(_with_whole_characters(data), start, len(data)) is None:
        findings.add(
            "json_lone_surrogates",
            "A text in the file holds half a character (an escaped lone surrogate). "
            "Export the file again.",
            InvalidDocument,
        )
        return
    # Where they are refused anyway, the first two lines are enough to say why.
    is_refused = findings.policy.json_lines == "refuse"
    if _is_lines(data, start, enough=2 if is_refused else None):
        findings.add(
            "json_lines",
            "The file holds one JSON document a line (NDJSON). Put them into one array and retry.",
            InvalidDocument,
        )
        return
    raise InvalidDocument(f"The file is not valid JSON: {error}. Export it again.")


def _error_in(data: Buffer | bytearray, start: int, end: int) -> str | None:
    """Say what is wrong with the one value between two places, or None."""
    try:
        # What is returned is a view of the buffer, and goes at once.
        with memoryview(data) as whole, whole[start:end] as text:
            msgspec.json.decode(text, type=msgspec.Raw)
    except msgspec.DecodeError as error:
        return str(error).removeprefix("JSON is malformed: ")
    except RecursionError:
        raise _too_deep() from None
    return None


def _is_lines(data: Buffer, start: int, *, enough: int | None) -> bool:
    """Tell whether each line is a document of its own, or each of the first ``enough``."""
    # `decode_lines` would also take two documents in a line, and one in two lines.
    decoder, lines = msgspec.json.Decoder(msgspec.Raw), 0
    while start < len(data):
        # Many lines at a time, and one at least however long it is.
        end = data.rfind(b"\n", start, start + _CHUNK)
        if end < 0:
            end = data.find(b"\n", start)
        end = len(data) if end < 0 else end + 1
        for line in data[start:end].split(b"\n"):
            if not line.strip(_WHITE_SPACE):
                continue
            try:
                decoder.decode(line)
            except msgspec.DecodeError:
                return False
            except RecursionError:
                raise _too_deep() from None
            lines += 1
            if lines == enough:
                return True
        start = end
    return lines > 1


def _with_whole_characters(data: Buffer) -> bytearray:
    r"""Make every escaped surrogate another character: ``\ud83d`` becomes ``\u083d``.

    That changes neither lengths nor what else is valid. Where the backslash is itself escaped,
    ordinary characters change into ordinary characters.
    """
    changed = bytearray(data)
    for at in range(0, len(changed), _CHUNK):
        # Two bytes more, so that no escape is missed between two pieces.
        end = at + _CHUNK + 2
        piece = bytes(changed[at:end])
        changed[at:end] = piece.replace(b"\\ud", b"\\u0").replace(b"\\uD", b"\\u0")
    return changed


def _too_deep() -> UnsafeDocument:
    return UnsafeDocument(
        "The file nests arrays or objects too deeply. Make its structure flatter and try again."
    )


def _check_depth(data: Buffer, limit: int) -> None:
    """Measure the nesting of valid JSON without parsing it; raises ``UnsafeDocument``.

    Only brackets outside of strings are kept. Taking away innermost pairs leaves the depth at
    every other bracket as it was, so what is left after a few rounds is small and counted.
    """
    depth, in_string, rest = 0, False, b""
    for at in range(0, len(data), _CHUNK):
        piece = rest + data[at : at + _CHUNK]
        rest = b""
        if b"\\" in piece:
            # Pairs go from the left, so a backslash that is left does escape what follows it.
            piece = piece.translate(None, _ALL_BUT_ESCAPES)
            piece = piece.replace(b"\\\\", b"").replace(b'\\"', b"")
            if piece.endswith(b"\\"):  # what it escapes is in the next piece
                piece, rest = piece[:-1], b"\\"
        brackets, in_string = _brackets_outside_strings(piece, in_string=in_string)
        depth = _follow(brackets, depth, limit)


def _brackets_outside_strings(piece: bytes, *, in_string: bool) -> tuple[bytes, bool]:
    # Two quotes side by side can go: whether a bracket stands in a string is told by the number of
    # quotes before it being odd, and that stays so.
    marks = (b'"' if in_string else b"") + piece
    marks = marks.translate(None, _ALL_BUT_STRUCTURE).replace(b'""', b"")
    if b'"' not in marks:
        return marks, False
    marks = _STRING.sub(b"", marks)
    outside, quote, _ = marks.partition(b'"')
    return outside, bool(quote)


def _follow(brackets: bytes, depth: int, limit: int) -> int:
    """Follow brackets from one depth to the next; raises ``UnsafeDocument`` on the way."""
    brackets = left = brackets.translate(_SQUARE)
    for _ in range(_FLAT_LEVELS):
        left = left.replace(b"[]", b"")
    highest = depth + _climb(left)
    if highest > limit:
        raise _too_deep()
    # Where the levels that were taken away decide, every bracket is counted.
    if highest + _FLAT_LEVELS > limit and depth + _climb(brackets) > limit:
        raise _too_deep()
    return depth + 2 * left.count(b"[") - len(left)


def _climb(brackets: bytes) -> int:
    """Say how far brackets lead up from where they begin; all of it runs in C."""
    steps = memoryview(brackets.translate(_STEPS)).cast("b")
    return max(accumulate(steps), default=0)
