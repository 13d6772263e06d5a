"""A provider that has no conditional writes, as Backblaze B2: a HEAD stands in for them."""

from collections.abc import Iterator

import pytest
from tests.support.browser import Caller, but_for_url, done, open_link, refused, send
from tests.support.files import CSV, PDF
from tests.support.stage import Stage, Stages


@pytest.fixture(scope="module", params=["post", "put"])
def basic(request: pytest.FixtureRequest, stages: Stages) -> Iterator[Stage]:
    """Give a stage with a service of its own: it learns for good what its provider refuses."""
    stage = stages(request.param)
    with stage.without_conditions() as basic:
        yield basic


@pytest.fixture
def caller(basic: Stage) -> Caller:
    basic.proxy.clear()
    basic.proxy.refuse_headers()
    return basic.caller()


def test_an_upload_is_sealed_all_the_same(basic: Stage, caller: Caller) -> None:
    answer = caller.seal(CSV)
    assert open_link(answer["url"]).content == CSV.data
    assert basic.standing(answer["objectKey"]) == ["final"]


def test_a_head_comes_before_each_write(basic: Stage, caller: Caller) -> None:
    caller.seal(CSV)  # by now it knows
    key = caller.seal(CSV)["objectKey"]
    assert basic.calls(key) == ["GET pending", "HEAD final 404", "PUT final", "DELETE pending"]


def test_a_late_upload_still_changes_nothing(basic: Stage, caller: Caller) -> None:
    signed = caller.upload(CSV)
    first = done(caller.complete(signed["objectKey"]))
    assert send(signed, CSV.data.replace(b"25", b"99")).ok
    again = done(caller.complete(signed["objectKey"]))
    assert but_for_url(again) == but_for_url(first)
    assert open_link(again["url"]).content == CSV.data
    assert basic.standing(signed["objectKey"]) == ["final"]


def test_a_rejection_still_takes_the_upload_away(basic: Stage, caller: Caller) -> None:
    key = caller.sign(CSV)["objectKey"]
    basic.write(f"pending/{key}", CSV, PDF.data)
    refused(caller.complete(key), 400, "content_mismatch")
    refused(caller.complete(key), 404, "object_not_found")


def test_an_object_is_still_sealed_in_place(basic: Stage, caller: Caller) -> None:
    key = caller.sign(CSV)["objectKey"]
    basic.write(key, CSV)
    answer = done(caller.complete(key))
    assert but_for_url(done(caller.complete(key))) == but_for_url(answer)
    assert open_link(answer["url"]).content == CSV.data
