"""Colours: what a picture says of them is applied before it is dropped."""

import struct
import zlib
from io import BytesIO
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageCms
from tests.support.cleaning import clean
from tests.support.pictures import (
    chunk,
    ihdr,
    png,
    png_with,
    quarters,
    saved,
    segment,
    with_segments,
)

from gridboss_assets.inspection.images import jpeg
from gridboss_assets.inspection.images.made_profile import SRGB_CURVE, SRGB_PRIMARIES, make_profile

P3 = ((0.3127, 0.3290), (0.68, 0.32), (0.265, 0.69), (0.15, 0.06))
# Its primaries change places, so that a picture is plainly wrong without it.
SWAPPED = (SRGB_PRIMARIES[0], *SRGB_PRIMARIES[:0:-1])


def profile(primaries: Any = SRGB_PRIMARIES, curve: Any = SRGB_CURVE) -> bytes:
    made = make_profile(primaries, curve)
    assert made is not None
    return made


def grey_profile(gamma: float) -> bytes:
    made = make_profile(SRGB_PRIMARIES, gamma, is_grey=True)
    assert made is not None
    return made


def farthest(a: Image.Image, b: Image.Image) -> int:
    return max(ImageChops.difference(a.convert("RGB"), b.convert("RGB")).tobytes())


def centres(image: Image.Image) -> Image.Image:
    """Return one pixel of each quarter, away from the edges that JPEG blurs."""
    middle = image.convert("RGB").resize((4, 4), Image.Resampling.NEAREST)
    return middle.resize((2, 2), Image.Resampling.NEAREST)


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP"])
def test_a_profile_is_applied_before_it_is_dropped(name: str) -> None:
    settings: dict[str, Any] = {"lossless": True} if name == "WEBP" else {}
    found = clean(saved(quarters(), name, icc_profile=profile(SWAPPED), **settings), name)
    assert "icc_profile" not in found.info
    expected = Image.merge("RGB", quarters().split()[::-1])
    assert farthest(centres(found), centres(expected)) <= (12 if name == "JPEG" else 1)


def test_a_wide_profile_is_applied() -> None:
    image = Image.new("RGB", (4, 4), (200, 100, 50))
    found = clean(saved(image, "PNG", icc_profile=profile(P3)))
    source = ImageCms.ImageCmsProfile(BytesIO(profile(P3)))
    expected = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"))
    assert expected is not None
    assert farthest(found, expected) <= 1
    assert farthest(found, image) > 10


def test_alpha_is_left_alone_by_a_profile() -> None:
    image = quarters("RGBA")
    image.putalpha(Image.linear_gradient("L").resize(image.size).point(lambda v: max(v, 1)))
    found = clean(saved(image, "PNG", icc_profile=profile(SWAPPED)))
    assert found.getchannel("A").tobytes() == image.getchannel("A").tobytes()
    assert farthest(found, Image.merge("RGB", quarters().split()[::-1])) <= 1


def test_a_profile_of_srgb_changes_nothing() -> None:
    assert clean(saved(quarters(), "PNG", icc_profile=profile())).tobytes() == quarters().tobytes()


@pytest.mark.parametrize(("mode", "name"), [("L", "JPEG"), ("L", "PNG"), ("LA", "PNG")])
def test_a_grey_profile_applies_to_grey(mode: str, name: str) -> None:
    image = Image.new("L", (16, 16), 55).convert(mode)
    if mode == "LA":
        image.putalpha(100)
    found = clean(saved(image, name, icc_profile=grey_profile(1.0)), name)
    assert found.mode == mode
    if mode == "LA":
        assert found.getpixel((8, 8))[1] == 100  # type: ignore[index]
    # Linear 55/255 is 128/255 in sRGB (IEC 61966-2-1).
    assert abs(found.convert("RGB").getpixel((8, 8))[0] - 128) <= 2  # type: ignore[index]


@pytest.mark.parametrize(
    ("mode", "block"),
    [
        ("RGB", grey_profile(1.0)),
        ("L", profile(SWAPPED, 1.0)),
        ("RGB", profile(SWAPPED)[:100]),
        ("RGB", profile(SWAPPED)[:140]),
        ("RGB", profile(SWAPPED).replace(b"acsp", b"nope")),
        ("RGB", profile(SWAPPED).replace(b"mntr", b"link")),
        ("RGB", profile(SWAPPED).replace(b"RGB ", b"Lab ")),
        ("RGB", profile(SWAPPED).replace(b"RGB ", b"CMYK")),
        ("RGB", profile(SWAPPED).replace(b"para", b"what")),
        ("RGB", profile(SWAPPED).replace(b"rXYZ", b"XXXX")),
        ("RGB", b"\xff" * 500),
    ],
)
def test_a_profile_that_is_broken_or_foreign_is_ignored(mode: str, block: bytes) -> None:
    image = quarters(mode)
    assert clean(saved(image, "PNG", icc_profile=block)).tobytes() == image.tobytes()


