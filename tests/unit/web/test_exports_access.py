"""Whose export job it is: who may see it, and who learns nothing of it."""

import pytest
from starlette.testclient import TestClient
from tests.support.export_routes import (
    NO_JOB,
    OPEN,
    Jobs,
    app_with,
    ask,
    client_of,
    error_of,
    other,
)

from gridboss_assets.access import Action, Caller, Resource
from gridboss_assets.jobs import Job
from gridboss_assets.reports import ReportRequest


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
