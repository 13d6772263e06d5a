"""A cell's text in lines that fit its column, as PDF operators."""

from collections.abc import Iterator

from gridboss_assets.exports.encode_pdf.fonts import Face
from gridboss_assets.exports.encode_pdf.measure import Place
from gridboss_assets.exports.encode_pdf.text import clean

Line = tuple[int, str]
"""Where a line begins, in hundredths of a point, and the operators that show it."""

Cell = tuple[Line, ...]

# Names and numbers come again, long text does not.
_REMEMBERED_CELLS = 1000
_REMEMBERED_LENGTH = 80


def wrap(face: Face, text: str, room: float) -> Iterator[tuple[str, float]]:
    """Part clean text into lines of at most ``room``, with their widths, in thousandths of an em.

    Lines break at blanks; a word that is wider than the room breaks where it is full.
    """
    blank = face.width(" ")
    for paragraph in text.split("\n"):
        line, width = "", 0.0
        for word in paragraph.split(" "):
            extent = face.width(word)
            if line and width + blank + extent <= room:
                line, width = f"{line} {word}", width + blank + extent
                continue
            if line:
                yield line, width
            *full, (line, width) = _broken(face, word, room) if extent > room else [(word, extent)]
            yield from full
        yield line, width


def _broken(face: Face, word: str, room: float) -> list[tuple[str, float]]:
    """Break a word; each part has a character, whatever the room."""
    parts: list[tuple[str, float]] = []
    start, width = 0, 0.0
    for at, extent in enumerate(face.widths(word)):
        if width + extent > room and at > start:
            parts.append((word[start:at], width))
            start, width = at, 0.0
        width += extent
    return [*parts, (word[start:], width)]


def shorten(face: Face, text: str, room: float) -> str:
    """Cut text that is too wide for one line, with an ellipsis."""
    if face.width(text) <= room:
        return text
    room -= face.width("…")
    for end, extent in enumerate(face.widths(text)):
        room -= extent
        if room < 0:
            return f"{text[:end].rstrip()}…"
    return text


class ColumnCells(dict[str, Cell]):
    """The cells of one column, by their text; those that come again are laid out once."""

    def __init__(self, face: Face, type_size: float, place: Place) -> None:
        super().__init__()
        self._face = face
        self._size = round(type_size * 100)
        self._place = place
        self._room = (place.right - place.left) * 1000 / type_size

    def __missing__(self, text: str) -> Cell:
        cell = self._laid_out(text)
        if len(text) <= _REMEMBERED_LENGTH:
            if len(self) >= _REMEMBERED_CELLS:
                self.clear()
            self[text] = cell
        return cell

    def _laid_out(self, text: str) -> Cell:
        text = clean(text)
        if not text:
            return ()
        width = self._face.width(text)
        if width <= self._room and "\n" not in text:
            return (self._line(text, width),)
        return tuple(self._line(*line) for line in wrap(self._face, text, self._room))

    def _line(self, text: str, width: float) -> Line:
        slack = (self._room - width) * self._size / 1e5
        share = {"left": 0.0, "center": 0.5, "right": 1.0}[self._place.side]
        # A line that is too wide, of one character, stays on the page at the left.
        left = self._place.left + max(0.0, slack * share)
        return round(left * 100), self._face.show(text, self._size) if text else ""
