"""The list of a caller's export jobs."""

import pytest
from starlette.testclient import TestClient
from tests.support.export_routes import (
    NO_JOB,
    Jobs,
    ask,
    error_of,
    other,
)


def test_the_list_has_the_callers_own_jobs_newest_first(ada: TestClient) -> None:
    first, second = ask(ada), ask(ada)
    ask(other(ada))
    body = ada.get("/exports").json()
    assert [each["jobId"] for each in body["exports"]] == [second, first]
    assert (body["before"], body["expiresIn"]) == (None, 0)


def test_the_list_goes_on_where_the_last_one_ended(ada: TestClient) -> None:
    asked = [ask(ada) for _ in range(5)]
    found: list[str] = []
    query = "limit=2"
    while query:
        body = ada.get(f"/exports?{query}").json()
        found += [each["jobId"] for each in body["exports"]]
        query = f"limit=2&before={body['before']}" if body["before"] else ""
    assert found == asked[::-1]


def test_the_list_has_no_links(ada: TestClient, jobs: Jobs) -> None:
    jobs.finish(ask(ada))
    [each] = ada.get("/exports").json()["exports"]
    assert (each["state"], each["url"], each["expiresIn"]) == ("done", None, 0)


@pytest.mark.parametrize("limit", ["0", "101", "-1", "x", "1.5", "", "²", "9" * 5000])
def test_a_limit_that_is_none_is_refused(ada: TestClient, limit: str) -> None:
    answer = ada.get("/exports", params={"limit": limit})
    assert error_of(answer) == (422, "invalid_request")


@pytest.mark.parametrize("before", ["x", "", NO_JOB])
def test_a_list_before_no_job_answers_404(ada: TestClient, before: str) -> None:
    answer = ada.get("/exports", params={"before": before})
    assert error_of(answer) == (404, "job_not_found")


def test_a_list_before_somebody_elses_job_answers_404(ada: TestClient) -> None:
    answer = other(ada).get("/exports", params={"before": ask(ada)})
    assert error_of(answer) == (404, "job_not_found")
