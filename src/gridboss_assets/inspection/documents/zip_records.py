"""The records of a ZIP, read by its specification: PKWARE's APPNOTE.TXT 6.3.10, §4.3 to 4.5.

Python's ``zipfile`` reads what it can make sense of. Readers differ in that, and what one reader
shows and another hides is how hostile archives pass inspections. Here every record has to stand
where the others say, and say what they say.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct
from typing import NamedTuple

from gridboss_assets.errors import InvalidDocument, UnsafeDocument
from gridboss_assets.inspection.documents.contents import Buffer

LOCAL = b"PK\x03\x04"
DESCRIPTOR = b"PK\x07\x08"
_CENTRAL = b"PK\x01\x02"
_END = b"PK\x05\x06"
_END64 = b"PK\x06\x06"
_LOCATOR64 = b"PK\x06\x07"

LOCAL_HEADER = Struct("<4s5H3I2H")  # §4.3.7
_CENTRAL_HEADER = Struct("<4s6H3I5H2I")  # §4.3.12
_END_RECORD = Struct("<4s4H2IH")  # §4.3.16
_END_RECORD64 = Struct("<4sQ2H2I4Q")  # §4.3.14
_LOCATOR = Struct("<4sIQI")  # §4.3.15
_EXTRA_FIELD = Struct("<2H")  # §4.5.1

IS_ENCRYPTED, HAS_DESCRIPTOR, IS_STRONG, IS_UTF8, IS_MASKED = 1, 1 << 3, 1 << 6, 1 << 11, 1 << 13
_IS_PATCH = 1 << 5  # §4.4.4
_ZIP64, _UNICODE_PATH = 0x0001, 0x7075
_MAX16, MAX32 = 0xFFFF, 0xFFFFFFFF
_MAX_COMMENT = 0xFFFF
_NEWEST = 63  # §4.4.3: version 6.3


class Entry(NamedTuple):  # made ten thousand times, in a third of a frozen dataclass's time
    """What the central directory says of one entry; ``names`` as bytes, in all their versions."""

    names: tuple[bytes, ...]
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    offset: int
    mode: int

    @property
    def is_encrypted(self) -> bool:
        """Encrypted in the old way, the strong way, or WinZip's (method 99)."""
        return bool(self.flags & (IS_ENCRYPTED | IS_STRONG | IS_MASKED)) or self.method == 99  # noqa: PLR2004


@dataclass(frozen=True, slots=True)
class Directory:
    """Where the central directory stands, and how many entries it has."""

    count: int
    start: int
    end: int


def damaged(what: str) -> InvalidDocument:
    """Say in what way an archive is damaged."""
    return InvalidDocument(f"The ZIP archive is damaged: {what}. Create it again.")


def hostile(what: str) -> UnsafeDocument:
    """Say what makes an archive look different to different programs."""
    return UnsafeDocument(f"The ZIP archive can't be trusted: {what}. Create it again.")


def find_directory(data: Buffer) -> Directory:
    """Find the central directory from the end of the file (§4.3.16), in no other way than one."""
    tail = max(0, len(data) - _END_RECORD.size - _MAX_COMMENT)
    at = data.rfind(_END, tail)
    if at < 0 or len(data) - at < _END_RECORD.size:
        raise damaged("its end is missing")
    _, disk, first_disk, on_disk, count, size, start, comment = _END_RECORD.unpack_from(data, at)
    if at + _END_RECORD.size + comment != len(data):
        # A second end record in the comment, or something behind the archive.
        raise hostile("something stands behind its end")
    end, found64 = at, None
    locator = at - _LOCATOR.size
    if locator >= 0 and data[locator : locator + 4] == _LOCATOR64:
        end, found64 = _read_end64(data, locator)
    for value, value64, limit in zip(
        (disk, first_disk, on_disk, count, size, start),
        found64 or (disk, first_disk, on_disk, count, size, start),
        (_MAX16, _MAX16, _MAX16, _MAX16, MAX32, MAX32),
        strict=True,
    ):
        if value not in (value64, limit):
            raise hostile("its two ends contradict each other")
    if found64:
        disk, first_disk, on_disk, count, size, start = found64
    if disk or first_disk or on_disk != count:
        raise damaged("it is one part of several")
    if start + size != end:
        raise damaged("its directory is not where its end says")
    _no_second_end(data, tail, at)
    return Directory(count, start, end)


