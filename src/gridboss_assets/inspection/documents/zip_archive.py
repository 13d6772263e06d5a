"""ZIP: every entry is where and what the directory says, and unpacks within limits.

The whole central directory is checked before anything is unpacked, then every entry is unpacked to
nowhere, in small pieces, counting and summing what really comes out. ``zipfile.testzip`` is no
substitute: it believes the sizes that an archive declares of itself.
"""

from typing import IO

from gridboss_assets.errors import UnsafeDocument
from gridboss_assets.inspection.documents import zip_entries, zip_names
from gridboss_assets.inspection.documents.contents import Buffer, contents
from gridboss_assets.inspection.documents.findings import Findings
from gridboss_assets.inspection.documents.head import mismatch, name_of, text_format
from gridboss_assets.inspection.documents.zip_records import (
    DESCRIPTOR,
    HAS_DESCRIPTOR,
    IS_ENCRYPTED,
    IS_MASKED,
    IS_STRONG,
    IS_UTF8,
    LOCAL,
    LOCAL_HEADER,
    MAX32,
    Directory,
    Entry,
    damaged,
    entries,
    find_directory,
    from_zip64,
    hostile,
    read_variable,
)

# Flags on which the local header and the directory have to agree.
_SAME_FLAGS = IS_ENCRYPTED | HAS_DESCRIPTOR | IS_STRONG | IS_UTF8 | IS_MASKED

# Deflate itself reaches 1,032:1; tables of a league compress 5:1 to 30:1. Small files of blanks are
# no bomb at any ratio.
_MAX_RATIO = 100
_RATIO_COUNTS_ABOVE = 10 * 1024 * 1024


def check_head(head: bytes, *, is_whole: bool, findings: Findings) -> None:
    """Check the first bytes: a local header, or the end of an archive without entries."""
    found = name_of(head)
    if found != "application/zip":
        raise mismatch(found or text_format(head), "application/zip")
    if is_whole:
        find_directory(head)
    if not head.startswith(LOCAL):
        return
    if len(head) < LOCAL_HEADER.size:
        raise damaged("it is cut short")
    header = LOCAL_HEADER.unpack_from(head)
    flags, end_of_name = header[2], LOCAL_HEADER.size + header[9]
    if flags & (IS_ENCRYPTED | IS_STRONG):
        zip_entries.found_encryption(findings)
    if end_of_name <= len(head):
        name = head[LOCAL_HEADER.size : end_of_name]
        zip_names.check_name(Entry((name,), flags, 0, 0, 0, 0, 0, 0), findings)


def check(file: IO[bytes], *, size: int, findings: Findings) -> None:
    """Check a whole archive; raises a ``Rejection``."""
    with contents(file, size) as data:
        directory = find_directory(data)
        if directory.count > findings.policy.zip_max_entries:
            raise UnsafeDocument(
                f"The archive has {directory.count} entries; at most "
                f"{findings.policy.zip_max_entries} are accepted. Split it and try again."
            )
        found = sorted(entries(data, directory), key=lambda entry: entry.offset)
        _check_names(found, findings)
        _check_sizes(found, size, findings)
        starts = _check_layout(data, found, directory)
        for entry, start in zip(found, starts, strict=True):
            zip_entries.check_entry(data, entry, start, findings)


def _check_names(found: list[Entry], findings: Findings) -> None:
    names = [zip_names.check_name(entry, findings) for entry in found]
    if len(set(names)) != len(names):
        findings.add(
            "zip_duplicate_names",
            "The archive holds two entries of one name. Create it again.",
        )
    zip_names.check_kind(set(names), findings)


def _check_sizes(found: list[Entry], size: int, findings: Findings) -> None:
    """Judge the declared sizes; what comes out is held to them later."""
    total = sum(entry.size for entry in found)
    if total > findings.policy.zip_max_expanded:
        raise UnsafeDocument(
            f"The archive expands to {total} bytes; at most {findings.policy.zip_max_expanded} "
            "are accepted. Split it and try again."
        )
    for expanded, packed in [(total, size), *((entry.size, entry.packed) for entry in found)]:
        if expanded > _RATIO_COUNTS_ABOVE and expanded > _MAX_RATIO * packed:
            raise UnsafeDocument(
                "The archive expands more than a hundredfold, as archives do that are meant to "
                "fill disks. Upload its content in another form."
            )


def _check_layout(data: Buffer, found: list[Entry], directory: Directory) -> list[int]:
    """Compare local headers with the directory; returns where each entry's data start.

    Entries stand side by side from the first byte to the directory: none overlaps another (David
    Fifield, "A better zip bomb", WOOT '19), and nothing is hidden between them.
    """
    starts, at = [], 0
    for entry in found:
        if entry.offset < at:
            raise hostile("entries overlap")
        if entry.offset > at:
            raise hostile("it has data that belong to no entry")
        start, descriptor_is_wide = _check_local_header(data, entry, directory.start)
        at = start + entry.packed
        if at > directory.start:
            raise hostile("an entry reaches into the directory")
        if entry.flags & HAS_DESCRIPTOR:
            at = _check_descriptor(data, entry, at, is_wide=descriptor_is_wide)
        starts.append(start)
    if at != directory.start:
        raise hostile("it has data that belong to no entry")
    return starts


def _check_local_header(data: Buffer, entry: Entry, limit: int) -> tuple[int, bool]:
    at = entry.offset + LOCAL_HEADER.size
    if at > limit or data[entry.offset : entry.offset + 4] != LOCAL:
        raise damaged("an entry is not where the directory says")
    _, _, flags, method, _, _, crc, packed, size, name_length, extra_length = (
        LOCAL_HEADER.unpack_from(data, entry.offset)
    )
    extra_at = at + name_length
    start = extra_at + extra_length
    names, wide = read_variable(data[at:extra_at], data[extra_at:start])
    if names != entry.names and (names[0] != entry.names[0] or not set(names) <= {*entry.names}):
        raise hostile("an entry has two names")
    if method != entry.method or (flags ^ entry.flags) & _SAME_FLAGS:
        raise hostile("an entry is packed in two ways")
    if MAX32 in (size, packed):
        size, packed = from_zip64(wide, size, packed)
    said, known = (crc, packed, size), (entry.crc, entry.packed, entry.size)
    # §4.4.4, bit 3: the values are zero here and follow the data.
    deferred = bool(flags & HAS_DESCRIPTOR)
    if said != known and not (
        deferred and all(a in (0, b) for a, b in zip(said, known, strict=True))
    ):
        raise hostile("an entry has two sizes")
    return start, wide is not None


def _check_descriptor(data: Buffer, entry: Entry, at: int, *, is_wide: bool) -> int:
    """Check the sizes that follow an entry's data (§4.3.9); returns where they end."""
    if data[at : at + 4] == DESCRIPTOR:  # the signature may be left out
        at += 4
    # §4.3.9.2: 8 bytes for each size with ZIP64, but not every writer follows.
    for width in (8, 4) if is_wide else (4,):
        sizes = (
            entry.packed.to_bytes(8, "little")[:width] + entry.size.to_bytes(8, "little")[:width]
        )
        expected = entry.crc.to_bytes(4, "little") + sizes
        if data[at : at + len(expected)] == expected:
            return at + len(expected)
    raise hostile("the sizes after an entry contradict the directory")
