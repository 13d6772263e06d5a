"""What stands above the table on the first page: logo, title, subtitle, and room for a chart."""

from dataclasses import dataclass
from itertools import islice

from gridboss_assets.exports.encode_pdf.cells import shorten, wrap
from gridboss_assets.exports.encode_pdf.fonts import Face, Faces
from gridboss_assets.exports.encode_pdf.ink import BLACK, GREY, Ink
from gridboss_assets.exports.encode_pdf.logo import NAME, Logo
from gridboss_assets.exports.encode_pdf.measure import MARGIN, PADDING, Plan
from gridboss_assets.exports.encode_pdf.options import PdfOptions
from gridboss_assets.exports.encode_pdf.text import one_line

_TITLE_SIZE, _SUBTITLE_SIZE = 17.0, 9.5
_LEADING = 1.25
# A title of more lines is a text; it is cut.
_MAX_LINES = 3
_GAP = 12.0


@dataclass(frozen=True, slots=True)
class Head:
    """Its operators, and its height in points with the gap below it."""

    content: str
    height: float


def head(options: PdfOptions, logo: Logo | None, plan: Plan, faces: Faces) -> Head:
    """Draw the logo on the left, and title and subtitle beside it, centred on it."""
    ink = Ink()
    top = plan.height - MARGIN
    left = plan.left + PADDING
    lines: list[tuple[str, Face, float, str]] = []
    room = plan.right - left - (logo.width + _GAP if logo else 0.0)
    for text, face, size, colour in (
        (options.title, faces.bold, _TITLE_SIZE, BLACK),
        (options.subtitle, faces.regular, _SUBTITLE_SIZE, GREY),
    ):
        lines += [(line, face, size, colour) for line in _lines(one_line(text), face, size, room)]
    text_height = sum(size * _LEADING for _, _, size, _ in lines)
    height = max(text_height, logo.height if logo else 0.0)
    if logo:
        lower = top - (height + logo.height) / 2
        ink.picture(NAME, left, lower, logo.width, logo.height)
        left += logo.width + _GAP
    y = top - (height - text_height) / 2
    for line, face, size, colour in lines:
        ink.text(left, y - size * 0.95, line, face, size, colour=colour)
        y -= size * _LEADING
    return Head(ink.operators(), height + _GAP if height else 0.0)


def _lines(text: str, face: Face, size: float, room: float) -> list[str]:
    if not text:
        return []
    room = room * 1000 / size
    found = [line for line, _ in islice(wrap(face, text, room), _MAX_LINES + 1)]
    if len(found) > _MAX_LINES:
        found[_MAX_LINES - 1] = shorten(face, " ".join(found[_MAX_LINES - 1 :]), room)
    return found[:_MAX_LINES]
