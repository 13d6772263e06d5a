"""What a PDF export can be asked for, and its limits."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, get_args

from gridboss_assets.inspection import Inspection

MAX_PDF_ROWS = 100_000
"""Some 2,000 pages. Nobody prints more, and CSV holds any number of rows."""

MAX_PDF_COLUMNS = 40
"""On A4 in landscape each is then 7 mm wide: five figures of the smallest type."""

MAX_PDF_PAGES = 5_000
"""Long texts fill pages too. With three objects a page, readers still open it at once."""

PageSize = Literal["A4", "letter"]

_MAX_BARS = 30
_MAX_LINES = 8


@dataclass(frozen=True, slots=True)
class BarChart:
    """A bar for each of the ``top`` rows with the largest ``value``: points by driver, say.

    ``label`` and ``value`` are names of columns; rows without a number in ``value`` get no bar.
    """

    label: str
    value: str
    top: int = 20
    title: str = ""

    def __post_init__(self) -> None:
        if not 1 <= self.top <= _MAX_BARS:
            raise ValueError(f"top: give a number from 1 to {_MAX_BARS}")


@dataclass(frozen=True, slots=True)
class LineChart:
    """Lines over ``label``: points over rounds, say.

    ``value`` is one column or several, each a line. With ``series``, a third column tells apart
    whose value a row holds (a driver's name), and each gets a line. The ``top`` lines that end
    highest are drawn.
    """

    label: str
    value: str | tuple[str, ...]
    series: str | None = None
    top: int = 6
    title: str = ""

    def __post_init__(self) -> None:
        if not 1 <= self.top <= _MAX_LINES:
            raise ValueError(f"top: give a number from 1 to {_MAX_LINES}")
        if self.series is not None and not isinstance(self.value, str):
            raise ValueError("value: give one column where series tells the lines apart")
        if not self.value:
            raise ValueError("value: name a column")

    @property
    def values(self) -> tuple[str, ...]:
        """The columns of values."""
        return (self.value,) if isinstance(self.value, str) else self.value


@dataclass(frozen=True, slots=True)
class PdfFont:
    """A TrueType font of the application's own, as bytes or as a path; never from row data.

    Its outlines have to be TrueType (a ``glyf`` table), not PostScript. Without ``bold`` the header
    and the title are set in ``regular``.
    """

    regular: bytes | Path
    bold: bytes | Path | None = None

    def __post_init__(self) -> None:
        for name, font in (("regular", self.regular), ("bold", self.bold)):
            if font is not None and not isinstance(font, bytes | Path):
                raise TypeError(f"{name}: give a Path, or the bytes of a font")


@dataclass(frozen=True, slots=True, kw_only=True)
class PdfOptions:
    """How a table is printed. All text is text: nothing in it is markup.

    ``title``: above the table, in the footer and in the document's properties. ``logo``: the bytes
    of a JPEG, PNG or WebP picture within the limits of an avatar; it is inspected like one, by
    ``inspection`` (by default the sandbox of this process). ``landscape``: None leaves it to the
    columns. ``created`` stands in the footer and in the properties; without it the document tells
    no time, so that the same rows give the same bytes. ``language``: of the document, by BCP 47.
    ``page_label`` has the fields ``page`` and ``pages``.
    """

    title: str = ""
    subtitle: str = ""
    logo: bytes | None = None
    chart: BarChart | LineChart | None = None
    page_size: PageSize = "A4"
    landscape: bool | None = None
    created: datetime | None = None
    font: PdfFont | None = None
    language: str = "en"
    page_label: str = "Page {page} of {pages}"
    inspection: Inspection | None = None

    def __post_init__(self) -> None:
        if self.logo is not None and not isinstance(self.logo, bytes):
            raise TypeError("logo: give the bytes of a picture; a path or URL is never opened")
        if self.page_size not in get_args(PageSize):
            raise ValueError(f"page_size: give one of {', '.join(get_args(PageSize))}")
        try:
            self.page_label.format(page=1, pages=1)
        except (LookupError, ValueError):
            raise ValueError("page_label: its fields are {page} and {pages}") from None
