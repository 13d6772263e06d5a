"""A service with export jobs that stand still until the test moves them."""

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient
from tests.support.export_routes import OPEN, Jobs, app_with, client_of, quick


@pytest.fixture
def jobs() -> Jobs:
    return Jobs()


@pytest.fixture
def ada(jobs: Jobs) -> TestClient:
    return client_of(app_with(jobs))


@pytest.fixture
def app(jobs: Jobs) -> FastAPI:
    """Make the service, whose streams of events hurry."""
    app = app_with(jobs)
    quick(app)
    return app


@pytest.fixture
def job_id(app: FastAPI) -> str:
    """Ask for an export, and return the ID of its job."""
    found: str = client_of(app).post("/exports", json=OPEN).json()["jobId"]
    return found
