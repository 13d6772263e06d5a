"""The upload path on the in-memory storage: seal, idempotence, rejections, races."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image
from tests.support.in_memory import CSV, PHOTO, sign_csv, sign_photo

from gridboss_assets import InProcess, MemoryStorage, Uploads
from gridboss_assets.errors import (
    ContentMismatch,
    EmptyObject,
    InspectionFailed,
    InvalidImage,
    ObjectNotFound,
    ObjectTooLarge,
    StorageUnavailable,
)
from gridboss_assets.inspection import Inspected
from gridboss_assets.storage import Attributes


def test_a_document_is_served_byte_for_byte(uploads: Uploads, storage: MemoryStorage) -> None:
    signed = sign_csv(uploads)
    storage.receive(signed, CSV)
    done = uploads.complete(signed.object_key)
    assert storage.fetch(done.url) == CSV
    attributes = storage.head(signed.object_key).attributes
    assert attributes.content_disposition is not None
    assert attributes.content_disposition.startswith('attachment; filename="season.csv"')
    assert attributes.cache_control == "private, max-age=10800"


def test_a_photograph_comes_back_upright_and_bare(uploads: Uploads, storage: MemoryStorage) -> None:
    signed = sign_photo(uploads)
    storage.receive(signed, PHOTO)
    clean = storage.fetch(uploads.complete(signed.object_key).url)
    with Image.open(BytesIO(PHOTO)) as before, Image.open(BytesIO(clean)) as after:
        assert after.size == before.size[::-1]
        assert not after.getexif()
        assert set(after.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_the_pending_object_is_gone_after_complete(
    uploads: Uploads, storage: MemoryStorage
) -> None:
    signed = sign_csv(uploads)
    storage.receive(signed, CSV)
    uploads.complete(signed.object_key)
    assert storage.list_keys("") == [signed.object_key]


def test_complete_gives_the_same_answer_again(uploads: Uploads, storage: MemoryStorage) -> None:
    signed = sign_csv(uploads)
    storage.receive(signed, CSV)
    first = uploads.complete(signed.object_key)
    again = uploads.complete(f"pending/{signed.object_key}")
    assert (again.sha256, again.filename, again.content_length) == (
        first.sha256,
        first.filename,
        first.content_length,
    )


def test_a_second_upload_changes_nothing(uploads: Uploads, storage: MemoryStorage) -> None:
    signed = sign_csv(uploads)
    storage.receive(signed, CSV)
    uploads.complete(signed.object_key)
    storage.receive(signed, b"driver,points\n7,0\n")
    done = uploads.complete(signed.object_key)
    assert storage.fetch(done.url) == CSV
    assert storage.list_keys("pending/") == []


def test_a_bad_file_after_the_seal_changes_not_even_the_answer(
    uploads: Uploads, storage: MemoryStorage
) -> None:
    signed = sign_csv(uploads)
    storage.receive(signed, CSV)
    first = uploads.complete(signed.object_key)
    storage.receive(signed, b"%PDF-1.7 not a table")
    assert uploads.complete(signed.object_key).sha256 == first.sha256
    assert storage.list_keys("") == [signed.object_key]


def test_a_rejected_file_is_gone_and_another_may_follow(
    uploads: Uploads, storage: MemoryStorage
) -> None:
    signed = sign_csv(uploads)
    storage.receive(signed, b"%PDF-1.7 not a table")
    with pytest.raises(ContentMismatch):
        uploads.complete(signed.object_key)
    assert storage.list_keys("") == []
    with pytest.raises(ObjectNotFound):
        uploads.complete(signed.object_key)
    storage.receive(signed, CSV)
    assert storage.fetch(uploads.complete(signed.object_key).url) == CSV


def test_a_crash_before_the_clean_up_is_made_good(
    uploads: Uploads, storage: MemoryStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed = sign_csv(uploads)
    storage.receive(signed, CSV)
    with monkeypatch.context() as patch:
        patch.setattr(storage, "delete", lambda *_args, **_how: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            uploads.complete(signed.object_key)
    assert len(storage.list_keys("")) == 2
    assert storage.fetch(uploads.complete(signed.object_key).url) == CSV
    assert storage.list_keys("") == [signed.object_key]


def test_a_newer_upload_survives_a_rejection(
    uploads: Uploads, storage: MemoryStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed = sign_csv(uploads)
    storage.receive(signed, b"%PDF-1.7 not a table")
    real_head = storage.head

    def head(key: str) -> object:
        storage.receive(signed, CSV)  # arrives between the finding and the deletion
        return real_head(key)

    with monkeypatch.context() as patch:
        patch.setattr(storage, "head", head)
        with pytest.raises(ContentMismatch):
            uploads.complete(signed.object_key)
    assert storage.fetch(uploads.complete(signed.object_key).url) == CSV


@pytest.mark.parametrize(
    ("data", "finding"),
    [(b"", EmptyObject), (b"GIF89a" + b"x" * 99, ContentMismatch), (b"text", InvalidImage)],
)
def test_a_picture_that_is_none_is_refused(
    uploads: Uploads, storage: MemoryStorage, data: bytes, finding: type[Exception]
) -> None:
    signed = sign_photo(uploads)
    attributes = Attributes("image/jpeg")
    storage.put(f"pending/{signed.object_key}", BytesIO(data), attributes)
    with pytest.raises(finding):
        uploads.complete(signed.object_key)
    assert storage.list_keys("") == []


def test_a_file_over_the_limit_is_refused_unread(uploads: Uploads, storage: MemoryStorage) -> None:
    signed = sign_photo(uploads)
    big = BytesIO(PHOTO + bytes(2 * 1024 * 1024))
    storage.put(f"pending/{signed.object_key}", big, Attributes("image/jpeg"))
    with pytest.raises(ObjectTooLarge, match="2 MiB"):
        uploads.complete(signed.object_key)


def test_a_reader_whose_object_was_sealed_and_deleted_meanwhile_answers_from_the_seal(
    uploads: Uploads, storage: MemoryStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed = sign_csv(uploads)
    storage.receive(signed, CSV)
    real_open = storage.open

    @contextmanager
    def breaks_off(key: str) -> Iterator[Any]:
        with real_open(key) as reader:
            monkeypatch.undo()
            uploads.complete(signed.object_key)  # a parallel one that is faster
            yield SimpleNamespace(head=reader.head, chunks=lambda: iter([CSV[:3]]))

    monkeypatch.setattr(storage, "open", breaks_off)
    assert storage.fetch(uploads.complete(signed.object_key).url) == CSV


def test_an_object_that_arrives_in_part_is_our_fault_and_stays(
    uploads: Uploads, storage: MemoryStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed = sign_csv(uploads)
    storage.receive(signed, CSV)
    real_open = storage.open

    @contextmanager
    def breaks_off(key: str) -> Iterator[Any]:
        with real_open(key) as reader:
            yield SimpleNamespace(head=reader.head, chunks=lambda: iter([CSV[:3]]))

    with monkeypatch.context() as patch:
        patch.setattr(storage, "open", breaks_off)
        with pytest.raises(StorageUnavailable):
            uploads.complete(signed.object_key)
    assert storage.fetch(uploads.complete(signed.object_key).url) == CSV


class BringsWorkersDown(InProcess):
    def inspect(self, *_: object, **__: object) -> Inspected:
        raise InspectionFailed


def test_a_file_without_a_verdict_is_refused_and_stays(storage: MemoryStorage) -> None:
    uploads = Uploads(storage, inspection=BringsWorkersDown())
    signed = sign_csv(uploads)
    storage.receive(signed, CSV)
    with pytest.raises(InspectionFailed):
        uploads.complete(signed.object_key)
    assert storage.list_keys("") == [f"pending/{signed.object_key}"]


def test_warnings_are_told_again_from_the_seal(uploads: Uploads, storage: MemoryStorage) -> None:
    signed = sign_csv(uploads)
    storage.receive(signed, b"name,link\nada,=1+1\n")
    assert uploads.complete(signed.object_key).warnings == ("csv_formulas",)
    assert uploads.complete(signed.object_key).warnings == ("csv_formulas",)


def test_delete_removes_the_object_and_its_twin(uploads: Uploads, storage: MemoryStorage) -> None:
    signed = sign_csv(uploads)
    storage.receive(signed, CSV)
    uploads.complete(signed.object_key)
    storage.receive(signed, CSV)
    uploads.delete(signed.object_key)
    assert storage.list_keys("") == []
