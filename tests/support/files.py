"""Files to upload: real photographs, and small real documents."""

import json
import zipfile
from io import BytesIO
from pathlib import Path

from PIL import Image
from tests.support.browser import File

PHOTOS = Path(__file__).parents[1] / "fixtures" / "photos"
MIB = 1024 * 1024


def picture(image_format: str, size: tuple[int, int] = (40, 30), mode: str = "RGB") -> bytes:
    """Draw a picture with a gradient, so that it has something to compare."""
    out = BytesIO()
    Image.linear_gradient("L").resize(size).convert(mode).save(out, image_format)
    return out.getvalue()


def _pdf() -> bytes:
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>",
    )
    out, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 4\n0000000000 65535 f \n"
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % start
    return bytes(out)


def _zip() -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("standings.csv", "driver,points\n7,25\n")
    return out.getvalue()


# An official portrait with GPS position, XMP, IPTC, a comment, and turned by 90° (orientation 6).
PHOTO = File("avatar", "me.jpg", "image/jpeg", (PHOTOS / "portrait-gps-rotated.jpg").read_bytes())
PNG = File("avatar", "me.png", "image/png", picture("PNG", mode="RGBA"))
WEBP = File("avatar", "me.webp", "image/webp", picture("WEBP"))
CSV = File("export", "season.csv", "text/csv", "driver,points\nJosé,25\n".encode())
OTHER_CSV = File("export", "season.csv", "text/csv", b"driver,points\nsomebody else,99\n")
JSON = File("export", "results.json", "application/json", json.dumps({"points": 25}).encode())
PDF = File("export", "results.pdf", "application/pdf", _pdf())
ZIP = File("export", "season.zip", "application/zip", _zip())
BIG_CSV = File(
    "export", "laps.csv", "text/csv", b"driver,lap,seconds\n" + b"7,1,93.125\n" * 1_950_000
)

PICTURES = (PHOTO, PNG, WEBP)
DOCUMENTS = (CSV, JSON, PDF, ZIP)
EVERY_TYPE = (*PICTURES, *DOCUMENTS)

# What `complete` finds at fault in a file that was signed as one of the above.
NOT_A_PICTURE = (PHOTO, b"just some words, and no picture at all")
PDF_AS_CSV = (CSV, PDF.data)
