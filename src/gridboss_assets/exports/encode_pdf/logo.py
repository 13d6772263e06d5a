"""The logo: bytes that pass the inspection of an avatar, as a picture of the document."""

import tempfile
from dataclasses import dataclass
from io import BytesIO

from PIL import Image

from gridboss_assets.errors import ContentMismatch, ObjectTooLarge
from gridboss_assets.exports.encode_pdf.file import PdfFile
from gridboss_assets.inspection import Inspection, weight_of
from gridboss_assets.inspection.sandbox import shared_sandbox
from gridboss_assets.inspection.sniff import sniff
from gridboss_assets.intake import check_size
from gridboss_assets.kinds import DEFAULT_KINDS

NAME = "Logo"
"""What the page's resources call it."""

# The most room it gets on the page, in points, and so many pixels as print can show there: 300 dpi.
MAX_WIDTH, MAX_HEIGHT = 150.0, 44.0
_PIXELS_PER_POINT = 300 / 72

# What is decoded here takes four bytes each. The inspection weighs in the same unit, and costly
# kinds of picture weigh more.
_MAX_PIXELS = 4_000_000


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture in the file: its object's number, and its size on the page in points."""

    number: int
    width: float
    height: float


def put_logo(data: bytes, inspection: Inspection | None, file: PdfFile) -> Logo:
    """Inspect a picture, scale it down to what print shows, and write it.

    Raises a ``Rejection`` for a finding about it and an ``InspectionError`` where none can be had.
    """
    picture = Image.open(BytesIO(_inspected(data, inspection)))
    _check_pixels(picture.width * picture.height)
    scale = min(MAX_WIDTH / picture.width, MAX_HEIGHT / picture.height)
    width, height = picture.width * scale, picture.height * scale
    has_alpha = picture.has_transparency_data
    pixels = picture.convert("RGBA" if has_alpha else "RGB")
    pixels.thumbnail(
        (round(width * _PIXELS_PER_POINT) or 1, round(height * _PIXELS_PER_POINT) or 1)
    )
    size = b"/Width %d/Height %d" % pixels.size
    mask = b""
    if has_alpha:
        alpha = pixels.getchannel("A").tobytes()
        mask = b"/SMask %d 0 R" % _put_picture(file, alpha, size + b"/ColorSpace/DeviceGray")
    colours = pixels.convert("RGB").tobytes()
    number = _put_picture(file, colours, size + mask + b"/ColorSpace/DeviceRGB")
    return Logo(number, width, height)


def _put_picture(file: PdfFile, pixels: bytes, entries: bytes) -> int:
    return file.put_stream(pixels, b"/Type/XObject/Subtype/Image/BitsPerComponent 8" + entries)


def _inspected(data: bytes, inspection: Inspection | None) -> bytes:
    kind = DEFAULT_KINDS["avatar"]
    check_size(kind, len(data))
    content_type = sniff(data)
    if content_type not in {each.name for each in kind.content_types}:
        raise ContentMismatch("The logo is no JPEG, PNG or WebP picture. Choose another file.")
    _check_pixels(weight_of("image", BytesIO(data), content_type))
    # A real file: the sandbox takes it by its descriptor.
    with tempfile.TemporaryFile() as spool:
        spool.write(data)
        spool.flush()
        judge = inspection or shared_sandbox()
        result = judge.inspect(kind.inspector, spool, content_type, size=len(data))
    if result.body is None:
        raise TypeError("the inspection returned no picture")
    return result.body


def _check_pixels(pixels: int) -> None:
    if pixels > _MAX_PIXELS:
        raise ObjectTooLarge(
            "The logo has too many pixels. Scale it down to 1000 pixels or fewer on each side."
        )
