"""Whatever fails, no object is made and no file stays behind."""

import tempfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from gridboss_assets import MemoryStorage
from gridboss_assets.errors import (
    ExportCancelled,
    ExportTooLarge,
    InvalidRows,
    PreconditionFailed,
    S3NotEnabled,
    StorageUnavailable,
)
from gridboss_assets.exports import ZipEntry, write_export
from gridboss_config import get_settings

ROWS = [{"driver": "Ana", "points": 25}, {"driver": "Bo", "points": 18}]
CSV = b"driver,points\r\nAna,25\r\nBo,18\r\n"


def read(storage: MemoryStorage, key: str) -> bytes:
    with storage.open(key) as reader:
        return b"".join(reader.chunks())


def unread() -> Iterator[Any]:
    """Give rows that nobody may read."""
    pytest.fail("the rows were read")
    yield


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the folder of temporary files."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def nothing_is_left(storage: MemoryStorage, temporary: Path) -> bool:
    return not storage.list_keys("") and not list(temporary.iterdir())


def test_a_row_that_does_not_fit_leaves_nothing(storage: MemoryStorage, temporary: Path) -> None:
    with pytest.raises(InvalidRows, match="Row 3"):
        write_export([*ROWS, {"driver": "Cy"}], format="csv", filename="a.csv", storage=storage)
    assert nothing_is_left(storage, temporary)


@pytest.mark.parametrize("name", ["csv", "json", "zip"])
def test_what_the_rows_raise_is_raised_and_leaves_nothing(
    storage: MemoryStorage, temporary: Path, name: Any
) -> None:
    def broken() -> Iterator[Any]:
        yield from ROWS * 30_000
        raise ConnectionError("the database is gone")

    rows = [ZipEntry("a.csv", broken())] if name == "zip" else broken()
    with pytest.raises(ConnectionError, match="database"):
        write_export(rows, format=name, filename="a", storage=storage)
    assert nothing_is_left(storage, temporary)


def test_an_export_that_is_too_large_is_refused_before_it_is_read_whole(
    storage: MemoryStorage,
) -> None:
    read_rows: list[int] = []

    def rows() -> Iterator[Any]:
        for number in range(1_000_000):
            read_rows.append(number)
            yield (number,)

    with pytest.raises(ExportTooLarge, match="larger than 100 KiB"):
        write_export(
            rows(),
            format="csv",
            filename="a.csv",
            columns=["n"],
            storage=storage,
            max_bytes=100 * 1024,
        )
    assert len(read_rows) < 100_000
    assert not storage.list_keys("")


def test_the_largest_export_that_is_allowed_is_written(storage: MemoryStorage) -> None:
    export = write_export(ROWS, format="csv", filename="a.csv", storage=storage, max_bytes=len(CSV))
    assert export.content_length == len(CSV)


def test_progress_tells_the_rows_and_its_error_ends_the_export(storage: MemoryStorage) -> None:
    told: list[int] = []

    def progress(rows: int) -> None:
        told.append(rows)
        if rows > 3000:
            raise ExportCancelled

    with pytest.raises(ExportCancelled):
        write_export(
            ((n,) for n in range(10_000)),
            format="csv",
            filename="a.csv",
            columns=["n"],
            storage=storage,
            progress=progress,
        )
    assert len(told) in range(3, 6)
    assert all(later - rows in range(1000, 1100) for rows, later in pairwise(told))
    assert not storage.list_keys("")


def test_a_short_export_can_still_be_cancelled_before_its_upload(storage: MemoryStorage) -> None:
    def cancel(_rows: int) -> None:
        raise ExportCancelled

    with pytest.raises(ExportCancelled):
        write_export(ROWS, format="csv", filename="a.csv", storage=storage, progress=cancel)
    assert not storage.list_keys("")


class Broken(MemoryStorage):
    """Refuses every write, and counts them."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error
        self.tries = 0

    def put(self, *_: Any, **__: Any) -> None:
        self.tries += 1
        raise self.error


def test_a_fault_of_the_storage_is_raised(temporary: Path) -> None:
    storage = Broken(StorageUnavailable())
    with pytest.raises(StorageUnavailable):
        write_export(ROWS, format="csv", filename="a.csv", storage=storage)
    assert (storage.tries, nothing_is_left(storage, temporary)) == (1, True)


def test_a_refusal_behind_which_no_object_stands_is_tried_again_and_then_raised() -> None:
    storage = Broken(PreconditionFailed())
    with pytest.raises(PreconditionFailed):
        write_export(ROWS, format="csv", filename="a.csv", storage=storage)
    assert storage.tries == 3


class LosesTheAnswer(MemoryStorage):
    """Writes the object and says that one stood there, as a second try over the network does."""

    def put(self, *args: Any, **how: Any) -> None:
        super().put(*args, **how)
        raise PreconditionFailed


def test_an_object_of_our_own_whose_answer_was_lost_is_the_export() -> None:
    storage = LosesTheAnswer()
    export = write_export(
        ROWS, format="csv", filename="a.csv", key="exports/a.csv", storage=storage
    )
    assert export.rows == 2
    assert read(storage, "exports/a.csv") == CSV


def test_without_a_storage_the_settings_have_to_name_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("S3_ENABLED", "false")
    get_settings.cache_clear()
    with pytest.raises(S3NotEnabled):
        write_export(unread(), format="csv", filename="a.csv")
    get_settings.cache_clear()
