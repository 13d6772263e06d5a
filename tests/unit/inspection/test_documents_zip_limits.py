"""ZIP: bombs, and too many entries."""

import io
import os
import zipfile

import pytest
from tests.support.documents import ZIP, Member, archive, check, deflate

from gridboss_assets.errors import UnsafeDocument
from gridboss_assets.inspection.policy import InspectionPolicy

MIB = 1024 * 1024


def test_a_size_that_lies_stops_the_unpacking_at_once() -> None:
    bomb = Member(b"a.csv", b"\x00" * 1000, packed=deflate(bytes(50 * MIB)))
    with pytest.raises(UnsafeDocument, match="more than it declares"):
        check(archive([bomb]), ZIP)


def test_the_ratio_counts_above_ten_mebibytes() -> None:
    assert check(archive([Member(b"a.csv", b" " * (10 * MIB))]), ZIP) == ()
    with pytest.raises(UnsafeDocument, match="hundredfold"):
        check(archive([Member(b"a.csv", b" " * (10 * MIB + 1))]), ZIP)
    with pytest.raises(UnsafeDocument, match="hundredfold"):
        check(archive([Member(b"%d.csv" % n, b" " * (6 * MIB)) for n in range(2)]), ZIP)


def test_a_bomb_beside_a_large_file_is_one_too() -> None:
    members = [Member(b"a.bin", os.urandom(200_000)), Member(b"b.csv", b" " * (11 * MIB))]
    with pytest.raises(UnsafeDocument, match="hundredfold"):
        check(archive(members), ZIP)


def test_the_total_and_the_number_of_entries_are_limited() -> None:
    data = archive([Member(b"%d.csv" % n, os.urandom(2000)) for n in range(20)])
    assert check(data, ZIP, InspectionPolicy(zip_max_entries=20, zip_max_expanded=40_000)) == ()
    with pytest.raises(UnsafeDocument, match="20 entries"):
        check(data, ZIP, InspectionPolicy(zip_max_entries=19))
    with pytest.raises(UnsafeDocument, match="40000 bytes"):
        check(data, ZIP, InspectionPolicy(zip_max_expanded=39_999))


def test_a_hundred_thousand_entries_are_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as opened:
        for n in range(100_000):
            opened.writestr(zipfile.ZipInfo(f"{n}"), b"")
    with pytest.raises(UnsafeDocument, match="100000 entries"):
        check(out.getvalue(), ZIP)
