"""Pictures made by hand, to be wrong in exactly one way."""

import struct
import zlib
from collections.abc import Iterable
from io import BytesIO
from typing import Any

from PIL import Image

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def saved(image: Image.Image, name: str, **settings: Any) -> bytes:
    """Encode with Pillow."""
    out = BytesIO()
    image.save(out, name, **settings)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    """Decode with Pillow."""
    image = Image.open(BytesIO(data))
    image.load()
    return image


def quarters(mode: str = "RGB", size: tuple[int, int] = (48, 32)) -> Image.Image:
    """Return a picture of four colours: red, green, blue and white, from the top left."""
    width, height = size
    image = Image.new("RGB", size, (245, 245, 245))
    image.paste((220, 30, 30), (0, 0, width // 2, height // 2))
    image.paste((30, 180, 40), (width // 2, 0, width, height // 2))
    image.paste((30, 50, 210), (0, height // 2, width // 2, height))
    return image.convert(mode)


def exif(orientation: int, *, order: str = ">", kind: int = 3, count: int = 1) -> bytes:
    """Return a TIFF block with an orientation and nothing else."""
    value = struct.pack(order + ("H2x" if kind == 3 else "I"), orientation)
    head = b"MM\x00*" if order == ">" else b"II*\x00"
    entry = struct.pack(order + "HHI", 0x0112, kind, count) + value
    return head + struct.pack(order + "IH", 8, 1) + entry + bytes(4)


# --- JPEG


def segment(marker: int, body: bytes = b"") -> bytes:
    """Return a JPEG segment."""
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def with_segments(jpeg: bytes, *segments: bytes) -> bytes:
    """Put segments behind SOI."""
    return jpeg[:2] + b"".join(segments) + jpeg[2:]


def find(jpeg: bytes, marker: int) -> tuple[int, int]:
    """Return where the first segment of this marker begins and ends."""
    at = 2
    while jpeg[at + 1] != marker:
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4])
    return at, at + 2 + int.from_bytes(jpeg[at + 2 : at + 4])


# --- PNG


def chunk(kind: bytes, body: bytes = b"") -> bytes:
    """Return a PNG chunk."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def ihdr(width: int, height: int, depth: int = 8, colour: int = 2, *rest: int) -> bytes:
    """Return IHDR; ``rest``: compression, filter and interlace methods."""
    return chunk(
        b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, *(rest or (0,) * 3))
    )


def png(header: bytes, rows: bytes, *before: bytes, behind: bytes = b"") -> bytes:
    """Return a PNG of these rows, each of which begins with its filter byte."""
    parts = [PNG_SIGNATURE, header, *before, chunk(b"IDAT", zlib.compress(rows))]
    return b"".join([*parts, behind, chunk(b"IEND")])


def png_with(data: bytes, *chunks: bytes, before: bytes = b"IDAT") -> bytes:
    """Put chunks into a PNG, before the first one of a kind."""
    at = data.index(before) - 4
    return data[:at] + b"".join(chunks) + data[at:]


# --- WebP


def webp_chunk(kind: bytes, body: bytes) -> bytes:
    """Return a RIFF chunk, padded."""
    return kind + struct.pack("<I", len(body)) + body + b"\x00" * (len(body) & 1)


def webp(*chunks: bytes) -> bytes:
    """Return a WebP file of these chunks."""
    content = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(content)) + content


def vp8x(width: int, height: int, flags: int) -> bytes:
    """Return the header of an extended file."""
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return webp_chunk(b"VP8X", bytes([flags, 0, 0, 0]) + sides)


def webp_chunks(data: bytes) -> Iterable[tuple[bytes, bytes]]:
    """Go through the chunks of a WebP."""
    at = 12
    while at < len(data):
        kind, size = struct.unpack_from("<4sI", data, at)
        yield kind, data[at + 8 : at + 8 + size]
        at += 8 + size + (size & 1)


def picture_chunk(image: Image.Image, **settings: Any) -> bytes:
    """Return the one chunk of a simple WebP."""
    return saved(image, "WEBP", **settings)[12:]
