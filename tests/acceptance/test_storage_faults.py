"""S3 that is down, slow, busy, denies or breaks off: a clear error, and nothing is lost."""

from collections.abc import Callable
from typing import NamedTuple

import pytest
from tests.support.browser import Caller, File, done, open_link, refused
from tests.support.files import BIG_CSV, CSV, PDF, PHOTO
from tests.support.stage import Stage


class Fault(NamedTuple):
    """What S3 answers, and what the service then says."""

    status: int
    s3_code: str
    answer: int
    code: str


FAULTS = {
    "denied": Fault(403, "AccessDenied", 502, "storage_error"),
    "wrong secret": Fault(403, "SignatureDoesNotMatch", 502, "storage_error"),
    "no bucket": Fault(404, "NoSuchBucket", 502, "storage_error"),
    "broken": Fault(500, "InternalError", 502, "storage_error"),
    "busy": Fault(503, "SlowDown", 503, "storage_unavailable"),
}
each_fault = pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
# One that is tried again by the client and one that is not.
either_fault = pytest.mark.parametrize(
    "fault", [FAULTS["denied"], FAULTS["busy"]], ids=["denied", "busy"]
)
# By S3 request of `complete`: whether it is about the pending object.
STEPS = {"GET": True, "PUT": False}
either_kind = pytest.mark.parametrize("file", [PHOTO, CSV], ids=["avatar", "export"])


def fails_for_now(caller: Caller, key: str, answer: int, code: str) -> None:
    """Expect an error that says that nothing was lost, and when to try again."""
    response = caller.complete(key)
    message = refused(response, answer, code)
    assert "Nothing was lost" in message
    assert "made by the test proxy" not in message
    assert response.headers.get("Retry-After", "").isdecimal() == (answer == 503)


@pytest.mark.parametrize("step", STEPS)
@each_fault
def test_a_fault_has_its_code_and_loses_nothing(
    stage: Stage, caller: Caller, fault: Fault, step: str
) -> None:
    key = caller.upload(CSV)["objectKey"]
    at = stage.about(step, key, pending=STEPS[step])
    stage.proxy.fail(at, fault.status, fault.s3_code, times=None)
    fails_for_now(caller, key, fault.answer, fault.code)
    assert stage.standing(key) == ["pending"]
    stage.proxy.clear()
    assert open_link(done(caller.complete(key))["url"]).content == CSV.data
    assert stage.standing(key) == ["final"]


@either_fault
def test_a_fault_while_clearing_away_does_not_spoil_the_answer(
    stage: Stage, caller: Caller, fault: Fault
) -> None:
    key = caller.upload(CSV)["objectKey"]
    stage.proxy.fail(stage.about("DELETE", key), fault.status, fault.s3_code, times=None)
    assert open_link(done(caller.complete(key))["url"]).content == CSV.data
    stage.proxy.clear()
    done(caller.complete(key))
    assert stage.standing(key) == ["final"]


@either_fault
def test_a_fault_at_a_conflict_loses_nothing(stage: Stage, caller: Caller, fault: Fault) -> None:
    signed = caller.upload(CSV)
    key = signed["objectKey"]
    sha256 = done(caller.complete(key))["sha256"]
    stage.proxy.fail(stage.about("HEAD", key), fault.status, fault.s3_code, times=None)
    fails_for_now(caller, key, fault.answer, fault.code)
    stage.proxy.clear()
    assert done(caller.complete(key))["sha256"] == sha256


@either_fault
def test_a_fault_during_a_rejection_keeps_the_finding_for_later(
    stage: Stage, caller: Caller, fault: Fault
) -> None:
    key = caller.sign(CSV)["objectKey"]
    stage.write(f"pending/{key}", CSV, PDF.data)
    stage.proxy.fail(stage.about("HEAD", key), fault.status, fault.s3_code, times=None)
    fails_for_now(caller, key, fault.answer, fault.code)
    assert stage.standing(key) == ["pending"]
    stage.proxy.clear()
    refused(caller.complete(key), 400, "content_mismatch")


