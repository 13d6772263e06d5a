"""What belongs to one caller is nobody else's, however alike their names are."""

from itertools import permutations

import pytest
from tests.support.browser import Caller, File, done, open_link, refused
from tests.support.files import CSV, PHOTO
from tests.support.stage import Stage
from tests.support.tokens import new_sub

# Each differs from another in nothing that is safe in a key.
ALIKE = (
    "driver-7",
    "Driver-7",
    "driver/7",
    "driver.7",
    "driver 7",
    "driver\\7",
    "driver%2F7",
    "driver-7 ",
    "driver-7\x00",
    "driver-7\ud800",
    "driver-7/",
    "../driver-7",
    "~driver-7",
    "caf\u00e9",
    "cafe\u0301",
    "d" * 64,
    "d" * 65,
    "d" * 66,
)


@pytest.fixture
def other(stage: Stage) -> Caller:
    """Sign in somebody else."""
    return stage.caller()


def test_callers_whose_names_are_alike_never_share_a_place(stage: Stage) -> None:
    places = {stage.caller(sub).sign(CSV)["objectKey"].split("/")[1] for sub in ALIKE}
    assert len(places) == len(ALIKE)


def test_a_key_has_three_safe_segments_whatever_the_caller_is_called(stage: Stage) -> None:
    for sub in ALIKE:
        segments = stage.caller(sub).sign(CSV)["objectKey"].split("/")
        assert len(segments) == 3
        assert set("".join(segments)) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_~.")


def test_callers_whose_names_are_alike_may_not_touch_each_others_objects(stage: Stage) -> None:
    keys = {sub: stage.caller(sub).upload(CSV)["objectKey"] for sub in ALIKE}
    for owner, stranger in permutations(ALIKE, 2):
        refused(stage.caller(stranger).complete(keys[owner]), 403, "forbidden")
    for owner, key in keys.items():
        done(stage.caller(owner).complete(key))


def test_a_caller_called_like_another_ones_place_does_not_get_it(stage: Stage) -> None:
    owner = stage.caller("somebody@example.com")
    key = owner.upload(CSV)["objectKey"]
    place = key.split("/")[1]
    impostor = stage.caller(place)
    assert impostor.sign(CSV)["objectKey"].split("/")[1] != place
    refused(impostor.complete(key), 403, "forbidden")


def test_an_e_mail_address_never_stands_in_a_key_or_a_url(stage: Stage) -> None:
    caller = stage.caller("grace.hopper@navy.example")
    signed = caller.upload(PHOTO)
    completed = done(caller.complete(signed["objectKey"]))
    link = done(caller.download(signed["objectKey"]))
    for text in (str(signed), completed["url"], link["url"]):
        assert "hopper" not in text.lower()
        assert "navy" not in text.lower()


@pytest.mark.parametrize("action", ["complete", "delete"])
@pytest.mark.parametrize("file", [PHOTO, CSV], ids=["avatar", "export"])
def test_what_changes_an_object_is_for_its_owner_alone(
    stage: Stage, caller: Caller, other: Caller, action: str, file: File
) -> None:
    key = caller.upload(file)["objectKey"]
    refused(getattr(other, action)(key), 403, "forbidden")
    refused(getattr(other, action)(f"pending/{key}"), 403, "forbidden")
    assert stage.calls(key) == []
    assert stage.standing(key) == ["pending"]


def test_a_sealed_object_is_not_deleted_by_others(
    stage: Stage, caller: Caller, other: Caller
) -> None:
    key = caller.seal(PHOTO)["objectKey"]
    refused(other.delete(key), 403, "forbidden")
    assert stage.standing(key) == ["final"]


def test_an_export_is_read_by_its_owner_alone(caller: Caller, other: Caller) -> None:
    key = caller.seal(CSV)["objectKey"]
    refused(other.download(key), 403, "forbidden")
    assert open_link(done(caller.download(key))["url"]).content == CSV.data


def test_an_avatar_is_read_by_any_caller(caller: Caller, other: Caller) -> None:
    key = caller.seal(PHOTO)["objectKey"]
    assert open_link(done(other.download(key))["url"]).ok


def test_a_stranger_learns_nothing_of_what_exists(caller: Caller, other: Caller) -> None:
    there, not_there = caller.seal(CSV)["objectKey"], caller.sign(CSV)["objectKey"]
    answers = [other.complete(key).json() for key in (there, not_there)]
    assert answers[0] == answers[1]


@pytest.mark.parametrize("name", ["owner", "sub", "objectKey", "object_key", "key"])
def test_nobody_signs_for_somebody_else(caller: Caller, name: str) -> None:
    signed = caller.sign(CSV, **{name: f"exports/{new_sub()}/{'0' * 32}.csv"})
    assert signed["objectKey"].split("/")[1] == caller.sub


def test_a_key_is_never_given_twice(caller: Caller) -> None:
    assert len({caller.sign(CSV)["objectKey"] for _ in range(20)}) == 20
