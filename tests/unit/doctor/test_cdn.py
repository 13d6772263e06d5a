"""What the doctor finds at a CDN, without one: it is asked as an edge would be."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from tests.support.cloudfront import KEY_PAIR_ID, Refused, admit_url, key_pair

from gridboss_assets.doctor import examine_cdn
from gridboss_assets.doctor.http import Answer, Http, Trouble, Unreachable
from gridboss_assets.findings import Finding, Status
from gridboss_config import Settings

BASE = "https://cdn.example.com"
REFUSED = Answer(403, {"server": "CloudFront"}, b"<Code>MissingKey</Code>")
FROM_THE_BUCKET = Answer(403, {"x-amz-request-id": "1"}, b"<Code>AccessDenied</Code>")


class Edge(Http):
    """Answers by path, and refuses what no function of its own answers."""

    def __init__(self, **answers: Callable[[str], Answer] | Answer) -> None:
        super().__init__(1)
        self.answers = answers
        self.asked: list[str] = []

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Answer:
        assert method == "GET"
        path = url.removeprefix(BASE).strip("/")
        self.asked.append(path)
        room = path.partition("/")[0] if "/" in path else "root"
        answer = self.answers.get(room, REFUSED)
        return answer if isinstance(answer, Answer) else answer(url)


def examine(edge: Edge, **values: Any) -> list[Finding]:
    settings = Settings(_env_file=None, cdn_base_url=BASE, **values)
    return list(examine_cdn(settings, edge))


def with_key() -> dict[str, str]:
    return {"cdn_key_pair_id": KEY_PAIR_ID, "cdn_private_key": key_pair("ecdsa").private}


def verifying(public: str) -> Callable[[str], Answer]:
    """An edge that lets in what is signed, and then hears from the bucket that nothing is there."""

    def answer(url: str) -> Answer:
        try:
            admit_url(url, public, now=0)
        except Refused:
            return REFUSED
        return FROM_THE_BUCKET

    return answer


def test_without_a_cdn_nobody_is_asked() -> None:
    edge = Edge()
    assert list(examine_cdn(Settings(_env_file=None), edge)) == []
    assert edge.asked == []


def test_an_edge_that_refuses_everything_unsigned_passes() -> None:
    edge = Edge()
    (found,) = examine(edge)
    assert (found.check, found.status) == ("cdn", Status.PASS)
    assert [path.partition("doctor-")[0] for path in edge.asked] == ["", "pending/", "exports/"]


@pytest.mark.parametrize("room", ["root", "pending", "exports"])
@pytest.mark.parametrize("status", [200, 404])
def test_an_edge_that_asks_the_bucket_for_what_is_private_fails(room: str, status: int) -> None:
    (found,) = examine(Edge(**{room: Answer(status, {}, b"")}))
    assert found.status is Status.FAIL
    assert f"answers {status}" in found.detail
    assert "cdn plan" in found.remedy


def test_an_edge_that_knows_the_key_passes() -> None:
    found = examine(Edge(exports=verifying(key_pair("ecdsa").public)), **with_key())
    assert [each.status for each in found] == [Status.PASS, Status.PASS]
    assert KEY_PAIR_ID in found[1].detail


def test_an_edge_that_knows_another_key_fails() -> None:
    found = examine(Edge(exports=verifying(key_pair("rsa").public)), **with_key())
    assert [each.status for each in found] == [Status.PASS, Status.FAIL]
    assert "CDN_KEY_PAIR_ID" in found[1].remedy


def test_an_edge_that_is_not_there_fails() -> None:
    def nobody(_url: str) -> Answer:
        raise Unreachable(Trouble.NAME, "its name can't be resolved")

    (found,) = examine(Edge(root=nobody))
    assert found.status is Status.FAIL
    assert "its name can't be resolved" in found.detail
    assert "DNS" in found.remedy
