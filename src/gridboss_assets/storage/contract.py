"""The rules that every storage keeps, as tests that anybody can run on their own.

::

    class TestMyStorage(StorageContract):
        @pytest.fixture
        def storage(self):
            return MyStorage(...)          # an empty bucket

Each method is one rule. They use plain ``assert`` and need nothing but a storage. What a storage
can't do is declared in its class, where anybody sees it, and is then held to that as well.
"""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from io import BytesIO

from gridboss_assets.errors import AssetsError, ObjectNotFound, PreconditionFailed
from gridboss_assets.storage.base import MULTIPART_ABOVE, Attributes, Storage

TEXT = Attributes("text/csv")
FULL = Attributes(
    "image/png",
    metadata={"filename": "M%C3%BCller.png", "sha256": "00ff"},
    cache_control="public, max-age=86400, immutable",
    content_disposition="attachment; filename=\"a.png\"; filename*=UTF-8''a.png",
)
_WRITERS = 12
_LARGE_WRITERS = 4
_LARGE = bytes(range(256)) * (MULTIPART_ABOVE // 256) + b"the last part"


class StorageContract:
    """Inherit, and give a fixture ``storage``: an empty one for each test."""

    conditional_deletes = True
    """Whether a DELETE with ``If-Match`` spares another object. Some S3 servers take no notice of
    the header; there, a rejected upload may take a newer one with it that arrived in between."""

    conditional_completion = True
    """Whether the condition of a write holds for a body that is sent in parts, too."""

    def test_an_object_is_read_back_byte_for_byte(self, storage: Storage) -> None:
        """What was written is what is read, however large."""
        data = bytes(range(256)) * 2048
        storage.put("exports/a.csv", BytesIO(data), TEXT)
        assert _read(storage, "exports/a.csv") == data

    def test_the_body_is_written_from_its_start(self, storage: Storage) -> None:
        """A body that was read before is written whole."""
        body = BytesIO(b"whole")
        body.read()
        storage.put("exports/a.csv", body, TEXT)
        assert _read(storage, "exports/a.csv") == b"whole"

    def test_an_empty_object_is_an_object(self, storage: Storage) -> None:
        """Zero bytes are stored like any other."""
        storage.put("exports/a.csv", BytesIO(), TEXT)
        assert storage.head("exports/a.csv").size == 0
        assert _read(storage, "exports/a.csv") == b""

    def test_attributes_are_kept(self, storage: Storage) -> None:
        """Type, metadata, cache policy and disposition come back as they were given."""
        storage.put("avatars/a.png", BytesIO(b"x"), FULL)
        assert storage.head("avatars/a.png").attributes == FULL

    def test_a_new_object_inherits_no_attributes(self, storage: Storage) -> None:
        """Nothing of the object that stood there before is carried over."""
        storage.put("avatars/a.png", BytesIO(b"x"), FULL)
        storage.put("avatars/a.png", BytesIO(b"x"), TEXT)
        assert storage.head("avatars/a.png").attributes == TEXT

    def test_open_and_head_agree(self, storage: Storage) -> None:
        """The head of an open object is the head of the object."""
        storage.put("avatars/a.png", BytesIO(b"x"), FULL)
        with storage.open("avatars/a.png") as reader:
            assert reader.head == storage.head("avatars/a.png")

    def test_other_bytes_have_another_etag(self, storage: Storage) -> None:
        """Conditions on an ETag notice every change."""
        storage.put("avatars/a.png", BytesIO(b"one"), TEXT)
        first = storage.head("avatars/a.png").etag
        storage.put("avatars/a.png", BytesIO(b"two"), TEXT)
        assert storage.head("avatars/a.png").etag != first

    def test_unusual_keys_stay_apart(self, storage: Storage) -> None:
        """Blanks, plus signs and other scripts are part of a key, not spellings of another."""
        names = ["exports/a b.csv", "exports/a+b.csv", "exports/ä~(1).csv", "exports/A B.csv"]
        for name in names:
            storage.put(name, BytesIO(name.encode()), TEXT)
        assert [_read(storage, name) for name in names] == [name.encode() for name in names]

    def test_heading_what_is_missing_says_so(self, storage: Storage) -> None:
        """A missing object is ``ObjectNotFound``, told apart from every other error."""
        with _raises(ObjectNotFound):
            storage.head("exports/none.csv")

    def test_opening_what_is_missing_says_so(self, storage: Storage) -> None:
        """The same holds for reading."""
        with _raises(ObjectNotFound), storage.open("exports/none.csv"):
            pass

    def test_only_if_absent_writes_a_new_object(self, storage: Storage) -> None:
        """The condition holds where nothing stands."""
        storage.put("exports/a.csv", BytesIO(b"new"), TEXT, only_if_absent=True)
        assert _read(storage, "exports/a.csv") == b"new"

    def test_only_if_absent_never_overwrites(self, storage: Storage) -> None:
        """The second write is refused and the first one stays."""
        storage.put("exports/a.csv", BytesIO(b"first"), TEXT, only_if_absent=True)
        with _raises(PreconditionFailed):
            storage.put("exports/a.csv", BytesIO(b"second"), TEXT, only_if_absent=True)
        assert _read(storage, "exports/a.csv") == b"first"

    def test_one_of_many_parallel_writers_wins(self, storage: Storage) -> None:
        """Of twelve conditional writes at once, one succeeds, and its bytes are there."""

        def write(number: int) -> bytes | None:
            data = str(number).encode()
            try:
                storage.put("exports/a.csv", BytesIO(data), TEXT, only_if_absent=True)
            except PreconditionFailed:
                return None
            return data

        with ThreadPoolExecutor(_WRITERS) as pool:
            winners = [data for data in pool.map(write, range(_WRITERS)) if data is not None]
        assert winners == [_read(storage, "exports/a.csv")]

    def test_only_if_etag_replaces_that_object(self, storage: Storage) -> None:
        """The condition holds for the object that stands there."""
        storage.put("exports/a.csv", BytesIO(b"first"), TEXT)
        etag = storage.head("exports/a.csv").etag
        storage.put("exports/a.csv", BytesIO(b"second"), TEXT, only_if_etag=etag)
        assert _read(storage, "exports/a.csv") == b"second"

    def test_only_if_etag_never_replaces_another_object(self, storage: Storage) -> None:
        """A write that expects an older object is refused."""
        storage.put("exports/a.csv", BytesIO(b"first"), TEXT)
        etag = storage.head("exports/a.csv").etag
        storage.put("exports/a.csv", BytesIO(b"newer"), TEXT)
        with _raises(PreconditionFailed):
            storage.put("exports/a.csv", BytesIO(b"late"), TEXT, only_if_etag=etag)
        assert _read(storage, "exports/a.csv") == b"newer"

    def test_only_if_etag_never_brings_an_object_back(self, storage: Storage) -> None:
        """A write that expects an object is refused when there is none."""
        storage.put("exports/a.csv", BytesIO(b"first"), TEXT)
        etag = storage.head("exports/a.csv").etag
        storage.delete("exports/a.csv")
        with _raises(PreconditionFailed):
            storage.put("exports/a.csv", BytesIO(b"late"), TEXT, only_if_etag=etag)
        assert storage.list_keys("exports/") == []

    def test_a_large_object_is_read_back_byte_for_byte(self, storage: Storage) -> None:
        """However it is sent, what was written is what is read, attributes included."""
        storage.put("exports/a.csv", BytesIO(_LARGE), FULL)
        assert _read(storage, "exports/a.csv") == _LARGE
        assert storage.head("exports/a.csv").attributes == FULL

    def test_only_if_absent_never_overwrites_by_a_large_body(self, storage: Storage) -> None:
        """However it is sent, the first write stays."""
        storage.put("exports/a.csv", BytesIO(b"first"), TEXT)
        with _raises(PreconditionFailed):
            storage.put("exports/a.csv", BytesIO(_LARGE), TEXT, only_if_absent=True)
        assert _read(storage, "exports/a.csv") == b"first"

    def test_one_of_many_parallel_large_writers_wins(self, storage: Storage) -> None:
        """Of four conditional writes of large bodies at once, one succeeds."""

        def write(number: int) -> bool:
            body = BytesIO(_LARGE + str(number).encode())
            try:
                storage.put("exports/a.csv", body, TEXT, only_if_absent=True)
            except PreconditionFailed:
                return False
            return True

        with ThreadPoolExecutor(_LARGE_WRITERS) as pool:
            winners = sum(pool.map(write, range(_LARGE_WRITERS)))
        assert winners == 1 if self.conditional_completion else winners >= 1

    def test_only_if_etag_replaces_that_object_by_a_large_body(self, storage: Storage) -> None:
        """The condition holds for the object that stands there."""
        storage.put("exports/a.csv", BytesIO(b"first"), TEXT)
        etag = storage.head("exports/a.csv").etag
        storage.put("exports/a.csv", BytesIO(_LARGE), TEXT, only_if_etag=etag)
        assert storage.head("exports/a.csv").size == len(_LARGE)

    def test_only_if_etag_never_replaces_another_by_a_large_body(self, storage: Storage) -> None:
        """A write of a large body that expects an older object is refused as well."""
        storage.put("exports/a.csv", BytesIO(b"first"), TEXT)
        etag = storage.head("exports/a.csv").etag
        storage.put("exports/a.csv", BytesIO(b"newer"), TEXT)
        if not self.conditional_completion:
            # The declaration has to go once this is no longer so.
            storage.put("exports/a.csv", BytesIO(_LARGE), TEXT, only_if_etag=etag)
            assert storage.head("exports/a.csv").size == len(_LARGE)
            return
        with _raises(PreconditionFailed):
            storage.put("exports/a.csv", BytesIO(_LARGE), TEXT, only_if_etag=etag)
        assert _read(storage, "exports/a.csv") == b"newer"

    def test_a_multipart_upload_is_told_at_its_begin_and_its_end(self, storage: Storage) -> None:
        """A storage that sends in parts names the upload, and says when it is no more."""
        told: list[str | None] = []
        storage.put("exports/a.csv", BytesIO(_LARGE), TEXT, on_multipart=told.append)
        assert [bool(each) for each in told] in ([], [True, False])

    def test_a_refused_multipart_upload_is_told_to_be_no_more(self, storage: Storage) -> None:
        """Where it may be aborted, it is, and that is told."""
        told: list[str | None] = []
        storage.put("exports/a.csv", BytesIO(b"first"), TEXT)
        with _raises(PreconditionFailed):
            storage.put(
                "exports/a.csv",
                BytesIO(_LARGE),
                TEXT,
                only_if_absent=True,
                on_multipart=told.append,
            )
        assert [bool(each) for each in told] in ([], [True, False])

    def test_what_hears_of_a_multipart_upload_can_end_it(self, storage: Storage) -> None:
        """What it raises is raised, and no object is made."""

        def refuse(upload_id: str | None) -> None:
            if upload_id is not None:
                raise _Refused

        try:
            storage.put("exports/a.csv", BytesIO(_LARGE), TEXT, on_multipart=refuse)
        except _Refused:
            assert storage.list_keys("exports/") == []

    def test_aborting_an_upload_that_is_no_more_spares_the_object(self, storage: Storage) -> None:
        """Aborting can be repeated, and comes too late once the object is there."""
        told: list[str | None] = []
        storage.put("exports/a.csv", BytesIO(_LARGE), TEXT, on_multipart=told.append)
        for upload_id in [each for each in told if each is not None] * 2:
            assert storage.abort_multipart("exports/a.csv", upload_id)
        assert storage.head("exports/a.csv").size == len(_LARGE)

    def test_delete_removes_an_object(self, storage: Storage) -> None:
        """It is gone, and only it."""
        storage.put("exports/a.csv", BytesIO(b"x"), TEXT)
        storage.put("exports/b.csv", BytesIO(b"x"), TEXT)
        storage.delete("exports/a.csv")
        assert storage.list_keys("exports/") == ["exports/b.csv"]

    def test_deleting_what_is_missing_is_fine(self, storage: Storage) -> None:
        """Deleting can be repeated."""
        storage.delete("exports/none.csv")
        assert storage.list_keys("exports/") == []

    def test_delete_with_the_etag_removes_that_object(self, storage: Storage) -> None:
        """The condition holds for the object that stands there."""
        storage.put("exports/a.csv", BytesIO(b"x"), TEXT)
        storage.delete("exports/a.csv", only_if_etag=storage.head("exports/a.csv").etag)
        assert storage.list_keys("exports/") == []

    def test_delete_with_another_etag_spares_a_newer_object(self, storage: Storage) -> None:
        """A rejected upload that was replaced meanwhile is not deleted."""
        storage.put("exports/a.csv", BytesIO(b"old"), TEXT)
        etag = storage.head("exports/a.csv").etag
        storage.put("exports/a.csv", BytesIO(b"newer"), TEXT)
        if not self.conditional_deletes:
            # The declaration has to go once this is no longer so.
            storage.delete("exports/a.csv", only_if_etag=etag)
            assert storage.list_keys("exports/") == []
            return
        with _raises(PreconditionFailed):
            storage.delete("exports/a.csv", only_if_etag=etag)
        assert _read(storage, "exports/a.csv") == b"newer"

    def test_a_link_that_is_dated_back_is_the_same_again(self, storage: Storage) -> None:
        """The same link at any time, for another key another one; it tells what is left of it."""
        now = int(time.time())
        first, again = (
            storage.sign_download("avatars/a.png", expires_in=600, signed_at=now - 100)
            for _ in range(2)
        )
        other = storage.sign_download("avatars/b.png", expires_in=600, signed_at=now - 100)
        assert first.url == again.url != other.url
        assert 490 <= first.expires_in <= 500

    def test_a_link_says_what_it_is_to_be_saved_as(self, storage: Storage) -> None:
        """Another disposition makes another link, also of one that is dated back."""
        now = int(time.time())
        as_is, attached = (
            storage.sign_download(
                "exports/a.csv", expires_in=600, signed_at=now, content_disposition=disposition
            )
            for disposition in (None, 'attachment; filename="lap times.csv"')
        )
        assert as_is.url != attached.url

    def test_list_keys_stays_under_its_prefix(self, storage: Storage) -> None:
        """Keys come in order, those of the prefix alone, and no more than asked for."""
        for name in ("exports/b.csv", "exports/a.csv", "export", "pending/exports/c.csv"):
            storage.put(name, BytesIO(b"x"), TEXT)
        assert storage.list_keys("exports/") == ["exports/a.csv", "exports/b.csv"]
        assert storage.list_keys("exports/", limit=1) == ["exports/a.csv"]

    def test_list_objects_stays_under_its_prefix(self, storage: Storage) -> None:
        """Objects come in order, those of the prefix alone."""
        for name in ("exports/b.csv", "exports/a b.csv", "export", "pending/exports/c.csv"):
            storage.put(name, BytesIO(b"x"), TEXT)
        keys = [each.key for each in storage.list_objects("exports/")]
        assert keys == ["exports/a b.csv", "exports/b.csv"]

    def test_list_objects_and_head_agree(self, storage: Storage) -> None:
        """Size and ETag are those that conditions are held against."""
        storage.put("exports/a.csv", BytesIO(b"four"), TEXT)
        (listed,) = storage.list_objects("exports/")
        head = storage.head("exports/a.csv")
        assert (listed.size, listed.etag) == (head.size, head.etag) == (4, head.etag)

    def test_list_objects_tells_the_age_by_one_clock(self, storage: Storage) -> None:
        """An object that was just written is young, whatever the clock of this machine says."""
        storage.put("exports/a.csv", BytesIO(b"x"), TEXT)
        (listed,) = storage.list_objects("exports/")
        # An hour: the shortest life of a pending upload. Servers give whole seconds.
        assert -2 <= listed.age < 3600


class _Refused(Exception):
    pass


def _read(storage: Storage, key: str) -> bytes:
    with storage.open(key) as reader:
        return b"".join(reader.chunks())


class _raises(AbstractContextManager[None]):  # noqa: N801 - reads as pytest.raises, which may be absent
    def __init__(self, expected: type[AssetsError]) -> None:
        self._expected = expected

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        assert kind is not None, f"{self._expected.__name__} was expected"
        return issubclass(kind, self._expected)