def test_a_profile_in_parts_is_joined_in_their_order() -> None:
    block = profile(SWAPPED)
    parts = [block[:100], block[100:300], block[300:]]
    segments = [
        segment(0xE2, b"ICC_PROFILE\x00" + bytes([number + 1, 3]) + part)
        for number, part in enumerate(parts)
    ]
    plain = saved(quarters(), "JPEG", quality=95)
    swapped = Image.merge("RGB", quarters().split()[::-1])
    found = clean(with_segments(plain, segments[2], segments[0], segments[1]), "JPEG")
    assert farthest(centres(found), centres(swapped)) <= 12
    for some in (segments[:2], [*segments, segments[0]], [segments[0]] * 3):
        data = with_segments(plain, *some)
        assert jpeg.walk(data).profile() is None
        found = clean(data, "JPEG")
        assert farthest(centres(found), centres(quarters())) <= 12


def test_cmyk_becomes_rgb() -> None:
    found = clean(saved(quarters("CMYK"), "JPEG", quality=95), "JPEG")
    assert found.mode == "RGB"
    assert farthest(centres(found), centres(quarters("CMYK"))) <= 12


def gamma(value: int) -> bytes:
    return chunk(b"gAMA", struct.pack(">I", value))


def chromaticities(primaries: Any) -> bytes:
    numbers = [round(100_000 * number) for pair in primaries for number in pair]
    return chunk(b"cHRM", struct.pack(">8I", *numbers))


PLAIN = png(ihdr(1, 1), b"\x00\xc8\x64\x32")


@pytest.mark.parametrize(
    ("chunks", "same_as"),
    [
        ([gamma(45455)], None),
        ([chunk(b"sRGB", b"\x00"), gamma(100_000)], None),
        ([gamma(0)], None),
        ([gamma(2**32 - 1)], None),
        ([chunk(b"gAMA", b"\x00")], None),
        ([chromaticities(SRGB_PRIMARIES)], None),
        ([chromaticities([(0, 0)] * 4)], None),
        ([chromaticities([(0.3, 0.3)] * 4)], None),
        ([chunk(b"cHRM", b"\xff" * 32)], None),
        ([gamma(100_000)], (SRGB_PRIMARIES, 1.0)),
        ([gamma(50_000)], (SRGB_PRIMARIES, 2.0)),
        ([gamma(45455), chromaticities(P3)], (P3, SRGB_CURVE)),
        ([gamma(100_000), chromaticities(P3)], (P3, 1.0)),
        ([chunk(b"cICP", bytes([12, 13, 0, 1])), chunk(b"sRGB", b"\x00")], (P3, SRGB_CURVE)),
        ([chunk(b"cICP", bytes([1, 8, 0, 1]))], (SRGB_PRIMARIES, 1.0)),
        ([chunk(b"cICP", bytes([9, 16, 0, 1])), gamma(100_000)], (SRGB_PRIMARIES, 1.0)),
        ([chunk(b"cICP", bytes([12, 13, 1, 1]))], None),
        ([chunk(b"cICP", bytes([12, 13, 0, 0]))], None),
        ([chunk(b"cICP", bytes([12, 13]))], None),
    ],
)
def test_what_a_png_says_of_its_colours_counts(chunks: list[bytes], same_as: Any) -> None:
    found = clean(png_with(PLAIN, *chunks))
    if same_as is None:
        assert found.tobytes() == b"\xc8\x64\x32"
    else:
        block = b"p\x00\x00" + zlib.compress(profile(*same_as))
        assert found.tobytes() == clean(png_with(PLAIN, chunk(b"iCCP", block))).tobytes()
        assert found.tobytes() != b"\xc8\x64\x32"


def test_a_profile_counts_before_gamma_and_srgb() -> None:
    block = chunk(b"iCCP", b"p\x00\x00" + zlib.compress(profile(SWAPPED)))
    found = clean(png_with(PLAIN, gamma(100_000), chunk(b"sRGB", b"\x00"), block))
    assert max(abs(a - b) for a, b in zip(found.tobytes(), b"\x32\x64\xc8", strict=True)) <= 1


def test_gamma_applies_to_grey() -> None:
    found = clean(png(ihdr(1, 1, 8, 0), b"\x00\x37", gamma(100_000)))
    assert found.mode == "L"
    assert abs(found.tobytes()[0] - 128) <= 1
