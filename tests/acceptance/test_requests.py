"""What a request may look like: both spellings, a kind beside the key, DELETE in two ways."""

import pytest
from tests.support.browser import Caller, File, done, http, open_link, refused, send
from tests.support.files import CSV, EVERY_TYPE, MIB, PHOTO
from tests.support.stage import Stage


@pytest.mark.parametrize("name", ["contentType", "content_type"])
def test_sign_takes_both_spellings_of_the_content_type(caller: Caller, name: str) -> None:
    body = {"kind": "export", "filename": "a", "size": 9, name: "application/pdf"}
    assert done(caller.post("/uploads/sign", body))["contentType"] == "application/pdf"


@pytest.mark.parametrize("path", ["/uploads/complete", "/uploads/download"])
@pytest.mark.parametrize("name", ["objectKey", "object_key"])
def test_a_key_is_taken_in_both_spellings(caller: Caller, path: str, name: str) -> None:
    key = caller.upload(CSV)["objectKey"]
    assert done(caller.post(path, {name: key}))["objectKey"] == key


@pytest.mark.parametrize("path", ["/uploads/complete", "/uploads/download"])
def test_a_kind_that_agrees_with_the_key_may_stand_beside_it(caller: Caller, path: str) -> None:
    key = caller.upload(PHOTO)["objectKey"]
    assert done(caller.post(path, {"objectKey": key, "kind": "avatar"}))["objectKey"] == key


@pytest.mark.parametrize("path", ["/uploads/complete", "/uploads/download"])
def test_a_kind_that_disagrees_with_the_key_is_refused(caller: Caller, path: str) -> None:
    key = caller.upload(PHOTO)["objectKey"]
    answer = caller.post(path, {"objectKey": key, "kind": "export"})
    refused(answer, 400, "invalid_object_key")


def test_delete_refuses_a_kind_that_disagrees_and_deletes_nothing(
    stage: Stage, caller: Caller
) -> None:
    key = caller.seal(PHOTO)["objectKey"]
    answer = caller.call("DELETE", "/uploads", json={"objectKey": key, "kind": "export"})
    refused(answer, 400, "invalid_object_key")
    assert stage.standing(key) == ["final"]


@pytest.mark.parametrize("name", ["objectKey", "object_key"])
def test_delete_takes_its_key_in_a_body(stage: Stage, caller: Caller, name: str) -> None:
    key = caller.seal(CSV)["objectKey"]
    answer = done(caller.call("DELETE", "/uploads", json={name: key}))
    assert answer["objectKey"] == key
    assert stage.standing(key) == []


@pytest.mark.parametrize("name", ["objectKey", "object_key"])
def test_delete_takes_its_key_in_the_query(stage: Stage, caller: Caller, name: str) -> None:
    key = caller.seal(CSV)["objectKey"]
    done(caller.call("DELETE", "/uploads", params={name: key}))
    assert stage.standing(key) == []


def test_delete_refuses_two_different_keys(stage: Stage, caller: Caller) -> None:
    first, second = caller.seal(CSV)["objectKey"], caller.seal(CSV)["objectKey"]
    answer = caller.call(
        "DELETE", "/uploads", params={"objectKey": first}, json={"objectKey": second}
    )
    refused(answer, 400, "invalid_object_key")
    assert stage.standing(first) == stage.standing(second) == ["final"]


def test_delete_takes_the_pending_twin_along(stage: Stage, caller: Caller) -> None:
    signed = caller.upload(CSV)
    done(caller.complete(signed["objectKey"]))
    assert send(signed, CSV.data).ok
    done(caller.delete(signed["objectKey"]))
    assert stage.standing(signed["objectKey"]) == []


def test_deleting_again_is_fine(caller: Caller) -> None:
    key = caller.seal(CSV)["objectKey"]
    done(caller.delete(key))
    done(caller.delete(key))


