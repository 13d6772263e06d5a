"""kill -9 of the service between any two S3 calls; then `complete` again gives the same answer."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Literal

import pytest
import requests
from tests.support.browser import Caller, File, Signed, but_for_url, done, open_link, refused, send
from tests.support.files import CSV, PDF, PHOTO
from tests.support.proxy import Hold
from tests.support.stage import Stage, Stages


@dataclass(frozen=True)
class Point:
    """Where the crash comes: before a request has reached S3, or before its answer is read."""

    step: str
    when: Literal["before", "after"]


@dataclass(frozen=True)
class Wreck:
    """One upload whose `complete` (or deletion) was under way when the service was killed."""

    caller: Caller
    signed: Signed
    file: File
    held: Hold

    @property
    def key(self) -> str:
        return str(self.signed["objectKey"])


Case = tuple[str, Point]
FILES = {"avatar": PHOTO, "export": CSV}
STEPS = {
    **dict.fromkeys(FILES, ("GET pending", "PUT final", "DELETE pending")),
    "bad": ("GET pending", "HEAD final", "DELETE pending"),
    "delete": ("DELETE pending", "DELETE final"),
}
CASES: list[Case] = [
    (what, Point(step, when))
    for what, steps in STEPS.items()
    for step in steps
    for when in ("before", "after")
]
# What the crash leaves behind, which shows that it came where it should.
LEFT = {
    Point("PUT final", "after"): ["final", "pending"],
    Point("DELETE pending", "before"): ["final", "pending"],
    Point("DELETE pending", "after"): ["final"],
}
Wrecks = tuple[Stage, dict[Case, Wreck]]


@pytest.fixture(scope="module", params=["post", "put"])
def wrecks(request: pytest.FixtureRequest, stages: Stages) -> Wrecks:
    """Kill one service while it is at every point at once, each with an upload of its own."""
    stage = stages(request.param)
    stage.proxy.clear()
    made = {case: _upload(stage, case) for case in CASES}
    with ThreadPoolExecutor(len(CASES)) as pool:
        under_way = [pool.submit(_start, wreck, what) for (what, _), wreck in made.items()]
        for wreck in made.values():
            wreck.held.wait()
        stage.service.kill()
        for wreck in made.values():
            wreck.held.drop()
        for call in under_way:
            with pytest.raises(requests.ConnectionError):
                call.result()
    stage.proxy.clear()
    stage.service.start()
    revived = {
        case: replace(wreck, caller=replace(wreck.caller, service=stage.service.url))
        for case, wreck in made.items()
    }
    return stage, revived


def _upload(stage: Stage, case: Case) -> Wreck:
    what, point = case
    caller, file = stage.caller(), FILES.get(what, CSV)
    signed = caller.sign(file, size=len(PDF.data)) if what == "bad" else caller.upload(file)
    key = signed["objectKey"]
    if what == "bad":
        assert send(signed, PDF.data).ok
    if what == "delete":
        done(caller.complete(key))
        assert send(signed, file.data).ok
    method, place = point.step.split()
    at = stage.about(method, key, pending=place == "pending")
    # Earlier requests of the same kind, those of the seal before a deletion, don't count.
    return Wreck(caller, signed, file, stage.proxy.hold(at, when=point.when))


def _start(wreck: Wreck, what: str) -> requests.Response:
    return (wreck.caller.delete if what == "delete" else wreck.caller.complete)(wreck.key)


def _named(case: Case) -> str:
    what, point = case
    return f"{what}, {point.when} {point.step}"


@pytest.mark.parametrize("case", [c for c in CASES if c[0] in FILES], ids=_named)
def test_complete_after_a_crash_loses_nothing_and_leaves_one_object(
    wrecks: Wrecks, case: Case
) -> None:
    stage, made = wrecks
    wreck = made[case]
    assert stage.standing(wreck.key) == LEFT.get(case[1], ["pending"])
    answer = done(wreck.caller.complete(wreck.key))
    served = open_link(answer["url"]).content
    reference = wreck.caller.seal(wreck.file)
    names = ("contentType", "contentLength", "sha256", "filename", "warnings", "expiresIn")
    assert [answer[name] for name in names] == [reference[name] for name in names]
    assert served == open_link(reference["url"]).content
    assert stage.standing(wreck.key) == ["final"]
    assert but_for_url(done(wreck.caller.complete(wreck.key))) == but_for_url(answer)


@pytest.mark.parametrize("case", [c for c in CASES if c[0] == "bad"], ids=_named)
def test_complete_after_a_crash_in_a_rejection_finds_the_same_or_nothing(
    wrecks: Wrecks, case: Case
) -> None:
    stage, made = wrecks
    wreck = made[case]
    if case[1] == Point("DELETE pending", "after"):
        assert stage.standing(wreck.key) == []
    else:
        assert stage.standing(wreck.key) == ["pending"]
        refused(wreck.caller.complete(wreck.key), 400, "content_mismatch")
    refused(wreck.caller.complete(wreck.key), 404, "object_not_found")


@pytest.mark.parametrize("case", [c for c in CASES if c[0] == "delete"], ids=_named)
def test_delete_after_a_crash_finishes_what_was_begun(wrecks: Wrecks, case: Case) -> None:
    stage, made = wrecks
    wreck = made[case]
    done(wreck.caller.delete(wreck.key))
    assert stage.standing(wreck.key) == []
    refused(wreck.caller.complete(wreck.key), 404, "object_not_found")


def _kill_on_the_way(stage: Stage, caller: Caller, key: str, method: str) -> tuple[Caller, Hold]:
    """Kill and restart the service while a request of `complete` is still on its way to S3."""
    late = stage.proxy.hold(stage.about(method, key))
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(caller.complete, key)
        late.wait()
        stage.service.kill()
        with pytest.raises(requests.ConnectionError):
            call.result()
    stage.service.start()
    return replace(caller, service=stage.service.url), late


def test_a_seal_that_arrives_after_the_crash_changes_nothing(stage: Stage) -> None:
    caller = stage.caller()
    key = caller.upload(CSV)["objectKey"]
    caller, late = _kill_on_the_way(stage, caller, key, "PUT")
    answer = done(caller.complete(key))
    late.finish()
    assert but_for_url(done(caller.complete(key))) == but_for_url(answer)
    assert len(open_link(answer["url"]).content) == answer["contentLength"]
    assert stage.standing(key) == ["final"]


def test_a_rejection_that_arrives_after_the_crash_spares_the_next_upload(stage: Stage) -> None:
    caller = stage.caller()
    signed = caller.sign(CSV, size=len(PDF.data))
    key = signed["objectKey"]
    assert send(signed, PDF.data).ok
    caller, late = _kill_on_the_way(stage, caller, key, "DELETE")
    refused(caller.complete(key), 400, "content_mismatch")
    good = b"n" * len(PDF.data)
    assert send(signed, good).ok
    late.finish()
    assert open_link(done(caller.complete(key))["url"]).content == good
