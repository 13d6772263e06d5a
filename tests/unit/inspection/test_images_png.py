"""PNG: each rule of the chunk walk, on files made by hand."""

import struct
import tracemalloc
import zlib
from functools import partial

import pytest
from tests.support.cleaning import clean, refused_by_walk
from tests.support.pictures import (
    PNG_SIGNATURE,
    chunk,
    exif,
    ihdr,
    png,
    png_with,
    quarters,
    saved,
)

from gridboss_assets.errors import InvalidImage, ObjectTooLarge
from gridboss_assets.inspection import images

PNG = saved(quarters(), "PNG")
ROW = b"\x00" + bytes(range(12))
TWO_ROWS = png(ihdr(4, 2), ROW * 2)
refused = partial(refused_by_walk, name="PNG")


def refused_for(detail: str, data: bytes) -> None:
    """Have it refused for what stands inside of sound chunks."""
    with pytest.raises(InvalidImage) as caught:
        images.clean(data, "image/png")
    assert detail in str(caught.value.detail)


def test_a_sound_one_comes_out_with_the_same_pixels() -> None:
    assert clean(PNG).tobytes() == quarters().tobytes()
    assert clean(TWO_ROWS).tobytes() == bytes(range(12)) * 2


def test_every_truncation_is_refused() -> None:
    for end in range(len(PNG)):
        refused(PNG[:end])


def test_every_changed_bit_is_refused() -> None:
    # Each is in the signature, a length, a type, or under a CRC.
    for bit in range(8 * len(TWO_ROWS)):
        data = bytearray(TWO_ROWS)
        data[bit // 8] ^= 1 << bit % 8
        refused(bytes(data))


LEGAL = {0: {1, 2, 4, 8, 16}, 2: {8, 16}, 3: {1, 2, 4, 8}, 4: {8, 16}, 6: {8, 16}}
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}


