"""Addresses that may be stored in content, and links that stay the same for a while."""

from http.client import HTTPConnection, HTTPResponse
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.support.browser import Caller, done, http, open_link, refused
from tests.support.files import CSV, PHOTO
from tests.support.stage import Stage


@pytest.fixture
def keeper(post_stage: Stage) -> Caller:
    """Sign in somebody new where links may be kept."""
    return Caller(post_stage.lasting.url)


def ask_as_written(service: str, path: str) -> HTTPResponse:
    """Ask for a path exactly as it is written, which other clients would tidy up."""
    connection = HTTPConnection(urlsplit(service).netloc, timeout=60)
    connection.putrequest("GET", path)
    connection.endheaders()
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


def test_a_kept_address_shows_the_picture_in_one_hop(post_stage: Stage, keeper: Caller) -> None:
    key = keeper.seal(PHOTO)["objectKey"]
    hop = open_link(f"{keeper.service}/assets/{key}")
    assert (hop.status_code, hop.content) == (302, b"")
    picture = open_link(hop.headers["Location"])
    assert (picture.status_code, picture.content) == (200, post_stage.read(key))
    assert picture.headers["Content-Type"] == "image/jpeg"


def test_a_kept_address_is_looked_at_without_being_fetched(keeper: Caller) -> None:
    key = keeper.seal(PHOTO)["objectKey"]
    answer = http("HEAD", f"{keeper.service}/assets/{key}")
    assert answer.status_code == 302
    assert open_link(answer.headers["Location"]).ok


def test_a_kept_address_of_an_export_is_for_its_owner(keeper: Caller) -> None:
    address = f"/assets/{keeper.seal(CSV)['objectKey']}"
    refused(open_link(keeper.service + address), 401, "unauthenticated")
    refused(Caller(keeper.service).call("GET", address), 403, "forbidden")
    link = keeper.call("GET", address).headers["Location"]
    assert open_link(link).content == CSV.data


def test_a_kept_address_of_nothing_leads_to_nothing(keeper: Caller) -> None:
    key = keeper.sign(PHOTO)["objectKey"]
    assert open_link(
        open_link(f"{keeper.service}/assets/{key}").headers["Location"]
    ).status_code in {
        403,
        404,
    }


@pytest.mark.parametrize(
    "path",
    [
        "/assets/pending/KEY",
        "/assets/%70ending/KEY",
        "/assets/pending%2FKEY",
        "/assets//pending/KEY",
        "/assets/./pending/KEY",
        "/assets/avatars/../pending/KEY",
        "/assets/avatars/%2e%2e/pending/KEY",
        "/assets/avatars/%252e%252e/pending/KEY",
        "/assets/avatars%5C..%5Cpending/KEY",
        "/assets/https://evil.example/KEY",
        "/assets/%2F%2Fevil.example/KEY",
        "/assets/KEY%00",
        "/assets/KEY%0d%0aX-Evil:%201",
        "/assets/KEY%0a",
        "/assets/KEY%3Fx=1",
        "/assets/KEY%ff",
    ],
)
def test_no_spelling_of_an_address_gets_past_the_checks(
    post_stage: Stage, keeper: Caller, path: str
) -> None:
    key = keeper.upload(PHOTO)["objectKey"]
    answer = ask_as_written(keeper.service, path.replace("KEY", key))
    assert answer.status == 400
    assert answer.getheader("Location") is None
    assert post_stage.standing(key) == ["pending"]


def test_an_address_whose_slashes_are_encoded_leads_to_the_same(keeper: Caller) -> None:
    key = keeper.seal(PHOTO)["objectKey"]
    answer = ask_as_written(keeper.service, f"/assets/{key.replace('/', '%2F')}")
    assert urlsplit(str(answer.getheader("Location"))).path.endswith(f"/{key}")


def test_the_name_of_a_link_is_served_by_the_bucket(keeper: Caller) -> None:
    key = keeper.seal(PHOTO)["objectKey"]
    link = done(keeper.download(key, disposition="attachment", filename="Zürich 🏁.jpg"))
    answer = open_link(link["url"])
    assert answer.headers["Content-Disposition"] == (
        "attachment; filename=\"Zurich .jpg\"; filename*=UTF-8''Z%C3%BCrich%20%F0%9F%8F%81.jpg"
    )


def test_a_stable_link_is_the_same_when_it_is_asked_for_again(keeper: Caller) -> None:
    # One of the two may be asked for in another window, but not both of them.
    keys = [f"avatars/{keeper.sub}-{n}.jpg" for n in range(2)]
    first, second = ([done(keeper.download(key))["url"] for key in keys] for _ in range(2))
    assert set(first) & set(second)


def test_a_stable_link_is_taken_late_in_its_window(post_stage: Stage, keeper: Caller) -> None:
    keys = [f"avatars/{keeper.sub}-{n}.jpg" for n in range(500)]
    links = done(keeper.post("/uploads/download", {"objectKeys": keys}))["links"]
    oldest = min(links, key=lambda link: int(link["expiresIn"]))
    life = int(parse_qs(urlsplit(oldest["url"]).query)["X-Amz-Expires"][0])
    assert oldest["expiresIn"] < life * 0.6  # of windows that are half a life long
    post_stage.write(oldest["objectKey"], PHOTO)
    assert open_link(oldest["url"]).content == PHOTO.data


def test_an_altered_stable_link_is_refused(post_stage: Stage, keeper: Caller) -> None:
    key = f"avatars/{keeper.sub}.jpg"
    post_stage.write(key, PHOTO)
    url = done(keeper.download(key))["url"]
    assert open_link(url).ok
    date = parse_qs(urlsplit(url).query)["X-Amz-Date"][0]
    assert open_link(url.replace(date, f"{date[:-2]}{9 - int(date[-2])}Z")).status_code == 403
