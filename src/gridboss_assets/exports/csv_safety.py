"""CSV that no spreadsheet takes for formulas, judged by the inspection's own scanner.

OWASP, "CSV Injection": an apostrophe goes before a cell that begins with a tab, a line break, or
``=``, ``+``, ``-`` or ``@``. Numbers and the like (``-5``, ``+12.345``, ``-1:23.4``) can run
nothing and stay. A text in which another delimiter is followed by such a sign (``total;=A1``) is
put in quotes, in which no cell begins.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from gridboss_assets.inspection.documents.csv_cells import Scanner
from gridboss_assets.inspection.documents.findings import Findings
from gridboss_assets.inspection.documents.head import text_format
from gridboss_assets.inspection.policy import InspectionPolicy

_LOOK_FOR_FORMULAS = InspectionPolicy(csv_formulas="warn", csv_control_characters="accept")

# Cells that begin blank: the scanner minds them only where a sign follows.
_BLANKS = ("\t", "\r", "\n")
# What is worth a closer look: a sign where a cell begins under any delimiter. In a column's texts
# that are joined by NUL, and in one text.
_SIGNS = tuple("=+-@\t\r\n")
_BEGINNING = r'"*+[\t\r\n]*+[=+\-@]'
_SUSPECT_AMONG = re.compile(rf"[\x00,;|\t\r\n]{_BEGINNING}|\x00[\t\r\n]")
_SUSPECT = re.compile(rf"(?:\A|[,;|\t\r\n]){_BEGINNING}|\A[\t\r\n]")
# What needs no closer look, since nothing in it is a delimiter: formulas, and figures.
_FORMULA = re.compile(r'[=@][^,;|\t\r\n"]*+')
_FIGURE = re.compile(r"[+\-][0-9.:()%' /$+\-]*+")

# RFC 4180 §2: TEXTDATA leaves out controls. The inspection refuses them, and NUL ends the text for
# many readers. The table deletes all but those.
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_CONTROLS = bytes(byte for byte in (*range(0x20), 0x7F) if byte not in b"\t\r\n")


class Quoted(str):
    """A text that goes in quotes whether it needs them or not."""

    __slots__ = ()


def has_controls(text: bytes) -> bool:
    """Tell whether there are control characters other than tabs and line breaks."""
    return len(text.translate(None, _CONTROLS)) != len(text)


def changes(values: Sequence[Any], types: set[type], delimiter: str) -> dict[str, str]:
    """Return the texts of a column that can't stand as they are, with what stands for them.

    ``types`` are those of the values, ``str`` among them.
    """
    if types <= _TEXTS:
        joined = "\x00".join(["", *filter(None, values)])
        if not any(sign in joined for sign in _SIGNS) or not _SUSPECT_AMONG.search(joined):
            return {}
    changed = {}
    for text in {value for value in values if type(value) is str}:
        safe = defused(text, delimiter)
        if safe != text or type(safe) is Quoted:
            changed[text] = safe
    return changed


_TEXTS = {str, type(None)}


def _is_found(record: bytes) -> bool:
    findings = Findings(_LOOK_FOR_FORMULAS)
    Scanner(findings).feed(record, is_last=True)
    return bool(findings.warnings)


@lru_cache(maxsize=4096)
def defused(text: str, delimiter: str) -> str:
    """Return the text as it can stand in a cell: itself, ``Quoted``, or after an apostrophe."""
    if not _SUSPECT.search(text) or _FIGURE.fullmatch(text):
        return text
    if _FORMULA.fullmatch(text):
        return f"'{text}"
    after = f"'{text}"
    candidates: list[str] = [after, Quoted(after)]
    if not text.startswith(_BLANKS):
        candidates = [text, Quoted(text), *candidates]
    return next(each for each in candidates if not _is_found(written(each, delimiter).encode()))


def written(text: str, delimiter: str) -> str:
    """Write a cell as the csv module does, with quotes where they are needed (§2.5 to 2.7)."""
    if isinstance(text, Quoted) or any(c in text for c in (delimiter, '"', "\r", "\n")):
        return '"' + text.replace('"', '""') + '"'
    return text


def begins_otherwise(record: str) -> bool:
    """Tell whether a file that begins so could be taken for another format.

    Excel takes ``ID`` for SYLK and refuses to open the file; the inspection, ``{`` for JSON.
    """
    return record.startswith(("ID", "[", "{")) or text_format(record.encode()) is not None
