"""JPEG: walk its segments, and hand the decoder only those that pixels are made of.

ITU T.81 is the standard: B.1.1 (markers), B.2 (segments), Table B.1 (which marker is what). Of
its many processes only those are taken that browsers show: Huffman-coded with 8 bits, baseline,
extended sequential and progressive (SOF0, SOF1, SOF2).
"""

import re
from dataclasses import dataclass, field

from PIL import Image

from gridboss_assets.inspection.images import exif, limits
from gridboss_assets.inspection.images.jpeg_tables import Frame, Tables, read_frame
from gridboss_assets.inspection.images.limits import damaged, unsupported

_EOI, _SOS, _DNL, _COM = 0xD9, 0xDA, 0xDC, 0xFE
_TABLES = (_DHT, _DQT, _DRI) = (0xC4, 0xDB, 0xDD)
_APP0, _APP1, _APP2, _APP14, _APP15 = 0xE0, 0xE1, 0xE2, 0xEE, 0xEF
_FRAMES = (0xC0, 0xC1, 0xC2)
_OTHER_FRAMES = frozenset({*range(0xC3, 0xD0), 0xDE, 0xDF}) - {_DHT}

# Any marker may be preceded by fill bytes 0xFF (B.1.1.2).
_MARKER = re.compile(rb"\xff++([^\x00\xff])", re.DOTALL)
# In entropy-coded data 0xFF 0x00 is a byte, and RST0 to RST7 belong to it (B.1.1.5).
_AFTER_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]", re.DOTALL)

# The two application segments that change what the pixels mean, as libjpeg reads them: with JFIF
# three components are YCbCr; the last byte of Adobe's says RGB, YCbCr, CMYK or YCCK.
_JFIF = bytes.fromhex("ffe000104a46494600010100000100010000")
_ADOBE = bytes.fromhex("ffee000e41646f626500640000000000")[:-1]

_ICC = b"ICC_PROFILE\x00"
_ICC_HEADER = len(_ICC) + 2

_MODES = {1: ("L", "L"), 3: ("RGB", "RGB"), 4: ("CMYK", "CMYK;I")}


@dataclass(slots=True)
class JpegPicture:
    """A JPEG that may be decoded. ``parts`` together are the same picture without the rest."""

    frame: Frame
    is_buffered: bool
    orientation: int
    icc_parts: list[bytes]
    parts: list[bytes | memoryview] = field(repr=False)
    is_lossless: bool = False

    @property
    def memory(self) -> int:
        """See :class:`~.picture.Picture`. Progressive ones keep all coefficients until the end."""
        pixels = self.frame.width * self.frame.height
        samples = 1 if self.frame.count == 1 else 4
        decoding = samples * pixels + (self.frame.coefficient_bytes if self.is_buffered else 0)
        copies = 1 + (self.orientation != exif.UPRIGHT or self.frame.count == 4)  # noqa: PLR2004
        return max(decoding, copies * samples * pixels)

    def profile(self) -> bytes | None:
        """Join the profile's parts in their order (ICC.1:2022 §B.4); None when any is missing."""
        parts = sorted(self.icc_parts, key=lambda part: part[len(_ICC)])
        numbers = [part[len(_ICC)] for part in parts]
        if not parts or numbers != list(range(1, parts[0][len(_ICC) + 1] + 1)):
            return None
        return b"".join(part[_ICC_HEADER:] for part in parts)

    def decode(self) -> Image.Image:
        """Decode with Pillow's libjpeg; four components are inverted, as Adobe writes them."""
        mode, rawmode = _MODES[self.frame.count]
        size = (self.frame.width, self.frame.height)
        return Image.frombytes(mode, size, b"".join(self.parts), "jpeg", rawmode, "")


def walk(data: bytes) -> JpegPicture:
    """Walk from SOI to EOI; what stands behind EOI is left where it is.

    A missing EOI is refused: nothing else tells a whole picture from the first half of one.
    """
    return _Walk(data).picture()


