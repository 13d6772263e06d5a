"""Rows to pages: as many as fit, the header on each, and the total in the footer at the end."""

from array import array
from collections.abc import Sequence
from operator import getitem

from gridboss_assets.errors import ExportTooLarge
from gridboss_assets.exports.columns import Column
from gridboss_assets.exports.encode_pdf.cells import Cell, ColumnCells, shorten
from gridboss_assets.exports.encode_pdf.file import PdfFile
from gridboss_assets.exports.encode_pdf.fonts import Faces
from gridboss_assets.exports.encode_pdf.ink import BLACK, GREY, HAIRLINE, RULE, Ink, scaled, units
from gridboss_assets.exports.encode_pdf.measure import MARGIN, PADDING, Plan
from gridboss_assets.exports.encode_pdf.options import MAX_PDF_PAGES
from gridboss_assets.exports.encode_pdf.text import one_line

BOTTOM = MARGIN + 14.0
"""Where rows end and the footer begins, in points from the page's lower edge."""

_LEADING = 1.3
# Above and below a row's text, as a part of the type size.
_ROW_PADDING = 0.36
# A header of more lines would leave no page to the rows.
_HEADER_LINES = 6
_FOOTER_SIZE = 7.5


class Pages:
    """Puts rows on pages and full pages into the file.

    Inside, lengths are hundredths of a point, and the page's lower left corner is the origin.
    """

    def __init__(self, file: PdfFile, plan: Plan, columns: Sequence[Column], faces: Faces) -> None:
        self._file = file
        self._plan = plan
        self._faces = faces
        self._size = units(plan.type_size)
        self._leading = round(self._size * _LEADING)
        self._padding = round(self._size * _ROW_PADDING)
        self._ascent = round(self._size * 0.98)
        self._bottom = units(BOTTOM)
        self._columns = [ColumnCells(faces.regular, plan.type_size, p) for p in plan.places]
        self._header: list[Cell] = [
            ColumnCells(faces.bold, plan.type_size, place)[column.title][:_HEADER_LINES]
            for place, column in zip(plan.places, columns, strict=True)
        ]
        self._bodies = array("L")
        self._top = units(plan.height - MARGIN)
        self._full = self._top - self._height(self._header) - self._bottom
        self.resources = file.number()
        self._begin(self._top)

    def _height(self, cells: Sequence[Cell]) -> int:
        return (max(map(len, cells), default=1) or 1) * self._leading + 2 * self._padding

    def start(self, head: str, height: float) -> None:
        """Begin with what stands above the table on the first page, ``height`` points of it."""
        top = self._top - units(height)
        least = self._height(self._header) + 3 * self._height(())
        if top - self._bottom < least:
            self._head, self._is_table = head, False
            self._flush()
            self._begin(self._top)
            return
        self._begin(top)
        self._head = head

    def _begin(self, top: int) -> None:
        self._head = ""
        self._is_table = True
        self._texts: list[str] = []
        self._rules: list[int] = []
        self._x = self._y = 0
        self._line_top = top
        self._place(self._header, self._height(self._header))
        self._header_end = self._line_top
        self._below_header = len(self._texts)

    def add(self, texts: Sequence[str]) -> None:
        """Add a row: the text of each of its cells."""
        cells = list(map(getitem, self._columns, texts))
        room = self._line_top - self._bottom
        height = self._height(cells)
        if height > room:
            if height > self._full:
                self._add_in_parts(cells)
                return
            self._next_page()
        self._place(cells, height)
        self._rules.append(self._line_top)

    def _add_in_parts(self, cells: Sequence[Cell]) -> None:
        """Let a row that no page could hold go on over as many as it takes."""
        rest = list(cells)
        while any(rest):
            room = self._line_top - self._bottom - 2 * self._padding
            lines = room // self._leading
            if lines < 1:
                self._next_page()
                continue
            part = [cell[:lines] for cell in rest]
            self._place(part, self._height(part))
            rest = [cell[lines:] for cell in rest]
            if any(rest):
                self._next_page()
        self._rules.append(self._line_top)

    def _place(self, cells: Sequence[Cell], height: int) -> None:
        """Write cells side by side below what is there already."""
        out, last_x, last_y = self._texts.append, self._x, self._y
        first = y = self._line_top - self._padding - self._ascent
        for cell in cells:
            y = first
            for x, shown in cell:
                out(f"{x - last_x} {y - last_y} Td{shown}\n")
                last_x, last_y = x, y
                y -= self._leading
        self._x, self._y = last_x, last_y
        self._line_top -= height

    def _next_page(self) -> None:
        self._flush()
        self._begin(self._top)

    def _flush(self) -> None:
        if len(self._bodies) >= MAX_PDF_PAGES:
            raise ExportTooLarge(
                f"The export fills more than {MAX_PDF_PAGES:,} pages. Narrow it down, or choose "
                "CSV, which has no pages."
            )
        content = self._head + (self._table() if self._is_table else "")
        self._bodies.append(self._file.put_stream(scaled(content)))

    def _table(self) -> str:
        left, right = units(self._plan.left), units(self._plan.right)
        hairlines = "".join(f"{left} {y} m {right} {y} l\n" for y in self._rules)
        face, header = self._faces, "".join(self._texts[: self._below_header])
        return "".join(
            (
                f"{HAIRLINE} RG 35 w\n{hairlines}S\n" if hairlines else "",
                f"{RULE} RG 90 w {left} {self._header_end} m {right} {self._header_end} l S\n",
                f"BT {BLACK} rg {face.bold.resource} {self._size} Tf\n{header}",
                f"{face.regular.resource} {self._size} Tf\n",
                *self._texts[self._below_header :],
                "ET\n",
            )
        )

    def finish(self, *, footer: str, page_label: str, first_overlay: str = "") -> int:
        """Write the last page, all footers and the page tree; return the tree's number.

        ``first_overlay``: what could only be drawn now that all rows have been seen.
        """
        self._flush()
        overlay = b""
        if first_overlay:
            number = self._file.put_stream(scaled(first_overlay))
            overlay = b" %d 0 R" % number
        tree = self._file.number()
        box = b"[0 0 %.2f %.2f]" % (self._plan.width, self._plan.height)
        label = page_label.replace("\n", " ")
        kids = []
        for at, body in enumerate(self._bodies):
            text = one_line(label.format(page=at + 1, pages=len(self._bodies)))
            end = self._file.number()
            content = scaled(self._footer(footer, text))
            self._file.put(end, b"<</Length %d>>\nstream\n%b\nendstream" % (len(content), content))
            kids.append(self._file.number())
            contents = b"%d 0 R%b %d 0 R" % (body, b"" if at else overlay, end)
            self._file.put(
                kids[-1], b"<</Type/Page/Parent %d 0 R/Contents[%b]>>" % (tree, contents)
            )
        references = b" ".join(b"%d 0 R" % kid for kid in kids)
        # §7.7.3.4: what all pages have in common stands once, in the tree.
        self._file.put(
            tree,
            b"<</Type/Pages/Count %d/MediaBox%b/Resources %d 0 R/Kids[%b]>>"
            % (len(kids), box, self.resources, references),
        )
        return tree

    def _footer(self, text: str, page: str) -> str:
        ink, face = Ink(), self._faces.regular
        baseline = MARGIN - 6.0
        rule = [(self._plan.left, BOTTOM - 6.0), (self._plan.right, BOTTOM - 6.0)]
        ink.line(rule, 0.35, HAIRLINE)
        room = self._plan.right - self._plan.left - 3 * PADDING
        room = room * 1000 / _FOOTER_SIZE - face.width(page)
        shown = shorten(face, text, room)
        ink.text(self._plan.left + PADDING, baseline, shown, face, _FOOTER_SIZE, colour=GREY)
        x = self._plan.right - PADDING
        ink.text(x, baseline, page, face, _FOOTER_SIZE, colour=GREY, side="right")
        return ink.operators()
