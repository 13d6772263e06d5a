"""Objects that stand at their final key without a seal."""

from io import BytesIO

import pytest
from tests.support.in_memory import CSV, PHOTO

from gridboss_assets import MemoryStorage, Uploads
from gridboss_assets.errors import (
    ContentMismatch,
    InvalidImage,
    PreconditionFailed,
    UnsupportedContentType,
)
from gridboss_assets.storage import Attributes


def test_an_unsealed_object_is_inspected_where_it_stands(
    uploads: Uploads, storage: MemoryStorage
) -> None:
    storage.put("avatars/old.jpg", BytesIO(PHOTO), Attributes("image/jpeg"))
    done = uploads.complete("avatars/old.jpg")
    assert b"Exif" not in storage.fetch(done.url)
    assert done.filename == "old.jpg"
    assert uploads.complete("avatars/old.jpg").sha256 == done.sha256


def test_an_object_that_was_stored_without_a_type_is_what_its_key_says(
    uploads: Uploads, storage: MemoryStorage
) -> None:
    storage.put("avatars/old.jpg", BytesIO(PHOTO), Attributes("binary/octet-stream"))
    assert uploads.complete("avatars/old.jpg").content_type == "image/jpeg"


def test_an_object_whose_key_has_no_extension_is_what_it_was_stored_as(
    uploads: Uploads, storage: MemoryStorage
) -> None:
    storage.put("avatars/old", BytesIO(PHOTO), Attributes("image/jpeg"))
    first = uploads.complete("avatars/old")
    assert (first.content_type, first.filename) == ("image/jpeg", "old.jpg")
    assert uploads.complete("avatars/old").sha256 == first.sha256


@pytest.mark.parametrize(
    ("stored", "finding"),
    [("text/plain", UnsupportedContentType), ("image/png", ContentMismatch)],
)
def test_an_object_that_was_stored_as_something_else_is_refused_in_place(
    uploads: Uploads, storage: MemoryStorage, stored: str, finding: type[Exception]
) -> None:
    storage.put("avatars/old.jpg", BytesIO(PHOTO), Attributes(stored))
    with pytest.raises(finding):
        uploads.complete("avatars/old.jpg")
    assert storage.head("avatars/old.jpg").attributes == Attributes(stored)


def test_a_refusal_in_place_deletes_nothing(uploads: Uploads, storage: MemoryStorage) -> None:
    storage.put("avatars/old.jpg", BytesIO(b"text"), Attributes("image/jpeg"))
    with pytest.raises(InvalidImage):
        uploads.complete("avatars/old.jpg")
    assert storage.list_keys("") == ["avatars/old.jpg"]


def test_a_writer_who_comes_between_is_not_overwritten(
    uploads: Uploads, storage: MemoryStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage.put("exports/a.csv", BytesIO(CSV), Attributes("text/csv"))
    real_put = storage.put
    calls: list[str] = []

    def put(key: str, *args: object, **how: object) -> None:
        calls.append(key)
        if len(calls) == 1:
            real_put(key, BytesIO(b"newer\n"), Attributes("text/csv"))
            raise PreconditionFailed
        real_put(key, *args, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(storage, "put", put)
    assert storage.fetch(uploads.complete("exports/a.csv").url) == b"newer\n"
