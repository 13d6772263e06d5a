"""Pictures: decoded by the one decoder they claim, turned upright, encoded anew from pixels.

:func:`clean` is the way through, in this order, and a step is reached only by what passed the one
before it:

1. our own sniff of the first bytes, which have to be of the declared type;
2. a walk through the whole structure (``jpeg.py``, ``png.py``, ``webp.py``) that decodes nothing,
   checks every length, sum and table, and enforces the limits of ``limits.py``;
3. decoding. The decoder is given a file that the walk has put together: the parts that pixels are
   made of, without text, profiles, EXIF, further frames and what stands behind the end;
4. colours to sRGB (``colour.py``), turning upright by EXIF's orientation alone, and no colour left
   under full transparency;
5. encoding (``encode.py``), and a walk through the result (``result.py``) before it is returned.

Nothing but pixels is carried over, so no metadata can be: neither what we know of nor what we
don't. Pillow's global limit on pixels is neither needed nor touched.

The peak of memory, measured with ``scripts/bench inspect-images``, for the largest pictures: 124 MB
for 30 megapixels of JPEG or PNG, 241 MB when it has to be turned or was CMYK, 212 MB progressive
and 302 MB with full chroma (libjpeg keeps all coefficients until the end); for 12 megapixels of
WebP 193 MB, 270 MB lossless, 384 MB lossy with alpha. :func:`weight` says so beforehand.
"""

import struct
import zlib
from collections.abc import Callable

from PIL import Image

from gridboss_assets.errors import ContentMismatch, EmptyObject, InvalidImage
from gridboss_assets.inspection.images import jpeg, png, result, webp
from gridboss_assets.inspection.images.colour import to_srgb
from gridboss_assets.inspection.images.encode import blank, encode, turn
from gridboss_assets.inspection.images.limits import damaged
from gridboss_assets.inspection.images.picture import Picture
from gridboss_assets.inspection.sniff import sniff

__all__ = ["clean", "weight"]

# Encoders are found by name; all that Pillow imports for that, it shall import now.
Image.preinit()

_WALKS: dict[str, Callable[[bytes], Picture]] = {
    "image/jpeg": jpeg.walk,
    "image/png": png.walk,
    "image/webp": webp.walk,
}

# A pixel of an ordinary photograph takes so many bytes, in Pillow's memory.
_BYTES_PER_PIXEL = 4

# What Pillow's decoders raise for bytes that they can't make sense of.
_DECODER_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    OverflowError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)


def clean(data: bytes, content_type: str) -> bytes:
    """Return the same picture without anything but its pixels.

    Raises ``EmptyObject``, ``ContentMismatch`` (another type than declared), ``ObjectTooLarge``
    (pixels) or ``InvalidImage``.
    """
    picture = _walk(data, content_type)
    if isinstance(picture, png.PngPicture):
        picture.check_rows()
    try:
        pixels = picture.decode()
    except _DECODER_ERRORS as error:
        raise damaged(f"{type(error).__name__} while decoding") from error
    pixels = to_srgb(pixels, picture.profile())
    pixels = turn(pixels, picture.orientation)
    blank(pixels)
    out = encode(pixels, content_type, is_lossless=picture.is_lossless)
    result.check(out, content_type)
    return out


def weight(data: bytes, content_type: str) -> int:
    """Say what :func:`clean` would cost, in pixels of an ordinary photograph (4 bytes each).

    From the structure alone, in at most some 50 ms for hostile files and far less for others, so
    it may run where files can't be trusted. Raises the same ``Rejection`` as :func:`clean` does
    for what the walk finds.
    """
    return -(-_walk(data, content_type).memory // _BYTES_PER_PIXEL)


def _walk(data: bytes, content_type: str) -> Picture:
    if not data:
        raise EmptyObject
    found = sniff(data)
    if found is None:
        raise InvalidImage("The file is not a picture that we know. Choose another one.")
    if found != content_type or content_type not in _WALKS:
        raise ContentMismatch(
            f"The file looks like {found}, but it was uploaded as {content_type}. "
            "Save it as JPEG, PNG or WebP and upload it again."
        )
    return _WALKS[content_type](data)
