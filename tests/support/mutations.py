"""Change valid pictures: blindly, and along their own structure with sums put right again.

Blind changes mostly end at the first length or sum that is wrong; the others get further in.
"""

import struct
import zlib
from collections.abc import Callable
from random import Random
from typing import Any

from PIL import Image
from tests.support.pictures import (
    PNG_SIGNATURE,
    chunk,
    exif,
    ihdr,
    picture_chunk,
    png,
    png_with,
    quarters,
    saved,
    segment,
    vp8x,
    webp,
    webp_chunk,
    webp_chunks,
    with_segments,
)

from gridboss_assets.inspection.images.made_profile import SRGB_CURVE, SRGB_PRIMARIES, make_profile

CANARY = b"CANARY-4711"

Part = tuple[bytes, bytes]
"""A segment or chunk: what it is called, and its content."""


def _profile() -> bytes:
    made = make_profile((SRGB_PRIMARIES[0], *SRGB_PRIMARIES[:0:-1]), SRGB_CURVE)
    if made is None:
        raise ValueError
    return made


def seeds(name: str) -> list[bytes]:
    """Return small pictures of one type, with whatever may hang on them."""
    return {"JPEG": _jpegs, "PNG": _pngs, "WEBP": _webps}[name]()


def _jpegs() -> list[bytes]:
    private = (
        segment(0xE1, b"Exif\x00\x00" + exif(6) + CANARY),
        segment(0xE1, b"http://ns.adobe.com/xap/1.0/\x00" + CANARY),
        segment(0xE2, b"ICC_PROFILE\x00\x01\x01" + _profile()),
        segment(0xED, b"Photoshop 3.0\x00" + CANARY),
        segment(0xFE, CANARY),
    )
    kinds: list[tuple[str, dict[str, Any]]] = [
        ("RGB", {}),
        ("RGB", {"progressive": True}),
        ("RGB", {"restart_marker_blocks": 1}),
        ("L", {}),
        ("CMYK", {}),
    ]
    return [
        with_segments(saved(quarters(mode, (24, 16)), "JPEG", **settings), *private) + CANARY
        for mode, settings in kinds
    ]


def _pngs() -> list[bytes]:
    private = (
        chunk(b"iCCP", CANARY + b"\x00\x00" + zlib.compress(_profile())),
        chunk(b"gAMA", struct.pack(">I", 50_000)),
        chunk(b"tEXt", b"Comment\x00" + CANARY),
        chunk(b"iTXt", b"k\x00\x01\x00\x00\x00" + zlib.compress(CANARY)),
        chunk(b"eXIf", exif(8) + CANARY),
    )
    plain = [
        saved(quarters(mode, (16, 12)), "PNG") for mode in ("RGB", "RGBA", "P", "L", "LA", "1")
    ]
    plain.append(png(ihdr(3, 2, 16, 2), (b"\x00" + bytes(18)) * 2, chunk(b"tRNS", bytes(6))))
    plain.append(png(ihdr(8, 8, 8, 0, 0, 0, 1), b"\x00" + (b"\x00" + bytes(8)) * 30))
    return [png_with(data, *private) + CANARY for data in plain]


def _webps() -> list[bytes]:
    image = quarters("RGBA", (16, 12))
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    private = (webp_chunk(b"EXIF", exif(5) + CANARY), webp_chunk(b"XMP ", CANARY))
    head = (vp8x(16, 12, 0x3C), webp_chunk(b"ICCP", _profile()))
    found = [webp(picture_chunk(quarters(size=(16, 12)), lossless=True)) + CANARY]
    for settings in ({"quality": 70}, {"lossless": True}):
        data = saved(image, "WEBP", **settings)
        pictures = [webp_chunk(k, body) for k, body in webp_chunks(data) if k != b"VP8X"]
        found.append(webp(*head, *pictures, *private) + CANARY)
    frame = bytes(6) + b"\x0f\x00\x00\x0b\x00\x00" + bytes(4)
    frame += picture_chunk(quarters(size=(16, 12)), lossless=True)
    animation = (webp_chunk(b"ANIM", bytes(6)), webp_chunk(b"ANMF", frame))
    return [*found, webp(vp8x(16, 12, 0x0A), *animation, *private)]