@pytest.mark.parametrize("colour", range(8))
@pytest.mark.parametrize("depth", [0, 1, 2, 3, 4, 8, 16, 32])
def test_only_the_legal_depths_of_each_colour_type_are_taken(colour: int, depth: int) -> None:
    bits = depth * CHANNELS.get(colour, 1)
    rows = (b"\x00" + bytes(-(-5 * bits // 8))) * 3
    data = png(ihdr(5, 3, depth, colour), rows, chunk(b"PLTE", bytes(6)))
    if depth in LEGAL.get(colour, ()):
        assert clean(data).size == (5, 3)
    else:
        refused(data)


@pytest.mark.parametrize("methods", [(1, 0, 0), (0, 1, 0), (0, 0, 2)])
def test_unknown_methods_are_refused(methods: tuple[int, int, int]) -> None:
    refused(png(ihdr(4, 2, 8, 2, *methods), ROW * 2))


@pytest.mark.parametrize(("width", "height"), [(0, 1), (1, 0), (2**31, 1), (2**32 - 1, 2**32 - 1)])
def test_impossible_sides_are_refused(width: int, height: int) -> None:
    refused(png(ihdr(width, height), ROW))


@pytest.mark.parametrize(
    ("width", "height"), [(20_000, 20_000), (20_001, 1), (1, 20_001), (5_501, 5_455)]
)
def test_too_many_pixels_are_refused_with_the_limit(width: int, height: int) -> None:
    error = refused(png(ihdr(width, height, 1, 0), ROW))
    assert isinstance(error, ObjectTooLarge)
    assert "30 megapixels" in str(error)


def test_ihdr_of_a_wrong_length_is_refused() -> None:
    refused(PNG_SIGNATURE + chunk(b"IHDR", bytes(12)) + PNG[33:])


@pytest.mark.parametrize(
    "data",
    [
        PNG_SIGNATURE + PNG[33:],
        PNG_SIGNATURE + chunk(b"tEXt") + PNG[8:],
        png_with(PNG, PNG[8:33]),
        png_with(PNG, PNG[8:33], before=b"IEND"),
        png_with(png(ihdr(1, 1, 8, 3), bytes(2)), chunk(b"PLTE", bytes(3)), before=b"IEND"),
        png(ihdr(1, 1, 8, 3), bytes(2), chunk(b"PLTE", bytes(3)), chunk(b"PLTE", bytes(3))),
    ],
    ids=["no IHDR", "IHDR second", "IHDR twice", "IHDR late", "PLTE late", "PLTE twice"],
)
def test_critical_chunks_out_of_order_are_refused(data: bytes) -> None:
    refused(data)


def test_idat_chunks_that_are_apart_are_refused() -> None:
    stream = zlib.compress(ROW * 2)
    parts = (chunk(b"IDAT", stream[:5]), chunk(b"tEXt", b"a\x00b"), chunk(b"IDAT", stream[5:]))
    refused(PNG_SIGNATURE + ihdr(4, 2) + b"".join(parts) + chunk(b"IEND"))


def test_many_small_and_empty_idat_chunks_are_one_stream() -> None:
    stream = zlib.compress(ROW * 2)
    parts = [chunk(b"IDAT", stream[i : i + 1]) + chunk(b"IDAT") for i in range(len(stream))]
    data = PNG_SIGNATURE + ihdr(4, 2) + b"".join(parts) + chunk(b"IEND")
    assert clean(data).tobytes() == bytes(range(12)) * 2


def test_more_chunks_than_any_picture_has_are_refused() -> None:
    refused(png_with(PNG, chunk(b"IDAT") * 10_000, before=b"IEND"))


def test_an_unknown_critical_chunk_is_refused() -> None:
    assert "CgBI" in str(refused(png_with(PNG, chunk(b"CgBI", bytes(4)))))


@pytest.mark.parametrize("kind", [b"ab1d", b"\x00\x00\x00\x00", b"tE t", b"t\xc3\xa9x"])
def test_a_chunk_type_of_anything_but_letters_is_refused(kind: bytes) -> None:
    refused(png_with(PNG, chunk(kind)))


@pytest.mark.parametrize("entries", [0, 1, 4, 257 * 3])
def test_a_palette_of_a_wrong_length_is_refused(entries: int) -> None:
    refused(png(ihdr(1, 1, 8, 3), bytes(2), chunk(b"PLTE", bytes(entries))))


def test_a_palette_picture_without_a_palette_is_refused() -> None:
    refused(png(ihdr(1, 1, 8, 3), bytes(2)))


def test_an_index_past_the_palette_is_black() -> None:
    data = png(ihdr(2, 1, 8, 3), b"\x00\x00\xff", chunk(b"PLTE", b"\x0a\x14\x1e"))
    assert clean(data).tobytes() == b"\x0a\x14\x1e\x00\x00\x00"


@pytest.mark.parametrize(("colour", "length"), [(0, 1), (0, 3), (2, 5), (2, 7), (3, 3)])
def test_transparency_of_a_wrong_length_is_refused(colour: int, length: int) -> None:
    rows = b"\x00" + bytes(CHANNELS[colour])
    extra = (chunk(b"PLTE", bytes(6)), chunk(b"tRNS", bytes(length)))
    refused(png(ihdr(1, 1, 8, colour), rows, *extra))


def test_a_picture_with_alpha_has_no_use_for_transparency() -> None:
    data = png(ihdr(1, 1, 8, 6), b"\x00\x01\x02\x03\x04", chunk(b"tRNS", bytes(6)))
    assert clean(data).tobytes() == b"\x01\x02\x03\x04"


def test_a_missing_picture_is_refused() -> None:
    refused(PNG_SIGNATURE + ihdr(4, 2) + chunk(b"IEND"))


@pytest.mark.parametrize("missing", [1, 5, 13, 26])
def test_fewer_rows_than_needed_are_refused(missing: int) -> None:
    refused_for("rows are missing", png(ihdr(4, 2), (ROW * 2)[:-missing]))


def test_a_stream_that_breaks_is_refused() -> None:
    stream = zlib.compress(ROW * 2)
    for at in (0, 2, 3):
        broken = stream[:at] + b"\xff" + stream[at + 1 :]
        data = PNG_SIGNATURE + ihdr(4, 2) + chunk(b"IDAT", broken) + chunk(b"IEND")
        refused_for("does not inflate", data)


def test_a_filter_that_does_not_exist_is_refused() -> None:
    refused_for("while decoding", png(ihdr(4, 2), b"\x05" + ROW[1:] + ROW))


@pytest.mark.parametrize("depth", [1, 8, 16])
@pytest.mark.parametrize("width", [1, 2, 3, 4, 5, 7, 8, 9])
@pytest.mark.parametrize("height", [1, 2, 3, 4, 5, 8, 9])
def test_interlaced_rows_are_counted_pass_by_pass(width: int, height: int, depth: int) -> None:
    passes = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2))
    rows = b""
    for x, y, dx, dy in (*passes, (0, 1, 1, 2)):
        columns, lines = len(range(x, width, dx)), len(range(y, height, dy))
        if columns:
            rows += (b"\x00" + b"\xff" * -(-columns * depth // 8)) * lines
    header = ihdr(width, height, depth, 0, 0, 0, 1)
    assert clean(png(header, rows)).tobytes() == b"\xff" * (width * height)
    refused_for("rows are missing", png(header, rows[:-1]))


def test_a_bomb_in_the_rows_is_inflated_no_further_than_needed() -> None:
    bomb = zlib.compress(bytes(200_000_000), 9)
    data = PNG_SIGNATURE + ihdr(4, 2) + chunk(b"IDAT", bomb) + chunk(b"IEND")
    tracemalloc.start()
    try:
        assert clean(data).size == (4, 2)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2_000_000


@pytest.mark.parametrize("kind", [b"zTXt", b"iTXt"])
def test_text_is_never_inflated(kind: bytes) -> None:
    rest = {b"zTXt": b"k\x00\x00", b"iTXt": b"k\x00\x01\x00\x00\x00"}[kind]
    text = chunk(kind, rest + zlib.compress(bytes(100_000_000), 9)) * 5
    assert images.clean(png_with(PNG, text), "image/png") == images.clean(PNG, "image/png")


def test_a_profile_that_inflates_to_more_than_1_mib_is_refused() -> None:
    for size, is_taken in ((1024 * 1024, True), (1024 * 1024 + 1, False), (100_000_000, False)):
        data = png_with(PNG, chunk(b"iCCP", b"p\x00\x00" + zlib.compress(bytes(size))))
        if is_taken:
            assert clean(data).tobytes() == quarters().tobytes()
        else:
            refused_for("1 MiB", data)


@pytest.mark.parametrize("body", [b"", b"p", b"p\x00", b"p\x00\x01abc", b"p\x00\x00no zlib"])
def test_a_broken_profile_is_ignored(body: bytes) -> None:
    assert clean(png_with(PNG, chunk(b"iCCP", body))).tobytes() == quarters().tobytes()


@pytest.mark.parametrize("before", [b"IDAT", b"IEND"])
def test_exif_counts_before_and_after_the_picture(before: bytes) -> None:
    assert clean(png_with(PNG, chunk(b"eXIf", exif(6)), before=before)).size == (32, 48)


def test_an_orientation_in_a_text_does_not_count() -> None:
    text = b"Raw profile type exif\x00\nexif\n 44\n" + (b"Exif\x00\x00" + exif(6)).hex().encode()
    assert clean(png_with(PNG, chunk(b"tEXt", text))).size == (48, 32)


def test_of_an_animation_the_default_image_is_taken() -> None:
    control = chunk(b"acTL", struct.pack(">II", 2, 0))
    frame = chunk(b"fcTL", struct.pack(">IIIIIHHBB", 0, 4, 2, 0, 0, 1, 1, 0, 0))
    data = chunk(b"fdAT", struct.pack(">I", 1) + zlib.compress(b"\x00" + bytes(12) + ROW))
    # The frame stands behind the default image, which is no frame here.
    assert clean(png(ihdr(4, 2), ROW * 2, control, behind=frame + data)).tobytes() == (
        bytes(range(12)) * 2
    )
