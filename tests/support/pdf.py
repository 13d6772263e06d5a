"""PDF as poppler sees it: another implementation than the one that wrote it."""

import re
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any

from gridboss_assets.exports import Column, PdfOptions, Table
from gridboss_assets.exports.encode_pdf import encode

_PAGE = re.compile(r'<page width="([\d.]+)" height="([\d.]+)">(.*?)</page>', re.DOTALL)
_WORD = re.compile(
    r'<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">(.*?)</word>'
)
_FOOTER = re.compile(r"Page \d+ of \d+$")


@dataclass(frozen=True)
class Word:
    """A word and the box around it, in points from the page's upper left corner."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class Page:
    """A page's size in points, and its words."""

    width: float
    height: float
    words: list[Word]

    def find(self, text: str) -> Word:
        """Return the only word that reads so."""
        (word,) = [word for word in self.words if word.text == text]
        return word


def exported(
    columns: Sequence[str | Column], rows: Iterable[Sequence[Any]], **options: Any
) -> bytes:
    """Write rows as PDF; columns may be names."""
    made = tuple(each if isinstance(each, Column) else Column(each) for each in columns)
    return b"".join(encode(Table(made, iter(rows)), PdfOptions(**options)))


def run(program: str, data: bytes, *arguments: str) -> str:
    """Run one of poppler's programs on a PDF and return what it prints."""
    command = [program, *arguments]
    done = subprocess.run(command, input=data, capture_output=True, check=True, timeout=60)  # noqa: S603
    assert done.stderr == b"", done.stderr
    return done.stdout.decode()


def pages(data: bytes) -> list[Page]:
    """Return the words of all pages and where they stand."""
    text = run("pdftotext", data, "-bbox", "-", "-")
    return [
        Page(float(width), float(height), list(map(_word, _WORD.findall(content))))
        for width, height, content in _PAGE.findall(text)
    ]


def _word(found: tuple[str, str, str, str, str]) -> Word:
    left, top, right, bottom, text = found
    return Word(unescape(text), float(left), float(top), float(right), float(bottom))


def lines(data: bytes) -> list[list[str]]:
    """Return the lines of each page in the order in which they are written, without the footer."""
    found = run("pdftotext", data, "-raw", "-", "-").split("\f")[:-1]
    return [
        [line for line in page.splitlines() if line and not _FOOTER.search(line)] for page in found
    ]


def table_text(data: bytes, header: str) -> str:
    """Return the text of all rows without blanks, and without the header of each page."""
    bodies: list[str] = []
    for page in lines(data):
        text = "".join("".join(page).split())
        before, found, body = text.partition("".join(header.split()))
        assert found, f"a page has no header: {text[:80]!r}"
        bodies.append(body if not bodies else f"{before}{body}")
    return "".join(bodies)
