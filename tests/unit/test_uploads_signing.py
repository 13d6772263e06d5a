"""What is signed, for how long, and what it shows."""

import pytest
from tests.support.in_memory import CSV, sign_csv, sign_photo

from gridboss_assets import Credentials, MemoryStorage, S3Storage, Uploads
from gridboss_assets.errors import (
    InvalidObjectKey,
    SizeRequired,
    StorageDenied,
    UnsupportedContentType,
)


def test_a_life_of_no_seconds_is_refused() -> None:
    storage = S3Storage("test-assets", "us-east-1", Credentials("k", "s"))
    with pytest.raises(ValueError, match="1 to 604800"):
        Uploads(storage).download("exports/a.csv", expires_in=0)


def test_a_pending_key_is_never_linked(uploads: Uploads) -> None:
    signed = sign_csv(uploads)
    with pytest.raises(InvalidObjectKey):
        uploads.download(f"pending/{signed.object_key}")


def test_the_form_is_held_to_what_was_signed(uploads: Uploads, storage: MemoryStorage) -> None:
    signed = sign_photo(uploads)
    with pytest.raises(StorageDenied):
        storage.receive(signed, bytes(2 * 1024 * 1024 + 1))


@pytest.mark.parametrize(
    ("filename", "declared", "accepted"),
    [
        ("a.csv", "application/vnd.ms-excel", "text/csv"),
        ("a.csv", "", "text/csv"),
        ("a.zip", "application/x-zip-compressed", "application/zip"),
        ("a.csv", "Text/CSV; charset=utf-8", "text/csv"),
    ],
)
def test_what_browsers_are_known_to_send_is_mapped(
    uploads: Uploads, filename: str, declared: str, accepted: str
) -> None:
    assert uploads.sign("export", filename=filename, content_type=declared).content_type == accepted


@pytest.mark.parametrize(
    ("filename", "declared"), [("a.xls", "application/vnd.ms-excel"), ("a", "")]
)
def test_an_alias_needs_the_fitting_file_name(
    uploads: Uploads, filename: str, declared: str
) -> None:
    with pytest.raises(UnsupportedContentType, match="text/csv"):
        uploads.sign("export", filename=filename, content_type=declared)


def test_a_put_needs_the_size() -> None:
    uploads = Uploads(MemoryStorage(upload_method="PUT"))
    with pytest.raises(SizeRequired):
        sign_csv(uploads)


def test_an_upload_lives_at_most_an_hour() -> None:
    uploads = Uploads(MemoryStorage(presign_ttl=86400))
    assert sign_csv(uploads).expires_in == 3600


def test_no_repr_shows_a_signature(uploads: Uploads, storage: MemoryStorage) -> None:
    signed = sign_csv(uploads)
    storage.receive(signed, CSV)
    done = uploads.complete(signed.object_key)
    assert "grant" not in repr(signed)
    assert "grant" not in repr(done)
