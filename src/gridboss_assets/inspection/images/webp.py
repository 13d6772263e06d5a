"""WebP: walk its chunks, and hand the decoder one frame and nothing else.

RFC 9649 (WebP container and lossless stream): §2.3 to §2.7 (RIFF, chunks, simple and extended
files), §3.4 (VP8L header); RFC 6386 §9.1 (VP8 frame header). Of an animation only the first frame
is taken, on a transparent canvas; browsers ignore the background colour of ANIM as well (§2.7.1.1).
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, WebPImagePlugin

from gridboss_assets.inspection.images import exif, limits
from gridboss_assets.inspection.images.limits import check_dimensions, damaged
from gridboss_assets.inspection.images.webp_frame import Frame, read_frame

# Flags of VP8X (§2.7.1): the chunks of that name count only where they are announced. libwebp's
# demuxer, which browsers use, doesn't find the others.
_HAS_ICC, _HAS_ALPHA, _HAS_EXIF, _IS_ANIMATED = 0x20, 0x10, 0x08, 0x02
_ANMF_HEADER = 16

# Measured, with Pillow 13 and libwebp 1.6. Decoding keeps two canvases, a copy and the picture, 4
# bytes each; encoding without loss takes more, and so does alpha, which is always without loss.
_LOSSY, _LOSSLESS, _LOSSY_WITH_ALPHA = 16, 23, 32


@dataclass(slots=True)
class WebpPicture:
    """A WebP that may be decoded: its first frame, and where that stands on the canvas."""

    size: tuple[int, int]
    offset: tuple[int, int]
    frame: Frame
    exif: bytes | None
    icc: bytes | None

    @property
    def is_lossless(self) -> bool:
        """See :class:`~.picture.Picture`."""
        return self.frame.is_lossless

    @property
    def orientation(self) -> int:
        """See :class:`~.picture.Picture`."""
        return exif.orientation(self.exif)

    @property
    def memory(self) -> int:
        """See :class:`~.picture.Picture`."""
        each = _LOSSLESS if self.is_lossless else _LOSSY
        if self.frame.alpha is not None or (not self.is_lossless and self.frame.size != self.size):
            each = _LOSSY_WITH_ALPHA
        return self.size[0] * self.size[1] * each

    def profile(self) -> bytes | None:
        """See :class:`~.picture.Picture`."""
        return self.icc

    def decode(self) -> Image.Image:
        """Decode to mode ``RGB`` or ``RGBA``."""
        plugin = WebPImagePlugin.WebPImageFile(BytesIO(self.frame.as_file()))
        if plugin.size != self.frame.size:
            raise ValueError("the frame is not what its header says")
        plugin.load()
        if self.frame.size == self.size:
            return plugin.copy()  # without the decoder, which holds two canvases
        canvas = Image.new("RGBA", self.size)
        canvas.paste(plugin, self.offset)
        return canvas


def walk(data: bytes) -> WebpPicture:
    """Walk the chunks inside the RIFF; what stands behind it is left where it is."""
    chunks = list(_chunks(memoryview(data), 12, _riff_end(data)))
    if not chunks:
        raise damaged("no chunk")
    kind, body = chunks[0]
    if kind != b"VP8X":
        frame = read_frame(chunks[:1])
        _check(frame.size)
        return WebpPicture(frame.size, (0, 0), frame, None, None)
    if len(body) < 10:  # noqa: PLR2004 - §2.7
        raise damaged("VP8X is cut")
    flags = body[0]
    size = (1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little"))
    _check(size)
    offset, frame = _first_frame(chunks[1:], is_animated=bool(flags & _IS_ANIMATED))
    if not flags & _IS_ANIMATED and frame.size != size:
        raise damaged("canvas and picture differ in size")
    if any(offset[i] + frame.size[i] > size[i] for i in (0, 1)):
        raise damaged("a frame outside of the canvas")
    return WebpPicture(
        size=size,
        offset=offset,
        frame=frame,
        exif=_first(chunks, b"EXIF") if flags & _HAS_EXIF else None,
        icc=_first(chunks, b"ICCP") if flags & _HAS_ICC else None,
    )


def _riff_end(data: bytes) -> int:
    (size,) = struct.unpack_from("<I", data, 4)
    end: int = 8 + size
    if end > len(data):
        raise damaged("the file is shorter than its RIFF header says")
    return end


def _chunks(view: memoryview, at: int, end: int) -> Iterator[tuple[bytes, memoryview]]:
    """Go through the chunks up to ``end`` (§2.3); an odd one is followed by a byte of padding."""
    for _ in range(limits.MAX_PARTS):
        if at == end:
            return
        if at + 8 > end:
            break
        kind, size = struct.unpack_from("<4sI", view, at)
        if at + 8 + size > end:
            break
        yield kind, view[at + 8 : at + 8 + size]
        # Some writers leave the padding of the last chunk out; libwebp doesn't mind.
        at = min(at + 8 + size + (size & 1), end)
    raise damaged("a chunk is cut, or there are too many")


def _first_frame(
    chunks: list[tuple[bytes, memoryview]], *, is_animated: bool
) -> tuple[tuple[int, int], Frame]:
    if not is_animated:
        return (0, 0), read_frame(chunks)
    body = next((body for kind, body in chunks if kind == b"ANMF"), None)
    if body is None or len(body) < _ANMF_HEADER:
        raise damaged("no frame")
    # §2.7.1.1: five numbers of 24 bits; offsets count in steps of two pixels, sizes less one.
    x, y, width, height = (int.from_bytes(body[i : i + 3], "little") for i in (0, 3, 6, 9))
    frame = read_frame(list(_chunks(body, _ANMF_HEADER, len(body))))
    if frame.size != (width + 1, height + 1):
        raise damaged("frame and picture differ in size")
    return (2 * x, 2 * y), frame


def _first(chunks: list[tuple[bytes, memoryview]], wanted: bytes) -> bytes | None:
    return next((bytes(body) for kind, body in chunks if kind == wanted), None)


def _check(size: tuple[int, int]) -> None:
    check_dimensions(*size, max_pixels=limits.MAX_PIXELS_WEBP, max_side=limits.MAX_SIDE_WEBP)
