"""When a browser goes on after a preflight's answer (Fetch Standard, "CORS-preflight fetch")."""

import pytest

from gridboss_assets.doctor.cors import preflight_problem
from gridboss_assets.doctor.http import Answer

ORIGIN = "https://app.example.com"
HEADERS = {"content-type": "image/png", "x-amz-meta-filename": "a.png"}


def answer(
    status: int = 200, origin: str = ORIGIN, methods: str = "PUT", headers: str = "*"
) -> Answer:
    return Answer(
        status,
        {
            "access-control-allow-origin": origin,
            "access-control-allow-methods": methods,
            "access-control-allow-headers": headers,
        },
        b"",
    )


@pytest.mark.parametrize(
    "good",
    [
        answer(),
        answer(204),
        answer(origin="*", methods="*"),
        answer(methods="get, put", headers="Content-Type, X-Amz-Meta-Filename"),
    ],
    ids=["all", "204", "stars", "names in any case"],
)
def test_a_browser_goes_on(good: Answer) -> None:
    assert preflight_problem(good, "PUT", HEADERS, ORIGIN) is None


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (answer(403), "answered 403"),
        (answer(301), "answered 301"),
        (answer(origin="https://other.example.com"), "allow that origin"),
        (answer(origin=""), "allow that origin"),
        (answer(origin=f"{ORIGIN}/"), "allow that origin"),
        (answer(methods="GET, POST"), "allow PUT"),
        (answer(headers=""), "content-type, x-amz-meta-filename"),
        (answer(headers="content-type"), "headers x-amz-meta-filename"),
    ],
)
def test_a_browser_does_not_go_on(bad: Answer, words: str) -> None:
    assert words in str(preflight_problem(bad, "PUT", HEADERS, ORIGIN))


def test_a_form_needs_neither_its_method_nor_headers_allowed() -> None:
    assert preflight_problem(answer(methods="", headers=""), "POST", {}, ORIGIN) is None
