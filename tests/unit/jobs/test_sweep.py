"""Sweeping: old pending uploads go, everything else stays."""

from collections.abc import Iterator
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridboss_assets import MemoryStorage, Uploads
from gridboss_assets.errors import ObjectNotFound, StorageDenied, StorageUnavailable
from gridboss_assets.jobs.sweep import DEFAULT_AGE, SweepResult, sweep
from gridboss_assets.storage import Attributes, ListedObject
from gridboss_assets.uploads import MAX_UPLOAD_TTL

TEXT = Attributes("text/csv")
NOON = 1_800_000_000.0


class Clock:
    """A clock that a test sets."""

    now = NOON

    def __call__(self) -> float:
        return self.now


class Denies(MemoryStorage):
    """A storage whose credentials may not delete some keys."""

    denied = "a"

    def delete(self, key: str, *, only_if_etag: str | None = None) -> None:
        if self.denied in key:
            raise StorageDenied(detail="DeleteObject answered 403 AccessDenied")
        super().delete(key, only_if_etag=only_if_etag)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def storage(clock: Clock) -> MemoryStorage:
    return MemoryStorage(clock=clock)


def put(storage: MemoryStorage, *keys: str, data: bytes = b"x") -> None:
    for key in keys:
        storage.put(key, BytesIO(data), TEXT)


def test_an_old_upload_is_removed_and_a_young_one_stays(
    storage: MemoryStorage, clock: Clock
) -> None:
    put(storage, "pending/exports/old.csv", data=b"four")
    clock.now += DEFAULT_AGE
    put(storage, "pending/exports/young.csv")
    clock.now += 1
    assert sweep(storage) == SweepResult(removed=1, bytes=4, kept=1)
    assert storage.list_keys("") == ["pending/exports/young.csv"]


def test_an_upload_survives_for_as_long_as_any_form_can_live(clock: Clock) -> None:
    storage = MemoryStorage(presign_ttl=7 * 24 * 3600, clock=clock)
    uploads = Uploads(storage)
    signed = uploads.sign("export", filename="a.csv", content_type="text/csv")
    clock.now += signed.expires_in
    storage.receive(signed, b"a,b\n")
    clock.now += MAX_UPLOAD_TTL
    assert sweep(storage) == SweepResult(kept=1)
    assert uploads.complete(signed.object_key).content_length == 4


def test_whatever_stands_under_pending_is_removed(storage: MemoryStorage, clock: Clock) -> None:
    put(storage, "pending/", "pending/doctor-1/a", "pending/pending/x", "pending/no such kind")
    clock.now += DEFAULT_AGE + 1
    assert sweep(storage).removed == 4
    assert storage.list_keys("") == []


SEGMENTS = st.sampled_from(
    ["pending", "exports", "avatars", "Pending", "pending2", "", "a.csv", "ä"]
)
KEYS = st.lists(SEGMENTS, min_size=1, max_size=4).map("/".join).filter(bool)


@given(keys=st.sets(KEYS, max_size=12))
def test_nothing_outside_of_pending_is_ever_touched(keys: set[str]) -> None:
    clock = Clock()
    storage = MemoryStorage(clock=clock)
    put(storage, *keys)
    clock.now += 365 * 24 * 3600
    sweep(storage)
    assert set(storage.list_keys("", limit=99)) == {k for k in keys if not k.startswith("pending/")}


def test_a_storage_that_lists_too_much_loses_nothing(clock: Clock) -> None:
    class ListsEverything(MemoryStorage):
        def list_objects(self, prefix: str) -> Iterator[ListedObject]:
            return super().list_objects("")

    storage = ListsEverything(clock=clock)
    put(storage, "exports/season.csv", "pending/exports/old.csv")
    clock.now += DEFAULT_AGE + 1
    sweep(storage)
    assert storage.list_keys("") == ["exports/season.csv"]


def test_a_dry_run_tells_the_same_and_changes_nothing(storage: MemoryStorage, clock: Clock) -> None:
    put(storage, "pending/a", "pending/b", "exports/c")
    clock.now += DEFAULT_AGE + 1
    would: list[str] = []
    did: list[str] = []
    planned = sweep(storage, dry_run=True, on_removed=lambda each: would.append(each.key))
    assert storage.list_keys("") == ["exports/c", "pending/a", "pending/b"]
    assert sweep(storage, on_removed=lambda each: did.append(each.key)) == planned
    assert would == did == ["pending/a", "pending/b"]


def test_a_newer_upload_at_the_same_key_survives(clock: Clock) -> None:
    class Replaced(MemoryStorage):
        def list_objects(self, prefix: str) -> Iterator[ListedObject]:
            for each in super().list_objects(prefix):
                put(self, each.key, data=b"newer")
                yield each

    storage = Replaced(clock=clock)
    put(storage, "pending/a", data=b"old")
    clock.now += DEFAULT_AGE + 1
    assert sweep(storage) == SweepResult(kept=1)
    with storage.open("pending/a") as reader:
        assert b"".join(reader.chunks()) == b"newer"


def test_an_upload_that_was_completed_meanwhile_is_fine(clock: Clock) -> None:
    class Completed(MemoryStorage):
        def list_objects(self, prefix: str) -> Iterator[ListedObject]:
            for each in super().list_objects(prefix):
                self.delete(each.key)
                yield each

    storage = Completed(clock=clock)
    put(storage, "pending/a")
    clock.now += DEFAULT_AGE + 1
    assert sweep(storage).failed == 0
    with pytest.raises(ObjectNotFound):
        storage.head("pending/a")


def test_the_age_is_by_the_clock_of_the_storage(clock: Clock) -> None:
    clock.now = 1_000.0  # decades behind this machine
    storage = MemoryStorage(clock=clock)
    put(storage, "pending/a")
    assert sweep(storage) == SweepResult(kept=1)


def test_what_cannot_be_removed_is_counted_and_the_rest_goes(clock: Clock) -> None:
    storage = Denies(clock=clock)
    put(storage, "pending/a", "pending/b", "pending/c")
    clock.now += DEFAULT_AGE + 1
    result = sweep(storage)
    assert (result.removed, result.failed, result.finished) == (2, 1, True)
    assert result.fault == "DeleteObject answered 403 AccessDenied"


def test_a_sweep_that_gets_nowhere_leaves_the_rest(clock: Clock) -> None:
    storage = Denies(clock=clock)
    put(storage, *(f"pending/a{number:02}" for number in range(30)))
    clock.now += DEFAULT_AGE + 1
    result = sweep(storage)
    assert (result.removed, result.failed, result.finished) == (0, 10, False)


def test_a_listing_that_breaks_off_is_an_error() -> None:
    class BreaksOff(MemoryStorage):
        def list_objects(self, prefix: str) -> Iterator[ListedObject]:
            yield from super().list_objects(prefix)
            raise StorageUnavailable

    broken = BreaksOff()
    put(broken, "pending/a")
    with pytest.raises(StorageUnavailable):
        sweep(broken)


def test_a_limit_leaves_the_rest_for_the_next_time(storage: MemoryStorage, clock: Clock) -> None:
    put(storage, "pending/a", "pending/b", "pending/c")
    clock.now += DEFAULT_AGE + 1
    assert sweep(storage, limit=2) == SweepResult(removed=2, bytes=2, finished=False)
    assert sweep(storage, limit=2) == SweepResult(removed=1, bytes=1)


def test_a_negative_age_is_refused(storage: MemoryStorage) -> None:
    with pytest.raises(ValueError, match="older_than"):
        sweep(storage, older_than=-1)
