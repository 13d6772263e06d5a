"""What becomes of the pixels: upright, of 8 bits, with alpha and nothing hidden."""

import struct
from typing import Any

import pytest
from PIL import Image
from tests.support.cleaning import clean
from tests.support.pictures import (
    PNG_SIGNATURE,
    chunk,
    exif,
    ihdr,
    png,
    png_with,
    quarters,
    saved,
    segment,
    with_segments,
)

from gridboss_assets.inspection import images

# What undoes each orientation, told as where the top left quarter (red) ends up.
CORNERS = {1: "tl", 2: "tr", 3: "br", 4: "bl", 5: "tl", 6: "tr", 7: "br", 8: "bl"}


def corner_of_red(image: Image.Image) -> str:
    image = image.convert("RGB")
    places = {"tl": (0.25, 0.25), "tr": (0.75, 0.25), "bl": (0.25, 0.75), "br": (0.75, 0.75)}

    def redness(place: str) -> int:
        x, y = places[place]
        pixel = image.getpixel((int(x * image.width), int(y * image.height)))
        assert isinstance(pixel, tuple)
        return pixel[0] - pixel[1] - pixel[2]

    return max(places, key=redness)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(
    ("name", "mode", "settings"),
    [
        ("JPEG", "RGB", {}),
        ("JPEG", "RGB", {"progressive": True}),
        ("JPEG", "CMYK", {}),
        ("PNG", "RGB", {}),
        ("PNG", "RGBA", {}),
        ("PNG", "P", {}),
        ("WEBP", "RGB", {}),
        ("WEBP", "RGBA", {"lossless": True}),
    ],
)
@pytest.mark.parametrize("order", ["<", ">"])
def test_every_orientation_comes_out_upright(
    orientation: int, name: str, mode: str, settings: dict[str, Any], order: str
) -> None:
    block = exif(orientation, order=order)
    if name == "JPEG":
        block = b"Exif\x00\x00" + block
    image = clean(saved(quarters(mode, (50, 34)), name, exif=block, **settings), name)
    assert image.size == ((50, 34) if orientation < 5 else (34, 50))
    assert corner_of_red(image) == CORNERS[orientation]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_of_a_grey_jpeg_comes_out_upright(orientation: int) -> None:
    image = Image.new("L", (48, 32), 250)
    image.paste(10, (0, 0, 24, 16))
    found = clean(saved(image, "JPEG", exif=b"Exif\x00\x00" + exif(orientation)), "JPEG")
    assert found.mode == "L"
    width, height = found.size
    dark = {"tl": (4, 4), "tr": (width - 4, 4), "bl": (4, height - 4)}
    dark["br"] = (width - 4, height - 4)
    assert found.getpixel(dark[CORNERS[orientation]]) < 30  # type: ignore[operator]


@pytest.mark.parametrize(
    "block",
    [
        exif(0),
        exif(9),
        exif(65_535),
        exif(6, count=2),
        exif(6, kind=7),
        exif(6)[:-9],
        b"MM\x00*" + struct.pack(">I", 2**32 - 1),
        b"MM\x00*\x00\x00\x00\x08\xff\xff",
        b"II\x00*" + exif(6)[4:],
        b"Exif\x00\x00",
        b"",
    ],
)
def test_an_orientation_that_is_none_counts_as_upright(block: bytes) -> None:
    data = with_segments(saved(quarters(), "JPEG"), segment(0xE1, b"Exif\x00\x00" + block))
    assert clean(data, "JPEG").size == (48, 32)


def test_an_orientation_of_32_bits_counts_as_well() -> None:
    assert clean(png_with(saved(quarters(), "PNG"), chunk(b"eXIf", exif(6, kind=4)))).size == (
        32,
        48,
    )


def test_an_orientation_in_xmp_does_not_count() -> None:
    xmp = b'http://ns.adobe.com/xap/1.0/\x00<x tiff:Orientation="6"/>'
    assert clean(with_segments(saved(quarters(), "JPEG"), segment(0xE1, xmp)), "JPEG").size == (
        48,
        32,
    )


def samples(*values: int, size: str = "H") -> bytes:
    return b"\x00" + struct.pack(f">{len(values)}{size}", *values)


