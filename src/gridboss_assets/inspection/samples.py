"""Small good files of every kind: inspecting them loads whatever inspection ever loads."""

import zipfile
from collections.abc import Iterator
from io import BytesIO

import pikepdf
from PIL import Image, ImageCms

from gridboss_assets.inspection import InspectorName

_ORIENTATION = 0x0112  # Exif 2.32 §4.6.4


def samples() -> Iterator[tuple[InspectorName, str, bytes]]:
    """Yield the inspector, the content type and the bytes of each sample."""
    for content_type, mode in (
        ("image/jpeg", "RGB"),
        ("image/jpeg", "CMYK"),
        ("image/jpeg", "L"),
        ("image/png", "RGBA"),
        ("image/png", "P"),
        ("image/png", "I;16"),
        ("image/webp", "RGBA"),
    ):
        yield "image", content_type, _picture(content_type, mode)
    yield "document", "text/csv", b"driver,points\n7,25\n"
    yield "document", "application/json", b'{"driver": 7}\n'
    yield "document", "application/pdf", _pdf()
    yield "document", "application/zip", _zip()


def _picture(content_type: str, mode: str) -> bytes:
    exif = Image.Exif()
    exif[_ORIENTATION] = 6
    has_colours = mode in {"RGB", "RGBA"}
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    out = BytesIO()
    Image.new(mode, (16, 8)).save(
        out,
        content_type.removeprefix("image/").upper(),
        exif=exif,
        icc_profile=profile if has_colours else None,
    )
    return out.getvalue()


def _pdf() -> bytes:
    out = BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(out)
    return out.getvalue()


def _zip() -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("standings.csv", "driver,points\n7,25\n")
    return out.getvalue()
