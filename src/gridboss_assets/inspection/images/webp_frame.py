"""WebP: the bit stream of one frame, VP8 with or without alpha, or VP8L."""

import struct
from dataclasses import dataclass

from gridboss_assets.inspection.images.limits import damaged

_VP8_HEADER = 10
_VP8_START = b"\x9d\x01\x2a"
_VP8L_HEADER = 5
_VP8L_SIGNATURE = 0x2F
_HAS_ALPHA = 0x10


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame: the chunk with its picture, and for a lossy one the chunk with its alpha."""

    size: tuple[int, int]
    kind: bytes
    body: memoryview
    alpha: memoryview | None

    @property
    def is_lossless(self) -> bool:
        """Whether it is VP8L."""
        return self.kind == b"VP8L"

    def as_file(self) -> bytes:
        """Return a WebP file of this frame alone."""
        parts = [b"WEBP"]
        if self.alpha is not None:
            width, height = (side - 1 for side in self.size)
            flags = struct.pack("<I", _HAS_ALPHA)
            canvas = width.to_bytes(3, "little") + height.to_bytes(3, "little")
            parts += _chunk(b"VP8X", flags + canvas)
            parts += _chunk(b"ALPH", self.alpha)
        parts += _chunk(self.kind, self.body)
        content = b"".join(parts)
        return b"RIFF" + struct.pack("<I", len(content)) + content


def read_frame(chunks: list[tuple[bytes, memoryview]]) -> Frame:
    """Find the one picture among these chunks, and read its header."""
    pictures = [index for index, (kind, _) in enumerate(chunks) if kind in {b"VP8 ", b"VP8L"}]
    if len(pictures) != 1:
        raise damaged("not exactly one picture")
    kind, body = chunks[pictures[0]]
    # Alpha comes before the picture that it belongs to (RFC 9649 §2.7).
    alpha = next((body for kind, body in chunks[: pictures[0]] if kind == b"ALPH"), None)
    if kind == b"VP8L":
        return Frame(_vp8l_size(body), kind, body, None)
    return Frame(_vp8_size(body), kind, body, alpha)


def _vp8_size(body: memoryview) -> tuple[int, int]:
    """Read a frame header (RFC 6386 §9.1): a tag of 3 bytes, a start code, the two sides."""
    if len(body) < _VP8_HEADER or body[3:6] != _VP8_START:
        raise damaged("VP8 is not well formed")
    tag = int.from_bytes(body[:3], "little")
    is_key, is_shown, first_partition = not tag & 1, tag >> 4 & 1, tag >> 5
    if not is_key or not is_shown or _VP8_HEADER + first_partition > len(body):
        raise damaged("VP8 is cut, or no picture that stands alone")
    width, height = struct.unpack_from("<HH", body, 6)
    # The upper two bits ask for scaling, which nobody does.
    return width & 0x3FFF, height & 0x3FFF


def _vp8l_size(body: memoryview) -> tuple[int, int]:
    """Read a lossless header (RFC 9649 §3.4): 14 bits a side less one, alpha, version 0."""
    if len(body) < _VP8L_HEADER or body[0] != _VP8L_SIGNATURE:
        raise damaged("VP8L is not well formed")
    bits = int.from_bytes(body[1:5], "little")
    if bits >> 29:
        raise damaged("an unknown version of VP8L")
    return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1


def _chunk(kind: bytes, body: bytes | memoryview) -> list[bytes]:
    padding = b"\x00" * (len(body) & 1)
    return [kind + struct.pack("<I", len(body)), bytes(body), padding]
