"""The routes of export jobs: what they answer in each state of a job, and to whom."""

import re
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient
from tests.support.export_routes import (
    Jobs,
    app_with,
    client_of,
    error_of,
    replace_settings,
    service_of,
)

from gridboss_assets import ContentType, Kind, Kinds, MemoryStorage
from gridboss_assets.access import Action, Caller, Resource
from gridboss_assets.errors import Misconfigured
from gridboss_assets.jobs import Job
from gridboss_assets.reports import ReportRequest
from gridboss_assets.web import create_app
from gridboss_assets.web.export_schemas import MAX_EXPORT_BODY_BYTES
from gridboss_assets.web.limits import MemoryLimiter

OPEN = {"report": "open", "format": "csv", "parameters": {"season": "2025"}}
NO_JOB = "0" * 32


@pytest.fixture
def jobs() -> Jobs:
    return Jobs()


@pytest.fixture
def ada(jobs: Jobs) -> TestClient:
    return client_of(app_with(jobs))


def other(client: TestClient, name: str = "bob") -> TestClient:
    return TestClient(client.app, headers={"Authorization": name})


def ask(client: TestClient, **changes: Any) -> str:
    answer = client.post("/exports", json=OPEN | changes)
    assert answer.status_code == 202, answer.text
    job_id: str = answer.json()["jobId"]
    return job_id


# --- asking -------------------------------------------------------------------------------------


def test_a_request_is_accepted_and_its_job_queued(ada: TestClient, jobs: Jobs) -> None:
    answer = ada.post("/exports", json=OPEN)
    body = answer.json()
    assert answer.status_code == 202
    assert answer.headers["location"] == f"/exports/{body['jobId']}"
    assert answer.headers["cache-control"] == "no-store"
    assert body == {
        "jobId": jobs.queue.handed[0],
        "state": "queued",
        "report": "open",
        "format": "csv",
        "createdAt": body["createdAt"],
        "endedAt": None,
        "progress": {"rows": 0, "total": None},
        "error": None,
        "objectKey": None,
        "filename": None,
        "contentLength": None,
        "url": None,
        "expiresIn": 0,
    }
    assert re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z", body["createdAt"])


def test_a_job_belongs_to_whoever_asked_and_keeps_the_parameters(
    ada: TestClient, jobs: Jobs
) -> None:
    job = jobs.store.get(ask(ada))
    assert (job.subject, job.parameters) == ("ada", {"season": "2025"})


