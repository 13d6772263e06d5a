"""From rows to one sealed object, on the storage in memory."""

import hashlib
from collections.abc import AsyncIterator, Iterator
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest

from gridboss_assets import MemoryStorage, Uploads
from gridboss_assets.errors import (
    InvalidFilename,
    InvalidObjectKey,
    ObjectExists,
    UnsupportedFormat,
)
from gridboss_assets.exports import CsvOptions, JsonOptions, ZipEntry, write_export
from gridboss_assets.kinds import AVATAR, EXPORT
from gridboss_assets.storage import Attributes

ROWS = [{"driver": "Ana", "points": 25}, {"driver": "Bo", "points": 18}]
CSV = b"driver,points\r\nAna,25\r\nBo,18\r\n"
ID = "9f86d081884c7d659a2feaa0c55ad015"


def read(storage: MemoryStorage, key: str) -> bytes:
    with storage.open(key) as reader:
        return b"".join(reader.chunks())


def unread() -> Iterator[Any]:
    """Give rows that nobody may read."""
    pytest.fail("the rows were read")
    yield


def test_the_object_holds_the_rows_and_the_answer_says_where(storage: MemoryStorage) -> None:
    export = write_export(
        ROWS, format="csv", filename="Standings.csv", owner="driver-7", storage=storage
    )
    assert read(storage, export.object_key) == CSV
    assert export.object_key.startswith("exports/driver-7/")
    assert (export.content_type, export.content_length) == ("text/csv", len(CSV))
    assert export.sha256 == hashlib.sha256(CSV).hexdigest()
    assert (export.filename, export.rows) == ("Standings.csv", 2)


def test_it_is_cached_and_downloaded_as_its_kind_says(storage: MemoryStorage) -> None:
    export = write_export(ROWS, format="csv", filename="Tabelle ü.csv", storage=storage)
    attributes = storage.head(export.object_key).attributes
    assert attributes.cache_control == EXPORT.cache_control
    assert attributes.content_disposition == (
        "attachment; filename=\"Tabelle u.csv\"; filename*=UTF-8''Tabelle%20%C3%BC.csv"
    )


def test_complete_answers_from_its_seal(storage: MemoryStorage, uploads: Uploads) -> None:
    export = write_export(ROWS, format="csv", filename="a.csv", owner="driver-7", storage=storage)
    before = storage.head(export.object_key)
    sealed = uploads.complete(export.object_key)
    assert (sealed.sha256, sealed.filename) == (export.sha256, "a.csv")
    assert storage.head(export.object_key) == before


@pytest.mark.parametrize(
    ("how", "content_type", "extension"),
    [
        ({"format": "csv"}, "text/csv", "csv"),
        ({"format": "json"}, "application/json", "json"),
        ({"format": "pdf"}, "application/pdf", "pdf"),
        ({"format": "json", "options": JsonOptions(lines=True)}, "application/x-ndjson", "ndjson"),
    ],
)
def test_every_format_has_its_type_its_extension_and_an_owner(
    storage: MemoryStorage, uploads: Uploads, how: Any, content_type: str, extension: str
) -> None:
    export = write_export(ROWS, filename="a", owner="driver-7", storage=storage, **how)
    assert export.content_type == content_type
    assert export.object_key.endswith(f".{extension}")
    assert export.filename == f"a.{extension}"
    assert uploads.parse(export.object_key).owner == "driver-7"
    assert uploads.complete(export.object_key).sha256 == export.sha256


def test_a_zip_holds_several_files_and_counts_the_rows_of_all(storage: MemoryStorage) -> None:
    told: list[int] = []
    entries = [ZipEntry("a.csv", ROWS), ZipEntry("b.json", ROWS)]
    export = write_export(
        entries, format="zip", filename="season.zip", storage=storage, progress=told.append
    )
    with ZipFile(BytesIO(read(storage, export.object_key))) as archive:
        assert archive.namelist() == ["a.csv", "b.json"]
        assert archive.read("a.csv") == CSV
    assert (export.rows, told) == (4, [4])


def test_options_reach_the_encoder(storage: MemoryStorage) -> None:
    export = write_export(
        ROWS, format="csv", filename="a.csv", options=CsvOptions(bom=True), storage=storage
    )
    assert read(storage, export.object_key) == b"\xef\xbb\xbf" + CSV


@pytest.mark.parametrize(("name", "data"), [("csv", b"driver\r\n"), ("json", b"[]\n")])
def test_no_rows_are_an_export_all_the_same(storage: MemoryStorage, name: Any, data: bytes) -> None:
    export = write_export([], format=name, filename="a", columns=["driver"], storage=storage)
    assert read(storage, export.object_key) == data
    assert export.rows == 0


