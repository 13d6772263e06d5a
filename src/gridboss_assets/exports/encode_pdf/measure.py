"""From the first rows to a plan: alignment, widths, type size, and which way the page stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from gridboss_assets.exports.columns import Column
from gridboss_assets.exports.encode_pdf.fonts import Face, Faces
from gridboss_assets.exports.encode_pdf.options import PageSize
from gridboss_assets.exports.encode_pdf.text import clean, is_figure

# Points: ISO 216 and US letter.
_SIZES: dict[PageSize, tuple[float, float]] = {"A4": (595.28, 841.89), "letter": (612, 792)}

MARGIN = 42.0
"""On each side, in points: 15 mm, which every printer can leave white."""

PADDING = 4.0
"""Between a column's edge and its text; small type needs less."""

_LEAST_PADDING = 1.4

# From what reads well on paper down to what can still be read.
_TYPE_SIZES = (8.5, 8.0, 7.5, 7.0, 6.5, 6.0, 5.5)
_COMFORTABLE_SIZES = _TYPE_SIZES[:4]
# Longer text reads as well on two lines.
_COMFORTABLE_WIDTH = 150.0
# A longer word, such as a URL, may be broken.
_LONGEST_WORD = 110.0
# Rows beyond the sample have larger numbers: room for two more figures.
_GROWTH = "00"
# Where there is room to spare, a column of figures grows by so much.
_FIGURE_STRETCH = 1.6

Side = Literal["left", "right", "center"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a column's text may stand, in points from the page's left edge, and to which side."""

    left: float
    right: float
    side: Side


@dataclass(frozen=True, slots=True)
class Plan:
    """A page and its columns, in points."""

    width: float
    height: float
    type_size: float
    places: tuple[Place, ...]

    @property
    def left(self) -> float:
        """The edge of everything on the left."""
        return MARGIN

    @property
    def right(self) -> float:
        """The edge of everything on the right."""
        return self.width - MARGIN


@dataclass(frozen=True, slots=True)
class _Need:
    """What a column takes, in thousandths of the type size: on one line, and at the least."""

    whole: float
    word: float

    def at(self, size: float) -> tuple[float, float, float]:
        """Return the whole, the comfortable and the least width in points."""
        padding = 2 * _padding(size)
        whole = self.whole * size / 1000 + padding
        word = min(self.word * size / 1000 + padding, _LONGEST_WORD)
        return whole, min(whole, max(word, _COMFORTABLE_WIDTH)), min(whole, word)


def _padding(size: float) -> float:
    largest, smallest = _TYPE_SIZES[0], _TYPE_SIZES[-1]
    return _LEAST_PADDING + (PADDING - _LEAST_PADDING) * (size - smallest) / (largest - smallest)


def side_of(column: Column, values: Sequence[Any]) -> Side:
    """Return the side that a column asks for, or that most of its values do: figures the right."""
    if column.align != "auto":
        return column.align
    filled = [value for value in values if value is not None and value != ""]
    figures = sum(map(is_figure, filled))
    return "right" if figures and 2 * figures >= len(filled) else "left"


def plan(  # noqa: PLR0913 - all that a page's looks depend on
    columns: Sequence[Column],
    texts: Sequence[Sequence[str]],
    sides: Sequence[Side],
    faces: Faces,
    *,
    page_size: PageSize,
    landscape: bool | None,
    is_sample: bool,
) -> Plan:
    """Find the largest type in which the columns stand side by side.

    ``texts``: the first rows. ``is_sample``: there are more. Text that needs more than 150 points
    is planned to wrap. Where even that is too much, words decide; in the end all columns shrink.
    """
    needs = [
        _need(faces, column, [row[at] for row in texts], _GROWTH * (is_sample and side == "right"))
        for at, (column, side) in enumerate(zip(columns, sides, strict=True))
    ]
    short, long = _SIZES[page_size]
    if landscape is None:
        wish = sum(need.at(_TYPE_SIZES[0])[1] for need in needs)
        landscape = wish > short - 2 * MARGIN
    width, height = (long, short) if landscape else (short, long)
    room = width - 2 * MARGIN
    size = _type_size(needs, room)
    places = []
    left, padding = MARGIN, _padding(size)
    widths = _widths([need.at(size) for need in needs], room, sides)
    for taken, side in zip(widths, sides, strict=True):
        places.append(Place(left + padding, left + taken - padding, side))
        left += taken
    return Plan(width, height, size, tuple(places))


def _need(faces: Faces, column: Column, texts: Sequence[str], growth: str) -> _Need:
    whole = word = 0.0
    for face, several in ((faces.bold, [column.title]), (faces.regular, set(texts))):
        for text in several:
            for line in clean(text).split("\n"):
                whole = max(whole, face.width(line))
                word = max(word, _longest_word(face, line))
    more = faces.regular.width(growth)
    return _Need(whole + more, word + more)


def _longest_word(face: Face, line: str) -> float:
    return max(map(face.width, line.split(" ")))


def _type_size(needs: Sequence[_Need], room: float) -> float:
    for size in _COMFORTABLE_SIZES:
        if sum(need.at(size)[1] for need in needs) <= room:
            return size
    for size in _TYPE_SIZES:
        if sum(need.at(size)[2] for need in needs) <= room:
            return size
    return _TYPE_SIZES[-1]


def _widths(
    needs: Sequence[tuple[float, float, float]], room: float, sides: Sequence[Side]
) -> list[float]:
    """Share the room: what is left over if it is enough, else what is short keeps its line."""
    wholes = [whole for whole, _, _ in needs]
    leasts = [least for _, _, least in needs]
    if sum(wholes) <= room:
        return _stretched(wholes, room, sides)
    if sum(leasts) >= room:
        return [least * room / sum(leasts) for least in leasts]
    # The level up to which columns are filled, halved until it is exact to a thousandth of a point.
    low, high = 0.0, max(wholes)
    while high - low > 0.001:  # noqa: PLR2004
        level = (low + high) / 2
        if sum(_filled(need, level) for need in needs) <= room:
            low = level
        else:
            high = level
    return [_filled(need, low) for need in needs]


def _stretched(wholes: Sequence[float], room: float, sides: Sequence[Side]) -> list[float]:
    """Fill the room: figures grow a little, so that they stay near their row, and text the rest."""
    factor = room / sum(wholes)
    if "left" not in sides:
        return [whole * factor for whole in wholes]
    limits = [1e9 if side == "left" else _FIGURE_STRETCH for side in sides]
    widths = [whole * min(factor, limit) for whole, limit in zip(wholes, limits, strict=True)]
    texts = [at for at, side in enumerate(sides) if side == "left"]
    more = (room - sum(widths)) / sum(wholes[at] for at in texts)
    for at in texts:
        widths[at] += wholes[at] * more
    return widths


def _filled(need: tuple[float, float, float], level: float) -> float:
    whole, _, least = need
    return min(whole, max(least, level))
