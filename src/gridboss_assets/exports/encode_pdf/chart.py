"""What charts have in common: which columns they read, their frame, and their scale."""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from gridboss_assets.errors import InvalidRows
from gridboss_assets.exports.columns import Column
from gridboss_assets.exports.encode_pdf.cells import shorten
from gridboss_assets.exports.encode_pdf.fonts import Faces
from gridboss_assets.exports.encode_pdf.ink import BLACK, GREY, HAIRLINE, Ink
from gridboss_assets.exports.encode_pdf.text import number_of, one_line, writer_of

TITLE_SIZE, TYPE_SIZE = 9.5, 7.5
_TITLE_HEIGHT = 18.0
AXIS_HEIGHT = 26.0
"""Room below the plot for the axis: the ticks' labels, and what it shows."""

_TICKS = 5
# Steps that people count in; the last is the first of the next decade.
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle, in points from the page's lower left corner."""

    left: float
    bottom: float
    right: float
    top: float


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads one column of a row."""

    at: int
    title: str
    write: Callable[[Any], str]

    def text(self, row: Sequence[Any]) -> str:
        """Return the value as the table shows it, on one line."""
        return one_line(self.write(row[self.at]))

    def number(self, row: Sequence[Any]) -> float | None:
        """Return the value, if it is a number."""
        return number_of(row[self.at])


def reader_of(name: str, columns: Sequence[Column]) -> Reader:
    """Find a column by its name; raises ``InvalidRows`` where there is none."""
    for at, column in enumerate(columns):
        if column.name == name:
            return Reader(at, one_line(column.title), writer_of(column.format))
    there_are = ", ".join(column.name for column in columns)
    raise InvalidRows(f"The chart needs a column {name!r}, and the rows have {there_are}.")


class Chart(ABC):
    """Sees every row, and is drawn when all have been seen."""

    title: str

    @abstractmethod
    def see(self, row: Sequence[Any]) -> None:
        """Keep what the chart needs of a row."""

    @abstractmethod
    def height(self, *, seen_all: bool) -> float:
        """Return how high it wants to be, in points, from the rows seen so far."""

    @abstractmethod
    def draw_plot(self, ink: Ink, box: Box, faces: Faces) -> None:
        """Draw everything but the title."""

    def draw(self, ink: Ink, box: Box, faces: Faces) -> None:
        """Draw the chart into a box."""
        room = (box.right - box.left) * 1000 / TITLE_SIZE
        title = shorten(faces.bold, one_line(self.title), room)
        ink.text(box.left, box.top - TITLE_SIZE, title, faces.bold, TITLE_SIZE)
        self.draw_plot(ink, Box(box.left, box.bottom, box.right, box.top - _TITLE_HEIGHT), faces)


FRAME_HEIGHT = _TITLE_HEIGHT + AXIS_HEIGHT
"""What a chart takes besides its plot."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Values to places along a line from ``start`` to ``end``; ``ticks`` in even steps."""

    start: float
    end: float
    ticks: tuple[float, ...]

    def place(self, value: float) -> float:
        """Return where a value stands, in points."""
        low, high = self.ticks[0], self.ticks[-1]
        return self.start + (self.end - self.start) * (value - low) / (high - low)

    def label(self, tick: float) -> str:
        """Return a tick's label: no more decimal places than the steps have."""
        text = f"{tick:.10g}"
        return text if text != "-0" else "0"


def scale_of(values: Sequence[float], start: float, end: float) -> Scale:
    """Make a scale that has all values and zero between its ends."""
    low, high = min(0.0, *values), max(0.0, *values)
    wanted = (high - low or 1.0) / _TICKS
    decade = 10.0 ** math.floor(math.log10(wanted))
    step = next(each * decade for each in _STEPS if each * decade >= wanted * 0.999)
    first, last = math.floor(low / step), math.ceil(high / step)
    last = max(last, first + 1)
    return Scale(start, end, tuple(round(n * step, 12) for n in range(first, last + 1)))


def draw_value_axis(ink: Ink, scale: Scale, box: Box, faces: Faces, title: str) -> None:
    """Draw a horizontal axis with gridlines below ``box.bottom``, and what it shows."""
    for tick in scale.ticks:
        x = scale.place(tick)
        ink.line([(x, box.bottom), (x, box.top)], 0.4, GREY if tick == 0 else HAIRLINE)
        y = box.bottom - TYPE_SIZE - 2
        ink.text(x, y, scale.label(tick), faces.regular, TYPE_SIZE, colour=GREY, side="center")
    middle, y = (box.left + box.right) / 2, box.bottom - 2 * TYPE_SIZE - 5
    ink.text(middle, y, title, faces.regular, TYPE_SIZE, colour=BLACK, side="center")