def test_asynchronous_rows_are_read_where_no_loop_runs(storage: MemoryStorage) -> None:
    export = write_export(arriving(), format="csv", filename="a.csv", storage=storage)
    assert read(storage, export.object_key) == CSV


async def arriving() -> AsyncIterator[Any]:
    for row in ROWS:
        yield row


# --- keys -----------------------------------------------------------------------------------


def test_the_same_id_is_the_same_key(storage: MemoryStorage) -> None:
    export = write_export(
        ROWS, format="csv", filename="a.csv", owner="driver-7", id=ID, storage=storage
    )
    assert export.object_key == f"exports/driver-7/{ID}.csv"


def test_where_the_export_of_an_id_stands_no_row_is_read(storage: MemoryStorage) -> None:
    how: Any = {"format": "csv", "owner": "driver-7", "id": ID, "storage": storage}
    first = write_export(ROWS, filename="a.csv", **how)
    again = write_export(unread(), filename="other.csv", **how)
    assert (again.object_key, again.sha256) == (first.object_key, first.sha256)
    assert (again.filename, again.content_length, again.rows) == ("a.csv", len(CSV), None)


def test_an_unsealed_object_at_the_key_of_an_id_is_no_answer(storage: MemoryStorage) -> None:
    key = f"exports/driver-7/{ID}.csv"
    storage.put(key, BytesIO(b"other"), Attributes("text/csv"))
    with pytest.raises(ObjectExists):
        write_export(
            unread(), format="csv", filename="a.csv", owner="driver-7", id=ID, storage=storage
        )
    assert read(storage, key) == b"other"


def test_a_key_of_the_callers_belongs_to_nobody(storage: MemoryStorage, uploads: Uploads) -> None:
    export = write_export(
        ROWS, format="csv", filename="a.csv", key="exports/season-7/a.csv", storage=storage
    )
    assert export.object_key == "exports/season-7/a.csv"
    assert uploads.parse(export.object_key).owner is None


def test_the_same_rows_may_be_written_to_a_key_again(storage: MemoryStorage) -> None:
    how: Any = {"format": "csv", "filename": "a.csv", "key": "exports/a.csv", "storage": storage}
    assert write_export(ROWS, **how) == write_export(ROWS, **how)


@pytest.mark.parametrize("standing", ["sealed", "unsealed"])
def test_other_rows_never_replace_what_stands_at_a_key(
    storage: MemoryStorage, standing: str
) -> None:
    how: Any = {"format": "csv", "filename": "a.csv", "key": "exports/a.csv", "storage": storage}
    if standing == "sealed":
        write_export(ROWS, **how)
    else:
        storage.put("exports/a.csv", BytesIO(CSV), Attributes("text/csv"))
    with pytest.raises(ObjectExists):
        write_export(ROWS[:1], **how)
    assert read(storage, "exports/a.csv") == CSV


@pytest.mark.parametrize(
    "key",
    [
        f"exports/driver-7/{ID}.csv",
        f"exports/driver-7/{ID}.ndjson",
        "pending/exports/a.csv",
        "exports/a.pdf",
        "avatars/a.csv",
        "exports/../a.csv",
    ],
)
def test_a_key_that_would_be_misread_is_refused(storage: MemoryStorage, key: str) -> None:
    with pytest.raises(InvalidObjectKey):
        write_export(unread(), format="csv", filename="a.csv", key=key, storage=storage)


@pytest.mark.parametrize("how", [{"owner": "a"}, {"id": ID}])
def test_a_key_and_an_owner_contradict_each_other(storage: MemoryStorage, how: Any) -> None:
    with pytest.raises(ValueError, match="either `key`"):
        write_export(
            unread(), format="csv", filename="a.csv", key="exports/a.csv", storage=storage, **how
        )


@pytest.mark.parametrize("given", ["", "1", ID.upper(), f"{ID}\n", "../" + ID])
def test_an_id_of_another_form_is_refused(storage: MemoryStorage, given: str) -> None:
    with pytest.raises(ValueError, match="32 hex digits"):
        write_export(unread(), format="csv", filename="a.csv", id=given, storage=storage)


def test_a_kind_that_lacks_the_format_is_refused(storage: MemoryStorage) -> None:
    with pytest.raises(UnsupportedFormat, match="avatar has no text/csv"):
        write_export(unread(), format="csv", filename="a.csv", kind=AVATAR, storage=storage)


def test_a_file_name_that_says_nothing_is_refused(storage: MemoryStorage) -> None:
    with pytest.raises(InvalidFilename):
        write_export(unread(), format="csv", filename="...", storage=storage)