class _Walk:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.view = memoryview(data)
        self.frame: Frame | None = None
        self.tables = Tables()
        self.scans = 0
        self.exif: bytes | None = None
        self.icc_parts: list[bytes] = []
        self.jfif = self.adobe = b""
        self.parts: list[bytes | memoryview] = []

    def picture(self) -> JpegPicture:
        at = 2
        for _ in range(limits.MAX_PARTS):
            found = _MARKER.match(self.data, at)
            if found is None:
                raise damaged(f"no marker at {at}")
            marker, start = found[1][0], found.end()
            if marker == _EOI:
                return self._finish()
            at = self._segment(marker, start)
        raise damaged("too many segments")

    def _segment(self, marker: int, start: int) -> int:
        """Take one segment whose marker ends at ``start``; return where the next marker begins."""
        if marker in _OTHER_FRAMES:
            raise unsupported("This kind of JPEG (lossless, hierarchical or arithmetic)")
        length = int.from_bytes(self.data[start : start + 2])
        end = start + length
        if length < 2 or end > len(self.data):  # noqa: PLR2004 - it counts itself
            raise damaged(f"segment {marker:#x} is cut")
        body = self.data[start + 2 : end]
        if marker == _COM or _APP0 <= marker <= _APP15:
            if not self.scans:
                self._application(marker, body)
            return end
        if marker == _DNL:
            # It may only repeat what we know (B.2.5): decoders don't agree about anything else.
            if self.frame is None or int.from_bytes(body) != self.frame.height:
                raise unsupported("A JPEG that tells its height late")
            return end
        if marker == _SOS:
            end = self._scan(body, end)
        else:
            self._table_or_frame(marker, body)
        self.parts.append(self.view[start - 2 : end])
        return end

    def _table_or_frame(self, marker: int, body: bytes) -> None:
        if marker in _FRAMES:
            if self.frame is not None:
                raise damaged("a second frame")
            self.frame = read_frame(marker, body)
        elif marker in _TABLES:
            self.tables.read(marker, body)
        else:
            raise damaged(f"marker {marker:#x} has no place here")

    def _scan(self, header: bytes, start: int) -> int:
        if self.frame is None:
            raise damaged("a scan before the frame")
        self.scans += 1
        pixels = self.scans * self.frame.width * self.frame.height
        if self.scans > limits.MAX_SCANS or pixels > limits.MAX_SCANNED_PIXELS:
            raise unsupported("A JPEG of so many scans")
        self.frame.check_scan(header, self.tables)
        found = _AFTER_SCAN.search(self.data, start)
        if found is None:
            raise damaged("no end marker")
        return found.start()

    def _application(self, marker: int, body: bytes) -> None:
        if marker == _APP0 and body.startswith(b"JFIF\x00") and len(body) >= 14:  # noqa: PLR2004
            self.jfif = _JFIF
        elif marker == _APP14 and body.startswith(b"Adobe") and len(body) >= 12:  # noqa: PLR2004
            self.adobe = _ADOBE + body[11:12]
        elif marker == _APP2 and body.startswith(_ICC) and len(body) > _ICC_HEADER:
            self.icc_parts.append(body)
        # Several segments of EXIF are one that is cut in pieces; the directory is in the first.
        elif marker == _APP1 and body.startswith(b"Exif\x00\x00") and self.exif is None:
            self.exif = body

    def _finish(self) -> JpegPicture:
        if self.frame is None or not self.scans:
            raise damaged("no picture")
        self.frame.check_complete()
        head: list[bytes | memoryview] = [b"\xff\xd8", self.jfif, self.adobe]
        return JpegPicture(
            frame=self.frame,
            is_buffered=self.frame.is_progressive or self.scans > 1,
            orientation=exif.orientation(self.exif),
            icc_parts=self.icc_parts,
            parts=[*head, *self.parts, b"\xff\xd9"],
        )
