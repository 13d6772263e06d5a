"""A service that has too much to do says so, and forgets it when it is done."""

from starlette.testclient import TestClient

from gridboss_assets import MemoryStorage
from gridboss_assets.web import create_app
from gridboss_assets.web.service import MAX_UNDER_WAY
from gridboss_config import Settings


def test_a_service_with_too_much_under_way_says_when_to_come_back() -> None:
    made = create_app(Settings(_env_file=None, app_env="development"), storage=MemoryStorage())
    made.state.services.current().under_way = MAX_UNDER_WAY
    own = TestClient(made)
    response = own.post("/uploads/complete", json={"objectKey": "exports/a.csv"})
    assert response.status_code == 503
    assert response.json()["detail"]["error"] == "service_busy"
    assert response.headers["retry-after"] == "5"
    # What needs no thread is still answered.
    assert own.post("/uploads/download", json={"objectKey": "exports/a.csv"}).status_code == 200


def test_what_was_under_way_is_counted_out_again() -> None:
    made = create_app(Settings(_env_file=None, app_env="development"), storage=MemoryStorage())
    TestClient(made).post("/uploads/complete", json={"objectKey": "exports/a.csv"})
    assert made.state.services.current().under_way == 0