@either_fault
def test_a_fault_during_a_delete_can_be_tried_again(
    stage: Stage, caller: Caller, fault: Fault
) -> None:
    key = caller.seal(CSV)["objectKey"]
    at = stage.about("DELETE", key, pending=False)
    stage.proxy.fail(at, fault.status, fault.s3_code, times=None)
    refused(caller.delete(key), fault.answer, fault.code)
    stage.proxy.clear()
    done(caller.delete(key))
    assert stage.standing(key) == []


@pytest.mark.parametrize("fault", [FAULTS["broken"], FAULTS["busy"]], ids=["broken", "busy"])
@pytest.mark.parametrize("step", ["GET", "PUT", "DELETE"])
def test_a_fault_that_passes_is_not_noticed(
    stage: Stage, caller: Caller, step: str, fault: Fault
) -> None:
    key = caller.upload(CSV)["objectKey"]
    stage.proxy.fail(stage.about(step, key), fault.status, fault.s3_code, times=1)
    done(caller.complete(key))
    assert stage.standing(key) == ["final"]


@either_kind
def test_a_seal_whose_answer_got_lost_is_found_again(
    stage: Stage, caller: Caller, file: File
) -> None:
    key = caller.upload(file)["objectKey"]
    lost = stage.proxy.hold(stage.about("PUT", key), when="after")
    lost.drop()
    answer = done(caller.complete(key))
    assert stage.calls(key)[-3:] == ["PUT final 412", "HEAD final", "DELETE pending"]
    assert len(open_link(answer["url"]).content) == answer["contentLength"]


@pytest.mark.parametrize(("file", "sent"), [(CSV, 0), (CSV, 1), (BIG_CSV, 9_000_000)])
def test_a_connection_cut_in_the_middle_of_a_body_loses_nothing(
    stage: Stage, caller: Caller, file: File, sent: int
) -> None:
    key = caller.upload(file)["objectKey"]
    stage.proxy.drop_body_after(stage.about("GET", key), sent)
    fails_for_now(caller, key, 503, "storage_unavailable")
    assert stage.standing(key) == ["pending"]
    stage.proxy.clear()
    assert done(caller.complete(key))["contentLength"] == len(file.data)


def test_a_picture_cut_in_the_middle_is_not_taken_for_a_damaged_one(
    stage: Stage, caller: Caller
) -> None:
    key = caller.upload(PHOTO)["objectKey"]
    stage.proxy.drop_body_after(stage.about("GET", key), len(PHOTO.data) - 2)
    fails_for_now(caller, key, 503, "storage_unavailable")
    assert stage.standing(key) == ["pending"]


def test_a_slow_storage_is_waited_for(stage: Stage, caller: Caller) -> None:
    key = caller.upload(CSV)["objectKey"]
    stage.proxy.delay(lambda _: True, 0.3)
    done(caller.complete(key))
    assert stage.standing(key) == ["final"]


ACTIONS: dict[str, Callable[[Caller, str], object]] = {
    "complete": lambda caller, key: refused(caller.complete(key), 503, "storage_unavailable"),
    "delete": lambda caller, key: refused(caller.delete(key), 503, "storage_unavailable"),
}


@pytest.mark.parametrize("action", ACTIONS.values(), ids=ACTIONS.keys())
def test_a_storage_that_is_down_loses_nothing(
    stage: Stage, caller: Caller, action: Callable[[Caller, str], object]
) -> None:
    key = caller.upload(CSV)["objectKey"]
    with stage.proxy.down():
        action(caller, key)
    assert stage.standing(key) == ["pending"]
    assert open_link(done(caller.complete(key))["url"]).content == CSV.data


def test_signing_and_linking_go_on_while_the_storage_is_down(stage: Stage, caller: Caller) -> None:
    key = caller.seal(CSV)["objectKey"]
    with stage.proxy.down():
        assert caller.sign(CSV)["objectKey"]
        assert open_link(done(caller.download(key))["url"]).content == CSV.data
