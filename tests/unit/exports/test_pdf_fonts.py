"""The fonts of a PDF: embedded, subset, and one's own where asked for."""

from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from tests.support.pdf import exported, lines, run

from gridboss_assets.exports import PdfFont

FOLDER = Path(str(files("gridboss_assets.exports.encode_pdf") / "font_files"))
BOLD = FOLDER / "DejaVuSansCondensed-Bold.ttf"


def fonts(data: bytes) -> list[list[str]]:
    """Return what pdffonts says of each: name, type, encoding, embedded, subset, unicode."""
    return [line.split() for line in run("pdffonts", data, "-").splitlines()[2:]]


def test_every_font_is_embedded_as_a_subset_and_can_be_searched() -> None:
    found = fonts(exported(["driver"], [["Zoë"], ["Łukasz"]], title="Season 7"))
    assert [line[0].partition("+")[2] for line in found] == [
        "DejaVuSansCondensed",
        "DejaVuSansCondensed-Bold",
    ]
    assert all(line[3:6] == ["yes", "yes", "yes"] for line in found)


@pytest.mark.parametrize("give", [lambda path: path, lambda path: path.read_bytes()])
def test_a_font_of_ones_own_is_taken_as_path_or_bytes(give: object) -> None:
    assert callable(give)
    data = exported(["driver"], [["Zoë"]], font=PdfFont(give(BOLD)))
    assert [line[0].partition("+")[2] for line in fonts(data)] == ["DejaVuSansCondensed-Bold"]
    assert lines(data) == [["driver", "Zoë"]]


def test_a_name_of_a_file_is_no_font() -> None:
    name: Any = "MyFont.ttf"
    with pytest.raises(TypeError, match="regular: give a Path"):
        PdfFont(name)


@pytest.mark.parametrize("data", [b"", b"no font", BOLD.read_bytes()[:5000]])
def test_what_is_no_font_is_named(data: bytes) -> None:
    with pytest.raises(ValueError, match="font: not a TrueType font"):
        exported(["driver"], [["Zoë"]], font=PdfFont(data))


def test_the_licence_lies_beside_the_font() -> None:
    text = (FOLDER / "LICENSE.txt").read_text(encoding="utf-8")
    assert "Bitstream Vera Fonts Copyright" in text
    assert "Arev Fonts Copyright" in text
