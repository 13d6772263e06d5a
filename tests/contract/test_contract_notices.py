"""For each rule of the storage contract there is a storage that breaks it, and it is noticed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from typing import IO, Any

import pytest

from gridboss_assets.errors import ObjectNotFound, PreconditionFailed, StorageError
from gridboss_assets.models import DownloadLink
from gridboss_assets.storage import Attributes, ListedObject, MemoryStorage, ObjectHead
from gridboss_assets.storage.base import MULTIPART_ABOVE
from gridboss_assets.storage.contract import StorageContract


class Truncates(MemoryStorage):
    def put(self, key: str, body: IO[bytes], attributes: Attributes, **how: Any) -> None:
        body.seek(0)
        super().put(key, BytesIO(body.read()[:-1]), attributes, **how)


class WritesFromThePosition(MemoryStorage):
    def put(self, key: str, body: IO[bytes], attributes: Attributes, **how: Any) -> None:
        super().put(key, BytesIO(body.read()), attributes, **how)


class IgnoresEmpty(MemoryStorage):
    def put(self, key: str, body: IO[bytes], attributes: Attributes, **how: Any) -> None:
        if body.seek(0, 2):
            super().put(key, body, attributes, **how)


class DropsMetadata(MemoryStorage):
    def put(self, key: str, body: IO[bytes], attributes: Attributes, **how: Any) -> None:
        super().put(key, body, replace(attributes, metadata={}), **how)


class MergesMetadata(MemoryStorage):
    def put(self, key: str, body: IO[bytes], attributes: Attributes, **how: Any) -> None:
        try:
            before = self.head(key).attributes.metadata
        except ObjectNotFound:
            before = {}
        merged = {**before, **attributes.metadata}
        super().put(key, body, replace(attributes, metadata=merged), **how)


class HeadForgets(MemoryStorage):
    def head(self, key: str) -> ObjectHead:
        return replace(super().head(key), etag='"another"')


class OneEtag(MemoryStorage):
    def head(self, key: str) -> ObjectHead:
        return replace(super().head(key), etag='"same"')


class PlusIsBlank(MemoryStorage):
    def put(self, key: str, body: IO[bytes], attributes: Attributes, **how: Any) -> None:
        super().put(key.replace("+", " "), body, attributes, **how)

    @contextmanager
    def open(self, key: str) -> Iterator[Any]:
        with super().open(key.replace("+", " ")) as reader:
            yield reader


class MissingIsAnError(MemoryStorage):
    def head(self, key: str) -> ObjectHead:
        try:
            return super().head(key)
        except ObjectNotFound:
            raise StorageError from None

    @contextmanager
    def open(self, key: str) -> Iterator[Any]:
        self.head(key)
        with super().open(key) as reader:
            yield reader


class RefusesConditions(MemoryStorage):
    def put(self, key: str, body: IO[bytes], attributes: Attributes, **how: Any) -> None:
        if any(how.values()):
            raise PreconditionFailed
        super().put(key, body, attributes)

    def delete(self, key: str, *, only_if_etag: str | None = None) -> None:
        if only_if_etag:
            raise PreconditionFailed
        super().delete(key)


class IgnoresConditions(MemoryStorage):
    def put(self, key: str, body: IO[bytes], attributes: Attributes, **_how: Any) -> None:
        super().put(key, body, attributes)

    def delete(self, key: str, *, only_if_etag: str | None = None) -> None:
        super().delete(key)


class LosesTheLastPart(MemoryStorage):
    def put(self, key: str, body: IO[bytes], attributes: Attributes, **how: Any) -> None:
        body.seek(0)
        super().put(key, BytesIO(body.read(MULTIPART_ABOVE)), attributes, **how)


class IgnoresConditionsOfParts(MemoryStorage):
    def put(self, key: str, body: IO[bytes], attributes: Attributes, **how: Any) -> None:
        if body.seek(0, 2) > MULTIPART_ABOVE:
            super().put(key, body, attributes)
        else:
            super().put(key, body, attributes, **how)


class RefusesConditionsOfParts(MemoryStorage):
    def put(self, key: str, body: IO[bytes], attributes: Attributes, **how: Any) -> None:
        if body.seek(0, 2) > MULTIPART_ABOVE and any(how.values()):
            raise PreconditionFailed
        super().put(key, body, attributes, **how)


class TellsNoEnd(MemoryStorage):
    def put(self, key: str, body: IO[bytes], attributes: Attributes, **how: Any) -> None:
        tell = how.pop("on_multipart", None)
        if tell and body.seek(0, 2) > MULTIPART_ABOVE:
            tell("upload")
        super().put(key, body, attributes, **how)


class TellsTooLate(MemoryStorage):
    def put(self, key: str, body: IO[bytes], attributes: Attributes, **how: Any) -> None:
        tell = how.pop("on_multipart", None)
        super().put(key, body, attributes, **how)
        if tell and body.seek(0, 2) > MULTIPART_ABOVE:
            tell("upload")


class AbortsTheObject(MemoryStorage):
    def abort_multipart(self, key: str, upload_id: str) -> bool:
        self.delete(key)
        return True


class DeletesNothing(MemoryStorage):
    def delete(self, key: str, *, only_if_etag: str | None = None) -> None:
        pass


class MissesTheMissing(MemoryStorage):
    def delete(self, key: str, *, only_if_etag: str | None = None) -> None:
        self.head(key)
        super().delete(key, only_if_etag=only_if_etag)


class ListsEverything(MemoryStorage):
    def list_keys(self, prefix: str, *, limit: int = 1000) -> list[str]:
        return super().list_keys(prefix[:6], limit=limit)

    def list_objects(self, prefix: str) -> Iterator[ListedObject]:
        return super().list_objects(prefix[:6])


class ListsOtherEtags(MemoryStorage):
    def list_objects(self, prefix: str) -> Iterator[ListedObject]:
        for each in super().list_objects(prefix):
            yield replace(each, etag=each.etag.strip('"'))


class ListsByAnotherClock(MemoryStorage):
    def list_objects(self, prefix: str) -> Iterator[ListedObject]:
        for each in super().list_objects(prefix):
            yield replace(each, listed_at=each.listed_at + 2 * 3600)


class SignsFromNow(MemoryStorage):
    def sign_download(self, key: str, *, expires_in: int, **how: Any) -> DownloadLink:
        return super().sign_download(key, **(how | {"expires_in": expires_in, "signed_at": None}))


class ForgetsTheName(MemoryStorage):
    def sign_download(self, key: str, *, expires_in: int, **how: Any) -> DownloadLink:
        how |= {"expires_in": expires_in, "content_disposition": None}
        return super().sign_download(key, **how)


BROKEN: dict[str, type[MemoryStorage]] = {
    "test_an_object_is_read_back_byte_for_byte": Truncates,
    "test_the_body_is_written_from_its_start": WritesFromThePosition,
    "test_an_empty_object_is_an_object": IgnoresEmpty,
    "test_attributes_are_kept": DropsMetadata,
    "test_a_new_object_inherits_no_attributes": MergesMetadata,
    "test_open_and_head_agree": HeadForgets,
    "test_other_bytes_have_another_etag": OneEtag,
    "test_unusual_keys_stay_apart": PlusIsBlank,
    "test_heading_what_is_missing_says_so": MissingIsAnError,
    "test_opening_what_is_missing_says_so": MissingIsAnError,
    "test_only_if_absent_writes_a_new_object": RefusesConditions,
    "test_only_if_absent_never_overwrites": IgnoresConditions,
    "test_one_of_many_parallel_writers_wins": IgnoresConditions,
    "test_only_if_etag_replaces_that_object": RefusesConditions,
    "test_only_if_etag_never_replaces_another_object": IgnoresConditions,
    "test_only_if_etag_never_brings_an_object_back": IgnoresConditions,
    "test_a_large_object_is_read_back_byte_for_byte": LosesTheLastPart,
    "test_only_if_absent_never_overwrites_by_a_large_body": IgnoresConditionsOfParts,
    "test_one_of_many_parallel_large_writers_wins": IgnoresConditionsOfParts,
    "test_only_if_etag_replaces_that_object_by_a_large_body": RefusesConditionsOfParts,
    "test_only_if_etag_never_replaces_another_by_a_large_body": IgnoresConditionsOfParts,
    "test_a_multipart_upload_is_told_at_its_begin_and_its_end": TellsNoEnd,
    "test_a_refused_multipart_upload_is_told_to_be_no_more": TellsNoEnd,
    "test_what_hears_of_a_multipart_upload_can_end_it": TellsTooLate,
    "test_aborting_an_upload_that_is_no_more_spares_the_object": AbortsTheObject,
    "test_delete_removes_an_object": DeletesNothing,
    "test_deleting_what_is_missing_is_fine": MissesTheMissing,
    "test_delete_with_the_etag_removes_that_object": RefusesConditions,
    "test_delete_with_another_etag_spares_a_newer_object": IgnoresConditions,
    "test_a_link_that_is_dated_back_is_the_same_again": SignsFromNow,
    "test_a_link_says_what_it_is_to_be_saved_as": ForgetsTheName,
    "test_list_keys_stays_under_its_prefix": ListsEverything,
    "test_list_objects_stays_under_its_prefix": ListsEverything,
    "test_list_objects_and_head_agree": ListsOtherEtags,
    "test_list_objects_tells_the_age_by_one_clock": ListsByAnotherClock,
}

RULES = [name for name in vars(StorageContract) if name.startswith("test_")]


def test_every_rule_has_a_storage_that_breaks_it() -> None:
    assert sorted(BROKEN) == sorted(RULES)


@pytest.mark.parametrize("rule", RULES)
def test_the_broken_storage_is_noticed(rule: str) -> None:
    check: Callable[[StorageContract, MemoryStorage], None] = getattr(StorageContract, rule)
    with pytest.raises((AssertionError, ObjectNotFound, StorageError)):
        check(StorageContract(), BROKEN[rule]())