def test_what_was_deleted_is_gone(caller: Caller) -> None:
    answer = caller.seal(CSV)
    done(caller.delete(answer["objectKey"]))
    assert open_link(answer["url"]).status_code == 404
    refused(caller.complete(answer["objectKey"]), 404, "object_not_found")


def test_every_answer_says_how_long_it_is_good_for(caller: Caller) -> None:
    signed = caller.upload(CSV)
    answers = {
        "sign": signed,
        "complete": done(caller.complete(signed["objectKey"])),
        "download": done(caller.download(signed["objectKey"])),
        "delete": done(caller.delete(signed["objectKey"])),
        "kinds": done(http("GET", f"{caller.service}/uploads/kinds")),
    }
    missing = [name for name, answer in answers.items() if type(answer.get("expiresIn")) is not int]
    assert missing == []


def test_kinds_tells_every_limit_to_anybody(stage: Stage) -> None:
    answer = done(http("GET", f"{stage.service.url}/uploads/kinds"))
    assert answer["method"] == stage.method.upper()
    assert {kind["name"]: kind["maxSize"] for kind in answer["kinds"]} == {
        "avatar": 2 * MIB,
        "export": 25 * MIB,
    }
    assert {kind["name"]: set(kind["contentTypes"]) for kind in answer["kinds"]} == {
        name: {file.content_type for file in EVERY_TYPE if file.kind == name}
        for name in ("avatar", "export")
    }


@pytest.mark.parametrize("file", EVERY_TYPE, ids=lambda file: file.content_type)
def test_sign_accepts_whatever_kinds_lists(caller: Caller, file: File) -> None:
    kinds = done(http("GET", f"{caller.service}/uploads/kinds"))["kinds"]
    listed = next(kind["contentTypes"] for kind in kinds if kind["name"] == file.kind)
    for ending in listed[file.content_type]:
        signed = caller.sign(file, filename=f"some{ending}")
        assert signed["contentType"] == file.content_type


@pytest.mark.parametrize("file", EVERY_TYPE, ids=lambda file: file.content_type)
def test_sign_accepts_every_alias_that_kinds_lists(caller: Caller, file: File) -> None:
    kinds = done(http("GET", f"{caller.service}/uploads/kinds"))["kinds"]
    kind = next(kind for kind in kinds if kind["name"] == file.kind)
    aliases = kind["aliases"][file.content_type]
    assert "" in aliases
    ending = kind["contentTypes"][file.content_type][0]
    for alias in aliases:
        signed = caller.sign(file, filename=f"some{ending}", content_type=alias)
        assert signed["contentType"] == file.content_type


@pytest.mark.parametrize(
    ("file", "accepted"),
    [
        (File("export", "a.csv", "application/vnd.ms-excel", b"a,b"), "text/csv"),
        (File("export", "a.zip", "application/x-zip-compressed", b"zip"), "application/zip"),
        (File("export", "a.csv", "", b"a,b"), "text/csv"),
        (File("avatar", "a.jpg", "", b"jpeg"), "image/jpeg"),
        (File("export", "a.CSV", "Text/CSV; charset=utf-8", b"a,b"), "text/csv"),
    ],
    ids=lambda value: getattr(value, "content_type", value),
)
def test_a_type_that_browsers_are_known_to_send_is_mapped_and_can_be_uploaded(
    stage: Stage, caller: Caller, file: File, accepted: str
) -> None:
    signed = caller.sign(file)
    assert signed["contentType"] == accepted
    assert send(signed, file.data).ok
    head = stage.head(f"pending/{signed['objectKey']}")
    assert head is not None
    assert head["ContentType"] == accepted


def test_a_put_needs_the_size(put_stage: Stage) -> None:
    refused(put_stage.caller().ask_to_sign(CSV, size=None), 400, "size_required")


def test_a_post_needs_no_size(post_stage: Stage) -> None:
    caller = post_stage.caller()
    signed = caller.sign(CSV, size=None)
    assert send(signed, CSV.data).ok
    assert done(caller.complete(signed["objectKey"]))["contentLength"] == len(CSV.data)
