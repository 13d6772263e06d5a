"""Write an export: rows → encoder → temporary file → one sealed object.

::

    export = write_export(rows, format="csv", filename="standings.csv", owner="driver-7")
    export.object_key        # exports/driver-7/….csv: hand this to the application

The SHA-256 is known before anything is sent, so the seal stands in the very request that makes the
key. Until then there is no object, and after a failure there is none either.
"""

import asyncio
from collections.abc import AsyncIterable, Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any, TypedDict, Unpack

from gridboss_assets.errors import InvalidRows
from gridboss_assets.exports import formats
from gridboss_assets.exports.by_loop import ReadByLoop
from gridboss_assets.exports.columns import Column, Format, Table
from gridboss_assets.exports.counting import Counter
from gridboss_assets.exports.destination import Export, destination
from gridboss_assets.exports.rows import table_of
from gridboss_assets.exports.spool import spooled
from gridboss_assets.kinds import EXPORT, Kind
from gridboss_assets.storage import S3Storage, Storage
from gridboss_assets.storage.base import OnMultipart
from gridboss_config import Settings, get_settings

DEFAULT_MAX_BYTES: int = Settings.model_fields["export_max_bytes"].default

Rows = Iterable[Any] | AsyncIterable[Any]


class How(TypedDict, total=False):
    """The optional arguments of :func:`write_export`, by name."""

    owner: str | None
    key: str | None
    id: str | None
    columns: Sequence[Column | str] | None
    options: Any
    kind: Kind
    storage: Storage | None
    max_bytes: int | None
    progress: Callable[[int], object] | None
    on_multipart: OnMultipart | None


def write_export(  # noqa: PLR0913 - all but rows, format and file name are optional
    rows: Rows,
    *,
    format: Format,  # noqa: A002 - the field's word
    filename: str,
    owner: str | None = None,
    key: str | None = None,
    id: str | None = None,  # noqa: A002 - the key's word
    columns: Sequence[Column | str] | None = None,
    options: Any = None,
    kind: Kind = EXPORT,
    storage: Storage | None = None,
    max_bytes: int | None = None,
    progress: Callable[[int], object] | None = None,
    on_multipart: OnMultipart | None = None,
) -> Export:
    """Write rows to a sealed object, and say where it stands. It blocks until then.

    Args:
        rows: what :func:`~gridboss_assets.exports.rows.table_of` takes: an iterable or an async
            iterable of rows, a SQLAlchemy result, an Arrow table. For ``zip`` an iterable of
            :class:`~gridboss_assets.exports.encode_zip.ZipEntry`.
        format: ``csv``, ``json``, ``pdf`` or ``zip``.
        filename: what the file is called when somebody downloads it; it is cleaned.
        owner: the ``sub`` of the one caller who may download it. None: the application itself.
        key: instead of an owner, a key below the kind's prefix that belongs to nobody, so that
            every caller may download it.
        id: 32 hex digits for the key of an owner, such as a job's ID. The same ID is the same
            key: where its object stands, that is the answer and no row is read.
        columns: names or :class:`Column`, which choose and order what is written.
        options: the format's: ``CsvOptions``, ``JsonOptions``, ``PdfOptions``, ``ZipOptions``.
        kind: what decides about the prefix, the cache and the disposition.
        storage: where it is written; by default the bucket of the settings.
        max_bytes: the largest file; by default ``EXPORT_MAX_BYTES`` with the bucket of the
            settings, else 5 GiB.
        progress: called with the number of rows so far, about every 1,000 rows and at their end.
            What it raises (``ExportCancelled``) ends the export.
        on_multipart: called with the ID of an upload in parts before its first part, and with None
            when it has ended: for whoever has to abort it after a crash.

    Raises:
        ExportError: ``InvalidRows``, ``ExportTooLarge``, ``ExportCancelled``, or ``ObjectExists``
            where another object stands at the key. No object was made.
        InvalidRequest: a file name, a key or a format that can't be used.
        StorageError: the storage failed, or this machine has no room for temporary files. The
            same call can be made again.
        S3NotEnabled: there is no storage, and uploads are switched off.
        RuntimeError: the rows are asynchronous and an event loop runs in this thread; there
            await :func:`awrite_export`.
    """
    how = How(
        owner=owner,
        key=key,
        id=id,
        columns=columns,
        options=options,
        kind=kind,
        storage=storage,
        max_bytes=max_bytes,
        progress=progress,
        on_multipart=on_multipart,
    )
    return _write(rows, format, filename, how, None)


