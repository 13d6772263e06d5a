"""PNG: walk its chunks, check each, and keep those that pixels and their colours are made of.

Portable Network Graphics, third edition (W3C): §5.3 (chunk layout and CRC), §5.4 (which chunk is
critical), §5.6 (order), §11.2 (critical chunks), §11.3 (ancillary ones). Text (§11.3.3) is never
inflated, and frames of an animation (§11.3.6) are never read: what is taken is the default image.
"""

import zlib
from dataclasses import dataclass

from PIL import Image

from gridboss_assets.inspection.images import exif, limits, png_colour, png_pixels, png_rows
from gridboss_assets.inspection.images.limits import check_dimensions, damaged, unsupported

_HEADER = 8  # length and type
_CRC = 4

# Table 11.1: the bit depths of each colour type.
_DEPTHS = {
    0: {1, 2, 4, 8, 16},
    2: {8, 16},
    3: {1, 2, 4, 8},
    4: {8, 16},
    6: {8, 16},
}
_PALETTE = 3
_GREYS = (0, 4)
_CRITICAL = {b"IHDR", b"PLTE", b"IDAT", b"IEND"}
# These count only where they belong, before the picture; elsewhere they are as good as absent.
_BEFORE_IDAT = {b"tRNS", b"cICP", b"iCCP", b"sRGB", b"gAMA", b"cHRM"}


@dataclass(frozen=True, slots=True)
class Header:
    """What IHDR says (§11.2.1)."""

    width: int
    height: int
    depth: int
    colour: int
    interlaced: bool


@dataclass(slots=True)
class PngPicture:
    """A PNG that may be decoded. ``chunks`` holds the first of each kind that matters."""

    header: Header
    chunks: dict[bytes, bytes]
    idat: list[memoryview]
    is_lossless: bool = True

    @property
    def orientation(self) -> int:
        """See :class:`~.picture.Picture`; from eXIf, before or after the picture (§11.3.4.5)."""
        return exif.orientation(self.chunks.get(b"eXIf"))

    @property
    def memory(self) -> int:
        """See :class:`~.picture.Picture`."""
        grey = self.header.colour == 0 and b"tRNS" not in self.chunks
        turning = (2 if grey else 8) * (self.orientation != exif.UPRIGHT)
        decoding = png_pixels.bytes_per_pixel(self.header, self.chunks)
        return self.header.width * self.header.height * max(decoding, turning)

    def profile(self) -> bytes | None:
        """See :class:`~.picture.Picture`: from cICP, iCCP, or gAMA and cHRM."""
        return png_colour.profile(self.chunks, is_grey=self.header.colour in _GREYS)

    def check_rows(self) -> None:
        """Inflate as far as the pixels need, and refuse a picture that ends before."""
        png_rows.check(self.header, self.idat)

    def decode(self) -> Image.Image:
        """See :class:`~.picture.Picture`."""
        return png_pixels.decode(self.header, self.chunks, b"".join(self.idat))


def walk(data: bytes) -> PngPicture:
    """Walk from the signature to IEND; what stands behind IEND is left where it is."""
    view, at = memoryview(data), 8
    header: Header | None = None
    chunks: dict[bytes, bytes] = {}
    idat: list[memoryview] = []
    previous = b""
    for _ in range(limits.MAX_PARTS):
        kind, body, at = _chunk(view, at)
        if header is None:
            if kind != b"IHDR":
                raise damaged("IHDR is not the first chunk")
            header = _read_header(bytes(body))
        elif kind == b"IDAT":
            if idat and previous != b"IDAT":
                raise damaged("IDAT chunks are apart")
            idat.append(body)
        elif kind == b"IEND":
            return _finish(header, chunks, idat)
        elif kind in _CRITICAL and (kind in chunks or kind == b"IHDR" or idat):
            raise damaged(f"{kind!r} again or too late")
        elif kind not in chunks and (kind in {b"PLTE", b"eXIf"} or _counts(kind, idat)):
            chunks[kind] = bytes(body)
        previous = kind
    raise damaged("too many chunks")


def _chunk(view: memoryview, at: int) -> tuple[bytes, memoryview, int]:
    """Return the type and content of a chunk, and where the next one begins."""
    start = at + _HEADER
    kind = bytes(view[at + 4 : start])
    end = start + int.from_bytes(view[at : at + 4])
    if end + _CRC > len(view):
        raise damaged("a chunk is cut, or IEND is missing")
    if not (kind.isalpha() and kind.isascii()):
        raise damaged("not a chunk type")
    # An uppercase first letter: whoever doesn't know it can't show the picture (§5.4).
    if kind[:1].isupper() and kind not in _CRITICAL:
        raise unsupported(f"A PNG with {kind.decode('ascii')}")
    if zlib.crc32(view[at + 4 : end]) != int.from_bytes(view[end : end + _CRC]):
        raise damaged(f"CRC of {kind!r}")
    return kind, view[start:end], end + _CRC


def _counts(kind: bytes, idat: list[memoryview]) -> bool:
    return kind in _BEFORE_IDAT and not idat


def _read_header(body: bytes) -> Header:
    if len(body) != 13:  # noqa: PLR2004 - §11.2.1
        raise damaged("IHDR of a wrong length")
    width, height = int.from_bytes(body[:4]), int.from_bytes(body[4:8])
    depth, colour, compression, filtering, interlace = body[8:]
    if depth not in _DEPTHS.get(colour, ()) or compression or filtering or interlace > 1:
        raise damaged("IHDR holds what does not exist")
    check_dimensions(width, height)
    return Header(width, height, depth, colour, interlace == 1)


def _finish(header: Header, chunks: dict[bytes, bytes], idat: list[memoryview]) -> PngPicture:
    if not idat:
        raise damaged("no picture")
    palette, transparency = chunks.get(b"PLTE"), chunks.get(b"tRNS")
    if palette is not None and (len(palette) % 3 or not 1 <= len(palette) // 3 <= 256):  # noqa: PLR2004 - §11.2.2
        raise damaged("PLTE of a wrong length")
    if header.colour == _PALETTE and palette is None:
        raise damaged("PLTE is missing")
    if transparency is not None:
        # §11.3.1.1: one value of 16 bits for each channel, or one byte for each palette entry.
        fits = {0: len(transparency) == 2, 2: len(transparency) == 6}  # noqa: PLR2004
        fits[_PALETTE] = len(transparency) <= len(palette or b"") // 3
        if header.colour not in fits:
            del chunks[b"tRNS"]  # a picture with alpha has no use for it
        elif not fits[header.colour]:
            raise damaged("tRNS of a wrong length")
    return PngPicture(header, chunks, idat)
