"""Exports inside a running event loop."""

import asyncio
import tempfile
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from gridboss_assets import MemoryStorage
from gridboss_assets.errors import InvalidRows
from gridboss_assets.exports import Export, ZipEntry, awrite_export, write_export


async def laps(count: int) -> AsyncIterator[tuple[int]]:
    for number in range(count):
        await asyncio.sleep(0)
        yield (number,)


def expected(count: int) -> bytes:
    return "".join(["lap\r\n", *(f"{number}\r\n" for number in range(count))]).encode()


async def write(rows: Any, storage: MemoryStorage, **how: Any) -> Export:
    return await awrite_export(
        rows, **{"format": "csv", "filename": "a.csv", "columns": ["lap"], **how}, storage=storage
    )


def read(storage: MemoryStorage, key: str) -> bytes:
    with storage.open(key) as reader:
        return b"".join(reader.chunks())


def test_asynchronous_rows_are_written(storage: MemoryStorage) -> None:
    export = asyncio.run(write(laps(1000), storage))
    assert read(storage, export.object_key) == expected(1000)
    assert export.rows == 1000


def test_other_rows_are_written_as_well(storage: MemoryStorage) -> None:
    export = asyncio.run(write([(0,), (1,)], storage))
    assert read(storage, export.object_key) == expected(2)


def test_a_zip_may_hold_asynchronous_rows(storage: MemoryStorage) -> None:
    entries = [ZipEntry("a.csv", laps(10), columns=["lap"])]
    export = asyncio.run(write(entries, storage, format="zip", filename="a.zip", columns=None))
    assert export.rows == 10


def test_the_loop_goes_on_while_the_storage_blocks() -> None:
    class Slow(MemoryStorage):
        def put(self, *args: Any, **how: Any) -> None:
            assert ticked.wait(30), "the loop stood still"
            super().put(*args, **how)

    ticked = threading.Event()
    storage = Slow()

    async def both() -> Export:
        writing = asyncio.ensure_future(write(laps(1), storage))
        await asyncio.sleep(0)
        ticked.set()
        return await writing

    assert asyncio.run(both()).rows == 1


def test_an_error_of_the_rows_is_raised_and_leaves_nothing(storage: MemoryStorage) -> None:
    async def broken() -> AsyncIterator[tuple[int]]:
        yield (1,)
        raise ConnectionError("the database is gone")

    with pytest.raises(ConnectionError, match="database"):
        asyncio.run(write(broken(), storage))
    assert not storage.list_keys("")


def test_progress_may_end_it(storage: MemoryStorage) -> None:
    def enough(rows: int) -> None:
        raise InvalidRows(f"{rows} are enough")

    with pytest.raises(InvalidRows, match="are enough"):
        asyncio.run(write(laps(5000), storage, progress=enough))
    assert not storage.list_keys("")


def test_a_task_that_is_cancelled_while_it_waits_for_rows_leaves_nothing(
    storage: MemoryStorage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    closed: list[bool] = []

    async def cancelled() -> None:
        waiting = asyncio.Event()

        async def stalled() -> AsyncIterator[tuple[int]]:
            try:
                yield (1,)
                waiting.set()
                await asyncio.Event().wait()
            finally:
                closed.append(True)

        writing = asyncio.ensure_future(write(stalled(), storage))
        await waiting.wait()
        writing.cancel()
        with suppress(asyncio.CancelledError):
            await writing
        assert writing.cancelled()

    asyncio.run(asyncio.wait_for(cancelled(), 30))
    assert closed == [True]
    assert not storage.list_keys("")
    assert not list(tmp_path.iterdir())


def test_a_task_that_is_cancelled_ends_the_reading_of_other_rows(storage: MemoryStorage) -> None:
    begun = threading.Event()

    def endless() -> Iterator[tuple[int]]:
        while True:
            begun.set()
            yield (1,)

    async def cancelled() -> None:
        writing = asyncio.ensure_future(write(endless(), storage))
        await asyncio.to_thread(begun.wait)
        writing.cancel()
        with suppress(asyncio.CancelledError):
            await writing

    asyncio.run(asyncio.wait_for(cancelled(), 30))
    assert not storage.list_keys("")


@pytest.mark.parametrize("name", ["csv", "zip"])
def test_the_blocking_call_says_what_to_do_inside_a_loop(storage: MemoryStorage, name: Any) -> None:
    async def blocking() -> None:
        rows: Any = [ZipEntry("a.csv", laps(1), columns=["lap"])] if name == "zip" else laps(1)
        columns = None if name == "zip" else ["lap"]
        write_export(rows, format=name, filename="a", columns=columns, storage=storage)

    with pytest.raises(RuntimeError, match="await awrite_export"):
        asyncio.run(blocking())
