"""Where exports are off, and how much of them a caller may ask for."""

import pytest
from starlette.testclient import TestClient
from tests.support.export_routes import (
    OPEN,
    Jobs,
    app_with,
    ask,
    client_of,
    error_of,
    replace_settings,
    service_of,
)

from gridboss_assets import ContentType, Kind, Kinds, MemoryStorage
from gridboss_assets.errors import Misconfigured
from gridboss_assets.web import create_app
from gridboss_assets.web.limits import MemoryLimiter


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
