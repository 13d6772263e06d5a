"""JPEG: each rule of the header walk, on files made by hand."""

import struct
from functools import partial

import pytest
from tests.support.cleaning import clean as clean_picture
from tests.support.cleaning import refused_by_walk
from tests.support.pictures import exif, find, quarters, saved, segment, with_segments

from gridboss_assets.errors import InvalidImage, ObjectTooLarge
from gridboss_assets.inspection import images

JPEG = saved(quarters(), "JPEG", quality=90)
PROGRESSIVE = saved(quarters(), "JPEG", quality=90, progressive=True)
SOF, SOS = find(JPEG, 0xC0), find(JPEG, 0xDA)
QUANTIZATION, HUFFMAN = find(JPEG, 0xDB), find(JPEG, 0xC4)
clean = partial(clean_picture, name="JPEG")
refused = partial(refused_by_walk, name="JPEG")


def patched(at: int, new: bytes, data: bytes = JPEG) -> bytes:
    return data[:at] + new + data[at + len(new) :]


def frame(width: int, height: int) -> bytes:
    return patched(SOF[0] + 5, struct.pack(">HH", height, width))


def test_a_sound_one_is_accepted() -> None:
    assert clean(JPEG).size == (48, 32)


@pytest.mark.parametrize("marker", [0xC3, *range(0xC5, 0xC8), *range(0xC9, 0xD0), 0xCC, 0xDE, 0xDF])
def test_only_baseline_extended_and_progressive_frames_are_taken(marker: int) -> None:
    error = refused(patched(SOF[0] + 1, bytes([marker])))
    assert isinstance(error, InvalidImage)
    assert "not accepted" in str(error)


def test_an_extended_sequential_frame_is_taken() -> None:
    assert clean(patched(SOF[0] + 1, b"\xc1")).size == (48, 32)


@pytest.mark.parametrize("bits", [0, 7, 12, 16])
def test_only_8_bits_are_taken(bits: int) -> None:
    assert "bits" in str(refused(patched(SOF[0] + 4, bytes([bits]))))


@pytest.mark.parametrize("count", [0, 2, 5])
def test_only_1_3_or_4_components_are_taken(count: int) -> None:
    body = struct.pack(">BHHB", 8, 32, 48, count) + b"".join(
        bytes([i, 0x11, 0]) for i in range(count)
    )
    assert "components" in str(refused(JPEG[: SOF[0]] + segment(0xC0, body) + JPEG[SOF[1] :]))


@pytest.mark.parametrize(("width", "height"), [(0, 32), (48, 0), (0, 0)])
def test_a_picture_without_pixels_is_refused(width: int, height: int) -> None:
    refused(frame(width, height))


@pytest.mark.parametrize(("width", "height"), [(20_001, 1), (1, 20_001), (5_501, 5_455)])
def test_too_many_pixels_are_refused_with_the_limit(width: int, height: int) -> None:
    error = refused(frame(width, height))
    assert isinstance(error, ObjectTooLarge)
    assert "30 megapixels and 20,000 pixels a side" in str(error)


def test_a_height_that_comes_late_is_refused() -> None:
    assert "height" in str(refused(JPEG[:-2] + segment(0xDC, b"\x00\x21") + JPEG[-2:]))


def test_a_height_that_is_only_repeated_is_dropped() -> None:
    assert clean(JPEG[:-2] + segment(0xDC, b"\x00\x20") + JPEG[-2:]).size == (48, 32)


def test_a_second_frame_is_refused() -> None:
    refused(JPEG[: SOF[1]] + JPEG[SOF[0] :])


def test_a_picture_without_a_scan_is_refused() -> None:
    refused(JPEG[: SOS[0]] + b"\xff\xd9")


def test_a_scan_before_the_frame_is_refused() -> None:
    refused(JPEG[: SOF[0]] + JPEG[SOS[0] :])


def test_every_truncation_is_refused() -> None:
    for end in range(len(JPEG)):
        refused(JPEG[:end])


def test_fill_bytes_before_markers_are_taken() -> None:
    assert clean(JPEG[: SOF[0]] + b"\xff" * 9 + JPEG[SOF[0] :]).size == (48, 32)


@pytest.mark.parametrize("stray", [b"\x00", b"<script>", b"\xff\x00"])
def test_stray_bytes_between_segments_are_refused(stray: bytes) -> None:
    refused(JPEG[: SOF[0]] + stray + JPEG[SOF[0] :])


@pytest.mark.parametrize("marker", [0x01, 0x02, 0xBF, 0xC8, 0xD0, 0xD8, 0xF0, 0xF7, 0xFD])
def test_markers_that_have_no_place_in_a_header_are_refused(marker: int) -> None:
    refused(with_segments(JPEG, segment(marker, b"x")))


@pytest.mark.parametrize("length", [0, 1])
def test_a_segment_shorter_than_its_own_length_is_refused(length: int) -> None:
    refused(patched(QUANTIZATION[0] + 2, struct.pack(">H", length)))


def test_a_segment_longer_than_the_file_is_refused() -> None:
    refused(JPEG[: SOS[0]] + b"\xff\xfe\xff\xff" + JPEG[SOS[0] :])


