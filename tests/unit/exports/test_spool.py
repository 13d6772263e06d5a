"""The temporary file: counted, hashed, limited, and gone in the end."""

import errno
import hashlib
import tempfile
from pathlib import Path
from typing import IO, Any

import pytest

from gridboss_assets.errors import ExportTooLarge, StorageError
from gridboss_assets.exports.spool import spooled

MIB = 1024 * 1024


def test_the_file_is_whole_counted_and_hashed() -> None:
    chunks = [b"a" * MIB, b"b" * MIB, b"", b"c"]
    with spooled(chunks, max_bytes=2 * MIB + 1) as file:
        assert file.body.read() == b"".join(chunks)
        assert file.size == 2 * MIB + 1
        assert file.sha256 == hashlib.sha256(b"".join(chunks)).hexdigest()


@pytest.mark.parametrize("size", [10, 3 * MIB])
def test_the_file_is_gone_with_the_block(size: int) -> None:
    with spooled([b"a" * size], max_bytes=4 * MIB) as file:
        body = file.body
    assert body.closed


@pytest.mark.parametrize(
    ("limit", "words"),
    [(2**30 * 5, "5 GiB"), (25 * MIB, "25 MiB"), (1536, "1.5 KiB"), (10, "10 bytes")],
)
def test_the_limit_is_named_so_that_a_person_can_read_it(limit: int, words: str) -> None:
    class Long(bytes):
        def __len__(self) -> int:
            return limit + 1

    with pytest.raises(ExportTooLarge, match=words), spooled([Long(b"")], max_bytes=limit):
        pass


def test_a_full_disk_has_a_message_of_its_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    class Full(tempfile.SpooledTemporaryFile[bytes]):
        def write(self, _: Any) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tempfile, "SpooledTemporaryFile", Full)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(StorageError, match="no room") as caught, spooled([b"a"], max_bytes=9):
        pass
    assert caught.value.detail == (
        f"No space left on device in {tmp_path}: make room, or set TMPDIR to a folder on a larger "
        "disk"
    )


def test_an_error_of_the_encoder_closes_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[IO[bytes]] = []
    spool = tempfile.SpooledTemporaryFile

    def keep(*args: Any, **how: Any) -> Any:
        made.append(spool(*args, **how))
        return made[-1]

    def chunks() -> Any:
        yield b"a"
        raise OSError("of the application, and no word about a disk")

    monkeypatch.setattr(tempfile, "SpooledTemporaryFile", keep)
    with pytest.raises(OSError, match="of the application"), spooled(chunks(), max_bytes=9):
        pass
    assert [file.closed for file in made] == [True]
