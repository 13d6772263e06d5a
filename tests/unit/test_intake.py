"""From bytes in the bucket to what is stored: how much is read, and what is made of it."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

import pytest

from gridboss_assets.errors import ContentMismatch, MalwareFound, ObjectTooLarge
from gridboss_assets.inspection import HEAD_BYTES, InProcess
from gridboss_assets.intake import inspected
from gridboss_assets.kinds import DEFAULT_KINDS
from gridboss_assets.storage import Attributes, ObjectHead

EXPORT = DEFAULT_KINDS["export"]
CSV = next(t for t in EXPORT.content_types if t.name == "text/csv")
TABLE = b"driver,points\n" + b"7,25\n" * 100_000
_PIECE = 10_000


@dataclass
class Reader:
    """An object that arrives in pieces, and how much of it was asked for."""

    data: bytes
    announced: int | None = None
    read: int = 0
    head: ObjectHead = field(init=False)

    def __post_init__(self) -> None:
        size = len(self.data) if self.announced is None else self.announced
        self.head = ObjectHead("pending/exports/a.csv", size, '"etag"', Attributes("text/csv"))

    def chunks(self) -> Iterator[bytes]:
        for start in range(0, len(self.data), _PIECE):
            piece = self.data[start : start + _PIECE]
            self.read += len(piece)
            yield piece


class Finds:
    """A scanner that knows one word."""

    def __init__(self, word: bytes) -> None:
        self._word = word

    def scan(self, file: IO[bytes]) -> None:
        if self._word in file.read():
            raise MalwareFound


def take(reader: Reader, scanner: Finds | None = None) -> tuple[bytes, str]:
    with inspected(reader, EXPORT, CSV, "a.csv", inspection=InProcess(), scanner=scanner) as found:
        found.body.seek(0)
        return found.body.read(), found.seal.sha256


def test_what_was_inspected_is_what_is_stored() -> None:
    body, sha256 = take(Reader(TABLE))
    assert body == TABLE
    assert sha256 == hashlib.sha256(TABLE).hexdigest()


def test_a_wrong_file_is_refused_before_the_rest_is_read() -> None:
    reader = Reader(b"%PDF-1.7\n" + bytes(5_000_000))
    with pytest.raises(ContentMismatch):
        take(reader)
    assert reader.read < HEAD_BYTES + _PIECE


@pytest.mark.parametrize("size", [1, _PIECE, HEAD_BYTES - 1, HEAD_BYTES, HEAD_BYTES + 1])
def test_a_file_of_any_size_passes_the_head(size: int) -> None:
    data = (b"a,b\n" * (HEAD_BYTES // 4 + 1))[:size]
    assert take(Reader(data))[0] == data


def test_an_object_over_the_limit_is_not_read_at_all() -> None:
    reader = Reader(TABLE, announced=EXPORT.max_size + 1)
    with pytest.raises(ObjectTooLarge):
        take(reader)
    assert reader.read == 0


def test_the_antivirus_sees_the_whole_file() -> None:
    take(Reader(TABLE), Finds(b"malware"))
    with pytest.raises(MalwareFound):
        take(Reader(TABLE + b"malware,1\n"), Finds(b"malware"))
