"""Lines over the values of one column: points over rounds."""

from collections.abc import Sequence
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
    Scale,
    reader_of,
    scale_of,
)
from gridboss_assets.exports.encode_pdf.fonts import Faces
from gridboss_assets.exports.encode_pdf.ink import GREY, HAIRLINE, Ink
from gridboss_assets.exports.encode_pdf.options import LineChart

# More than a printed line can show; they are kept in memory until the end.
MAX_PLACES = 1_000
MAX_SERIES = 200

_PLOT_HEIGHT = 170.0
_NAMES = 0.2
_GAP = 6.0
_TICK_GAP = 10.0
# A piece of the line before its name, long enough for each dash.
_KEY = 18.0

# Colours that the colour-blind tell apart (Okabe and Ito), darkest first, each with a dash of its
# own, in hundredths of a point, which tells in greyscale.
_STYLES = (
    ("0 .27 .53", ""),
    (".84 .37 0", "500 200"),
    ("0 .53 .4", "150 200"),
    (".7 .4 .58", "700 200 150 200"),
    (".34 .6 .8", ""),
    (".78 .53 0", "300 150"),
    (".3 .3 .3", "150 150"),
    (".55 .2 .2", "900 300"),
)


class Lines(Chart):
    """Lines with their names at the end, in the order in which they end."""

    def __init__(self, chart: LineChart, columns: Sequence[Column]) -> None:
        self._top = chart.top
        self._label = reader_of(chart.label, columns)
        self._values = [reader_of(name, columns) for name in chart.values]
        self._series = None if chart.series is None else reader_of(chart.series, columns)
        self._axis = self._values[0].title if len(self._values) == 1 else ""
        self.title = chart.title or f"{self._axis or 'Values'} by {self._label.title}"
        self._places: dict[str, int] = {}
        self._lines: dict[str, dict[int, float]] = {}

    def see(self, row: Sequence[Any]) -> None:
        """Keep the row's values at the place of its label."""
        at = self._places.setdefault(self._label.text(row), len(self._places))
        for reader in self._values:
            value = reader.number(row)
            if value is not None:
                name = reader.title if self._series is None else self._series.text(row)
                self._lines.setdefault(name, {})[at] = value
        if len(self._places) > MAX_PLACES or len(self._lines) > MAX_SERIES:
            raise InvalidRows(
                f"The chart takes at most {MAX_PLACES} values of {self._label.title} and "
                f"{MAX_SERIES} lines. Leave it out, or export fewer rows."
            )

    def height(self, *, seen_all: bool) -> float:  # noqa: ARG002 - it is the same for any rows
        """Return the height of any line chart."""
        return _PLOT_HEIGHT + FRAME_HEIGHT

    def draw_plot(self, ink: Ink, box: Box, faces: Faces) -> None:
        """Draw the lines that end highest."""
        if not self._lines:
            raise InvalidRows("The chart has nothing to show: none of its values is a number.")
        lines = sorted(self._lines.items(), key=lambda line: -line[1][max(line[1])])[: self._top]
        values = [value for _, line in lines for value in line.values()]
        scale = scale_of(values, box.bottom + AXIS_HEIGHT, box.top - 4)
        face = faces.regular
        ticks = max(face.width(scale.label(tick)) for tick in scale.ticks) * TYPE_SIZE / 1000
        room = (box.right - box.left) * _NAMES
        names = [shorten(face, name, room * 1000 / TYPE_SIZE) for name, _ in lines]
        name_room = max(map(face.width, names)) * TYPE_SIZE / 1000
        left = box.left + ticks + 2 * _GAP + (TYPE_SIZE if self._axis else 0.0)
        plot = Box(left, scale.start, box.right - name_room - _KEY - 3 * _GAP, scale.end)
        self._draw_axes(ink, scale, plot, box, faces)
        step = (plot.right - plot.left) / max(1, len(self._places) - 1)
        ends = [scale.place(line[max(line)]) for _, line in lines]
        for (_, line), (colour, dash) in zip(lines, _STYLES, strict=False):
            points = [(plot.left + at * step, scale.place(line[at])) for at in sorted(line)]
            ink.line(points if len(points) > 1 else points * 2, 1.4, colour, dash)
            for x, y in points if len(points) <= MAX_MARKS else points[-1:]:
                ink.fill(x - 1.4, y - 1.4, 2.8, 2.8, colour)
        x = plot.right + _GAP
        for name, y, style in zip(names, _apart(ends, box.bottom), _STYLES, strict=False):
            ink.line([(x, y), (x + _KEY, y)], 1.4, *style)
            ink.text(x + _KEY + _GAP, y - 2.6, name, face, TYPE_SIZE)

    def _draw_axes(self, ink: Ink, scale: Scale, plot: Box, box: Box, faces: Faces) -> None:
        face = faces.regular
        for tick in scale.ticks:
            y = scale.place(tick)
            ink.line([(plot.left, y), (plot.right, y)], 0.4, GREY if tick == 0 else HAIRLINE)
            label = scale.label(tick)
            ink.text(plot.left - _GAP, y - 2.6, label, face, TYPE_SIZE, colour=GREY, side="right")
        step = (plot.right - plot.left) / max(1, len(self._places) - 1)
        y, free = plot.bottom - TYPE_SIZE - 3, 0.0
        for label, at in self._places.items():
            x, half = plot.left + at * step, face.width(label) * TYPE_SIZE / 2000
            if x - half >= free or at == 0:
                ink.text(x, y, label, face, TYPE_SIZE, colour=GREY, side="center")
                free = x + half + _TICK_GAP
        middle = (plot.left + plot.right) / 2
        ink.text(middle, y - TYPE_SIZE - 3, self._label.title, face, TYPE_SIZE, side="center")
        if self._axis:
            middle = (plot.bottom + plot.top) / 2
            ink.upright_text(box.left + TYPE_SIZE, middle, self._axis, face, TYPE_SIZE)


MAX_MARKS = 40
"""Lines of more points are drawn without a mark on each."""


def _apart(heights: Sequence[float], floor: float) -> list[float]:
    """Move names that would touch apart, downwards, in the order that they come."""
    placed: list[float] = []
    for height in heights:
        limit = placed[-1] - TYPE_SIZE * 1.15 if placed else height
        placed.append(min(height, limit))
    lift = max(0.0, floor - placed[-1])
    return [height + lift for height in placed]
