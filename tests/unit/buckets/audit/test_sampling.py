"""The sample: which objects are listed, which of them are looked at, and what is left out."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.unit.buckets.audit.conftest import Place
from tests.unit.buckets.conftest import NAME

from gridboss_assets.buckets.audit import sampling
from gridboss_assets.buckets.audit.evidence import Sample
from gridboss_assets.buckets.audit.sampling import Sampler
from gridboss_assets.buckets.desired import DesiredBucket
from gridboss_assets.buckets.plan import BucketState
from gridboss_assets.kinds import AVATAR, EXPORT, Kinds

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def put(s3: "S3Client", names: Iterable[str]) -> None:
    for name in names:
        s3.put_object(Bucket=NAME, Key=name, Body=b"x")


def taken(place: Place, size: int, want: DesiredBucket | None = None) -> dict[str, Sample]:
    sampler = Sampler(place.s3, place.stranger, want or place.want, size, lambda _: None)
    found = sampler.samples(BucketState(exists=True, sides={}))
    assert isinstance(found, tuple)
    return {sample.place: sample for sample in found}


def names(sample: Sample) -> list[str]:
    return [each.key for each in sample.listed]


def test_each_object_stands_in_one_place(place: Place) -> None:
    put(place.s3, ["a.txt", "pending/avatars/1", "exports/x.csv", "logs/2024/1", "zz/1"])
    found = taken(place, 10)
    assert list(found) == ["pending/", "avatars/", "exports/", "elsewhere"]
    assert names(found["pending/"]) == ["pending/avatars/1"]
    assert names(found["exports/"]) == ["exports/x.csv"]
    assert names(found["elsewhere"]) == ["a.txt", "logs/2024/1", "zz/1"]
    assert not any(sample.more for sample in found.values())


def test_what_stands_beside_a_prefix_of_two_parts_is_elsewhere(place: Place) -> None:
    kinds = Kinds(replace(AVATAR, prefix="public/avatars/"), EXPORT)
    put(place.s3, ["public/avatars/1", "public/notes/1", "public/x"])
    found = taken(place, 10, replace(place.want, kinds=kinds))
    assert names(found["public/avatars/"]) == ["public/avatars/1"]
    assert "public/avatars/1" not in names(found["elsewhere"])
    assert {"public/notes/1", "public/x"} <= set(names(found["elsewhere"]))


def test_objects_that_stand_far_apart_are_looked_at(place: Place) -> None:
    put(place.s3, (f"exports/{number:02}.csv" for number in range(20)))
    sample = taken(place, 4)["exports/"]
    assert len(sample.listed) == 20
    assert [each.key for each in sample.looked] == [
        "exports/00.csv",
        "exports/05.csv",
        "exports/10.csv",
        "exports/15.csv",
    ]


def test_more_than_a_page_is_listed_only_where_so_many_are_asked_for(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "_PAGE", 4)
    put(place.s3, (f"exports/{number}.csv" for number in range(9)))
    small, large = taken(place, 2)["exports/"], taken(place, 20)["exports/"]
    assert (len(small.listed), small.more, len(small.looked)) == (4, True, 2)
    assert (len(large.listed), large.more, len(large.looked)) == (9, False, 9)


def test_a_listing_of_several_pages_is_followed(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(place.s3, (f"exports/{number}.csv" for number in range(7)))
    put(place.s3, (f"{letter}/1" for letter in "bcd"))
    call = place.calls._call  # noqa: SLF001 - what stands behind the recorder
    monkeypatch.setattr(
        place.calls,
        "_call",
        lambda operation, arguments: call(
            operation, arguments | ({"MaxKeys": 2} if operation == "ListObjectsV2" else {})
        ),
    )
    found = taken(place, 10)
    assert (len(found["exports/"].listed), found["exports/"].more) == (7, False)
    assert names(found["elsewhere"]) == ["b/1", "c/1", "d/1"]


def test_a_bucket_of_many_folders_costs_a_bounded_number_of_listings(place: Place) -> None:
    put(place.s3, (f"folder-{number:02}/1" for number in range(40)))
    place.calls.made.clear()
    sample = taken(place, 10)["elsewhere"]
    assert place.calls.made.count("ListObjectsV2") <= 20 + 3
    assert sample.more
    assert len(sample.listed) == 19


def test_the_recorder_is_what_the_client_calls(place: Place) -> None:
    place.calls.made.clear()
    place.s3.list_buckets()
    assert place.calls.made == ["ListBuckets"]