def test_a_report_without_parameters_needs_none(ada: TestClient, jobs: Jobs) -> None:
    answer = ada.post("/exports", json={"report": "open", "format": "pdf"})
    assert jobs.store.get(answer.json()["jobId"]).parameters == {}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"report": "none"}, (400, "unsupported_report")),
        ({"format": "exe"}, (400, "unsupported_format")),
        ({"format": "zip"}, (400, "unsupported_format")),
        ({"parameters": {"season": "none"}}, (400, "invalid_parameters")),
        ({"parameters": [1]}, (422, "invalid_request")),
        ({"parameters": None}, (422, "invalid_request")),
        ({"report": 7}, (422, "invalid_request")),
        ({"report": "league"}, (403, "forbidden")),
    ],
)
def test_a_bad_request_makes_no_job(
    ada: TestClient, jobs: Jobs, changes: dict[str, Any], expected: tuple[int, str]
) -> None:
    assert error_of(ada.post("/exports", json=OPEN | changes)) == expected
    assert jobs.store.of("ada") == []


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_numbers_that_json_does_not_have_are_refused(ada: TestClient, number: str) -> None:
    body = f'{{"report": "open", "format": "csv", "parameters": {{"n": {number}}}}}'
    answer = ada.post("/exports", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in {400, 422}


def test_rows_may_be_posted_up_to_a_limit_of_their_own(ada: TestClient, jobs: Jobs) -> None:
    head = len(b'{"report":"open","format":"csv","parameters":{"rows":""}}')
    rows = "x" * (MAX_EXPORT_BODY_BYTES - head)
    body = {"report": "open", "format": "csv", "parameters": {"rows": rows}}
    assert ada.post("/exports", json=body).status_code == 202
    body["parameters"] = {"rows": rows + "x"}
    assert error_of(ada.post("/exports", json=body)) == (413, "request_too_large")
    assert len(jobs.queue.handed) == 1


def test_the_limit_of_other_requests_is_as_it_was(ada: TestClient) -> None:
    body = {"objectKey": "x" * 64 * 1024}
    assert error_of(ada.post("/uploads/download", json=body)) == (413, "request_too_large")


def test_too_many_unended_jobs_are_refused_with_the_time_to_wait() -> None:
    ada = client_of(app_with(Jobs(max_active=1)))
    ask(ada)
    answer = ada.post("/exports", json=OPEN)
    assert error_of(answer) == (429, "too_many_requests")
    assert int(answer.headers["retry-after"]) > 0


def test_a_queue_that_is_gone_answers_503_and_leaves_no_job_to_run(
    ada: TestClient, jobs: Jobs
) -> None:
    jobs.queue.is_gone = True
    answer = ada.post("/exports", json=OPEN)
    assert error_of(answer) == (503, "jobs_unavailable")
    assert int(answer.headers["retry-after"]) > 0
    assert [job.state for job in jobs.store.of("ada")] == ["cancelled"]


def test_mounted_below_a_path_the_location_has_it_too(jobs: Jobs) -> None:
    mounted = Starlette(routes=[Mount("/assets", app_with(jobs))])
    ada = TestClient(mounted, headers={"Authorization": "ada"})
    location = ada.post("/assets/exports", json=OPEN).headers["location"]
    assert location.startswith("/assets/exports/")
    assert ada.get(location).json()["state"] == "queued"


def test_parameters_of_the_path_it_is_mounted_below_do_not_get_in_the_way(jobs: Jobs) -> None:
    mounted = Starlette(routes=[Mount("/{league}/{jobId}", app_with(jobs))])
    ada = TestClient(mounted, headers={"Authorization": "ada"})
    location = ada.post("/gt3/x/exports", json=OPEN).headers["location"]
    assert ada.get(location).status_code == 200


# --- a job in each state ------------------------------------------------------------------------


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


# --- whose job ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", ""), ("DELETE", ""), ("GET", "/events")],
)
@pytest.mark.parametrize("job_id", [NO_JOB, "x", "A" * 32, "0" * 31, "0" * 33, "..%2f" + NO_JOB])
def test_an_id_that_is_none_answers_404(
    ada: TestClient, method: str, path: str, job_id: str
) -> None:
    answer = ada.request(method, f"/exports/{job_id}{path}")
    assert answer.status_code == 404
    assert answer.json()["detail"]["error"] in {"job_not_found", "not_found"}


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", ""), ("DELETE", ""), ("GET", "/events")],
)
def test_somebody_elses_job_is_as_if_it_did_not_exist(
    ada: TestClient, jobs: Jobs, method: str, path: str
) -> None:
    theirs = other(ada).request(method, f"/exports/{ask(ada)}{path}")
    nobodys = other(ada).request(method, f"/exports/{NO_JOB}{path}")
    assert error_of(theirs) == (404, "job_not_found")
    assert theirs.json() == nobodys.json()
    assert jobs.store.of("ada")[0].state == "queued"


def test_nobody_without_a_name_gets_anything(ada: TestClient) -> None:
    job_id = ask(ada)
    nobody = TestClient(ada.app)
    assert error_of(nobody.post("/exports", json=OPEN)) == (401, "unauthenticated")
    for path in ("/exports", f"/exports/{job_id}", f"/exports/{job_id}/events"):
        assert error_of(nobody.get(path)) == (401, "unauthenticated")
    assert error_of(nobody.delete(f"/exports/{job_id}")) == (401, "unauthenticated")


def test_the_developer_may_read_and_cancel_every_job(ada: TestClient) -> None:
    job_id = ask(ada)
    root = other(ada, "root*")
    assert root.get(f"/exports/{job_id}").status_code == 200
    assert root.delete(f"/exports/{job_id}").json()["state"] == "cancelled"
    assert root.post("/exports", json=OPEN | {"report": "league"}).status_code == 202


