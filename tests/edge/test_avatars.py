"""Avatars at the edge: a plain URL that edge and browser cache."""

import time
from dataclasses import replace

import pytest
from tests.edge.conftest import CORS_ORIGIN, Given, OpenEdge, Publish, UploadsBehind, desired
from tests.support.browser import open_link
from tests.support.edge import Edge, Reply
from tests.support.files import PHOTO, PNG

from gridboss_assets import Uploads
from gridboss_assets.cdn.desired import SECURITY_HEADERS


def test_an_avatar_is_fetched_from_the_bucket_once(edge: Edge, publish: Publish) -> None:
    avatar = publish(PHOTO)
    assert avatar.url == f"{edge.url}/{avatar.object_key}"
    replies = [edge.ask(avatar.url) for _ in range(3)]
    assert [(r.status, r.cache) for r in replies] == [(200, "MISS"), (200, "HIT"), (200, "HIT")]
    assert {len(r.body) for r in replies} == {avatar.content_length}
    assert [(e.method, e.path, e.status) for e in edge.fetched(avatar.object_key)] == [
        ("GET", f"/{avatar.object_key}", 200)
    ]


@pytest.mark.parametrize("cache", ["MISS", "HIT"])
def test_an_avatar_is_served_to_be_cached_and_as_nothing_but_a_picture(
    edge: Edge, publish: Publish, cache: str
) -> None:
    avatar = publish(PNG)
    if cache == "HIT":
        edge.ask(avatar.url)
    reply = edge.ask(avatar.url)
    assert reply.cache == cache
    assert reply.headers["cache-control"] == "public, max-age=86400, immutable"
    assert reply.headers["content-type"] == "image/png"
    assert {name: reply.headers[name.lower()] for name in SECURITY_HEADERS} == SECURITY_HEADERS
    assert "sandbox" in reply.headers["content-security-policy"]
    assert reply.headers["x-content-type-options"] == "nosniff"


def test_an_avatar_stays_at_the_edge_for_as_long_as_the_answer_says(
    edge: Edge, publish: Publish
) -> None:
    avatar = publish(PNG)
    edge.ask(avatar.url)
    assert edge.cache.life(f"/{avatar.object_key}") == avatar.expires_in == 86400


@pytest.mark.parametrize(
    "query",
    [
        "response-content-type=text/html",
        "response-content-disposition=inline",
        "v=2",
        "X-Amz-Signature=0&X-Amz-Algorithm=AWS4-HMAC-SHA256",
        "Expires=1&Signature=x&Key-Pair-Id=K1",
    ],
)
def test_a_query_changes_nothing_and_makes_no_second_copy(
    edge: Edge, publish: Publish, query: str
) -> None:
    avatar = publish(PNG)
    first, second = edge.ask(f"{avatar.url}?{query}"), edge.ask(avatar.url)
    assert (first.status, first.cache, second.cache) == (200, "MISS", "HIT")
    assert first.headers["content-type"] == second.headers["content-type"] == "image/png"
    assert "content-disposition" not in first.headers
    assert [e.path for e in edge.fetched()] == [f"/{avatar.object_key}"]


def test_nothing_of_a_visitor_reaches_the_bucket(edge: Edge, publish: Publish) -> None:
    avatar = publish(PNG)
    visitor = {
        "Authorization": "Bearer visitor",
        "Cookie": "session=visitor",
        "X-Amz-Copy-Source": "visitor",
        "User-Agent": "visitor",
    }
    assert edge.ask(avatar.url, headers=visitor).status == 200
    [fetched] = edge.fetched()
    assert "visitor" not in str(fetched)


def test_pages_of_the_application_alone_may_read_an_avatar(edge: Edge, publish: Publish) -> None:
    avatar = publish(PNG)

    def allowed(reply: Reply) -> str | None:
        return reply.headers.get("access-control-allow-origin")

    assert allowed(edge.ask(avatar.url)) is None
    assert allowed(edge.ask(avatar.url, headers={"Origin": CORS_ORIGIN})) == CORS_ORIGIN
    assert allowed(edge.ask(avatar.url, headers={"Origin": "https://other.example"})) is None


def test_a_link_that_the_bucket_signs_does_not_go_through_the_edge(
    edge: Edge, publish: Publish, uploads: Uploads, given: Given
) -> None:
    avatar = publish(PNG)
    signed = uploads.download(avatar.object_key, expires_in=60).url
    assert signed.startswith(f"{given['S3_ENDPOINT']}/")
    assert "X-Amz-Signature=" in signed
    assert open_link(signed).status_code == 200
    assert not edge.fetched()


def test_a_copy_is_asked_for_again_when_its_time_is_over(
    open_edge: OpenEdge, given: Given, uploads_behind: UploadsBehind, publish: Publish
) -> None:
    """The bucket says that it has not changed, and sends nothing."""
    wanted = desired(given)
    [behaviour] = wanted.behaviours
    short = replace(behaviour, min_ttl=1, default_ttl=1, max_ttl=1)
    edge = open_edge(replace(wanted, behaviours=(short,)))
    avatar = publish(PNG, by=uploads_behind(edge, None))
    first, second = edge.ask(avatar.url), edge.ask(avatar.url)
    assert [first.cache, second.cache] == ["MISS", "HIT"]
    deadline = time.monotonic() + 30
    while (last := edge.ask(avatar.url)).cache == "HIT":
        assert time.monotonic() < deadline, "it stays in the cache beyond its time"
        time.sleep(0.05)
    assert (last.status, last.cache, last.body) == (200, "REVALIDATED", first.body)
    assert [e.status for e in edge.fetched()] == [200, 304]