@pytest.mark.parametrize("first", [b"\x04", b"\x20", b"\xf0"])
def test_a_quantization_table_that_cannot_be_is_refused(first: bytes) -> None:
    refused(patched(QUANTIZATION[0] + 4, first), "DQT")


def test_a_cut_quantization_table_is_refused() -> None:
    refused(JPEG[: QUANTIZATION[0]] + segment(0xDB, bytes(64)) + JPEG[QUANTIZATION[1] :])


@pytest.mark.parametrize("first", [b"\x04", b"\x20", b"\xf0"])
def test_a_huffman_table_that_cannot_be_is_refused(first: bytes) -> None:
    refused(patched(HUFFMAN[0] + 4, first), "DHT")


def test_a_huffman_table_of_more_symbols_than_bytes_is_refused() -> None:
    refused(patched(HUFFMAN[0] + 5, b"\xff" * 16), "DHT")


def test_a_restart_interval_of_a_wrong_length_is_refused() -> None:
    refused(with_segments(JPEG, segment(0xDD, b"\x00")))


def tables() -> list[tuple[int, int]]:
    """Return where each segment DQT or DHT begins and ends."""
    found, at = [], 2
    while JPEG[at + 1] != 0xDA:
        end = at + 2 + int.from_bytes(JPEG[at + 2 : at + 4])
        if JPEG[at + 1] in {0xC4, 0xDB}:
            found.append((at, end))
        at = end
    return found


@pytest.mark.parametrize("number", range(6))
def test_a_missing_table_is_refused(number: int) -> None:
    start, end = tables()[number]
    refused(JPEG[:start] + JPEG[end:], "a table is missing")


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"\x00\x00\x3f\x00",
        b"\x05" + bytes([1, 0] * 5) + b"\x00\x3f\x00",
        b"\x01\x01\x00\x00\x3f",
        b"\x01\x09\x00\x00\x3f\x00",
        b"\x02\x01\x00\x01\x00\x00\x3f\x00",
    ],
    ids=["empty", "no component", "five", "cut", "unknown", "twice the same"],
)
def test_a_scan_header_that_cannot_be_is_refused(header: bytes) -> None:
    data = JPEG[: SOS[0]] + segment(0xDA, header) + JPEG[SOS[1] :]
    refused(data, "not there" if header[:1] in {b"\x01", b"\x02"} and len(header) > 5 else "SOS")


def test_a_missing_component_is_refused() -> None:
    # Luminance alone, in a frame of three: the colours would be made up.
    header = segment(0xDA, b"\x01\x01\x00\x00\x3f\x00")
    refused(JPEG[: SOS[0]] + header + JPEG[SOS[1] :], "a component is missing")


@pytest.mark.parametrize("factors", [b"\x00", b"\x50", b"\x05", b"\x01"])
def test_impossible_sampling_factors_are_refused(factors: bytes) -> None:
    refused(patched(SOF[0] + 11, factors))


def test_two_components_of_one_number_are_refused() -> None:
    refused(patched(SOF[0] + 13, b"\x01"), "one number")


def repeated_scan(count: int) -> bytes:
    at = PROGRESSIVE.rindex(b"\xff\xda")
    return PROGRESSIVE[:-2] + PROGRESSIVE[at:-2] * count + PROGRESSIVE[-2:]


def test_64_scans_are_taken_and_65_are_not() -> None:
    there = PROGRESSIVE.count(b"\xff\xda")
    # libjpeg may refuse what repeated scans say; the walk must not.
    assert images.weight(repeated_scan(64 - there), "image/jpeg") > 0
    assert "scans" in str(refused(repeated_scan(65 - there)))


def test_fewer_scans_of_a_large_picture_are_too_many() -> None:
    at = find(PROGRESSIVE, 0xC2)[0]
    large = patched(at + 5, struct.pack(">HH", 5000, 6000), repeated_scan(20))
    assert "scans" in str(refused(large))


def test_more_segments_than_any_picture_has_are_refused() -> None:
    refused(with_segments(JPEG, segment(0xFE) * 10_000))


def test_what_stands_behind_the_end_is_not_looked_at() -> None:
    assert images.clean(JPEG + b"\xff\xd8\xff\xe1" + b"secret" * 99, "image/jpeg") == images.clean(
        JPEG, "image/jpeg"
    )


def test_the_first_of_several_exif_segments_counts() -> None:
    first, second = (segment(0xE1, b"Exif\x00\x00" + exif(value)) for value in (6, 3))
    assert clean(with_segments(JPEG, first, second)).size == (32, 48)


def test_exif_behind_the_scan_does_not_count() -> None:
    assert clean(JPEG[:-2] + segment(0xE1, b"Exif\x00\x00" + exif(6)) + JPEG[-2:]).size == (48, 32)


def test_restart_markers_belong_to_the_scan() -> None:
    data = saved(quarters(), "JPEG", quality=90, restart_marker_blocks=1)
    assert b"\xff\xd0" in data
    assert clean(data).size == (48, 32)


def test_a_jpeg_of_rgb_by_adobes_marker_keeps_its_colours() -> None:
    data = saved(quarters(), "JPEG", quality=95, keep_rgb=True)
    red, green, blue = clean(data).convert("RGB").getpixel((10, 8))  # type: ignore[misc]
    assert red > 200
    assert max(green, blue) < 60