# --- blind changes


def blind(data: bytes, other: bytes, random: Random) -> bytes:
    """Flip, overwrite, cut out, repeat, splice or truncate."""
    changed = bytearray(data)
    for _ in range(random.choice((1, 1, 1, 2, 4, 16))):
        at = random.randrange(len(changed) + 1)
        end = min(len(changed), at + random.choice((1, 1, 2, 4, 64)))
        match random.randrange(7):
            case 0 | 1:
                changed[at:end] = bytes(byte ^ 1 << random.randrange(8) for byte in changed[at:end])
            case 2:
                changed[at:end] = random.randbytes(end - at)
            case 3:
                changed[at:end] = random.choice((b"\x00", b"\xff", b"\x7f", b"\x80")) * (end - at)
            case 4:
                del changed[at:end]
            case 5:
                changed[at:at] = changed[at:end] * random.choice((1, 2, 50))
            case _:
                start = random.randrange(len(other))
                changed[at:end] = other[start : start + random.choice((4, 32, 256))]
    if random.random() < 0.1:
        del changed[random.randrange(len(changed) + 1) :]
    return bytes(changed)


# --- changes along the structure


def structural(name: str, data: bytes, other: bytes, random: Random) -> bytes:
    """Shuffle, drop, repeat or change whole parts, and put lengths and sums right."""
    split, join = _CODECS[name]
    parts, foreign = split(data), split(other)
    for _ in range(random.choice((1, 1, 2, 3))):
        at = random.randrange(len(parts))
        match random.randrange(6):
            case 0:
                del parts[at]
            case 1:
                parts.insert(random.randrange(len(parts) + 1), parts[at])
            case 2:
                parts.insert(at, random.choice(foreign))
            case 3:
                parts.insert(random.randrange(len(parts)), parts.pop(at))
            case _:
                kind, body = parts[at]
                parts[at] = (kind, blind(body, other, random))
        parts = parts or split(other)
    return join(parts)


def _split_jpeg(data: bytes) -> list[Part]:
    parts, at = [], 2
    while data[at + 1] != 0xD9:
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4])
        kind, body = data[at : at + 2], data[at + 4 : end]
        if kind == b"\xff\xda":
            stop = end
            while data[stop] != 0xFF or data[stop + 1] in {0, *range(0xD0, 0xD8)}:
                stop += 1
            parts += [(kind, body), (b"", data[end:stop])]
            end = stop
        else:
            parts.append((kind, body))
        at = end
    return parts


def _join_jpeg(parts: list[Part]) -> bytes:
    joined = b"".join(
        kind + struct.pack(">H", (len(body) + 2) & 0xFFFF) + body if kind else body
        for kind, body in parts
    )
    return b"\xff\xd8" + joined + b"\xff\xd9"


def _split_png(data: bytes) -> list[Part]:
    parts, at = [], len(PNG_SIGNATURE)
    while at + 12 <= len(data) and data[at : at + 4] < b"\x01":
        end = at + 8 + int.from_bytes(data[at : at + 4])
        parts.append((data[at + 4 : at + 8], data[at + 8 : end]))
        at = end + 4
    return parts


def _join_png(parts: list[Part]) -> bytes:
    return PNG_SIGNATURE + b"".join(chunk(kind, body) for kind, body in parts)


def _split_webp(data: bytes) -> list[Part]:
    return list(webp_chunks(data[: 8 + int.from_bytes(data[4:8], "little")]))


def _join_webp(parts: list[Part]) -> bytes:
    return webp(*(webp_chunk(kind, body) for kind, body in parts))


_CODECS: dict[str, tuple[Callable[[bytes], list[Part]], Callable[[list[Part]], bytes]]] = {
    "JPEG": (_split_jpeg, _join_jpeg),
    "PNG": (_split_png, _join_png),
    "WEBP": (_split_webp, _join_webp),
}
