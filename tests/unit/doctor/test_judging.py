"""How a probe judges an answer: what is a refusal, what is absence, and what proves nothing."""

import pytest

from gridboss_assets.doctor.http import Answer
from gridboss_assets.doctor.probes.base import Observation, Result, refused, smuggled, works

STORED, NOTHING = Answer(200, {}, b"x"), Answer(404, {}, b"")


def answer(status: int, code: str = "") -> Answer:
    return Answer(status, {}, f"<Code>{code}</Code>".encode() if code else b"")


@pytest.mark.parametrize("status", [400, 401, 403, 411, 412, 413, 416])
def test_a_refusal_is_enforced(status: int) -> None:
    assert refused(answer(status)).result is Result.ENFORCED


@pytest.mark.parametrize("status", [301, 404, 405, 408, 429, 500, 501, 503])
def test_trouble_and_absence_prove_nothing(status: int) -> None:
    assert refused(answer(status)).result is Result.UNKNOWN


@pytest.mark.parametrize("status", [200, 204, 206])
def test_an_answer_is_not_enforced(status: int) -> None:
    assert refused(answer(status)).result is Result.NOT_ENFORCED


@pytest.mark.parametrize(
    "absent", [answer(501), answer(405), answer(400, "NotImplemented"), answer(403)], ids=str
)
def test_what_is_refused_though_it_is_valid_is_not_offered(absent: Answer) -> None:
    assert works(absent, fine=False, otherwise="").result is Result.NOT_OFFERED


@pytest.mark.parametrize("status", [301, 429, 500, 503])
def test_trouble_does_not_make_a_feature_absent(status: int) -> None:
    assert works(answer(status), fine=False, otherwise="").result is Result.UNKNOWN


def test_what_works_otherwise_than_it_should_is_not_enforced() -> None:
    assert works(STORED, fine=True, otherwise="").result is Result.WORKS
    seen = works(STORED, fine=False, otherwise="other bytes")
    assert seen == Observation(Result.NOT_ENFORCED, "other bytes")


@pytest.mark.parametrize(
    ("said", "stored", "arrived", "result"),
    [
        (answer(403), NOTHING, False, Result.ENFORCED),
        (answer(200), STORED, True, Result.NOT_ENFORCED),
        (answer(403), STORED, True, Result.NOT_ENFORCED),
        (answer(200), STORED, False, Result.IGNORED),
        (answer(200), NOTHING, False, Result.UNKNOWN),
        (answer(503), NOTHING, False, Result.UNKNOWN),
    ],
)
def test_a_header_is_judged_by_what_came_of_it(
    said: Answer, stored: Answer, result: Result, *, arrived: bool
) -> None:
    assert smuggled(said, stored, arrived=arrived).result is result
