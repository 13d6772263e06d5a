"""Objects to bytes: a PDF file that is written from front to back (ISO 32000-2 §7.5)."""

import hashlib
import zlib
from array import array
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from reportlab.pdfbase import pdfdoc

CHUNK_BYTES = 64 * 1024

PRODUCER = "GridBoss Assets"


class PdfFile(pdfdoc.PDFDocument):
    """Collects bytes until they are taken.

    reportlab's document formats all of its objects at the end. Here whatever is complete is put
    into the file at once and forgotten; only its offset is kept. What reportlab's fonts register
    of their own accord is written at the end.
    """

    def __init__(self) -> None:
        super().__init__(compression=1, invariant=1, pdfVersion=(1, 4))
        # A dictionary that the fonts enter themselves into; all pages share it.
        self.fonts_reference = b"%d 0 R" % self._number_of("BasicFonts")
        self._offsets = array("Q", [0, 0])
        self._chunks: list[bytes] = []
        self._digest = hashlib.sha256()
        self._position = 0
        self._waiting = 0
        self._append(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")

    def _number_of(self, name: str) -> int:
        return self.idToObjectNumberAndVersion[name][0]

    def _append(self, data: bytes) -> None:
        self._chunks.append(data)
        self._digest.update(data)
        self._position += len(data)
        self._waiting += len(data)

    def number(self) -> int:
        """Take the next object number; :meth:`put` has to follow some time."""
        self.objectcounter += 1
        return self.objectcounter

    def put(self, number: int, body: bytes) -> None:
        """Write an object."""
        missing = number + 1 - len(self._offsets)
        if missing > 0:
            self._offsets.extend([0] * missing)
        self._offsets[number] = self._position
        self._append(b"%d 0 obj\n%b\nendobj\n" % (number, body))

    def put_stream(self, content: bytes, entries: bytes = b"") -> int:
        """Write a compressed stream with these entries in its dictionary; return its number."""
        number = self.number()
        packed = zlib.compress(content)
        head = b"<</Length %d/Filter/FlateDecode%b>>\nstream\n" % (len(packed), entries)
        self.put(number, b"%b%b\nendstream" % (head, packed))
        return number

    def finish(self, pages: int, *, title: str, language: str, created: datetime | None) -> None:
        """Write what is left: fonts, catalog, properties, and the table of cross-references."""
        for font in self.delayedFonts:
            font.addObjects(self)
        self._put_registered()
        catalog, info = self.number(), self.number()
        entries = b"/Type/Catalog/Pages %d 0 R/Lang %b" % (pages, self._text(language))
        properties = b"/Producer %b" % self._text(PRODUCER)
        if title:
            entries += b"/ViewerPreferences<</DisplayDocTitle true>>"
            properties += b"/Title %b" % self._text(title)
        if created is not None:
            properties += b"/CreationDate (%b)" % _date(created)
        self.put(catalog, b"<<%b>>" % entries)
        self.put(info, b"<<%b>>" % properties)
        self._put_trailer(catalog, info)

    def _put_registered(self) -> None:
        """Write what reportlab's own objects consist of; some register others when formatted."""
        done = 0
        while done < len(names := list(self.numberToId.values())):
            for name in names[done:]:
                registered: Any = self.idToObject[name]
                self.put(
                    self._number_of(name), pdfdoc.format(registered, self, toplevel=1).rstrip()
                )
            done = len(names)

    def _text(self, text: str) -> bytes:
        formatted: bytes = pdfdoc.PDFString(text).format(self)
        return formatted

    def _put_trailer(self, catalog: int, info: int) -> None:
        # §14.4: the identifier should differ between files, so it is of all that was written.
        identifier = self._digest.hexdigest()[:32].encode()
        start, size = self._position, len(self._offsets)
        self._append(b"xref\n0 %d\n0000000000 65535 f \n" % size)
        self._append(b"".join(b"%010d 00000 n \n" % offset for offset in self._offsets[1:]))
        self._append(
            b"trailer\n<</Size %d/Root %d 0 R/Info %d 0 R/ID[<%b><%b>]>>\nstartxref\n%d\n%%%%EOF\n"
            % (size, catalog, info, identifier, identifier, start)
        )

    def chunks(self, *, last: bool = False) -> Iterator[bytes]:
        """Hand on what has come together, if it is worth it; ``last``: whatever there is."""
        if self._waiting >= CHUNK_BYTES or last:
            data = b"".join(self._chunks)
            self._chunks.clear()
            self._waiting = 0
            for start in range(0, len(data), CHUNK_BYTES):
                yield data[start : start + CHUNK_BYTES]


def _date(when: datetime) -> bytes:
    """Write a date by §7.9.4, in UTC; one without a zone is taken as UTC."""
    if when.tzinfo is not None:
        when = when.astimezone(UTC)
    return f"D:{when:%Y%m%d%H%M%S}Z".encode()
