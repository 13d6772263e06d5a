"""The logo of a PDF: bytes of a picture that passes the inspection of an avatar."""

from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from tests.support.pdf import exported, pages, run
from tests.support.pictures import exif, quarters, saved

from gridboss_assets.errors import ContentMismatch, EmptyObject, InvalidImage, ObjectTooLarge
from gridboss_assets.exports import PdfOptions
from gridboss_assets.inspection import InProcess


def with_logo(logo: bytes) -> bytes:
    return exported(["n"], [[1]], title="Season 7", logo=logo, inspection=InProcess())


def images(data: bytes) -> list[list[str]]:
    """Return what pdfimages says of each: page, number, type, width, height, colour."""
    return [line.split() for line in run("pdfimages", data, "-list", "-").splitlines()[2:]]


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP"])
def test_a_picture_of_each_type_stands_beside_the_title(name: str) -> None:
    data = with_logo(saved(quarters(), name))
    assert [image[2:6] for image in images(data)] == [["image", "48", "32", "rgb"]]
    assert pages(data)[0].words[0].text == "Season"
    assert pages(data)[0].words[0].left > 100


def test_a_transparent_picture_stays_transparent() -> None:
    logo = Image.new("RGBA", (40, 40), (200, 30, 30, 128))
    assert [image[2] for image in images(with_logo(saved(logo, "PNG")))] == ["image", "smask"]


def test_a_large_picture_is_scaled_down_to_what_print_shows() -> None:
    ((*_, width, height, _),) = [
        image[:6] for image in images(with_logo(saved(quarters(size=(1800, 900)), "PNG")))
    ]
    assert (int(width), int(height)) == (366, 183)


def test_the_picture_is_on_the_first_page_alone() -> None:
    data = exported(
        ["n"], [[n] for n in range(200)], logo=saved(quarters(), "PNG"), inspection=InProcess()
    )
    assert {image[0] for image in images(data)} == {"1"}


def test_no_metadata_of_the_picture_comes_along() -> None:
    made = Image.Exif()
    made[0x010E] = "secret description"
    assert b"secret" not in with_logo(saved(quarters(), "JPEG", exif=made))


def test_what_the_inspection_made_of_the_picture_is_printed() -> None:
    """It turns pictures upright, which nothing else does."""
    turned = saved(quarters(), "JPEG", exif=b"Exif\0\0" + exif(6))
    assert [image[3:5] for image in images(with_logo(turned))] == [["32", "48"]]


@pytest.mark.parametrize(
    ("logo", "error"),
    [
        (b"", EmptyObject),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", ContentMismatch),
        (b"GIF89a" + bytes(40), ContentMismatch),
        (saved(quarters(), "PNG")[:-30], InvalidImage),
        (b"\x89PNG\r\n\x1a\n" + bytes(2 * 1024 * 1024), ObjectTooLarge),
        (saved(Image.new("1", (2500, 2500)), "PNG"), ObjectTooLarge),
    ],
    ids=["empty", "svg", "gif", "cut short", "bytes", "pixels"],
)
def test_what_is_no_such_picture_is_refused(logo: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        with_logo(logo)


@pytest.mark.parametrize("logo", ["/etc/passwd", Path("logo.png"), "https://example.org/logo.png"])
def test_a_path_or_an_address_is_never_opened(logo: Any) -> None:
    with pytest.raises(TypeError, match="a path or URL is never opened"):
        PdfOptions(logo=logo)


def test_without_a_word_the_sandbox_inspects_it() -> None:
    data = exported(["n"], [[1]], logo=saved(quarters(), "PNG"))
    assert len(images(data)) == 1