async def awrite_export(
    rows: Rows,
    *,
    format: Format,  # noqa: A002 - the field's word
    filename: str,
    **how: Unpack[How],
) -> Export:
    """Do what :func:`write_export` does, without blocking the event loop.

    Asynchronous rows are read by the loop, some at a time. All else happens in another thread:
    what is no async iterable is read there, and ``progress`` and ``on_multipart`` are called there.
    A task that is cancelled waits until the export has ended: before its object was made or, when
    the upload had begun, with it.
    """
    by_loop = ReadByLoop(asyncio.get_running_loop(), how.get("progress"))
    how["progress"] = by_loop.progress
    return await by_loop.run(rows, lambda: _write(rows, format, filename, how, by_loop))


def _write(
    rows: Rows,
    format: Format,  # noqa: A002
    filename: str,
    how: How,
    by_loop: ReadByLoop | None,
) -> Export:
    options = how.get("options")
    place = destination(
        formats.content_type(format, options),
        filename,
        how.get("kind", EXPORT),
        owner=how.get("owner"),
        key=how.get("key"),
        id=how.get("id"),
    )
    with _bucket(how.get("storage"), how.get("max_bytes")) as (storage, max_bytes):
        standing = place.standing(storage)
        if standing is not None:
            return standing
        counter = Counter(how.get("progress"))
        chunks = _encoded(rows, format, how, counter, by_loop, max_bytes)
        with closing(chunks), spooled(chunks, max_bytes=max_bytes) as file:
            counter.tell()
            return place.write(storage, file, counter.rows, how.get("on_multipart"))


@contextmanager
def _bucket(storage: Storage | None, max_bytes: int | None) -> Iterator[tuple[Storage, int]]:
    """Give the storage and the largest file; where no storage is given, those of the settings."""
    if storage is not None:
        yield storage, DEFAULT_MAX_BYTES if max_bytes is None else max_bytes
        return
    settings = get_settings()
    with closing(S3Storage.from_settings(settings)) as own:
        yield own, settings.export_max_bytes if max_bytes is None else max_bytes


def _encoded(  # noqa: PLR0913, PLR0917
    rows: Rows,
    format: Format,  # noqa: A002
    how: How,
    counter: Counter,
    by_loop: ReadByLoop | None,
    max_bytes: int,
) -> Generator[bytes]:
    options, columns = how.get("options"), how.get("columns")
    loop = by_loop.loop if by_loop else None

    def table(rows: Rows, columns: Sequence[Column | str] | None) -> Table:
        if isinstance(rows, AsyncIterable) and loop is None and _in_loop():
            raise RuntimeError(
                "The rows are asynchronous, and an event loop runs in this thread: "
                "await awrite_export(...) instead of calling write_export(...)."
            )
        return counter.counted(table_of(rows, columns, loop=loop))

    if format != "zip":
        yield from formats.encode(table(rows, columns), format, options)
        return
    if isinstance(rows, AsyncIterable) or columns is not None:
        raise InvalidRows("A ZIP takes a list of ZipEntry, each with rows and columns of its own.")
    from gridboss_assets.exports import encode_zip  # noqa: PLC0415 - for ZIP alone

    yield from encode_zip.encode(rows, options, tables=table, max_bytes=max_bytes)


def _in_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
