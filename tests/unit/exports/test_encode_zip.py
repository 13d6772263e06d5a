"""ZIP: several files in one, that any reader opens and our own inspection passes."""

import io
import itertools
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from tests.support.documents import ZIP, check

from gridboss_assets.errors import ExportTooLarge, InvalidFilename, InvalidRows
from gridboss_assets.exports import Column, Table, encode_zip
from gridboss_assets.exports.encode_csv import CsvOptions
from gridboss_assets.exports.encode_json import JsonOptions
from gridboss_assets.exports.encode_zip import ZipEntry, ZipOptions, encode
from gridboss_assets.exports.rows import table_of

ROWS = [("Ana", 25), ("Bo", 18)]
COLUMNS = ["driver", "points"]


def rows_entry(filename: str, **fields: Any) -> ZipEntry:
    return ZipEntry(filename, ROWS, columns=COLUMNS, **fields)


def written(*entries: ZipEntry, **options: Any) -> bytes:
    return b"".join(encode(entries, ZipOptions(**options)))


def members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


SEVERAL = (
    rows_entry("standings.csv"),
    rows_entry("standings.json"),
    rows_entry("standings.ndjson"),
    rows_entry("Übersicht", format="csv", options=CsvOptions(delimiter=";")),
    rows_entry("lines.jsonl", options=JsonOptions(lines=True)),
    ZipEntry("read me.txt", data=b"Season 7"),
    ZipEntry("pieces.txt", data=iter([b"one, ", b"two" * 1000])),
)


def test_each_entry_is_written_in_its_format() -> None:
    assert members(written(*SEVERAL)) == {
        "standings.csv": b"driver,points\r\nAna,25\r\nBo,18\r\n",
        "standings.json": b'[\n{"driver":"Ana","points":25},\n{"driver":"Bo","points":18}\n]\n',
        "standings.ndjson": b'{"driver":"Ana","points":25}\n{"driver":"Bo","points":18}\n',
        "Übersicht.csv": b"driver;points\r\nAna;25\r\nBo;18\r\n",
        "lines.jsonl": b'{"driver":"Ana","points":25}\n{"driver":"Bo","points":18}\n',
        "read me.txt": b"Season 7",
        "pieces.txt": b"one, " + b"two" * 1000,
    }


def test_an_archive_passes_our_own_inspection() -> None:
    assert check(written(*SEVERAL[:-1]), ZIP) == ()


def test_an_archive_without_entries_is_one() -> None:
    assert members(written()) == {}


