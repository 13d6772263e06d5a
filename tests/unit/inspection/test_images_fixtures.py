"""The given pictures with known right answers, judged by their own verifier."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.support import verify_image

from gridboss_assets.errors import Rejection
from gridboss_assets.inspection import images

FIXTURES = Path(__file__).parents[2] / "fixtures/images"
ENTRIES = json.loads((FIXTURES / "images.json").read_text(encoding="utf-8"))["entries"]


def result_of(entry: dict[str, Any], original: bytes) -> bytes | None:
    try:
        return images.clean(original, entry["content_type"])
    except Rejection:
        return None


@pytest.mark.parametrize("entry", ENTRIES, ids=[entry["name"] for entry in ENTRIES])
def test_the_verifier_finds_nothing_wrong_with_what_becomes_of(entry: dict[str, Any]) -> None:
    original = (FIXTURES / entry["file"]).read_bytes()
    result = result_of(entry, original)
    # exiftool is not everywhere; the verifier's own walk and its search for canaries are.
    found = verify_image.findings(original, entry, result, use_exiftool=False)  # type: ignore[no-untyped-call]
    assert found == []


@pytest.mark.parametrize(
    "name",
    ["jpeg_no_eoi", "png_no_iend", "jpeg_scan_bomb", "jpeg_65500x400", "webp_canvas_mismatch"],
)
def test_where_engineers_differ_we_refuse(name: str) -> None:
    entry = next(entry for entry in ENTRIES if entry["name"] == name)
    assert result_of(entry, (FIXTURES / entry["file"]).read_bytes()) is None


@pytest.mark.parametrize(
    "name",
    [
        "jpeg_icc_corrupt",
        "jpeg_icc_cmyk_in_rgb",
        "jpeg_1x2000",
        "png_itxt_bomb",
        "webp_vp8_tail",
    ],
)
def test_where_engineers_differ_we_accept(name: str) -> None:
    entry = next(entry for entry in ENTRIES if entry["name"] == name)
    assert result_of(entry, (FIXTURES / entry["file"]).read_bytes()) is not None
