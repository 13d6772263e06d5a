"""Pictures as a whole: what they are called, what they weigh, and that nothing else changes."""

import struct
import warnings
import zlib
from io import BytesIO

import pytest
from PIL import Image
from tests.support.pictures import (
    chunk,
    exif,
    ihdr,
    png,
    png_with,
    quarters,
    saved,
    webp,
    webp_chunk,
)

from gridboss_assets.errors import (
    ContentMismatch,
    EmptyObject,
    InvalidImage,
    ObjectTooLarge,
    Rejection,
)
from gridboss_assets.inspection import images
from gridboss_assets.inspection.images import result
from gridboss_assets.inspection.sniff import sniff

JPEG, PNG, WEBP = (saved(quarters(), name) for name in ("JPEG", "PNG", "WEBP"))
FILES = {"image/jpeg": JPEG, "image/png": PNG, "image/webp": WEBP}

FOREIGN = {
    "image/gif": saved(quarters("P"), "GIF"),
    "image/bmp": saved(quarters(), "BMP"),
    "image/tiff": saved(quarters(), "TIFF"),
    "image/vnd.microsoft.icon": saved(quarters(), "ICO"),
    "image/jp2": saved(quarters(), "JPEG2000"),
    "image/avif": saved(quarters(), "AVIF"),
    "image/heic": b"\x00\x00\x00\x18ftypheic" + bytes(99),
    "image/jxl": b"\x00\x00\x00\x0cJXL \r\n\x87\n" + bytes(99),
    "image/vnd.adobe.photoshop": b"8BPS\x00\x01" + bytes(99),
    "video/mp4": b"\x00\x00\x00\x18ftypisom" + bytes(99),
    "application/postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n",
    "application/pdf": b"%PDF-1.7\n",
    "application/zip": b"PK\x03\x04" + bytes(99),
}


@pytest.mark.parametrize("declared", FILES)
@pytest.mark.parametrize("found", FOREIGN)
def test_a_known_type_under_another_name_is_a_mismatch_that_says_both(
    found: str, declared: str
) -> None:
    assert sniff(FOREIGN[found]) == found
    with pytest.raises(ContentMismatch, match=f"{found}.*{declared}"):
        images.clean(FOREIGN[found], declared)


@pytest.mark.parametrize("declared", FILES)
@pytest.mark.parametrize("found", FILES)
def test_each_of_the_three_types_counts_only_as_itself(found: str, declared: str) -> None:
    if found == declared:
        assert sniff(images.clean(FILES[found], declared)) == declared
    else:
        with pytest.raises(ContentMismatch):
            images.clean(FILES[found], declared)


@pytest.mark.parametrize("declared", ["image/jpg", "image/gif", "image/svg+xml", "", "text/csv"])
def test_a_type_that_is_no_picture_of_ours_is_a_mismatch(declared: str) -> None:
    with pytest.raises(ContentMismatch):
        images.clean(JPEG, declared)


@pytest.mark.parametrize(
    "data", [b"\x00" * 4096, b"<svg/>", b"\xff\xd8", b"RIFF\x04\x00\x00\x00WAVE"]
)
@pytest.mark.parametrize("declared", FILES)
def test_bytes_that_nobody_knows_are_no_valid_image(data: bytes, declared: str) -> None:
    with pytest.raises(InvalidImage):
        images.clean(data, declared)


@pytest.mark.parametrize("declared", FILES)
def test_no_bytes_at_all_are_empty(declared: str) -> None:
    for inspect in (images.clean, images.weight):
        with pytest.raises(EmptyObject):
            inspect(b"", declared)


@pytest.mark.parametrize(
    "header", [b"BM,points\n7,25\n", b"MZ,points\n", b"id,,ftypavif,\n", b"8BPS,x"]
)
def test_text_that_begins_like_something_else_is_still_text(header: bytes) -> None:
    assert sniff(header) is None


@pytest.mark.parametrize("declared", FILES)
def test_the_same_bytes_give_the_same_result(declared: str) -> None:
    assert images.clean(FILES[declared], declared) == images.clean(FILES[declared], declared)


def test_pillows_own_limit_is_neither_needed_nor_touched(monkeypatch: pytest.MonkeyPatch) -> None:
    # An embedder may have set it for its own pictures; warnings are errors here.
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for declared, data in FILES.items():
            images.clean(data, declared)
    assert Image.MAX_IMAGE_PIXELS == 1000


def test_the_limits_are_met_exactly() -> None:
    rows = b"\x00" + bytes(2500)
    assert images.weight(png(ihdr(20_000, 1500, 1, 0), rows), "image/png") > 0
    for size in ((20_000, 1501), (20_001, 1)):
        with pytest.raises(ObjectTooLarge):
            images.weight(png(ihdr(*size, 1, 0), rows), "image/png")


# --- weight


def jpeg_of(mode: str = "RGB", **settings: object) -> bytes:
    return saved(Image.new(mode, (800, 600)), "JPEG", **settings)


PIXELS = 800 * 600


