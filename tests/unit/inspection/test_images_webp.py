"""WebP: each rule of the chunk walk, on files made by hand."""

import struct
from functools import partial
from io import BytesIO

import pytest
from PIL import Image
from tests.support.cleaning import clean as clean_picture
from tests.support.cleaning import refused_by_walk
from tests.support.pictures import (
    exif,
    opened,
    picture_chunk,
    quarters,
    saved,
    vp8x,
    webp,
    webp_chunk,
    webp_chunks,
)

from gridboss_assets.errors import InvalidImage, ObjectTooLarge
from gridboss_assets.inspection import images

LOSSY = picture_chunk(quarters(), quality=90)
LOSSLESS = picture_chunk(quarters(), lossless=True)
ALPHA, EXIF, ICC, ANIMATED = 0x10, 0x08, 0x20, 0x02
clean = partial(clean_picture, name="WEBP")
refused = partial(refused_by_walk, name="WEBP")


def anmf(x: int, y: int, width: int, height: int, *chunks: bytes) -> bytes:
    numbers = (x // 2, y // 2, width - 1, height - 1, 100)
    head = b"".join(number.to_bytes(3, "little") for number in numbers) + b"\x00"
    return webp_chunk(b"ANMF", head + b"".join(chunks))


def animated(width: int, height: int, *frames: bytes) -> bytes:
    control = webp_chunk(b"ANIM", bytes(6))
    return webp(vp8x(width, height, ANIMATED | ALPHA), control, *frames)


def test_sound_ones_are_accepted_and_lossless_ones_stay_exact() -> None:
    assert clean(webp(LOSSY)).size == (48, 32)
    assert clean(webp(LOSSLESS)).convert("RGB").tobytes() == quarters().tobytes()


@pytest.mark.parametrize("picture", [LOSSY, LOSSLESS], ids=["lossy", "lossless"])
def test_every_truncation_is_refused(picture: bytes) -> None:
    data = webp(picture)
    for end in range(len(data)):
        refused(data[:end])


@pytest.mark.parametrize("delta", [1, 2, 1000, 2**31])
def test_a_riff_larger_than_the_file_is_refused(delta: int) -> None:
    data = webp(LOSSY)
    refused(data[:4] + struct.pack("<I", len(data) - 8 + delta) + data[8:])


@pytest.mark.parametrize("size", [0, 4, 11, 19, 30])
def test_a_riff_that_ends_within_the_picture_is_refused(size: int) -> None:
    data = webp(LOSSY)
    refused(data[:4] + struct.pack("<I", size) + data[8:])


def test_what_stands_behind_the_riff_is_not_looked_at() -> None:
    assert images.clean(webp(LOSSY) + b"secret", "image/webp") == images.clean(
        webp(LOSSY), "image/webp"
    )


@pytest.mark.parametrize("size", [2**32 - 1, 2**31, 10_000])
def test_a_chunk_larger_than_the_riff_is_refused(size: int) -> None:
    refused(webp(LOSSY[:4] + struct.pack("<I", size) + LOSSY[8:]))


def test_a_file_without_a_picture_is_refused() -> None:
    refused(webp())
    refused(webp(vp8x(48, 32, 0)))
    refused(webp(webp_chunk(b"EXIF", exif(1)), LOSSY))
    refused(webp(vp8x(48, 32, 0), webp_chunk(b"ALPH", bytes(9))))


def test_two_pictures_in_a_still_are_refused() -> None:
    refused(webp(vp8x(48, 32, 0), LOSSY, LOSSY))


def test_a_cut_header_of_an_extended_file_is_refused() -> None:
    refused(webp(webp_chunk(b"VP8X", bytes(8)), LOSSY))


@pytest.mark.parametrize("size", [(47, 32), (48, 33), (4000, 3000)])
def test_a_canvas_of_another_size_is_refused(size: tuple[int, int]) -> None:
    refused(webp(vp8x(*size, 0), LOSSY))


@pytest.mark.parametrize("size", [(16_384, 16_384), (4000, 3001), (20_001, 1), (2**24, 2**24)])
def test_a_canvas_of_too_many_pixels_is_refused_with_the_limit(size: tuple[int, int]) -> None:
    error = refused(webp(vp8x(*size, 0), LOSSY))
    assert isinstance(error, ObjectTooLarge)
    assert "12 megapixels" in str(error)


@pytest.mark.parametrize("size", [(16_384, 2), (2, 16_384)])
def test_a_canvas_that_no_frame_could_fill_is_refused_with_the_limit(size: tuple[int, int]) -> None:
    frame = anmf(0, 0, 2, 2, picture_chunk(quarters(size=(2, 2)), lossless=True))
    assert "16,383 pixels a side" in str(refused(animated(*size, frame)))


def test_a_picture_of_too_many_pixels_is_refused_by_its_own_header() -> None:
    lossy = LOSSY[:14] + struct.pack("<HH", 4000, 3001) + LOSSY[18:]
    lossless = webp_chunk(b"VP8L", b"\x2f" + struct.pack("<I", 3999 | 3000 << 14) + bytes(9))
    for picture in (lossy, lossless):
        assert isinstance(refused(webp(picture)), ObjectTooLarge)


@pytest.mark.parametrize(
    ("at", "new"),
    [(8, b"\x01"), (8, b"\x10\xff\xff"), (11, b"\x00"), (14, b"\x00\x00"), (16, b"\x00\x00")],
    ids=["no key frame", "partition outside", "start code", "no width", "no height"],
)
def test_a_lossy_header_that_cannot_be_is_refused(at: int, new: bytes) -> None:
    refused(webp(LOSSY[:at] + new + LOSSY[at + len(new) :]))


@pytest.mark.parametrize(("at", "new"), [(8, b"\x2e"), (12, b"\x20")], ids=["signature", "version"])
def test_a_lossless_header_that_cannot_be_is_refused(at: int, new: bytes) -> None:
    refused(webp(LOSSLESS[:at] + new + LOSSLESS[at + 1 :]))


def test_more_chunks_than_any_picture_has_are_refused() -> None:
    refused(webp(vp8x(48, 32, 0), LOSSY, webp_chunk(b"abcd", b"") * 10_000))


def test_unknown_chunks_are_dropped() -> None:
    data = webp(vp8x(48, 32, 0), webp_chunk(b"evil", b"<script>"), LOSSY)
    assert images.clean(data, "image/webp") == images.clean(webp(LOSSY), "image/webp")


@pytest.mark.parametrize("prefix", [b"", b"Exif\x00\x00"])
def test_exif_turns_when_it_is_announced(prefix: bytes) -> None:
    block = webp_chunk(b"EXIF", prefix + exif(6))
    assert clean(webp(vp8x(48, 32, EXIF), LOSSY, block)).size == (32, 48)


def test_exif_that_is_not_announced_does_not_count_as_in_libwebp() -> None:
    block = webp_chunk(b"EXIF", exif(6))
    for data in (webp(vp8x(48, 32, 0), LOSSY, block), webp(LOSSY, block)):
        assert clean(data).size == (48, 32)
        assert Image.open(BytesIO(data)).getexif() == {}


def test_alpha_of_both_kinds_is_kept() -> None:
    image = quarters("RGBA")
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    for settings in ({"lossless": True}, {"quality": 90}):
        data = saved(image, "WEBP", **settings)
        found = clean(data).getchannel("A").tobytes()
        assert found == opened(data).getchannel("A").tobytes()


def test_alpha_that_breaks_is_refused() -> None:
    image = quarters("RGBA")
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    chunks = dict(webp_chunks(saved(image, "WEBP", quality=90)))
    alpha = webp_chunk(b"ALPH", chunks[b"ALPH"][:3])
    with pytest.raises(InvalidImage):
        images.clean(
            webp(vp8x(48, 32, ALPHA), alpha, webp_chunk(b"VP8 ", chunks[b"VP8 "])), "image/webp"
        )


def test_of_an_animation_the_first_frame_is_taken() -> None:
    second = anmf(0, 0, 48, 32, picture_chunk(quarters().rotate(180), lossless=True))
    data = animated(48, 32, anmf(0, 0, 48, 32, LOSSLESS), second)
    assert clean(data).convert("RGB").tobytes() == quarters().tobytes()


def test_a_first_frame_smaller_than_the_canvas_stands_on_nothing() -> None:
    found = clean(animated(100, 80, anmf(10, 20, 48, 32, LOSSLESS))).convert("RGBA")
    assert found.size == (100, 80)
    assert found.getpixel((0, 0)) == (0, 0, 0, 0)
    assert found.getpixel((10, 20)) == (220, 30, 30, 255)
    assert found.getpixel((58, 20)) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    "frame",
    [
        anmf(0, 2, 48, 32, LOSSLESS),
        anmf(2, 0, 48, 32, LOSSLESS),
        anmf(0, 0, 47, 32, LOSSLESS),
        anmf(0, 0, 48, 32),
        webp_chunk(b"ANMF", bytes(15)),
        LOSSLESS,
    ],
    ids=["below", "to the right", "of another size", "empty", "cut", "no frame at all"],
)
def test_a_frame_that_does_not_fit_is_refused(frame: bytes) -> None:
    refused(animated(48, 32, frame))
