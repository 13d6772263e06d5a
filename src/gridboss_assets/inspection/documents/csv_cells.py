"""The cells of a CSV: control characters, and what a spreadsheet takes for a formula.

OWASP, "CSV Injection": a cell that begins with ``=``, ``+``, ``-`` or ``@``, also after a tab or
carriage return. Signed numbers, times, telephone numbers and rows of dashes begin with signs too;
a cell that holds only digits and punctuation can call no function, so it is no finding.

Which delimiter counts is the reader's choice and depends on its locale, so a cell begins after any
of them: comma, semicolon, tab, bar. Inside quotes (RFC 4180 §2.5 to 2.7) no cell begins.
"""

import re

from gridboss_assets.errors import ContentMismatch, InvalidDocument
from gridboss_assets.inspection.documents.findings import Findings

# A line longer than this is looked at in parts.
_MAX_LINE = 128 * 1024

_CONTROL, _SIGN, _NUMBER, _OTHER = b"\x00"[0], b"-"[0], b"0"[0], b"x"[0]


def _classes() -> bytes:
    """Map every byte to its class: one pass of ``translate`` finds what needs a second look."""
    table = bytearray([_OTHER]) * 256
    for characters, to in (
        (bytes([*range(0x20), 0x7F]), _CONTROL),
        (b",;|\t\r\n", b","[0]),
        (b'"', b'"'[0]),
        (b"=@", b"="[0]),
        (b"+-", _SIGN),
        (b"0123456789.:()%' /$", _NUMBER),
        (b"eE", b"e"[0]),
    ):
        for byte in characters:
            table[byte] = to
    return bytes(table)


_CLASSES = _classes()
# The quick looks begin with what is rare or with two fixed bytes: they run at the speed of memory.
_EQUALS = re.compile(rb'=(?<=[,"]=)')
_NO_NUMBER = rb"(?!-*+(?:0[0\-]*+(?:(?<=0)e-?0[0\-]*+)?+)?+"
_SIGNED = re.compile(rb",-" + _NO_NUMBER + rb",)")
_SIGNED_IN_QUOTES = re.compile(rb'"-(?![0\-,]*+(?:(?<=0)e-?0[0\-,]*+)?+")')
_QUICK = (_EQUALS, _SIGNED, _SIGNED_IN_QUOTES)

# The same, exactly. A cell in quotes may hold delimiters, and numbers may have a no-break space or
# a currency in UTF-8.
_PLAIN = rb"0-9.:()%' /$+\-"
_WIDE = rb"\xc2[\xa0\xa3\xa5]|\xe2\x80\xaf|\xe2\x82\xac|\xe2\x88\x92"
_EXPONENT = rb"(?<=[0-9.:()%' /$])[eE][+\-]?[0-9.:()%' /$]"
_NUMBER_IN = rb"|".join((_WIDE, _EXPONENT))
_FORMULA = re.compile(
    rb'[,;|\t\r\n](?:"?[\t\r\n]{0,2}+[=@]'
    rb'|(?:"[\t\r\n]{1,2}+)?[+\-](?!(?:[' + _PLAIN + rb"]|" + _NUMBER_IN + rb")*+[,;|\t\r\n])"
    rb'|"[+\-](?!(?:[,;|\t\r\n' + _PLAIN + rb"]|" + _NUMBER_IN + rb')*+"))'
)  # fmt: skip


class Scanner:
    """Looks for findings in a text that comes in pieces; holds one unfinished line at most."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._rest = b"\n"  # so that the first cell begins after a delimiter, as all others do
        self._in_quotes = False

    def feed(self, chunk: bytes, *, is_last: bool) -> None:
        """Take the next bytes; raises a ``Rejection`` for what the policy refuses."""
        window = self._rest + chunk
        if is_last:
            window += b"\n"
        classes = window.translate(_CLASSES)
        if b"\x00" in classes:
            self._control_character(window)
        end = len(window) if is_last else _end_of_line(window)
        if end > 0:
            self._look_for_formulas(window, classes, end + 1)
            # What ends this part is looked at again, as what the next cell begins after.
            self._in_quotes ^= window.count(b'"', 0, end) % 2 == 1
        self._rest = window[end:]

    def _look_for_formulas(self, window: bytes, classes: bytes, end: int) -> None:
        if not self._findings.wants("csv_formulas"):
            return
        if any(self._is_found(quick, window, classes, end) for quick in _QUICK):
            self._findings.add(
                "csv_formulas",
                "The file has cells that a spreadsheet would run as formulas (they begin with "
                "=, +, - or @). Put an apostrophe before them or remove them, and try again.",
            )

    def _is_found(self, quick: re.Pattern[bytes], window: bytes, classes: bytes, end: int) -> bool:
        """Look exactly where the quick look found something."""
        in_quotes, counted = self._in_quotes, 0
        for match in quick.finditer(classes, 0, end):
            sign = match.end() - 1
            in_quotes ^= window.count(b'"', counted, sign) % 2 == 1
            counted = sign
            # In quotes, a cell begins before the quote, which is two blanks away at most.
            begins = window.rfind(b'"', max(sign - 3, 0), sign) if in_quotes else sign
            if begins > 0 and _FORMULA.match(window, begins - 1, end):
                return True
        return False

    def _control_character(self, window: bytes) -> None:
        if b"\x00" in window:
            raise ContentMismatch(
                "The file is not plain text: it holds NUL bytes. Export it again as CSV in UTF-8."
            )
        self._findings.add(
            "csv_control_characters",
            "The text holds control characters. Remove them (or export the file again) and retry.",
            InvalidDocument,
        )


def _end_of_line(window: bytes) -> int:
    """Find where the window can be cut so that no cell is; 0 when more has to come first.

    Never at a quote: what follows one is judged by what stands before it.
    """
    end = max(window.rfind(b"\n"), window.rfind(b"\r"))
    if end <= 0 and len(window) > _MAX_LINE:
        end = max(window.rfind(delimiter) for delimiter in (b",", b";", b"\t", b"|"))
        return end if end > 0 else len(window) - 1
    return max(end, 0)