@pytest.mark.parametrize(
    ("data", "content_type", "factor"),
    [
        (jpeg_of(), "image/jpeg", 1),
        (jpeg_of("L"), "image/jpeg", 1 / 4),
        (jpeg_of("CMYK"), "image/jpeg", 2),
        (jpeg_of(exif=b"Exif\x00\x00" + exif(6)), "image/jpeg", 2),
        (jpeg_of(progressive=True), "image/jpeg", 1.75),
        (jpeg_of(progressive=True, subsampling=0), "image/jpeg", 2.5),
        (saved(Image.new("RGB", (800, 600)), "PNG"), "image/png", 1),
        (saved(Image.new("P", (800, 600)), "PNG"), "image/png", 1.25),
        (saved(Image.new("RGB", (800, 600)), "WEBP"), "image/webp", 4),
        (saved(Image.new("RGB", (800, 600)), "WEBP", lossless=True), "image/webp", 5.75),
        (saved(Image.new("RGBA", (800, 600), "#12345678"), "WEBP"), "image/webp", 8),
    ],
)
def test_a_picture_weighs_what_its_pixels_take(
    data: bytes, content_type: str, factor: float
) -> None:
    assert images.weight(data, content_type) / PIXELS == pytest.approx(factor, rel=0.03)


def test_weighing_refuses_what_the_walk_refuses() -> None:
    for declared, data in FILES.items():
        with pytest.raises(Rejection):
            images.weight(data[: len(data) // 2], declared)


def test_weighing_inflates_and_decodes_nothing() -> None:
    # Cleaning refuses both: their streams are rubbish.
    broken = PNG.index(b"IDAT")
    data = PNG[: broken - 4] + chunk(b"IDAT", b"rubbish") + chunk(b"IEND")
    assert images.weight(data, "image/png") > 0
    with pytest.raises(InvalidImage):
        images.clean(data, "image/png")


# --- the walk through the result

CLEAN = {declared: images.clean(data, declared) for declared, data in FILES.items()}
J, P, W = CLEAN.values()
WITH_ALPHA = images.clean(saved(Image.new("RGBA", (8, 8), "#12345678"), "WEBP"), "image/webp")


@pytest.mark.parametrize("declared", FILES)
def test_what_we_encode_passes_the_last_walk(declared: str) -> None:
    result.check(CLEAN[declared], declared)


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        (J + b"x", "image/jpeg"),
        (J[:-1], "image/jpeg"),
        (J[:2] + b"\xff\xe1\x00\x02" + J[2:], "image/jpeg"),
        (J[:2] + b"\xff\xfe\x00\x03x" + J[2:], "image/jpeg"),
        (J[:2] + b"\xff\xe0\x00\x10JFXX\x00" + J[11:], "image/jpeg"),
        (J[:2] + J[2:20] + J[2:], "image/jpeg"),
        (J[:-2] + b"\xff\xfe\x00\x03x" + J[-2:], "image/jpeg"),
        (J[2:], "image/jpeg"),
        (P + b"x", "image/png"),
        (P[:-1], "image/png"),
        (png_with(P, chunk(b"tEXt", b"a\x00b")), "image/png"),
        (png_with(P, chunk(b"pHYs", bytes(9))), "image/png"),
        (png_with(P, chunk(b"eXIf", exif(1)), before=b"IEND"), "image/png"),
        (P.replace(b"IDAT", b"IDAx"), "image/png"),
        (P[:-5] + bytes(5), "image/png"),
        (W + b"xx", "image/webp"),
        (W[:-2], "image/webp"),
        (webp(W[12:], webp_chunk(b"EXIF", exif(1))), "image/webp"),
        (webp(webp_chunk(b"VP8X", b"\x18" + bytes(9)), W[12:]), "image/webp"),
        (
            WITH_ALPHA.replace(b"VP8X\x0a\x00\x00\x00\x10", b"VP8X\x0a\x00\x00\x00\x18"),
            "image/webp",
        ),
        (b"RIFX" + W[4:], "image/webp"),
        (b"", "image/webp"),
    ],
)
def test_the_last_walk_stops_whatever_is_no_picture(data: bytes, content_type: str) -> None:
    with pytest.raises(result.UncleanResultError):
        result.check(data, content_type)


def test_an_unclean_result_is_no_finding_about_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(*_: object, **__: object) -> bytes:
        return J[:-2] + b"\xff\xfe\x00\x03x" + J[-2:]

    monkeypatch.setattr(images, "encode", careless)
    with pytest.raises(result.UncleanResultError) as caught:
        images.clean(JPEG, "image/jpeg")
    assert not isinstance(caught.value, Rejection)


def test_nothing_of_pillows_info_is_written() -> None:
    everything = saved(
        quarters(), "JPEG", dpi=(300, 300), comment=b"hello", exif=b"Exif\x00\x00" + exif(1)
    )
    info = Image.open(BytesIO(images.clean(everything, "image/jpeg"))).info
    assert info.get("comment") is None
    assert info["jfif_density"] == (1, 1)
    stream = struct.pack(">IIB", 3000, 3000, 1)
    text = chunk(b"tEXt", b"Comment\x00hello") + chunk(b"zTXt", b"a\x00\x00" + zlib.compress(b"b"))
    found = images.clean(png_with(PNG, chunk(b"pHYs", stream), text), "image/png")
    assert Image.open(BytesIO(found)).info == {}
