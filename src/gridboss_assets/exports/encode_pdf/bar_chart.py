"""A bar for each of the rows with the largest values."""

from collections.abc import Sequence
from heapq import heappush, heappushpop
from typing import Any

from gridboss_assets.errors import InvalidRows
from gridboss_assets.exports.columns import Column
from gridboss_assets.exports.encode_pdf.cells import shorten
from gridboss_assets.exports.encode_pdf.chart import (
    AXIS_HEIGHT,
    FRAME_HEIGHT,
    TYPE_SIZE,
    Box,
    Chart,
    draw_value_axis,
    reader_of,
    scale_of,
)
from gridboss_assets.exports.encode_pdf.fonts import Faces
from gridboss_assets.exports.encode_pdf.ink import BLACK, Ink
from gridboss_assets.exports.encode_pdf.options import BarChart

_PITCH = 14.0
_BAR = 0.66
_COLOUR = ".2 .36 .54"
# Labels take at most so much of the width, and the figure at a bar's end has this much.
_LABELS = 0.32
_FIGURES = 40.0
_GAP = 5.0


class Bars(Chart):
    """Horizontal bars with their labels on the left and their values at the end."""

    def __init__(self, chart: BarChart, columns: Sequence[Column]) -> None:
        self._top = chart.top
        self._label = reader_of(chart.label, columns)
        self._value = reader_of(chart.value, columns)
        self.title = chart.title or f"{self._value.title} by {self._label.title}"
        # The least of the largest first; of equal ones the earlier row is larger.
        self._kept: list[tuple[float, int, str, str]] = []
        self._seen = 0

    def see(self, row: Sequence[Any]) -> None:
        """Keep the row if it is among the largest so far."""
        value = self._value.number(row)
        if value is None:
            return
        self._seen -= 1
        if len(self._kept) >= self._top and value <= self._kept[0][0]:
            return
        entry = (value, self._seen, self._label.text(row), self._value.text(row))
        if len(self._kept) < self._top:
            heappush(self._kept, entry)
        else:
            heappushpop(self._kept, entry)

    def height(self, *, seen_all: bool) -> float:
        """Return the height of all bars."""
        return (len(self._kept) if seen_all else self._top) * _PITCH + FRAME_HEIGHT

    def draw_plot(self, ink: Ink, box: Box, faces: Faces) -> None:
        """Draw the bars from the largest down."""
        if not self._kept:
            raise InvalidRows(f"The chart has nothing to show: no {self._value.title} is a number.")
        rows = sorted(self._kept, reverse=True)
        face = faces.regular
        widest = max(face.width(label) for _, _, label, _ in rows) * TYPE_SIZE / 1000
        labels = min(widest, (box.right - box.left) * _LABELS)
        bottom = box.bottom + AXIS_HEIGHT
        plot = Box(box.left + labels + _GAP, bottom, box.right - _FIGURES, box.top)
        scale = scale_of([value for value, *_ in rows], plot.left, plot.right)
        draw_value_axis(ink, scale, plot, faces, self._value.title)
        pitch = min((plot.top - plot.bottom) / len(rows), _PITCH)
        zero = scale.place(0)
        for at, (value, _, label, figure) in enumerate(rows):
            middle = plot.top - (at + 0.5) * pitch
            end = scale.place(value)
            ink.fill(
                min(zero, end), middle - pitch * _BAR / 2, abs(end - zero), pitch * _BAR, _COLOUR
            )
            y = middle - TYPE_SIZE * 0.36
            shown = shorten(face, label, labels * 1000 / TYPE_SIZE)
            ink.text(plot.left - _GAP, y, shown, face, TYPE_SIZE, side="right")
            ink.text(max(zero, end) + 3, y, figure, face, TYPE_SIZE, colour=BLACK)
