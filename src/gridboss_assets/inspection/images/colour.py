"""Colour: apply the embedded profile, so that nothing is lost when it is dropped.

A profile that is broken, or made for another kind of picture, is ignored, as browsers do. Where
the pixels allow it they are changed in place: a copy of 30 megapixels is 120 MB.
"""

from functools import cache
from io import BytesIO

from PIL import Image, ImageChops, ImageCms

# The colour space that a profile's header has to name for pixels of these modes (ICC.1:2022,
# Table 22), and the classes of device that describe colours of a picture (Table 18).
_SPACES = {"L": b"GRAY", "LA": b"GRAY", "RGB": b"RGB ", "RGBA": b"RGB ", "CMYK": b"CMYK"}
_CLASSES = {b"mntr", b"scnr", b"prtr", b"spac"}
_HEADER = 128

# Steps along each axis of the colours that are tried.
_STEPS = 9


def to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Return the picture in sRGB: mode ``L``, ``LA``, ``RGB`` or ``RGBA``; may change ``image``."""
    if profile is None or not _fits(profile, image.mode):
        return image.convert("RGB") if image.mode == "CMYK" else image
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        target = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
        return _converted(image, source, target)
    except (OSError, ValueError, TypeError, ImageCms.PyCMSError):
        return image.convert("RGB") if image.mode == "CMYK" else image


def _fits(profile: bytes, mode: str) -> bool:
    return (
        len(profile) > _HEADER
        and profile[36:40] == b"acsp"
        and profile[12:16] in _CLASSES
        and profile[16:20] == _SPACES[mode]
    )


def _converted(
    image: Image.Image, source: ImageCms.ImageCmsProfile, target: ImageCms.ImageCmsProfile
) -> Image.Image:
    if image.mode in {"L", "LA"}:
        return _grey(image, ImageCms.ImageCmsTransform(source, target, "L", "RGB"))
    if image.mode == "CMYK":
        return ImageCms.ImageCmsTransform(source, target, "CMYK", "RGB").apply(image)
    if _changes_nothing(source, target):
        return image
    transform = ImageCms.ImageCmsTransform(source, target, image.mode, image.mode)
    return transform.apply_in_place(image)


def _changes_nothing(source: ImageCms.ImageCmsProfile, target: ImageCms.ImageCmsProfile) -> bool:
    """Tell whether it is a profile of sRGB, as most are: none of many colours changes by over 1.

    Optimizing a transform takes 3 ms, more than decoding 512 by 512 pixels; this one is only asked
    for a few, so it is not optimized.
    """
    flags = ImageCms.Flags.NOOPTIMIZE
    transform = ImageCms.ImageCmsTransform(source, target, "RGB", "RGB", flags=flags)
    difference = ImageChops.difference(_samples(), transform.apply(_samples()))
    return max(difference.tobytes()) <= 1


@cache
def _samples() -> Image.Image:
    """Return one pixel for each colour of a grid; nobody may change it."""
    levels = [round(255 * step / (_STEPS - 1)) for step in range(_STEPS)]
    grid = bytes(channel for r in levels for g in levels for b in levels for channel in (r, g, b))
    return Image.frombytes("RGB", (_STEPS * _STEPS, _STEPS), grid)


def _grey(image: Image.Image, transform: ImageCms.ImageCmsTransform) -> Image.Image:
    """Look the 256 greys up instead of each pixel."""
    ramp = transform.apply(Image.frombytes("L", (256, 1), bytes(range(256))))
    red, green, blue = (list(band.tobytes()) for band in ramp.split())
    if red == green == blue:
        table = red if image.mode == "L" else red + list(range(256))
        return image.point(table)
    # A tinted grey is a palette of 256 colours, on the same bytes.
    image.putpalette(ramp.tobytes(), "RGB")
    return image.convert("RGB" if image.mode == "P" else "RGBA")