class LeagueRules:
    """An application's own rules: who may see which league."""

    def __init__(self) -> None:
        self.asked: list[tuple[Action, Resource]] = []

    def __call__(self, caller: Caller, action: Action, resource: Resource) -> bool:
        self.asked.append((action, resource))
        if isinstance(resource, (ReportRequest, Job)):
            return resource.parameters.get("league") == f"league of {caller.subject}"
        return False


def test_rules_of_ones_own_see_the_report_and_its_parameters(jobs: Jobs) -> None:
    rules = LeagueRules()
    ada = client_of(app_with(jobs, rules))
    own = OPEN | {"report": "league", "parameters": {"league": "league of ada"}}
    strange = OPEN | {"report": "league", "parameters": {"league": "league of bob"}}
    assert ada.post("/exports", json=own).status_code == 202
    assert error_of(ada.post("/exports", json=strange)) == (403, "forbidden")
    action, resource = rules.asked[0]
    assert action == "export"
    assert isinstance(resource, ReportRequest)
    assert resource.report.name == "league"


def test_a_job_that_rules_of_ones_own_refuse_is_as_if_it_did_not_exist(jobs: Jobs) -> None:
    ada = client_of(app_with(jobs, LeagueRules()))
    own = OPEN | {"report": "league", "parameters": {"league": "league of ada"}}
    job_id = ask(ada, **own)
    assert ada.get(f"/exports/{job_id}").status_code == 200
    for method, path in (("GET", ""), ("DELETE", ""), ("GET", "/events")):
        answer = other(ada).request(method, f"/exports/{job_id}{path}")
        assert error_of(answer) == (404, "job_not_found")


# --- the list -----------------------------------------------------------------------------------


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


# --- set-up and limits --------------------------------------------------------------------------


def test_without_a_job_server_exports_are_off() -> None:
    ada = client_of(app_with(None, app_env="production", jwt_secret="s" * 32))
    assert error_of(ada.post("/exports", json=OPEN)) == (400, "exports_not_enabled")
    assert error_of(ada.get("/exports")) == (400, "exports_not_enabled")


def test_one_of_several_processes_keeps_no_jobs_in_its_memory() -> None:
    app = app_with(None)
    app.state.services.share_jobs()
    assert error_of(client_of(app).get("/exports")) == (400, "exports_not_enabled")


def test_without_storage_exports_are_off(jobs: Jobs) -> None:
    app = create_app(replace_settings(), exports=jobs.exports)
    assert error_of(TestClient(app).post("/exports", json=OPEN)) == (400, "s3_not_enabled")


def test_kinds_without_a_place_for_exports_are_a_mistake_of_the_operator(jobs: Jobs) -> None:
    badge = Kind(
        name="badge",
        prefix="badges/",
        max_size=1024,
        content_types=(ContentType("image/png", ("png",)),),
        inspector="image",
        cache_control="no-store",
        disposition="inline",
        readable_by="owner",
    )
    app = create_app(replace_settings(), MemoryStorage(), kinds=Kinds(badge), exports=jobs.exports)
    assert error_of(TestClient(app).post("/exports", json=OPEN)) == (503, "misconfigured")
    with pytest.raises(Misconfigured) as found:
        _ = service_of(app).exports
    assert "exports/" in str(found.value.detail)


def test_each_action_has_an_allowance_of_its_own(jobs: Jobs) -> None:
    app = create_app(
        replace_settings(),
        MemoryStorage(),
        limiter=MemoryLimiter(per_minute=1),
        exports=jobs.exports,
    )
    dev = TestClient(app)
    job_id = ask(dev)
    assert dev.get("/exports").status_code == 200
    assert error_of(dev.get(f"/exports/{job_id}")) == (429, "too_many_requests")
    assert error_of(dev.get(f"/exports/{job_id}/events")) == (429, "too_many_requests")
    assert dev.delete(f"/exports/{job_id}").status_code == 200
