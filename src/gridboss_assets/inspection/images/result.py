"""Walk what is about to be stored once more: by a list of what may be there, not of what may not.

This walk shares nothing with the ones for what comes in, so that one mistake is not made twice.
What it finds is our fault and not the file's, so it is no ``Rejection``.
"""

import struct
import zlib

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_APP0, _SOF0, _DHT, _SOS, _DQT = 0xE0, 0xC0, 0xC4, 0xDA, 0xDB
# What libjpeg writes by itself: JFIF 1.01 without a thumbnail; see T.871 §10.1.
_JFIF_BYTES = 14
_ALPHA_FLAG = b"\x10\x00\x00\x00"
_WEBP_KINDS = ([b"VP8 "], [b"VP8L"], [b"VP8X", b"ALPH", b"VP8 "], [b"VP8X", b"VP8L"])


class UncleanResultError(RuntimeError):
    """What we encoded holds something that is no picture; it must not be stored."""


def check(data: bytes, content_type: str) -> None:
    """Raise :class:`UncleanResultError` unless ``data`` is a picture and nothing else."""
    walk = {"image/jpeg": _jpeg, "image/png": _png, "image/webp": _webp}[content_type]
    try:
        is_clean = walk(data)
    except (IndexError, struct.error):
        is_clean = False
    if not is_clean:
        raise UncleanResultError(content_type)


def _jpeg(data: bytes) -> bool:
    if not data.startswith(b"\xff\xd8"):
        return False
    seen: list[int] = []
    at = 2
    while not seen or seen[-1] != _SOS:
        fill, marker, length = struct.unpack_from(">BBH", data, at)
        if fill != 0xFF or marker not in {_APP0, _DQT, _SOF0, _DHT, _SOS}:  # noqa: PLR2004
            return False
        body = data[at + 4 : at + 2 + length]
        if marker == _APP0 and not (body.startswith(b"JFIF\x00") and len(body) == _JFIF_BYTES):
            return False
        seen.append(marker)
        at += 2 + length
    # One scan, which ends the file: the first marker in it is EOI, and its last two bytes.
    end = at
    while data[(end := data.index(b"\xff", end)) + 1] == 0:
        end += 2
    once = all(seen.count(marker) == 1 for marker in (_APP0, _SOF0, _SOS))
    return once and data[end:] == b"\xff\xd9"


def _png(data: bytes) -> bool:
    if not data.startswith(_PNG_SIGNATURE):
        return False
    kinds: list[bytes] = []
    at = len(_PNG_SIGNATURE)
    while at < len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        end = at + 8 + length
        (crc,) = struct.unpack_from(">I", data, end)
        if crc != zlib.crc32(data[at + 4 : end]):
            return False
        kinds.append(kind)
        at = end + 4
    middle = set(kinds[1:-1])
    return kinds[0] == b"IHDR" and kinds[-1] == b"IEND" and middle == {b"IDAT"}


def _webp(data: bytes) -> bool:
    magic, size, form = struct.unpack_from("<4sI4s", data)
    if magic != b"RIFF" or form != b"WEBP" or 8 + size != len(data):
        return False
    kinds: list[bytes] = []
    at = 12
    while at < len(data):
        kind, size = struct.unpack_from("<4sI", data, at)
        if kind == b"VP8X" and (size != 10 or data[at + 8 : at + 12] != _ALPHA_FLAG):  # noqa: PLR2004
            return False
        kinds.append(kind)
        at += 8 + size + (size & 1)
    return at == len(data) and kinds in _WEBP_KINDS
