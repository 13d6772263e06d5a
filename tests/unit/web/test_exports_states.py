"""What the routes of export jobs answer in each state of a job."""

from starlette.testclient import TestClient
from tests.support.export_routes import (
    Jobs,
    ask,
    error_of,
)


def test_a_running_job_tells_how_far_it_is(ada: TestClient, jobs: Jobs) -> None:
    job_id = ask(ada)
    jobs.start(job_id)
    jobs.write(job_id, 12, 40)
    body = ada.get(f"/exports/{job_id}").json()
    assert (body["state"], body["progress"]) == ("running", {"rows": 12, "total": 40})
    assert (body["url"], body["expiresIn"]) == (None, 0)


def test_a_job_that_is_done_links_to_what_it_wrote(ada: TestClient, jobs: Jobs) -> None:
    job_id = ask(ada)
    jobs.finish(job_id)
    body = ada.get(f"/exports/{job_id}").json()
    assert body["state"] == "done"
    assert body["objectKey"] == f"exports/ada/{job_id}.csv"
    assert body["objectKey"] in body["url"]
    assert body["expiresIn"] > 0
    assert (body["filename"], body["contentLength"]) == ("Open.csv", 7)
    assert body["endedAt"] >= body["createdAt"]


def test_the_link_is_kept_nowhere(ada: TestClient, jobs: Jobs) -> None:
    job_id = ask(ada)
    jobs.finish(job_id)
    url = ada.get(f"/exports/{job_id}").json()["url"]
    assert url not in str(jobs.store.get(job_id))
    assert "Signature" not in str(jobs.store.get(job_id))


def test_a_job_that_failed_tells_a_code_and_a_message(ada: TestClient, jobs: Jobs) -> None:
    job_id = ask(ada)
    jobs.fail(job_id)
    body = ada.get(f"/exports/{job_id}").json()
    assert body["state"] == "failed"
    assert body["error"] == {"code": "export_too_large", "message": "The export is too large."}


def test_cancelling_is_fine_twice(ada: TestClient) -> None:
    job_id = ask(ada)
    for _ in range(2):
        answer = ada.delete(f"/exports/{job_id}")
        assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")


def test_a_job_that_has_ended_is_not_cancelled(ada: TestClient, jobs: Jobs) -> None:
    job_id = ask(ada)
    jobs.finish(job_id)
    answer = ada.delete(f"/exports/{job_id}")
    assert (answer.status_code, answer.json()["state"]) == (200, "done")
    assert ada.get(f"/exports/{job_id}").json()["state"] == "done"


def test_a_store_that_is_gone_answers_503(ada: TestClient, jobs: Jobs) -> None:
    job_id = ask(ada)
    jobs.store.is_gone = True
    for path in (f"/exports/{job_id}", f"/exports/{job_id}/events"):
        answer = ada.get(path)
        assert error_of(answer) == (503, "jobs_unavailable")
        assert int(answer.headers["retry-after"]) > 0
