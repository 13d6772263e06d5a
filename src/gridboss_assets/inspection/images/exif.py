"""EXIF: the orientation, and nothing else of it.

Exif 2.32 (CIPA DC-008) §4.5 and TIFF 6.0 §2: a header that names the byte order, then a directory
of entries of 12 bytes each. Whatever is broken counts as upright, as it does in browsers.
"""

import struct

_PREFIX = b"Exif\x00\x00"
_ORIENTATION = 0x0112
# Exif says SHORT; writers that use LONG exist, and Pillow and exiftool read them.
_FORMATS = {3: "H", 4: "I"}

UPRIGHT = 1


def orientation(exif: bytes | None) -> int:
    """Return the orientation, 1 to 8 (Exif 2.32 §4.6.4.1); 1 for none and for nonsense."""
    if not exif:
        return UPRIGHT
    # JPEG's APP1 needs the prefix, PNG and WebP don't want it; writers put it anywhere.
    while exif.startswith(_PREFIX):
        exif = exif[len(_PREFIX) :]
    order = {b"II*\x00": "<", b"MM\x00*": ">"}.get(exif[:4])
    if order is None:
        return UPRIGHT
    try:
        (directory,) = struct.unpack_from(order + "I", exif, 4)
        (count,) = struct.unpack_from(order + "H", exif, directory)
        for at in range(directory + 2, directory + 2 + 12 * count, 12):
            tag, kind, values = struct.unpack_from(order + "HHI", exif, at)
            if tag != _ORIENTATION:
                continue
            if kind not in _FORMATS or values != 1:
                return UPRIGHT
            (value,) = struct.unpack_from(order + _FORMATS[kind], exif, at + 8)
            return value if 1 <= value <= 8 else UPRIGHT  # noqa: PLR2004 - the eight that there are
    except struct.error:
        pass  # it points outside, or ends early
    return UPRIGHT
