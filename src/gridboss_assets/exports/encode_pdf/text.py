"""Values as text, and text that can't disturb a page."""

import re
import unicodedata
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from types import NoneType
from typing import Any

from gridboss_assets.exports.values import duration, plain

# As much of a float as everybody expects to see: 0.1 + 0.2 is 0.3.
_PRECISION = 12
_LONG = 17

# A sign (also U+2212), digits with what parts them (also U+2019 and narrow blanks), a unit.
_FIGURE = re.compile(r"[+\-\u2212]?\d[\d.,:'\u2019\u00a0\u202f]*\s?(?:%|s)?")

# What text is made of that has no shape of its own, by general category: controls, formats (zero
# width, bidirectional marks), lone surrogates, line and paragraph separators; and the selectors of
# a variant, which are marks.
_HIDDEN = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_LINE_BREAKS = re.compile("\r\n|[\n\v\f\r\x85\u2028\u2029]")


def text_of(value: Any) -> str:
    """Write a value as a reader expects it; nothing for None and for figures that are none.

    Raises ``TypeError`` for a value that has no text, such as bytes.
    """
    kind = type(value)
    if kind is str or kind is int:
        return str(value)
    value = plain(value)
    return _WRITERS.get(type(value), str)(value)


def _float(value: float) -> str:
    text = repr(value)
    return text if len(text) <= _LONG else f"{value:.{_PRECISION}g}"


def _datetime(value: datetime) -> str:
    return value.isoformat(" ", "seconds" if value.second else "minutes")


_WRITERS: dict[type, Callable[[Any], str]] = {
    NoneType: lambda _: "",
    bool: lambda value: "yes" if value else "no",
    float: _float,
    datetime: _datetime,
    timedelta: duration,
    list: lambda values: ", ".join(map(text_of, values)),
    dict: lambda values: ", ".join(f"{name}: {text_of(each)}" for name, each in values.items()),
}


def writer_of(format_: Callable[[Any], str] | None) -> Callable[[Any], str]:
    """Return what turns a column's values into text; a format of its own never meets None."""
    if format_ is None:
        return text_of

    def write(value: Any) -> str:
        return "" if value is None else str(format_(value))

    return write


def number_of(value: Any) -> float | None:
    """Return a finite number as a float, and None for everything else; True and False are none."""
    try:
        value = plain(value)
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            return None
        return float(value)
    except (OverflowError, TypeError):  # beyond all floats, or nothing that a row may hold
        return None


def is_figure(value: Any) -> bool:
    """Tell numbers, and text that reads like one: ``+12.345``, ``1:23.456``, ``37 %``."""
    if isinstance(value, str):
        return _FIGURE.fullmatch(value.strip()) is not None
    return number_of(value) is not None


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
