"""Requests that go straight to an endpoint end where the router would have sent them."""

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from tests.support.serving import CDN, app_of, ask, signed_in

PICTURE = f"avatars/driver-8/{'3' * 32}.png"


@pytest.mark.parametrize("place", ["/files", "/assets", "/assets/assets"])
def test_mounted_anywhere_a_stable_link_leads_on(place: str) -> None:
    mounted = Starlette(routes=[Mount(place, app_of(CDN_BASE_URL=CDN))])
    answer = ask(mounted, f"{place}/assets/{PICTURE}")
    assert (answer.status, answer.headers["location"]) == (302, f"{CDN}/{PICTURE}")


def test_mounted_at_the_path_of_stable_links_other_addresses_are_no_keys() -> None:
    mounted = Starlette(routes=[Mount("/assets", app_of(CDN_BASE_URL=CDN))])
    assert ask(mounted, "/assets/uploads/kinds").status == 200
    assert ask(mounted, "/assets/healthz").status == 200


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_the_name_of_a_parameter_is_taken_for_its_value(method: str) -> None:
    answer = ask(app_of(), "/exports/{jobId}", method=method, headers=signed_in())
    assert b'"internal_error"' not in answer.body
    assert answer.status < 500


def test_the_name_of_the_key_is_taken_for_a_key() -> None:
    answer = ask(app_of(), "/assets/{objectKey:path}", headers=signed_in())
    assert (answer.status, b'"invalid_object_key"' in answer.body) == (400, True)
