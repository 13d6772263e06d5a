"""`complete` may be called twice, in parallel, and with late uploads in between."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.support.browser import (
    Caller,
    File,
    but_for_url,
    done,
    open_link,
    refused,
    send,
)
from tests.support.files import BIG_CSV, CSV, MIB, OTHER_CSV, PDF, PDF_AS_CSV, PHOTO
from tests.support.stage import Stage

either_kind = pytest.mark.parametrize("file", [PHOTO, CSV], ids=["avatar", "export"])

# Another table that the same signature takes: a signed PUT pins the length.
SAME_LENGTH = CSV.data.replace(b"25", b"99")


@either_kind
def test_a_second_complete_gives_the_same_answer(caller: Caller, file: File) -> None:
    key = caller.upload(file)["objectKey"]
    first = done(caller.complete(key))
    again = done(caller.complete(key))
    assert but_for_url(again) == but_for_url(first)
    assert open_link(again["url"]).content == open_link(first["url"]).content


@either_kind
def test_a_pending_key_means_the_same(caller: Caller, file: File) -> None:
    key = caller.upload(file)["objectKey"]
    first = done(caller.complete(f"pending/{key}"))
    assert first["objectKey"] == key
    assert but_for_url(done(caller.complete(f"pending/{key}"))) == but_for_url(first)


@pytest.mark.parametrize("file", [PHOTO, CSV, BIG_CSV], ids=["avatar", "small", "20-MiB"])
def test_sixteen_completes_at_once_write_one_seal_and_answer_alike(
    stage: Stage, caller: Caller, file: File
) -> None:
    assert file is not BIG_CSV or len(file.data) > 20 * MIB
    key = caller.upload(file)["objectKey"]
    # None of them goes on before all of them are inside.
    stage.proxy.gather(stage.about("GET", key, pending=True), 16)
    with ThreadPoolExecutor(16) as pool:
        answers = [done(a) for a in pool.map(caller.complete_in_a_crowd, [key] * 16)]
    assert [but_for_url(answer) for answer in answers] == [but_for_url(answers[0])] * 16
    # At most, for on a busy machine a client may have given up waiting for an answer.
    assert stage.calls(key).count("PUT final") <= 1
    assert stage.standing(key) == ["final"]
    assert len(open_link(answers[0]["url"]).content) == answers[0]["contentLength"]


def test_a_late_upload_after_complete_changes_nothing_and_is_cleared_away(
    stage: Stage, caller: Caller
) -> None:
    signed = caller.upload(CSV)
    key = signed["objectKey"]
    first = done(caller.complete(key))
    assert send(signed, SAME_LENGTH).ok
    assert open_link(first["url"]).content == CSV.data
    again = done(caller.complete(key))
    assert but_for_url(again) == but_for_url(first)
    assert open_link(again["url"]).content == CSV.data
    assert stage.standing(key) == ["final"]


def test_a_late_upload_during_complete_changes_nothing(stage: Stage, caller: Caller) -> None:
    signed = caller.upload(CSV)
    key = signed["objectKey"]
    held = stage.proxy.hold(stage.about("PUT", key))
    with ThreadPoolExecutor(1) as pool:
        completing = pool.submit(caller.complete, key)
        held.wait()
        send(signed, SAME_LENGTH)  # a signed PUT says 412 while the first one stands there
        held.release()
        first = done(completing.result())
    assert open_link(first["url"]).content == CSV.data
    assert but_for_url(done(caller.complete(key))) == but_for_url(first)
    assert stage.standing(key) == ["final"]


def test_of_two_completes_with_an_upload_in_between_the_first_seal_counts_for_both(
    stage: Stage, caller: Caller
) -> None:
    signed = caller.upload(CSV)
    key = signed["objectKey"]
    held = stage.proxy.hold(stage.about("PUT", key))
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(caller.complete, key)
        held.wait()
        # The slow one has inspected the first upload; the quick one inspects the second.
        stage.write(f"pending/{key}", OTHER_CSV)
        quick = done(caller.complete(key))
        held.release()
        assert but_for_url(done(slow.result())) == but_for_url(quick)
    assert open_link(quick["url"]).content == OTHER_CSV.data
    assert stage.standing(key) == ["final"]


def test_a_bad_upload_after_the_seal_changes_not_even_the_answer(
    stage: Stage, caller: Caller
) -> None:
    key = caller.upload(CSV)["objectKey"]
    first = done(caller.complete(key))
    stage.write(f"pending/{key}", CSV, PDF.data)
    again = done(caller.complete(key))
    assert but_for_url(again) == but_for_url(first)
    assert open_link(again["url"]).content == CSV.data
    assert stage.standing(key) == ["final"]


def test_a_bad_upload_by_the_same_form_after_the_seal_changes_not_even_the_answer(
    stage: Stage, caller: Caller
) -> None:
    signed = caller.sign(CSV, size=len(PDF.data))
    assert send(signed, b"n," * (len(PDF.data) // 2) + b"n" * (len(PDF.data) % 2)).ok
    first = done(caller.complete(signed["objectKey"]))
    assert send(signed, PDF.data).ok
    assert but_for_url(done(caller.complete(signed["objectKey"]))) == but_for_url(first)
    assert stage.standing(signed["objectKey"]) == ["final"]


def test_after_a_rejection_there_is_nothing(stage: Stage, caller: Caller) -> None:
    file, bad = PDF_AS_CSV
    signed = caller.sign(file, size=len(bad))
    assert send(signed, bad).ok
    refused(caller.complete(signed["objectKey"]), 400, "content_mismatch")
    assert stage.standing(signed["objectKey"]) == []
    refused(caller.complete(signed["objectKey"]), 404, "object_not_found")


def test_after_a_rejection_the_same_form_takes_another_file(caller: Caller) -> None:
    file, bad = PDF_AS_CSV
    signed = caller.sign(file, size=len(bad))
    assert send(signed, bad).ok
    refused(caller.complete(signed["objectKey"]), 400, "content_mismatch")
    good = b"a,b\n" * (len(bad) // 4) + b"\n" * (len(bad) % 4)
    assert send(signed, good).ok
    assert open_link(done(caller.complete(signed["objectKey"]))["url"]).content == good


def test_an_upload_that_comes_during_a_rejection_survives_it(stage: Stage, caller: Caller) -> None:
    file, bad = PDF_AS_CSV
    key = caller.sign(file)["objectKey"]
    stage.write(f"pending/{key}", file, bad)
    held = stage.proxy.hold(stage.about("HEAD", key))
    with ThreadPoolExecutor(1) as pool:
        completing = pool.submit(caller.complete, key)
        held.wait()
        stage.write(f"pending/{key}", file)
        held.release()
        refused(completing.result(), 400, "content_mismatch")
    assert open_link(done(caller.complete(key))["url"]).content == file.data


def test_parallel_completes_of_a_bad_file_all_refuse_it(stage: Stage, caller: Caller) -> None:
    file, bad = PDF_AS_CSV
    key = caller.sign(file)["objectKey"]
    stage.write(f"pending/{key}", file, bad)
    stage.proxy.gather(stage.about("GET", key, pending=True), 8)
    with ThreadPoolExecutor(8) as pool:
        for answer in pool.map(caller.complete_in_a_crowd, [key] * 8):
            refused(answer, 400, "content_mismatch")
    assert stage.standing(key) == []
