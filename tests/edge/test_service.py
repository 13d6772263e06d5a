"""The service as it is deployed, with an edge in front of its bucket."""

from collections.abc import Iterator

import pytest
from tests.edge.conftest import Given, signed_with
from tests.support import tokens
from tests.support.browser import Caller, done, open_link
from tests.support.cloudfront import key_pair
from tests.support.edge import Edge
from tests.support.files import CSV, PNG
from tests.support.service import Service


@pytest.fixture(scope="module")
def service(
    given: Given, rsa_edge: Edge, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    settings = given | signed_with(key_pair("rsa"))
    settings |= {"JWT_SECRET": tokens.SECRET, "CDN_BASE_URL": rsa_edge.url}
    with Service(tmp_path_factory.mktemp("service"), settings) as running:
        yield running


@pytest.fixture
def caller(service: Service) -> Caller:
    return Caller(service.url)


def test_complete_answers_with_an_avatar_at_the_edge(edge: Edge, caller: Caller) -> None:
    answer = caller.seal(PNG)
    assert answer["url"] == f"{edge.url}/{answer['objectKey']}"
    assert answer["expiresIn"] == 86400
    assert open_link(answer["url"]).headers["Content-Type"] == "image/png"
    again = done(caller.download(answer["objectKey"]))
    assert (again["url"], again["expiresIn"]) == (answer["url"], 86400)


def test_an_export_opens_at_the_edge_by_the_link_of_the_answer(edge: Edge, caller: Caller) -> None:
    answer = caller.seal(CSV)
    assert answer["url"].startswith(f"{edge.url}/exports/")
    assert answer["expiresIn"] == 3600
    assert open_link(answer["url"]).content == CSV.data
    again = done(caller.download(answer["objectKey"]))
    assert open_link(again["url"]).headers["X-Cache"] == "HIT"
    assert open_link(answer["url"].partition("?")[0]).status_code == 403


def test_delete_says_how_long_the_edge_goes_on(edge: Edge, caller: Caller) -> None:
    answer = caller.seal(PNG)
    open_link(answer["url"])
    assert done(caller.delete(answer["objectKey"]))["cdnMayServeFor"] == 86400
    assert edge.ask(answer["url"]).cache == "HIT"
