"""``POST /uploads/download``: one link, and many in one request."""

import asyncio
import json
import logging
import time
from collections.abc import Coroutine
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.testclient import TestClient
from tests.support.cloudfront import KEY_PAIR_ID, admit_url, key_pair
from tests.support.serving import BUCKET, CDN, Answer, answer_of, app_of, browser, signed_in

from gridboss_assets.access import Action, Caller, Resource, authorize
from gridboss_assets.errors import Misconfigured, ObjectNotFound, TooManyRequests
from gridboss_assets.web.link_schemas import MOST_LINKS, DownloadAnswer, DownloadsAnswer

MINE = f"exports/driver-7/{'1' * 32}.csv"
THEIRS = f"exports/driver-8/{'2' * 32}.csv"
PICTURE = f"avatars/driver-8/{'3' * 32}.png"


@pytest.fixture(scope="module")
def client() -> TestClient:
    made = browser()
    made.headers.update(signed_in())
    return made


def ask(client: TestClient, **body: Any) -> Any:
    return client.post("/uploads/download", json=body)


def many(client: TestClient, *keys: str, **fields: Any) -> Any:
    answer = ask(client, objectKeys=list(keys), **fields)
    assert answer.status_code == 200, answer.text
    return answer.json()


def refusal(answer: Any) -> tuple[int, str]:
    assert set(answer.json()) == {"detail"}
    return answer.status_code, answer.json()["detail"]["error"]


def header_in(url: str) -> str:
    return parse_qs(urlsplit(url).query)["response-content-disposition"][0]


# --- many ---------------------------------------------------------------------------------------


def test_each_key_is_answered_in_the_order_of_the_request(client: TestClient) -> None:
    keys = [PICTURE, MINE, "exports/season.csv", MINE]
    answer = many(client, *keys)
    assert [link["objectKey"] for link in answer["links"]] == keys
    assert all(urlsplit(link["url"]).path == f"/{link['objectKey']}" for link in answer["links"])
    assert all(link["url"].startswith(f"{BUCKET}/") for link in answer["links"])


def test_one_bad_key_spoils_no_other(client: TestClient) -> None:
    keys = [MINE, THEIRS, "pending/" + MINE, "secrets/a.png", "exports/../a", "", "a*", PICTURE]
    links = many(client, *keys)["links"]
    assert [link.get("detail", {}).get("error") for link in links] == [
        None,
        "forbidden",
        *["invalid_object_key"] * 5,
        None,
    ]
    assert [link["objectKey"] for link in links] == keys


@pytest.mark.parametrize("key", [MINE, THEIRS, "pending/" + MINE, "x", "exports/a b.csv"])
@pytest.mark.parametrize(
    "fields", [{}, {"kind": "avatar"}, {"kind": "video"}, {"filename": ""}, {"filename": "a.csv"}]
)
def test_a_key_among_many_is_answered_as_it_is_alone(
    monkeypatch: pytest.MonkeyPatch, client: TestClient, key: str, fields: dict[str, str]
) -> None:
    monkeypatch.setattr("gridboss_assets.storage.s3.time.time", lambda: 1_790_000_000.0)
    alone = ask(client, objectKey=key, **fields).json()
    assert many(client, key, **fields)["links"] == [{"objectKey": key, **alone}]


def test_the_answer_lives_as_long_as_the_first_link_to_expire() -> None:
    client = browser(CDN_BASE_URL=CDN, S3_PRESIGN_TTL=600)
    client.headers.update(signed_in())
    answer = many(client, PICTURE, MINE, THEIRS)
    assert [link.get("expiresIn") for link in answer["links"]] == [86_400, 600, None]
    assert answer["expiresIn"] == 600


def test_without_a_single_link_nothing_expires(client: TestClient) -> None:
    assert many(client, THEIRS)["expiresIn"] == 0


def test_an_answer_has_the_form_that_is_documented(client: TestClient) -> None:
    text = ask(client, objectKeys=[MINE, THEIRS, "exports/Läufe \U0001f3c1.csv"]).text
    read = DownloadsAnswer.model_validate_json(text)
    assert json.loads(text) == json.loads(read.model_dump_json(by_alias=True))
    assert isinstance(read.links[2], DownloadAnswer)
    assert read.links[2].object_key == "exports/Läufe \U0001f3c1.csv"