@pytest.mark.parametrize(
    ("colour", "row", "mode", "expected"),
    [
        (0, samples(0x1234), "L", b"\x12"),
        (2, samples(0x1234, 0x5678, 0x9ABC), "RGB", b"\x12\x56\x9a"),
        (4, samples(0x1234, 0x5678), "LA", b"\x12\x56"),
        (6, samples(0x1234, 0x5678, 0x9ABC, 0xDEF0), "RGBA", b"\x12\x56\x9a\xde"),
    ],
)
def test_16_bits_become_8(colour: int, row: bytes, mode: str, expected: bytes) -> None:
    found = clean(png(ihdr(1, 1, 16, colour), row))
    assert (found.mode, found.tobytes()) == (mode, expected)


@pytest.mark.parametrize(
    ("header", "row", "transparent", "alphas"),
    [
        (ihdr(3, 1, 8, 0), samples(5, 6, 5, size="B"), samples(5)[1:], b"\x00\xff\x00"),
        (ihdr(8, 1, 1, 0), b"\x00\xa5", samples(0)[1:], b"\xff\x00\xff\x00\x00\xff\x00\xff"),
        (ihdr(4, 1, 2, 0), b"\x00\x1b", samples(2)[1:], b"\xff\xff\x00\xff"),
        (ihdr(2, 1, 4, 0), b"\x00\x5c", samples(5)[1:], b"\x00\xff"),
        (
            ihdr(3, 1, 16, 0),
            samples(0x1234, 0x1235, 0x3412),
            samples(0x1234)[1:],
            b"\x00\xff\xff",
        ),
        (
            ihdr(2, 1, 8, 2),
            samples(1, 2, 3, 1, 2, 4, size="B"),
            samples(1, 2, 3)[1:],
            b"\x00\xff",
        ),
        (
            ihdr(3, 1, 16, 2),
            samples(1, 2, 3, 1, 2, 4, 0x101, 2, 3),
            samples(1, 2, 3)[1:],
            b"\x00\xff\xff",
        ),
    ],
    ids=["grey 8", "grey 1", "grey 2", "grey 4", "grey 16", "colour 8", "colour 16"],
)
def test_one_transparent_colour_becomes_alpha(
    header: bytes, row: bytes, transparent: bytes, alphas: bytes
) -> None:
    found = clean(png(header, row, chunk(b"tRNS", transparent)))
    assert found.getchannel("A").tobytes() == alphas


def test_a_palette_with_alpha_becomes_colours_with_alpha() -> None:
    palette = chunk(b"PLTE", bytes(range(10, 22)))
    data = png(ihdr(4, 1, 8, 3), b"\x00\x00\x01\x02\x03", palette, chunk(b"tRNS", b"\x00\x80"))
    found = clean(data)
    assert found.mode == "RGBA"
    expected = b"\x00\x00\x00\x00\x0d\x0e\x0f\x80\x10\x11\x12\xff\x13\x14\x15\xff"
    assert found.tobytes() == expected


@pytest.mark.parametrize("name", ["PNG", "WEBP"])
@pytest.mark.parametrize("size", [(48, 32), (2000, 1200)])
def test_colour_under_full_transparency_is_blanked(name: str, size: tuple[int, int]) -> None:
    image = quarters("RGBA", size)
    half = Image.new("L", size, 0)
    half.paste(1, (0, 0, size[0], size[1] // 2))
    image.putalpha(half)
    settings: dict[str, Any] = {"lossless": True, "exact": True} if name == "WEBP" else {}
    found = clean(saved(image, name, **settings), name)
    hidden = found.crop((0, size[1] // 2, *size)).tobytes()
    assert not hidden.strip(b"\x00")
    # The faintest colour that can be seen stays.
    assert found.getpixel((0, 0)) == (220, 30, 30, 1)


def test_grey_under_full_transparency_is_blanked() -> None:
    found = clean(png(ihdr(2, 1, 8, 4), samples(99, 0, 99, 1, size="B")))
    assert found.tobytes() == b"\x00\x00\x63\x01"


def test_an_unused_entry_of_a_palette_is_lost() -> None:
    secret = b"SECRET-IN-THE-PALETTE!".ljust(24, b"\x00")
    data = png(ihdr(1, 1, 8, 3), b"\x00\x00", chunk(b"PLTE", bytes(3) + secret))
    assert secret not in images.clean(data, "image/png")
    stream = images.clean(data, "image/png")
    assert b"PLTE" not in stream
    assert stream.startswith(PNG_SIGNATURE)
