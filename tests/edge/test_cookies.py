"""Signed cookies at the edge: they open every export of one owner."""

from collections.abc import Mapping

import pytest
from tests.edge.conftest import Publish, UploadsBehind
from tests.support.cloudfront import key_pair
from tests.support.edge import Edge
from tests.support.files import CSV, OTHER_CSV, PNG
from tests.support.tokens import new_sub

from gridboss_assets import Uploads


def carrying(cookies: Mapping[str, str]) -> dict[str, str]:
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}


def test_they_open_every_export_of_their_owner(
    edge: Edge, publish: Publish, uploads: Uploads
) -> None:
    owner = new_sub()
    keys = [publish(file, owner=owner).object_key for file in (CSV, OTHER_CSV)]
    jar = carrying(uploads.cookies(owner).values)
    assert [edge.ask(f"/{key}").status for key in keys] == [403, 403]
    assert [edge.ask(f"/{key}", headers=jar).body for key in keys] == [CSV.data, OTHER_CSV.data]


def test_they_open_no_export_of_anybody_else(
    edge: Edge, publish: Publish, uploads: Uploads
) -> None:
    """Not of an owner whose name begins alike, and not of one reached by way of the owner."""
    owner = new_sub()
    jar = carrying(uploads.cookies(owner).values)
    other = publish(CSV, owner=f"{owner}2").object_key
    name = other.removeprefix("exports/")
    for target in (f"/{other}", f"/exports/{owner}/../{name}", f"/exports/{owner}/..%2f{name}"):
        assert edge.ask(target, headers=jar).body != CSV.data
    assert not [e for e in edge.fetched() if e.status == 200]


def test_they_are_over_after_their_time(edge: Edge, publish: Publish, uploads: Uploads) -> None:
    owner = new_sub()
    export = publish(CSV, owner=owner)
    cookies = uploads.cookies(owner, expires_in=60)
    target, jar = f"/{export.object_key}", carrying(cookies.values)
    assert edge.ask(target, headers=jar).status == 200
    edge.admission.ahead = 60
    assert edge.ask(target, headers=jar).status == 403


def test_with_them_a_query_still_changes_no_type(
    edge: Edge, publish: Publish, uploads: Uploads
) -> None:
    """Cookies sign no query: that the edge forwards none but one keeps a document a document."""
    owner = new_sub()
    export = publish(CSV, owner=owner)
    reply = edge.ask(
        f"/{export.object_key}?response-content-type=text/html&response-expires=x",
        headers=carrying(uploads.cookies(owner).values),
    )
    assert (reply.status, reply.headers["content-type"]) == (200, "text/csv")
    assert [e.path for e in edge.fetched()] == [f"/{export.object_key}"]


def test_a_link_and_cookies_share_one_copy(edge: Edge, publish: Publish, uploads: Uploads) -> None:
    owner = new_sub()
    export = publish(CSV, owner=owner)
    jar = carrying(uploads.cookies(owner).values)
    replies = [edge.ask(export.url), edge.ask(f"/{export.object_key}", headers=jar)]
    assert [reply.cache for reply in replies] == ["MISS", "HIT"]


@pytest.mark.parametrize("change", ["Policy", "Signature", "Key-Pair-Id", "Hash-Algorithm"])
def test_none_of_them_can_be_left_out(
    edge: Edge, publish: Publish, uploads: Uploads, change: str
) -> None:
    owner = new_sub()
    export = publish(CSV, owner=owner)
    cookies = dict(uploads.cookies(owner).values)
    del cookies[f"CloudFront-{change}"]
    assert edge.ask(f"/{export.object_key}", headers=carrying(cookies)).status == 403
    assert not edge.fetched()


def test_ecdsa_signatures_open_exports_too(
    ecdsa_edge: Edge, publish: Publish, uploads_behind: UploadsBehind
) -> None:
    ecdsa_edge.begin()
    owner, uploads = new_sub(), uploads_behind(ecdsa_edge, key_pair("ecdsa"))
    export = publish(CSV, by=uploads, owner=owner)
    jar = carrying(uploads.cookies(owner).values)
    assert ecdsa_edge.ask(f"/{export.object_key}", headers=jar).body == CSV.data


def test_pages_of_the_application_may_send_them(edge: Edge, publish: Publish) -> None:
    """A page elsewhere may not, and an avatar needs none (Fetch, "CORS protocol")."""
    allows = "access-control-allow-credentials"
    export, avatar = publish(CSV), publish(PNG)
    page = {"Origin": "https://app.example"}
    assert edge.ask(export.url, headers=page).headers[allows] == "true"
    assert allows not in edge.ask(export.url, headers={"Origin": "https://b.example"}).headers
    assert allows not in edge.ask(avatar.url, headers=page).headers
