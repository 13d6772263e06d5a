"""Where rows come from, as chunks: databases, Arrow, and whatever can be iterated."""

import asyncio
from collections.abc import AsyncIterable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

from gridboss_assets.errors import InvalidRows, Misconfigured

# Few enough that wide rows stay small, many enough that what is done for a chunk costs nothing.
CHUNK_ROWS = 64
_ARROW_ROWS = 1024


@dataclass(frozen=True, slots=True)
class Source:
    """Rows in chunks, none empty. ``names``: rows are sequences of values of these names."""

    chunks: Iterator[list[Any]]
    names: Sequence[str] | None = None


def source_of(rows: Any, loop: asyncio.AbstractEventLoop | None) -> Source:
    """Find out what kind of source this is; reads no row."""
    if hasattr(rows, "__arrow_c_stream__") or hasattr(rows, "__arrow_c_array__"):
        return _arrow(rows)
    if isinstance(rows, AsyncIterable):
        _outside_of_a_loop()
        return Source(_asynchronous(rows, loop), _names(rows))
    # SQLAlchemy's results: a part at a time is fetched from the database.
    if callable(getattr(rows, "partitions", None)):
        chunks = (list(part) for part in rows.partitions(CHUNK_ROWS))
        return Source(chunks, _names(rows))
    if isinstance(rows, str | bytes) or not isinstance(rows, Iterable):
        raise InvalidRows("The rows are no iterable of rows.")
    return Source(_chunks(rows))


def _names(result: Any) -> Sequence[str] | None:
    """Return the columns of a SQLAlchemy result whose rows are tuples."""
    keys = getattr(result, "keys", None)
    if not callable(keys) or "Mapping" in type(result).__name__:
        return None
    return list(keys())


def _chunks(rows: Iterable[Any]) -> Iterator[list[Any]]:
    iterator = iter(rows)
    try:
        while chunk := list(islice(iterator, CHUNK_ROWS)):
            yield chunk
    finally:
        # A generator of the application ends now, and not when it is collected.
        close = getattr(iterator, "close", None)
        if callable(close):
            close()


def _asynchronous(
    rows: AsyncIterable[Any], loop: asyncio.AbstractEventLoop | None
) -> Iterator[list[Any]]:
    iterator = aiter(rows)

    async def take() -> list[Any]:
        taken: list[Any] = []
        async for row in iterator:
            taken.append(row)
            if len(taken) == CHUNK_ROWS:
                break
        return taken

    async def close() -> None:
        end = getattr(iterator, "aclose", None)
        if end is not None:
            await end()

    with _runner(loop) as run:
        try:
            while chunk := run(take()):
                yield chunk
        finally:
            run(close())


@contextmanager
def _runner(loop: asyncio.AbstractEventLoop | None) -> Iterator[Callable[[Any], Any]]:
    """Give what runs a coroutine to its end, in ``loop`` or in one of this thread's own."""
    if loop is not None:
        yield lambda coroutine: asyncio.run_coroutine_threadsafe(coroutine, loop).result()
    else:
        with asyncio.Runner() as runner:
            yield runner.run


def _outside_of_a_loop() -> None:
    """Refuse to wait for rows in a thread that runs an event loop: it would wait for ever."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    msg = "an event loop runs in this thread: read asynchronous rows in another thread"
    raise RuntimeError(msg)


def _arrow(rows: Any) -> Source:
    try:
        import pyarrow as pa  # noqa: PLC0415 - large, and needed by nobody else
    except ImportError as exc:
        raise Misconfigured(
            "Rows in Arrow's form need pyarrow. Install it: pip install pyarrow."
        ) from exc
    if hasattr(rows, "__arrow_c_stream__"):
        reader = pa.RecordBatchReader.from_stream(rows)
    else:
        batch = pa.record_batch(rows)
        reader = pa.RecordBatchReader.from_batches(batch.schema, [batch])

    def chunks() -> Iterator[list[Any]]:
        for batch in reader:
            for start in range(0, batch.num_rows, _ARROW_ROWS):
                part = batch.slice(start, _ARROW_ROWS)
                columns = [_in_microseconds(pa, column).to_pylist() for column in part.columns]
                yield list(zip(*columns, strict=True))

    return Source(chunks(), reader.schema.names)


def _in_microseconds(pa: Any, column: Any) -> Any:
    """Cut nanoseconds, which pandas has and Python's times do not."""
    kind = column.type
    if getattr(kind, "unit", "") != "ns":
        return column
    if pa.types.is_timestamp(kind):
        return column.cast(pa.timestamp("us", kind.tz), safe=False)
    return column.cast(
        pa.duration("us") if pa.types.is_duration(kind) else pa.time64("us"), safe=False
    )
