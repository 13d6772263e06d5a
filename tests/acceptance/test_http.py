"""HTTP itself: unknown addresses, request IDs, cross-origin calls, allowances, uploads off."""

from typing import Any

import pytest
from tests.support.browser import Caller, done, http, refused
from tests.support.files import CSV
from tests.support.stage import ORIGIN, Stage

EVIL = "https://evil.test"


@pytest.mark.parametrize(
    "path", ["/", "/nothing", "/uploads", "/uploads/sign/more", "/docs", "/uploads/..%2fhealthz"]
)
def test_an_unknown_address_is_not_found_in_the_error_form(stage: Stage, path: str) -> None:
    answer = http("GET", stage.service.url + path)
    if path == "/uploads":  # known, but for DELETE
        refused(answer, 405, "method_not_allowed")
    else:
        refused(answer, 404, "not_found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/uploads/sign", "POST"),
        ("PUT", "/uploads/complete", "POST"),
        ("DELETE", "/uploads/download", "POST"),
        ("POST", "/uploads", "DELETE"),
        ("POST", "/healthz", "GET"),
        ("POST", "/uploads/kinds", "GET"),
    ],
)
def test_a_wrong_method_is_refused_and_the_right_one_named(
    caller: Caller, method: str, path: str, allowed: str
) -> None:
    answer = caller.call(method, path)
    refused(answer, 405, "method_not_allowed")
    assert allowed in answer.headers["Allow"]


def test_every_answer_has_a_request_id_of_its_own(stage: Stage) -> None:
    paths = ["/healthz", "/nothing", "/uploads/kinds", "/uploads/sign", "/readyz"]
    ids = {http("GET", stage.service.url + path).headers["X-Request-ID"] for path in paths}
    assert len(ids) == len(paths)


def test_a_request_id_from_outside_is_kept_and_logged(stage: Stage, caller: Caller) -> None:
    mine = f"from-outside.{caller.sub}"
    answer = caller.call("GET", "/healthz", headers={"X-Request-ID": mine})
    assert answer.headers["X-Request-ID"] == mine
    caller.call("GET", "/healthz")  # a line is written after its answer, but before the next one
    assert mine in stage.service.log


@pytest.mark.parametrize("bad", ["", "a b", "<script>", "x" * 65, '"', "a\tb", "a;b", "\xe9"])
def test_a_request_id_that_could_harm_is_replaced(caller: Caller, bad: str) -> None:
    headers = {"X-Request-ID": bad.encode("latin-1")}
    answer = caller.call("GET", "/healthz", headers=headers)
    assert answer.headers["X-Request-ID"] not in {"", bad}


def test_an_answer_is_personal_and_kept_by_nobody(caller: Caller) -> None:
    signed = caller.ask_to_sign(CSV)
    assert signed.headers["Cache-Control"] == "no-store"


def preflight(stage: Stage, origin: str, method: str = "POST") -> Any:
    return http(
        "OPTIONS",
        f"{stage.service.url}/uploads/sign",
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": "authorization,content-type,x-request-id",
        },
    )


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_a_page_of_an_allowed_origin_may_call(stage: Stage, method: str) -> None:
    answer = preflight(stage, ORIGIN, method)
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert method in answer.headers["Access-Control-Allow-Methods"]
    allowed = answer.headers["Access-Control-Allow-Headers"].lower()
    assert all(name in allowed for name in ("authorization", "content-type", "x-request-id"))


@pytest.mark.parametrize(
    "origin", [EVIL, "null", f"{ORIGIN}.evil.test", ORIGIN.replace("https", "http"), f"{ORIGIN}:81"]
)
def test_a_page_of_another_origin_may_not_call(stage: Stage, origin: str) -> None:
    answer = preflight(stage, origin)
    assert answer.status_code == 400
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_cookies_are_never_let_in(stage: Stage) -> None:
    assert "Access-Control-Allow-Credentials" not in preflight(stage, ORIGIN).headers


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/healthz", 200),
        ("POST", "/uploads/sign", 422),
        ("GET", "/nothing", 404),
        ("GET", "/uploads/sign", 405),
    ],
)
def test_a_page_of_an_allowed_origin_reads_every_answer(
    caller: Caller, method: str, path: str, status: int
) -> None:
    answer = caller.call(method, path, headers={"Origin": ORIGIN}, json={})
    assert answer.status_code == status
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    exposed = answer.headers["Access-Control-Expose-Headers"].lower()
    assert "retry-after" in exposed
    assert "x-request-id" in exposed
    assert "Origin" in answer.headers["Vary"]


def test_a_page_of_an_allowed_origin_reads_that_it_is_not_signed_in(stage: Stage) -> None:
    answer = http("POST", f"{stage.service.url}/uploads/sign", headers={"Origin": ORIGIN})
    refused(answer, 401, "unauthenticated")
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN


def test_a_page_of_another_origin_reads_nothing(caller: Caller) -> None:
    answer = caller.call("GET", "/healthz", headers={"Origin": EVIL})
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_an_allowance_that_is_used_up_says_when_to_try_again(stage: Stage) -> None:
    caller = stage.strict_caller()
    for _ in range(2):
        caller.sign(CSV)
    answer = caller.ask_to_sign(CSV)
    refused(answer, 429, "too_many_requests")
    assert 1 <= int(answer.headers["Retry-After"]) <= 30


def test_an_allowance_is_for_one_caller_and_one_action(stage: Stage) -> None:
    caller = stage.strict_caller()
    for _ in range(3):
        caller.ask_to_sign(CSV)
    assert stage.strict_caller().sign(CSV)
    key = f"exports/{caller.sub}.csv"
    assert done(caller.download(key))
    assert http("GET", f"{stage.strict.url}/healthz").ok


def test_an_action_that_was_not_allowed_did_not_happen(stage: Stage) -> None:
    caller = stage.strict_caller()
    keys = [caller.sign(CSV)["objectKey"] for _ in range(2)]
    stage.write(keys[0], CSV)
    for key in (keys[1], keys[1], keys[0]):
        answer = caller.delete(key)
    refused(answer, 429, "too_many_requests")
    assert stage.standing(keys[0]) == ["final"]


def test_openapi_lists_every_address_and_its_errors(stage: Stage) -> None:
    paths = done(http("GET", f"{stage.service.url}/openapi.json"))["paths"]
    assert set(paths) >= {
        "/uploads/sign",
        "/uploads/complete",
        "/uploads/download",
        "/uploads",
        "/uploads/kinds",
        "/healthz",
        "/readyz",
    }
    complete = str(paths["/uploads/complete"]["post"]["responses"])
    for code in ("content_mismatch", "object_not_found", "storage_unavailable", "forbidden"):
        assert code in complete
