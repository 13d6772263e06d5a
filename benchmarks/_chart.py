"""A small picture of measurements, as SVG: lines over rows, one panel beside the other."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

# Told apart by those who see no red or no green as well (Okabe and Ito, 2008), and by their marks.
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")
_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 440, 330, 56, 60, 44, 48

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Panel:
    """One set of axes. Rows are logarithmic always; ``limit`` is a value with what it means."""

    title: str
    series: Mapping[str, Points]
    is_logarithmic: bool = False
    limit: tuple[float, str] | None = None


def draw(panels: Sequence[Panel]) -> str:
    """Return the panels as one SVG document."""
    width = _WIDTH * len(panels)
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {_HEIGHT}" '
            f'font-family="sans-serif" font-size="12" fill="#222">'
        ),
        f'<rect width="{width}" height="{_HEIGHT}" fill="#fff"/>',
    ]
    for number, panel in enumerate(panels):
        parts += [f'<g transform="translate({number * _WIDTH} 0)">', *_panel(panel), "</g>"]
    return "\n".join([*parts, "</svg>", ""])


def _panel(panel: Panel) -> list[str]:
    values = [y for points in panel.series.values() for _, y in points]
    if panel.limit:
        values.append(panel.limit[0])
    scale = _Logarithmic(values) if panel.is_logarithmic else _Linear(values)
    rows = _Logarithmic([x for points in panel.series.values() for x, _ in points])

    def x(value: float) -> float:
        return round(_LEFT + rows.place(value) * (_WIDTH - _LEFT - _RIGHT), 1)

    def y(value: float) -> float:
        return round(_HEIGHT - _BOTTOM - scale.place(value) * (_HEIGHT - _TOP - _BOTTOM), 1)

    right, bottom = _WIDTH - _RIGHT, _HEIGHT - _BOTTOM
    parts = [f'<text x="{_LEFT}" y="24" font-size="14">{escape(panel.title)}</text>']
    for tick in scale.ticks:
        parts += [
            f'<path d="M{_LEFT} {y(tick)}H{right}" stroke="#ddd"/>',
            f'<text x="{_LEFT - 8}" y="{y(tick) + 4}" text-anchor="end">{tick:g}</text>',
        ]
    parts += [
        f'<text x="{x(tick)}" y="{bottom + 18}" text-anchor="middle">{int(tick):,}</text>'
        for tick in rows.ticks
    ]
    middle = (_LEFT + right) / 2
    parts.append(f'<text x="{middle}" y="{bottom + 36}" text-anchor="middle">rows</text>')
    if panel.limit:
        limit, name = panel.limit
        parts += [
            f'<path d="M{_LEFT} {y(limit)}H{right}" stroke="#222" stroke-dasharray="5 4"/>',
            f'<text x="{right}" y="{y(limit) - 6}" text-anchor="end">{escape(name)}</text>',
        ]
    ends = {name: (x(points[-1][0]), y(points[-1][1])) for name, points in panel.series.items()}
    labels = _apart(ends)
    for colour, (name, points) in zip(_COLOURS, panel.series.items(), strict=False):
        line = " ".join(f"{x(a)},{y(b)}" for a, b in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x(a)}" cy="{y(b)}" r="3" fill="{colour}"/>' for a, b in points]
        end = ends[name][0] + 8
        parts.append(
            f'<text x="{end}" y="{labels[name] + 4}" fill="{colour}">{escape(name)}</text>'
        )
    return parts


def _apart(ends: Mapping[str, tuple[float, float]]) -> dict[str, float]:
    """Move labels that end at one place up, until none stands on another."""
    places: dict[str, float] = {}
    lowest: dict[float, float] = {}
    for name, (x, y) in sorted(ends.items(), key=lambda item: -item[1][1]):
        places[name] = lowest[x] = min(y, lowest.get(x, math.inf) - 14)
    return places


class _Linear:
    """From nothing to a round number."""

    def __init__(self, values: Sequence[float]) -> None:
        step = 10.0 ** math.floor(math.log10(max(values)))
        while max(values) / step < 4:  # noqa: PLR2004 - four lines or more
            step /= 2
        count = math.ceil(max(values) / step)
        self._end = step * count
        self.ticks = [step * number for number in range(count + 1)]

    def place(self, value: float) -> float:
        return value / self._end


class _Logarithmic:
    """From one power of ten to another."""

    def __init__(self, values: Sequence[float]) -> None:
        self._start = math.floor(math.log10(min(values)))
        self._end = math.ceil(math.log10(max(values)))
        self.ticks = [10.0**power for power in range(self._start, self._end + 1)]

    def place(self, value: float) -> float:
        return (math.log10(value) - self._start) / (self._end - self._start)