def test_info_zip_opens_it_or_python_where_there_is_none(tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    path.write_bytes(written(*SEVERAL[:-1]))
    unzip = shutil.which("unzip")
    command = [unzip, "-tqq"] if unzip else [sys.executable, "-m", "zipfile", "-t"]
    subprocess.run([*command, path], check=True)  # noqa: S603 - our own command


def test_the_same_rows_give_the_same_bytes_whatever_the_umask() -> None:
    first = written(rows_entry("a.csv"))
    old = os.umask(0o077)
    try:
        second = written(rows_entry("a.csv"))
    finally:
        os.umask(old)
    assert first == second


def test_entries_show_the_time_that_is_asked_for() -> None:
    data = written(rows_entry("a.csv"), created=datetime(2026, 7, 1, 14, 30, 8))  # noqa: DTZ001
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.infolist()[0].date_time == (2026, 7, 1, 14, 30, 8)


def test_small_entries_need_no_zip64() -> None:
    with zipfile.ZipFile(io.BytesIO(written(rows_entry("a.csv")))) as archive:
        assert archive.infolist()[0].extract_version < zipfile.ZIP64_VERSION


def test_entries_are_taken_one_after_another() -> None:
    taken: list[str] = []

    def entries() -> Iterator[ZipEntry]:
        for name in ("a.csv", "b.csv"):
            taken.append(name)
            yield rows_entry(name)

    pieces = encode(entries())
    next(pieces)
    assert taken == ["a.csv"]


def test_a_large_member_comes_in_pieces() -> None:
    rows = ((number, os.urandom(8).hex()) for number in range(50_000))
    pieces = list(encode([ZipEntry("a.csv", rows, columns=["number", "text"])]))
    assert max(map(len, pieces)) < 256 * 1024
    assert members(b"".join(pieces))["a.csv"].count(b"\r\n") == 50_001


def test_tables_can_be_watched() -> None:
    seen: list[Any] = []

    def tables(rows: Any, columns: Sequence[Column | str] | None) -> Table:
        table = table_of(rows, columns)
        return Table(table.columns, (seen.append(row) or row for row in table.rows))  # type: ignore[func-returns-value]

    b"".join(encode([rows_entry("a.csv")], tables=tables))
    assert seen == ROWS


def test_asynchronous_rows_are_written() -> None:
    async def rows() -> AsyncIterator[dict[str, int]]:
        yield {"lap": 1}

    assert members(written(ZipEntry("laps.csv", rows()))) == {"laps.csv": b"lap\r\n1\r\n"}


@pytest.mark.parametrize(
    ("filename", "name"),
    [
        ("../../etc/standings.csv", "standings.csv"),
        ("C:\\league\\standings.csv", "standings.csv"),
        ("/standings.csv", "standings.csv"),
        ("stan\u202edings\x00.csv", "standings.csv"),
        ("..csv", "csv.csv"),
    ],
)
def test_a_name_leads_nowhere(filename: str, name: str) -> None:
    assert list(members(written(rows_entry(filename, format="csv")))) == [name]


@pytest.mark.parametrize(
    ("one", "other"),
    [("a.csv", "a.csv"), ("a.csv", "A.CSV"), ("x/a.csv", "y/a.csv"), ("e\u0301.csv", "É.csv")],
)
def test_two_files_of_one_name_are_refused(one: str, other: str) -> None:
    with pytest.raises(InvalidRows, match="two files that are called"):
        written(rows_entry(one), rows_entry(other))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: rows_entry("inner.zip"), "a ZIP in a ZIP"),
        (lambda: rows_entry("a.csv", format="zip"), "a ZIP in a ZIP"),
        (lambda: rows_entry("standings"), "give a `format`"),
        (lambda: rows_entry("standings.xlsx"), "give a `format`"),
        (lambda: ZipEntry("inner.dat", data=written()), "an archive"),
        (lambda: ZipEntry("inner.gz", data=[b"", b"\x1f", b"\x8b\x08 rest"]), "an archive"),
        (lambda: ZipEntry("tool.dat", data=b"\x7fELF rest"), "a program"),
        (lambda: ZipEntry("old.dat", data=b"{\\rtf1 rest"), "an office"),
    ],
)
def test_what_our_inspection_would_refuse_is_not_written(
    make: Callable[[], ZipEntry], message: str
) -> None:
    with pytest.raises(InvalidRows, match=message):
        written(make())


@pytest.mark.parametrize("filename", ["tool.exe", "run.bat", "no-extension", "x.", "a.b/c"])
def test_names_of_programs_and_names_without_an_extension_are_refused(filename: str) -> None:
    with pytest.raises(InvalidFilename):
        written(ZipEntry(filename, data=b"text"))


@pytest.mark.parametrize("fields", [{}, {"rows": [], "data": b""}])
def test_an_entry_is_rows_or_data(fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="rows or data"):
        ZipEntry("a.csv", **fields)


def test_options_of_another_format_are_refused() -> None:
    with pytest.raises(TypeError, match="csv takes CsvOptions, and no JsonOptions"):
        written(rows_entry("a.csv", options=JsonOptions()))


def test_more_entries_than_our_inspection_takes_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(encode_zip, "MAX_ENTRIES", 2)
    with pytest.raises(ExportTooLarge, match="at most 2 files"):
        written(*(rows_entry(f"{number}.csv") for number in range(3)))


def test_rows_that_never_end_stop_at_the_limit() -> None:
    rows = ((number,) for number in itertools.count())
    with pytest.raises(ExportTooLarge, match="larger than 1 MiB"):
        b"".join(encode([ZipEntry("a.csv", rows, columns=["n"])], max_bytes=1024 * 1024))


def test_no_temporary_file_is_left_when_rows_fail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    rows: Iterable[Any] = [("Ana",)]
    with pytest.raises(InvalidRows, match="Row 1 has 1 values"):
        written(rows_entry("a.csv"), ZipEntry("b.csv", rows, columns=COLUMNS))
    assert list(tmp_path.iterdir()) == []