def test_nobody_keeps_the_answer(client: TestClient) -> None:
    answer = ask(client, objectKeys=[MINE])
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-type"] == "application/json"


def test_as_many_keys_of_a_kibibyte_as_may_be_named_are_read(client: TestClient) -> None:
    keys = [f"exports/{n:0>1000}.csv" for n in range(MOST_LINKS)]
    assert len(json.dumps(keys)) > 500_000
    assert [link["objectKey"] for link in many(client, *keys)["links"]] == keys


def test_a_body_beyond_that_answers_413(client: TestClient) -> None:
    answer = ask(client, objectKeys=["x" * 1024] * (MOST_LINKS + 64))
    assert refusal(answer) == (413, "request_too_large")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"objectKey": None, "objectKeys": None},
        {"objectKey": MINE, "objectKeys": [MINE]},
        {"objectKeys": []},
        {"objectKeys": [MINE] * (MOST_LINKS + 1)},
        {"objectKeys": [MINE, 7]},
        {"objectKeys": MINE},
        {"objectKeys": {"0": MINE}},
        {"objectKeys": [[MINE]]},
        {"objectKeys": [None]},
        {"objectKey": [MINE]},
        {"objectKeys": [MINE], "disposition": "attachment; filename=a.exe"},
        {"objectKeys": [MINE], "disposition": ["inline"]},
        {"objectKeys": [MINE], "filename": 7},
        {"objectKeys": [MINE], "kind": ["export"]},
    ],
    ids=str,
)
def test_a_body_that_does_not_parse_answers_422(client: TestClient, body: dict[str, Any]) -> None:
    assert refusal(ask(client, **body)) == (422, "invalid_request")


def test_a_long_list_of_what_is_no_key_gets_a_short_answer(client: TestClient) -> None:
    answer = ask(client, objectKeys=[7] * MOST_LINKS)
    assert refusal(answer) == (422, "invalid_request")
    assert len(answer.content) < 200


def test_both_spellings_of_the_names_are_read(client: TestClient) -> None:
    assert len(ask(client, object_keys=[MINE, PICTURE]).json()["links"]) == 2


def test_many_links_need_a_sign_in() -> None:
    assert refusal(ask(browser(), objectKeys=[PICTURE])) == (401, "unauthenticated")


def test_switched_off_uploads_are_no_fault_of_a_key() -> None:
    client = browser(S3_ENABLED=False)
    client.headers.update(signed_in())
    assert refusal(ask(client, objectKeys=[PICTURE])) == (400, "s3_not_enabled")


def test_credentials_that_have_expired_are_no_fault_of_a_key(
    monkeypatch: pytest.MonkeyPatch, client: TestClient
) -> None:
    monkeypatch.setattr(
        "gridboss_assets.storage.s3.S3Storage._signer", _raise_misconfigured, raising=True
    )
    assert refusal(ask(client, objectKeys=[MINE])) == (503, "misconfigured")


def _raise_misconfigured(*_: Any) -> None:
    raise Misconfigured


def test_others_are_answered_while_many_links_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gridboss_assets.web.links._SLICE_SECONDS", 0)
    app = app_of()
    body = json.dumps({"objectKeys": [MINE] * MOST_LINKS}).encode()
    headers = {**signed_in(), "Content-Type": "application/json"}
    answered: list[str] = []

    async def note(name: str, answer: Coroutine[Any, Any, Answer]) -> None:
        assert (await answer).status == 200
        answered.append(name)

    async def both() -> None:
        links = answer_of(app, "/uploads/download", method="POST", headers=headers, body=body)
        await asyncio.gather(note("many", links), note("health", answer_of(app, "/healthz")))

    asyncio.run(both())
    assert answered == ["health", "many"]


def test_a_request_for_many_links_counts_once() -> None:
    counted: list[tuple[str, Action]] = []

    class Counting:
        def check(self, caller: Caller, action: Action) -> None:
            counted.append((caller.subject, action))
            if len(counted) > 1:
                raise TooManyRequests(retry_after=7)

    client = browser({"limiter": Counting()})
    client.headers.update(signed_in())
    many(client, *[MINE] * MOST_LINKS)
    assert counted == [("driver-7", "download")]
    answer = ask(client, objectKeys=[MINE])
    assert refusal(answer) == (429, "too_many_requests")
    assert answer.headers["retry-after"] == "7"