def _no_second_end(data: Buffer, tail: int, at: int) -> None:
    """Refuse an archive in whose comment another end could begin, as other readers search."""
    earlier = data.rfind(_END, tail, at)
    while earlier >= 0:
        if len(data) - earlier >= _END_RECORD.size:
            comment = _END_RECORD.unpack_from(data, earlier)[-1]
            if earlier + _END_RECORD.size + comment == len(data):
                raise hostile("it has two ends")
        earlier = data.rfind(_END, tail, earlier)


def _read_end64(data: Buffer, at: int) -> tuple[int, tuple[int, ...]]:
    _, disk, start, disks = _LOCATOR.unpack_from(data, at)
    if disk or disks > 1:
        raise damaged("it is one part of several")
    if data[start : start + 4] != _END64 or at - start < _END_RECORD64.size:
        raise damaged("its ZIP64 end is not where it should be")
    record = _END_RECORD64.unpack_from(data, start)
    if start + 12 + record[1] != at:  # §4.3.14.1: the size leaves out the first 12 bytes
        raise hostile("something is hidden in its ZIP64 end")
    return start, record[4:]


def entries(data: Buffer, directory: Directory) -> Iterator[Entry]:
    """Read the central directory (§4.3.12); its records fill it exactly."""
    at = directory.start
    for _ in range(directory.count):
        if at + _CENTRAL_HEADER.size > directory.end or data[at : at + 4] != _CENTRAL:
            raise damaged("its directory is broken")
        (_, _, needs, flags, method, _, _, crc, packed, size, name, extra, comment, disk, _, mode,
         offset) = _CENTRAL_HEADER.unpack_from(data, at)  # fmt: skip
        if needs & 0xFF > _NEWEST:
            raise damaged("it needs a newer version of ZIP than there is")
        if flags & _IS_PATCH:
            raise damaged("it holds a patch and not a file")
        at += _CENTRAL_HEADER.size
        after = at + name + extra + comment
        if after > directory.end:
            raise damaged("its directory is broken")
        names, wide = read_variable(data[at : at + name], data[at + name : at + name + extra])
        if MAX32 in (size, packed, offset) or disk == _MAX16:
            size, packed, offset, disk = from_zip64(wide, size, packed, offset, disk)
        if disk:
            raise damaged("it is one part of several")
        yield Entry(names, flags, method, crc, packed, size, offset, mode >> 16)
        at = after
    if at != directory.end:
        raise damaged("its directory has another number of entries than its end says")


def read_variable(name: bytes, extra: bytes) -> tuple[tuple[bytes, ...], bytes | None]:
    """Read a name and its extra fields: all versions of the name, and the ZIP64 field's content.

    §4.6.9: Info-ZIP's Unicode path may name the entry anew.
    """
    if not extra:
        return (name,), None
    names, wide, at = [name], None, 0
    while at + _EXTRA_FIELD.size <= len(extra):
        kind, length = _EXTRA_FIELD.unpack_from(extra, at)
        at += _EXTRA_FIELD.size
        if at + length > len(extra):
            raise damaged("an extra field is cut short")
        if kind == _ZIP64:
            if wide is not None:
                raise hostile("an entry has two sizes")
            wide = extra[at : at + length]
        elif kind == _UNICODE_PATH:
            names.append(extra[at + 5 : at + length])
        at += length
    if extra[at:].strip(b"\x00"):  # some writers fill up with NUL
        raise damaged("an extra field is cut short")
    return tuple(names), wide


def from_zip64(wide: bytes | None, *values: int) -> list[int]:
    """Replace each value that is at its maximum by the next one of a ZIP64 field (§4.5.3)."""
    read, at = list(values), 0
    for index, value in enumerate(values):
        is_disk = index == 3  # noqa: PLR2004 - size, packed size, offset, disk
        length = 4 if is_disk else 8
        if value != (_MAX16 if is_disk else MAX32):
            continue
        if wide is None or at + length > len(wide):
            raise damaged("a ZIP64 size is missing")
        read[index] = int.from_bytes(wide[at : at + length], "little")
        at += length
    return read
