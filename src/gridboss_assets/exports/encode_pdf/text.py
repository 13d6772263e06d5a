"""Values as text, and text that can't disturb a page."""

import math
import re
import unicodedata
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

# As much of a float as everybody expects to see: 0.1 + 0.2 is 0.3.
_PRECISION = 12
_LONG = 17

_YES_NO = {True: "yes", False: "no"}

# A sign (also U+2212), digits with what parts them (also U+2019 and narrow blanks), a unit.
_FIGURE = re.compile(r"[+\-\u2212]?\d[\d.,:'\u2019\u00a0\u202f]*\s?(?:%|s)?")

# What text is made of that has no shape of its own, by general category: controls, formats (zero
# width, bidirectional marks), lone surrogates, line and paragraph separators; and the selectors of
# a variant, which are marks.
_HIDDEN = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_LINE_BREAKS = re.compile("\r\n|[\n\v\f\r\x85\u2028\u2029]")


def text_of(value: Any) -> str:
    """Write a value as a reader expects it; nothing for None and for NaN."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return _YES_NO[value]
    if isinstance(value, float | Decimal):
        return _fraction(value)
    if isinstance(value, datetime):
        # A calendar date at midnight is what databases make of a date.
        return value.isoformat(" ", "minutes" if not value.second else "seconds")
    return str(value)


def _fraction(value: float | Decimal) -> str:
    if value.is_nan() if isinstance(value, Decimal) else math.isnan(value):
        return ""
    text = str(value)
    return text if len(text) <= _LONG or isinstance(value, Decimal) else f"{value:.{_PRECISION}g}"


def writer_of(format_: Callable[[Any], str] | None) -> Callable[[Any], str]:
    """Return what turns a column's values into text; a format of its own never meets None."""
    if format_ is None:
        return text_of

    def write(value: Any) -> str:
        return "" if value is None else str(format_(value))

    return write


def is_number(value: Any) -> bool:
    """Tell a finite number from everything else; True and False are none."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return False
    try:
        return math.isfinite(value)
    except (OverflowError, ValueError):  # an integer beyond all floats, a signalling NaN
        return False


def is_figure(value: Any) -> bool:
    """Tell numbers, and text that reads like one: ``+12.345``, ``1:23.456``, ``37 %``."""
    if isinstance(value, str):
        return _FIGURE.fullmatch(value.strip()) is not None
    return is_number(value)


def clean(text: str) -> str:
    """Return text that takes the room it seems to take.

    In NFC. Line breaks of all kinds are line feeds, tabs and odd blanks are blanks. What can't be
    seen is gone: controls, zero-width characters, and the marks that turn the direction of what
    follows. Lone surrogates become U+FFFD.
    """
    if text.isascii() and text.isprintable():
        return text.strip()
    text = _LINE_BREAKS.sub("\n", text)
    if not text.isascii():
        text = _HIDDEN.sub("", unicodedata.normalize("NFC", text))
    if not text.replace("\n", "").isprintable():
        text = "".join(map(_visible, text))
    return "\n".join(line.strip() for line in text.strip().split("\n"))


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Zs" or character == "\t":
        return " " if character != "\u00a0" else character
    if character == "\n" or character.isprintable() or category in {"Co", "Cn"}:
        return character
    return "\ufffd" if category == "Cs" else ""


def one_line(text: str) -> str:
    """Return clean text without its line breaks."""
    return " ".join(clean(text).split())