def test_the_rules_of_an_embedder_are_asked_for_each_key() -> None:
    asked: list[tuple[str, Action, str]] = []

    def rules(caller: Caller, action: Action, resource: Resource) -> bool:
        asked.append((caller.subject, action, str(resource)))
        if str(resource) == THEIRS:
            raise ObjectNotFound
        return authorize(caller, action, resource)

    client = browser({"authorize": rules})
    client.headers.update(signed_in())
    links = many(client, MINE, THEIRS, PICTURE)["links"]
    assert asked == [("driver-7", "download", key) for key in (MINE, THEIRS, PICTURE)]
    assert links[1]["detail"]["error"] == "object_not_found"


def test_rules_that_fail_show_nothing_of_themselves(caplog: pytest.LogCaptureFixture) -> None:
    def rules(*_: Any) -> bool:
        raise RuntimeError("internal detail")

    client = browser({"authorize": rules})
    client.headers.update(signed_in())
    answer = ask(client, objectKeys=[MINE])
    assert refusal(answer) == (500, "internal_error")
    assert "internal detail" not in answer.text
    assert "internal detail" in caplog.text


def test_no_link_stands_in_a_log(caplog: pytest.LogCaptureFixture, client: TestClient) -> None:
    caplog.set_level(logging.DEBUG)
    many(client, MINE, THEIRS)
    assert "/uploads/download" in str([vars(record) for record in caplog.records])
    assert "Signature" not in str([vars(record) for record in caplog.records])


# --- disposition and file name ------------------------------------------------------------------


def test_a_file_name_is_cleaned_and_signed(client: TestClient) -> None:
    link = ask(client, objectKey=MINE, filename='../Läufe".bat').json()
    assert header_in(link["url"]) == (
        "attachment; filename=\"Laufe.bat.csv\"; filename*=UTF-8''L%C3%A4ufe.bat.csv"
    )


@pytest.mark.parametrize("disposition", ["inline", "attachment"])
def test_a_disposition_is_signed(client: TestClient, disposition: str) -> None:
    link = ask(client, objectKey=MINE, disposition=disposition).json()
    assert header_in(link["url"]) == disposition
    assert link["url"].startswith(f"{BUCKET}/{MINE}?")


def test_both_are_signed_for_each_of_many(client: TestClient) -> None:
    links = many(client, MINE, PICTURE, disposition="attachment", filename="mine")["links"]
    assert [header_in(link["url"]).split(";")[1] for link in links] == [
        ' filename="mine.csv"',
        ' filename="mine.png"',
    ]


def test_a_picture_that_is_to_be_saved_comes_from_the_bucket() -> None:
    client = browser(CDN_BASE_URL=CDN)
    client.headers.update(signed_in())
    assert ask(client, objectKey=PICTURE).json()["url"] == f"{CDN}/{PICTURE}"
    saved = ask(client, objectKey=PICTURE, disposition="attachment").json()
    assert saved["url"].startswith(f"{BUCKET}/{PICTURE}?")


def test_an_export_is_signed_for_the_cdn_with_its_file_name() -> None:
    pair = key_pair("ecdsa")
    client = browser(CDN_BASE_URL=CDN, CDN_KEY_PAIR_ID=KEY_PAIR_ID, CDN_PRIVATE_KEY=pair.private)
    client.headers.update(signed_in())
    for link in many(client, MINE, "exports/season.csv", filename="Saison 2026.csv")["links"]:
        assert link["url"].startswith(f"{CDN}/{link['objectKey']}?")
        assert header_in(link["url"]).startswith('attachment; filename="Saison 2026.csv"')
        admit_url(link["url"], pair.public, now=time.time())


@pytest.mark.parametrize("name", ["expires_in", "expiresIn"])
def test_nobody_chooses_the_life_of_a_link_over_http(client: TestClient, name: str) -> None:
    assert ask(client, objectKey=MINE, **{name: 604_800}).json()["expiresIn"] == 3600
    assert many(client, MINE, **{name: 604_800})["expiresIn"] == 3600
