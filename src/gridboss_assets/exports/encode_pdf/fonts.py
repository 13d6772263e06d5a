"""The font: how wide text is, and how it is written in a page's content."""

import struct
from collections.abc import Callable
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import Any

from reportlab.pdfbase.ttfonts import TTFError, TTFont

from gridboss_assets.exports.encode_pdf.file import PdfFile
from gridboss_assets.exports.encode_pdf.options import PdfFont

# DejaVu Sans Condensed 2.37: 5,900 characters, figures of one width, narrow enough for tables.
_SHIPPED = ("DejaVuSansCondensed.ttf", "DejaVuSansCondensed-Bold.ttf")

# §7.3.4.2: what can't stand in a string as it is.
_ESCAPED = str.maketrans({"(": r"\(", ")": r"\)", "\\": r"\\"})
_REPLACEMENTS = ("\ufffd", "?")
_PRINTABLE = range(0x20, 0x7F)


class Face:
    """One face in one file. Sizes are in hundredths of a point, widths in thousandths of an em.

    reportlab embeds what is used of the face, in subsets of 256 characters. The first has ASCII in
    its place, so that most text is written as it is; what is in another is shown by a change of
    font within the line.
    """

    def __init__(self, name: str, data: bytes, file: PdfFile) -> None:
        try:
            self._font = TTFont(name, BytesIO(data), asciiReadable=True, shapable=False)
        except (TTFError, struct.error, LookupError, ValueError) as error:
            raise ValueError(f"font: not a TrueType font that can be embedded ({error})") from error
        self._file = file
        glyphs: dict[int, int] = self._face.charToGlyph
        self._has_ascii = all(code in glyphs for code in _PRINTABLE)
        self._replacement = next((c for c in _REPLACEMENTS if ord(c) in glyphs), "\0")
        self._resources: dict[int, str] = {}
        self._near: dict[str, str] = {}
        self._far: dict[str, tuple[int, str]] = {}
        self._widths = _Widths(self._width)
        self._assign(" ")
        self.resource = self._resource(0)

    @property
    def _face(self) -> Any:
        return self._font.face

    def _resource(self, subset: int) -> str:
        if subset not in self._resources:
            self._resources[subset] = self._font.getSubsetInternalName(subset, self._file)
        return self._resources[subset]

    def _shown(self, character: str) -> str:
        return character if ord(character) in self._face.charToGlyph else self._replacement

    def _width(self, character: str) -> float:
        return float(self._face.getCharWidth(ord(self._shown(character))))

    def _assign(self, character: str) -> None:
        """Let reportlab give a character a subset and a code there; note how it is written."""
        ((subset, raw),) = self._font.splitString(self._shown(character), self._file)
        code = raw[0]
        written = chr(code).translate(_ESCAPED) if code in _PRINTABLE else f"\\{code:03o}"
        if subset:
            self._far[character] = subset, written
        else:
            self._near[character] = written

    def width(self, text: str) -> float:
        """Return the width of text in thousandths of the type size."""
        return sum(map(self._widths.__getitem__, text))

    def widths(self, text: str) -> list[float]:
        """Return the width of each character."""
        return list(map(self._widths.__getitem__, text))

    def show(self, text: str, size: int) -> str:
        """Return the operators that show clean text, in the face and size that are set already."""
        if self._has_ascii and text.isascii():
            return f"({text.translate(_ESCAPED)})Tj"
        try:
            return f"({''.join(map(self._near.__getitem__, text))})Tj"
        except KeyError:
            return self._show_in_parts(text, size)

    def _show_in_parts(self, text: str, size: int) -> str:
        parts = ["("]
        current = 0
        for character in text:
            if character not in self._near and character not in self._far:
                self._assign(character)
            subset, code = self._far.get(character) or (0, self._near[character])
            if subset != current:
                parts.append(f")Tj{self._resource(subset)} {size} Tf(")
                current = subset
            parts.append(code)
        back = f"{self.resource} {size} Tf" if current else ""
        return f"{''.join(parts)})Tj{back}"


class _Widths(dict[str, float]):
    """The width of each character that was asked for."""

    def __init__(self, measure: Callable[[str], float]) -> None:
        super().__init__()
        self._measure = measure

    def __missing__(self, character: str) -> float:
        width = self[character] = self._measure(character)
        return width


class Faces:
    """The two faces of one document."""

    def __init__(self, font: PdfFont | None, file: PdfFile) -> None:
        if font is None:
            folder = files(__package__) / "font_files"
            regular, bold = ((folder / name).read_bytes() for name in _SHIPPED)
        else:
            regular = _read(font.regular)
            bold = regular if font.bold is None else _read(font.bold)
        self.regular = Face("regular", regular, file)
        self.bold = self.regular if bold is regular else Face("bold", bold, file)


def _read(font: bytes | Path) -> bytes:
    return font.read_bytes() if isinstance(font, Path) else font
