"""Lines, areas and text of a drawing, as PDF operators (ISO 32000-2 §8.5, §9.4).

Coordinates are points from the lower left corner of the page. They are written in hundredths of a
point, which need no decimal places, inside of what :func:`scaled` returns.
"""

from collections.abc import Sequence
from typing import Literal

from gridboss_assets.exports.encode_pdf.fonts import Face

# Shades that stay apart in print: text, text of less weight, a rule, a hairline.
BLACK = ".1 .12 .15"
GREY = ".38 .41 .45"
RULE = ".25 .28 .33"
HAIRLINE = ".82 .84 .86"

Point = tuple[float, float]


def units(length: float) -> int:
    """Return points as hundredths."""
    return round(length * 100)


def scaled(operators: str) -> bytes:
    """Return the content of a stream, in a graphics state of its own: a page has several."""
    return f"q .01 0 0 .01 0 0 cm\n{operators}Q\n".encode("latin-1")


class Ink:
    """Collects operators."""

    def __init__(self) -> None:
        self._parts: list[str] = []

    def operators(self) -> str:
        """Return all that was drawn."""
        return "".join(self._parts)

    def fill(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        """Fill a rectangle."""
        box = f"{units(x)} {units(y)} {units(width)} {units(height)}"
        self._parts.append(f"{colour} rg {box} re f\n")

    def line(self, points: Sequence[Point], width: float, colour: str, dash: str = "") -> None:
        """Draw a line through points; ``dash``: lengths in hundredths of a point."""
        path = " l ".join(f"{units(x)} {units(y)}" for x, y in points[1:])
        start = f"{units(points[0][0])} {units(points[0][1])} m"
        self._parts.append(f"{colour} RG {units(width)} w 1 j [{dash}] 0 d {start} {path} l S\n")

    def shape(self, points: Sequence[Point], colour: str) -> None:
        """Fill a polygon."""
        first, *rest = (f"{units(x)} {units(y)}" for x, y in points)
        self._parts.append(f"{colour} rg {first} m {' l '.join(rest)} l f\n")

    def text(  # noqa: PLR0913 - text has all of these
        self,
        x: float,
        y: float,
        text: str,
        face: Face,
        size: float,
        *,
        colour: str = BLACK,
        side: Literal["left", "right", "center"] = "left",
    ) -> None:
        """Write one line of clean text; ``side``: which of its ends, or its middle, is at ``x``."""
        if not text:
            return
        share = {"left": 0.0, "center": 0.5, "right": 1.0}[side]
        x -= face.width(text) * size / 1000 * share
        shown = face.show(text, units(size))
        at = f"{units(x)} {units(y)} Td"
        self._parts.append(f"BT {colour} rg {face.resource} {units(size)} Tf {at} {shown} ET\n")

    def picture(self, name: str, x: float, y: float, width: float, height: float) -> None:
        """Draw a picture that the page's resources know by a name."""
        matrix = f"{units(width)} 0 0 {units(height)} {units(x)} {units(y)} cm"
        self._parts.append(f"q {matrix} /{name} Do Q\n")

    def upright_text(  # noqa: PLR0913 - text has all of these
        self, x: float, y: float, text: str, face: Face, size: float, *, colour: str = BLACK
    ) -> None:
        """Write one line that reads from below; its middle is at ``y``."""
        y -= face.width(text) * size / 2000
        shown = face.show(text, units(size))
        at = f"0 1 -1 0 {units(x)} {units(y)} Tm"
        self._parts.append(f"BT {colour} rg {face.resource} {units(size)} Tf {at} {shown} ET\n")
