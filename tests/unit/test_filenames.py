"""File names: safe to store, safe to offer for download, whatever a browser sent."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridboss_assets import filenames
from gridboss_assets.errors import InvalidFilename
from gridboss_assets.kinds import EXPORT

CSV = EXPORT.content_types[0]


@given(st.text(max_size=1024))
def test_any_name_is_cleaned_or_refused(name: str) -> None:
    try:
        clean = filenames.clean(name, CSV)
    except InvalidFilename:
        return
    assert clean.endswith((".csv", ".CSV", ".Csv", ".cSv", ".csV", ".CSv", ".CsV", ".cSV"))
    assert clean == unicodedata.normalize("NFC", clean)
    assert not set(clean) & set("/\\\"'\x00\r\n\u202e\u200f")
    assert len(filenames.encode(clean)) <= 512
    assert filenames.decode(filenames.encode(clean), CSV) == clean


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("season 2026.csv", "season 2026.csv"),
        ("../../etc/passwd", "passwd.csv"),
        ("C:\\Users\\me\\results.csv", "results.csv"),
        ("report.bat", "report.bat.csv"),
        ("cafe\u0301.csv", "caf\u00e9.csv"),
        ("fdp.\u202evsc.csv", "fdp.vsc.csv"),
        ("a\"b'c.csv", "abc.csv"),
        ("..hidden.csv", "hidden.csv"),
        ("RESULTS.CSV", "RESULTS.CSV"),
    ],
)
def test_a_name_becomes_what_a_person_may_see(name: str, expected: str) -> None:
    assert filenames.clean(name, CSV) == expected


@pytest.mark.parametrize("name", ["", " ", "...", "/", "a/", "\u202e", "\x00", "x" * 10_240])
def test_a_name_with_nothing_to_show_is_refused(name: str) -> None:
    with pytest.raises(InvalidFilename):
        filenames.clean(name, CSV)


def test_a_long_name_is_shortened_before_its_extension() -> None:
    clean = filenames.clean("\u4e2d" * 200 + ".csv", CSV)
    assert clean.endswith("\u4e2d.csv")
    assert len(filenames.encode(clean)) <= 512


def test_a_disposition_names_the_file_in_both_forms() -> None:
    value = filenames.content_disposition("attachment", "caf\u00e9 1.csv")
    assert value == "attachment; filename=\"cafe 1.csv\"; filename*=UTF-8''caf%C3%A9%201.csv"


@pytest.mark.parametrize("value", [None, "", "%FF", "x" * 600])
def test_metadata_that_we_did_not_write_gives_no_name(value: str | None) -> None:
    assert filenames.decode(value, CSV) is None
