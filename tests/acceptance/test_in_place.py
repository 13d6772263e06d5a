"""Objects that stand at their key without a seal: written by a job, or by an older system."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.support.browser import Caller, File, but_for_url, done, open_link, refused
from tests.support.files import CSV, MIB, OTHER_CSV, PDF, PHOTO
from tests.support.stage import Stage
from tests.support.tokens import new_sub

either_kind = pytest.mark.parametrize("file", [PHOTO, CSV], ids=["avatar", "export"])


def ownerless(file: File) -> str:
    """Return a key as a job would choose it: nobody owns it."""
    return f"{file.kind}s/season-{new_sub()}/{file.name}"


@pytest.fixture
def trusted(stage: Stage) -> Caller:
    """Return the caller of a service that is in development, who may act on every key."""
    return Caller(stage.anonymous.url)


@either_kind
def test_an_ordinary_caller_may_not_have_an_ownerless_object_sealed(
    stage: Stage, caller: Caller, file: File
) -> None:
    key = ownerless(file)
    stage.write(key, file)
    refused(caller.complete(key), 403, "forbidden")
    assert stage.read(key) == file.data
    assert stage.calls(key) == []


@either_kind
def test_a_trusted_caller_has_an_ownerless_object_sealed_where_it_stands(
    stage: Stage, trusted: Caller, file: File
) -> None:
    key = ownerless(file)
    stage.write(key, file)
    answer = done(trusted.complete(key))
    assert (answer["objectKey"], answer["filename"]) == (key, file.name)
    assert b"Exif" not in open_link(answer["url"]).content
    assert stage.standing(key) == ["final"]
    assert but_for_url(done(trusted.complete(key))) == but_for_url(answer)


@either_kind
def test_an_object_at_an_owned_key_is_sealed_for_its_owner_where_it_stands(
    stage: Stage, caller: Caller, file: File
) -> None:
    key = caller.sign(file)["objectKey"]
    stage.write(key, file)
    answer = done(caller.complete(key))
    assert b"Exif" not in open_link(answer["url"]).content
    assert stage.calls(key) == ["GET pending 404", "HEAD final", "GET final", "PUT final"]
    assert stage.asked(key)[3].headers["if-match"]
    assert but_for_url(done(caller.complete(key))) == but_for_url(answer)


def test_a_sealed_object_is_answered_from_its_seal_alone(stage: Stage, caller: Caller) -> None:
    key = caller.seal(CSV)["objectKey"]
    stage.proxy.clear()
    done(caller.complete(key))
    assert stage.calls(key) == ["GET pending 404", "HEAD final"]


def test_a_stranger_may_not_have_an_object_at_an_owned_key_sealed(
    stage: Stage, caller: Caller
) -> None:
    key = caller.sign(CSV)["objectKey"]
    stage.write(key, CSV)
    refused(stage.caller().complete(key), 403, "forbidden")
    assert stage.calls(key) == []


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (PDF.data, 400, "content_mismatch"),
        (b"", 400, "empty_object"),
        (CSV.data.ljust(25 * MIB + 1), 413, "object_too_large"),
    ],
    ids=["other type", "empty", "too large"],
)
def test_a_refusal_leaves_the_object_where_it_is(
    stage: Stage, caller: Caller, data: bytes, status: int, code: str
) -> None:
    key = caller.sign(CSV)["objectKey"]
    stage.write(key, CSV, data)
    for _ in range(2):
        refused(caller.complete(key), status, code)
    assert stage.read(key) == data
    head = stage.head(key)
    assert head is not None
    assert head["Metadata"] == {}


def test_an_object_that_is_too_large_is_refused_unread(stage: Stage, caller: Caller) -> None:
    key = caller.sign(PHOTO)["objectKey"]
    stage.write(key, PHOTO, PHOTO.data.ljust(2 * MIB + 1))
    refused(caller.complete(key), 413, "object_too_large")
    assert stage.calls(key) == ["GET pending 404", "HEAD final"]


def test_an_object_that_changes_meanwhile_is_inspected_anew(stage: Stage, caller: Caller) -> None:
    key = caller.sign(CSV)["objectKey"]
    stage.write(key, CSV)
    held = stage.proxy.hold(stage.about("PUT", key))
    with ThreadPoolExecutor(1) as pool:
        completing = pool.submit(caller.complete, key)
        held.wait()
        stage.write(key, OTHER_CSV)
        held.release()
        answer = done(completing.result())
    assert open_link(answer["url"]).content == OTHER_CSV.data
    assert answer["contentLength"] == len(OTHER_CSV.data)


def test_an_object_that_never_stops_changing_is_left_as_it_is(stage: Stage, caller: Caller) -> None:
    key = caller.sign(CSV)["objectKey"]
    stage.write(key, CSV)
    holds = [stage.proxy.hold(stage.about("PUT", key), nth) for nth in (1, 2, 3)]
    with ThreadPoolExecutor(1) as pool:
        completing = pool.submit(caller.complete, key)
        for number, held in enumerate(holds):
            held.wait()
            stage.write(key, CSV, b"a,b\n%d,0\n" % number)
            held.release()
        message = refused(completing.result(), 409, "object_changed")
    assert "Try again" in message
    assert stage.read(key) == b"a,b\n2,0\n"
    assert open_link(done(caller.complete(key))["url"]).content == b"a,b\n2,0\n"


def test_what_comes_to_the_final_place_before_the_promotion_is_inspected_and_not_overwritten(
    stage: Stage, caller: Caller
) -> None:
    key = caller.upload(CSV)["objectKey"]
    held = stage.proxy.hold(stage.about("PUT", key))
    with ThreadPoolExecutor(1) as pool:
        completing = pool.submit(caller.complete, key)
        held.wait()
        stage.write(key, OTHER_CSV)
        held.release()
        answer = done(completing.result())
    assert open_link(answer["url"]).content == OTHER_CSV.data
    assert but_for_url(done(caller.complete(key))) == but_for_url(answer)
    assert stage.standing(key) == ["final"]


def test_what_comes_to_the_final_place_and_is_bad_is_refused_and_left(
    stage: Stage, caller: Caller
) -> None:
    key = caller.upload(CSV)["objectKey"]
    held = stage.proxy.hold(stage.about("PUT", key))
    with ThreadPoolExecutor(1) as pool:
        completing = pool.submit(caller.complete, key)
        held.wait()
        stage.write(key, CSV, PDF.data)
        held.release()
        refused(completing.result(), 400, "content_mismatch")
    assert stage.read(key) == PDF.data


def test_an_upload_that_vanishes_meanwhile_is_sealed_all_the_same(
    stage: Stage, caller: Caller
) -> None:
    key = caller.upload(CSV)["objectKey"]
    held = stage.proxy.hold(stage.about("PUT", key))
    with ThreadPoolExecutor(1) as pool:
        completing = pool.submit(caller.complete, key)
        held.wait()
        stage.s3.delete_object(Bucket=stage.bucket, Key=f"pending/{key}")
        held.release()
        assert open_link(done(completing.result())["url"]).content == CSV.data


def test_an_ownerless_export_is_linked_for_any_caller_as_it_is(
    stage: Stage, caller: Caller
) -> None:
    key = ownerless(CSV)
    stage.write(key, CSV)
    assert open_link(done(caller.download(key))["url"]).content == CSV.data


def test_an_ownerless_export_is_deleted_by_none(stage: Stage, caller: Caller) -> None:
    key = ownerless(CSV)
    stage.write(key, CSV)
    refused(caller.delete(key), 403, "forbidden")
    assert stage.standing(key) == ["final"]
