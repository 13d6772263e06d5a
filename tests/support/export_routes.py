"""Export jobs that stand still until a test moves them, behind the service."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fastapi import FastAPI, Request
from starlette.testclient import TestClient

from gridboss_assets import MemoryStorage
from gridboss_assets.access import Authorize, Caller, authorize
from gridboss_assets.errors import InvalidParameters, JobsUnavailable, Unauthenticated
from gridboss_assets.jobs import Fault, Job, MemoryJobStore
from gridboss_assets.jobs.service import Exports
from gridboss_assets.reports import Report, Reports
from gridboss_assets.web import create_app
from gridboss_assets.web.service import Service
from gridboss_config import Settings

SETTINGS = Settings(_env_file=None, APP_ENV="test")
OPEN = {"report": "open", "format": "csv", "parameters": {"season": "2025"}}
"""A request for an export that anybody may make."""
NO_JOB = "0" * 32
"""The ID of no job."""


def _check(parameters: Mapping[str, Any]) -> None:
    if parameters.get("season") == "none":
        raise InvalidParameters("There is no such season.")


def _nothing(_parameters: Mapping[str, Any]) -> list[Any]:
    raise AssertionError("nobody runs jobs here")


REPORTS = Reports(
    Report(name="open", function=_nothing, title="Open", available_to="any_caller", check=_check),
    Report(name="league", function=_nothing, title="League"),
)


class Queue:
    """Keeps what it is handed."""

    def __init__(self) -> None:
        self.handed: list[str] = []
        self.is_gone = False

    def enqueue(self, job_id: str, *, delay: float = 0) -> None:
        del delay
        if self.is_gone:
            raise JobsUnavailable(detail="redis is gone")
        self.handed.append(job_id)


class Store(MemoryJobStore):
    """May be away, as a server in a restart is, or forget everything."""

    is_gone = False
    asked = 0

    def forget(self) -> None:
        self._entries.clear()

    def get(self, job_id: str) -> Job:  # a peek asks by it too
        self.asked += 1
        if self.is_gone:
            raise JobsUnavailable(detail="redis is gone")
        return super().get(job_id)


class Jobs:
    """The jobs of one service, and the worker that the test plays."""

    def __init__(self, *, max_active: int = 20) -> None:
        self.store = Store(max_active=max_active)
        self.queue = Queue()
        self.exports = Exports(self.store, self.queue, REPORTS)

    def start(self, job_id: str) -> None:
        assert self.store.take(job_id)

    def write(self, job_id: str, rows: int, total: int | None = None) -> None:
        assert self.store.progress(job_id, self.store.get(job_id).attempt, rows, total)

    def finish(self, job_id: str) -> None:
        job = self.store.take(job_id) or self.store.get(job_id)
        assert self.store.finish(
            job_id,
            job.attempt,
            object_key=f"exports/{job.owner}/{job_id}.csv",
            filename="Open.csv",
            content_length=7,
        )

    def fail(self, job_id: str) -> None:
        job = self.store.take(job_id) or self.store.get(job_id)
        fault = Fault("export_too_large", "The export is too large.")
        assert self.store.fail(job_id, job.attempt, fault)


def by_name(request: Request) -> Caller:
    """Take the header for the caller's name; the name of an administrator ends in a star."""
    name = request.headers.get("authorization")
    if not name:
        raise Unauthenticated
    return Caller(name.rstrip("*"), is_developer=name.endswith("*"))


def app_with(jobs: Jobs | None, authorize: Authorize = authorize, **changes: Any) -> FastAPI:
    return create_app(
        replace_settings(**changes),
        MemoryStorage(),
        by_name,
        authorize=authorize,
        exports=jobs.exports if jobs else None,
    )


def replace_settings(**changes: Any) -> Settings:
    return SETTINGS.with_changes(**changes) if changes else SETTINGS


def client_of(app: FastAPI, name: str = "ada") -> TestClient:
    return TestClient(app, headers={"Authorization": name})


def service_of(app: FastAPI) -> Service:
    service: Service = app.state.services.current()
    return service


def quick(app: FastAPI, **pace: float) -> None:
    """Let the streams of a service hurry."""
    streams = service_of(app).streams
    streams.pace = replace(streams.pace, poll=0.001, **pace)


def error_of(response: Any) -> tuple[int, str]:
    assert set(response.json()["detail"]) == {"error", "message"}
    return response.status_code, response.json()["detail"]["error"]


def other(client: TestClient, name: str = "bob") -> TestClient:
    return TestClient(client.app, headers={"Authorization": name})


def ask(client: TestClient, **changes: Any) -> str:
    answer = client.post("/exports", json=OPEN | changes)
    assert answer.status_code == 202, answer.text
    job_id: str = answer.json()["jobId"]
    return job_id
