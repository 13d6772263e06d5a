"""ZIP: several files in one, each written when its turn comes and none held in memory.

A member is written to a temporary file first. So its size is known, ZIP64 is used only where it
has to be (older readers lack it), and its time is the one that is asked for.
"""

import os
import time
import unicodedata
import zipfile
from collections.abc import AsyncIterable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from zipstream import ZipStream

from gridboss_assets import filenames
from gridboss_assets.errors import ExportTooLarge, InvalidFilename, InvalidRows
from gridboss_assets.exports import formats
from gridboss_assets.exports.columns import Column, Format, Table
from gridboss_assets.exports.encode_json import JsonOptions
from gridboss_assets.exports.rows import table_of
from gridboss_assets.exports.spool import room, too_large
from gridboss_assets.inspection.documents.head import CONTENT, PROGRAM_NAME
from gridboss_assets.inspection.policy import DEFAULT_POLICY
from gridboss_assets.kinds import ContentType

MAX_ENTRIES = DEFAULT_POLICY.zip_max_entries
_BEGINNING = 512  # of what `CONTENT` looks at
_EARLIEST = datetime(1980, 1, 1)  # noqa: DTZ001 - APPNOTE 6.3.10 §4.4.6: local time, from 1980 on

Tables = Callable[[Any, Sequence[Column | str] | None], Table]


@dataclass(frozen=True, slots=True)
class ZipEntry:
    """One file: rows that are written in a format, or ``data`` as it is.

    ``format`` is told by the file's name where it is not given. ``options`` are the format's.
    ``data``: bytes, or an iterable of them; no archive and no program.
    """

    filename: str
    rows: Iterable[Any] | AsyncIterable[Any] | None = field(default=None, repr=False)
    format: Format | None = None
    columns: Sequence[Column | str] | None = None
    options: Any = None
    data: bytes | Iterable[bytes] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if (self.rows is None) == (self.data is None):
            msg = f"{self.filename}: give either rows or data"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class ZipOptions:
    """``created``: the local time that each entry shows. ``level``: of Deflate, 1 to 9.

    Without ``created`` all show the first time that a ZIP can hold (1980), so that the same rows
    give the same bytes.
    """

    created: datetime | None = None
    level: int = 6


def encode(
    entries: Iterable[ZipEntry],
    options: ZipOptions | None = None,
    *,
    tables: Tables = table_of,
    max_bytes: int | None = None,
) -> Iterator[bytes]:
    """Write an archive, a piece at a time; entries come one after another, and may be made late.

    ``tables`` makes the table of an entry's rows; give another to count them. ``max_bytes``: the
    most that all entries may have before they are packed; without a limit, rows that never end
    would fill the disk. Raises
    ``InvalidRows`` for names that are equal but for case, for an archive or a program inside,
    and for what the entry's format refuses; ``InvalidFilename``; ``ExportTooLarge`` for more than
    10,000 entries, which our own inspection would refuse, or of ``max_bytes``.
    """
    options = options or ZipOptions()
    stream = ZipStream(compress_type=zipfile.ZIP_DEFLATED, compress_level=options.level)
    modified = _posix(options.created or _EARLIEST)
    names: dict[str, str] = {}
    size = 0
    with TemporaryDirectory(prefix="gridboss-export-") as folder:
        member = Path(folder, "member")
        for entry in entries:
            if len(names) == MAX_ENTRIES:
                raise ExportTooLarge(f"A ZIP holds at most {MAX_ENTRIES} files. Write several.")
            name = _name(entry, names)
            with member.open("wb") as file:
                for chunk in _content(entry, name, tables):
                    size += len(chunk)
                    if max_bytes is not None and size > max_bytes:
                        raise too_large(max_bytes)
                    with room():
                        file.write(chunk)
            member.chmod(0o644)  # whatever this process's umask is
            os.utime(member, (modified, modified))
            stream.add_path(member, name, recurse=False)
            yield from stream.file()
        yield from stream.footer()


def _posix(created: datetime) -> float:
    """Return the time whose local form has these very digits."""
    local = max(created.replace(tzinfo=None), _EARLIEST)
    return time.mktime((*local.timetuple()[:6], 0, 0, -1))


def _name(entry: ZipEntry, names: dict[str, str]) -> str:
    """Return an entry's clean name: one segment, whose extension tells what it is."""
    name = filenames.clean(entry.filename, _content_type(entry))
    if PROGRAM_NAME.search(name):
        raise InvalidFilename(f"A ZIP can't hold {name}: it would run on a double click.")
    # Windows and macOS tell no capitals apart, and would unpack one over the other.
    same = unicodedata.normalize("NFC", name.casefold())
    if same in names:
        raise InvalidRows(
            f"The ZIP has two files that are called {names[same]} and {name}. Rename one of them."
        )
    names[same] = name
    return name


def _content_type(entry: ZipEntry) -> ContentType:
    if entry.rows is not None:
        return formats.content_type(_format(entry), _options(entry))
    extension = entry.filename.rpartition(".")[2].lower()
    if not extension.isalnum() or "." not in entry.filename:
        raise InvalidFilename(f"{entry.filename}: give the file's name an extension.")
    return ContentType("application/octet-stream", (extension,))


def _format(entry: ZipEntry) -> Format:
    found = entry.format or formats.format_of(entry.filename)
    if found is None:
        raise InvalidRows(f"{entry.filename}: give a `format`, or a name that ends in one.")
    if found == "zip":
        raise InvalidRows(f"{entry.filename}: a ZIP in a ZIP is refused. Add its files themselves.")
    return found


def _options(entry: ZipEntry) -> Any:
    if entry.options is None and entry.filename.lower().endswith((".ndjson", ".jsonl")):
        return JsonOptions(lines=True)
    return entry.options


def _content(entry: ZipEntry, name: str, tables: Tables) -> Iterator[bytes]:
    if entry.rows is not None:
        table = tables(entry.rows, entry.columns)
        return formats.encode(table, _format(entry), _options(entry))
    data = entry.data if entry.data is not None else b""
    return _harmless(name, iter([data] if isinstance(data, bytes) else data))


def _harmless(name: str, data: Iterator[bytes]) -> Iterator[bytes]:
    """Pass data on when their beginning is neither that of an archive nor of a program."""
    beginning = b""
    for piece in data:
        beginning += piece
        if len(beginning) >= _BEGINNING:
            break
    found = CONTENT.match(beginning)
    if found is not None:
        what = f"an {found.lastgroup}" if found.lastgroup != "program" else "a program"
        raise InvalidRows(f"{name} is {what} by its first bytes, which a ZIP of ours can't hold.")
    yield beginning
    yield from data
