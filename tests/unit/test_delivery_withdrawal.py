"""What is deleted or cleaned leaves the CDN's caches, or the answer says how long it may stay."""

import logging
from collections.abc import Sequence
from io import BytesIO

import pytest
from tests.support.cloudfront import KEY_PAIR_ID, key_pair
from tests.support.in_memory import PHOTO, sign_photo

from gridboss_assets import DEFAULT_KINDS, Cdn, CloudFrontSigner, Delivery, MemoryStorage, Uploads
from gridboss_assets.errors import CdnDenied, CdnUnavailable
from gridboss_assets.keys import build, parse
from gridboss_assets.storage import Attributes

AVATAR = DEFAULT_KINDS["avatar"]
EXPORT = DEFAULT_KINDS["export"]
PICTURE = build(AVATAR, "driver-7", AVATAR.content_types[0])
TABLE = build(EXPORT, "driver-7", EXPORT.content_types[0])
SEASON = parse("exports/Saison 2026/Läufe+1.csv", DEFAULT_KINDS)

PLAIN = Cdn("https://cdn.example.com")
SIGNING = Cdn(PLAIN.base_url, CloudFrontSigner(KEY_PAIR_ID, key_pair("ecdsa").private))


class Recorder:
    """An invalidator that keeps what it was told, and may fail."""

    def __init__(self, error: Exception | None = None) -> None:
        self.told: list[list[str]] = []
        self.error = error

    def invalidate(self, paths: Sequence[str]) -> str:
        self.told.append(list(paths))
        if self.error is not None:
            raise self.error
        return "I1"


def deleting(cdn: Cdn | None, invalidator: Recorder | None) -> Uploads:
    memory = MemoryStorage()
    return Uploads(memory, delivery=Delivery(memory, cdn=cdn, invalidator=invalidator))


def test_without_a_cdn_nothing_outlives_a_deletion() -> None:
    assert deleting(None, None).delete(PICTURE).cdn_may_serve_for == 0


def test_an_edge_may_serve_what_nobody_invalidates() -> None:
    assert deleting(PLAIN, None).delete(PICTURE).cdn_may_serve_for == 86_400
    assert deleting(SIGNING, None).delete(TABLE).cdn_may_serve_for == 10_800


def test_an_edge_without_a_key_never_had_an_export() -> None:
    recorder = Recorder()
    assert deleting(PLAIN, recorder).delete(TABLE).cdn_may_serve_for == 0
    assert recorder.told == []


def test_a_deletion_invalidates() -> None:
    recorder = Recorder()
    uploads = deleting(SIGNING, recorder)
    assert uploads.delete(PICTURE).cdn_may_serve_for == 0
    assert uploads.delete(SEASON).cdn_may_serve_for == 0
    # An edge keeps exports apart by the name that they are saved under.
    assert recorder.told == [
        [f"/{PICTURE}"],
        ["/exports/Saison%202026/L%C3%A4ufe%2B1.csv*"],
    ]


@pytest.mark.parametrize("error", [CdnDenied(detail="why"), CdnUnavailable(detail="why")])
def test_a_deletion_stands_though_the_cdn_was_not_told(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert deleting(SIGNING, Recorder(error)).delete(TABLE).cdn_may_serve_for == 10_800
    assert (
        f"the CDN may serve what stood at {TABLE} for another 10800 seconds: why" in caplog.messages
    )


@pytest.mark.parametrize(("error", "asked"), [(CdnDenied(), 1), (CdnUnavailable(), 3)])
def test_a_permission_that_is_missing_is_not_asked_for_each_time(
    error: Exception, asked: int
) -> None:
    recorder = Recorder(error)
    uploads = deleting(SIGNING, recorder)
    assert [uploads.delete(TABLE).cdn_may_serve_for for _ in range(3)] == [10_800] * 3
    assert len(recorder.told) == asked


def test_a_picture_that_is_cleaned_where_it_stands_is_taken_out_of_the_caches() -> None:
    recorder = Recorder()
    uploads = deleting(PLAIN, recorder)
    uploads.storage.put(PICTURE.key, BytesIO(PHOTO), Attributes("image/jpeg"))
    uploads.complete(PICTURE)
    uploads.complete(PICTURE)
    assert recorder.told == [[f"/{PICTURE}"]]


def test_an_upload_that_is_sealed_is_in_no_cache_yet() -> None:
    recorder = Recorder()
    uploads = deleting(PLAIN, recorder)
    signed = sign_photo(uploads)
    uploads.storage.put(f"pending/{signed.object_key}", BytesIO(PHOTO), Attributes("image/jpeg"))
    uploads.complete(signed.object_key)
    assert recorder.told == []
