"""Object keys that were never issued, in bodies and in queries."""

from typing import Any

import pytest
from tests.support.browser import Caller, done, open_link, refused
from tests.support.files import CSV
from tests.support.stage import Stage

TRICKS = {
    "empty": "",
    "blank": " ",
    "prefix alone": "avatars/",
    "prefix without slash": "avatars",
    "dots": "avatars/../exports/season.csv",
    "dots at the start": "../avatars/a.png",
    "dots at the end": "avatars/a/..",
    "one dot": "avatars/./a.png",
    "two slashes": "avatars//a.png",
    "slash at the start": "/avatars/a.png",
    "slash at the end": "avatars/a/",
    "backslash": "avatars\\..\\a.png",
    "backslash inside": "avatars/driver-7\\a.png",
    "nul": "avatars/a.png\x00.csv",
    "line end": "avatars/a\r\nx.png",
    "delete": "avatars/a\x7f.png",
    "percent-encoded dots": "avatars/%2e%2e/exports/season.csv",
    "percent-encoded slash": "avatars%2fa.png",
    "percent-encoded twice": "avatars/%252e%252e/a.png",
    "overlong, percent-encoded": "avatars/%c0%ae%c0%ae/a.png",
    "wildcard": "avatars/*",
    "question mark": "avatars/a.png?versionId=1",
    "policy variable": "avatars/${filename}",
    "fragment": "avatars/a.png#x",
    "no prefix": "season.csv",
    "unknown prefix": "private/season.csv",
    "upper case": "Avatars/a.png",
    "like a prefix": "avatars-old/a.png",
    "a URL": "s3://bucket/avatars/a.png",
    "pending alone": "pending/",
    "pending twice": "pending/pending/avatars/a.png",
    "pending, then dots": "pending/../avatars/a.png",
    "pending, no prefix": "pending/season.csv",
    "too long": "avatars/" + "a" * 1024,
    "too long in UTF-8": "avatars/" + "日" * 400,
}
each_trick = pytest.mark.parametrize("key", TRICKS.values(), ids=TRICKS.keys())


@pytest.mark.parametrize("action", ["complete", "download"])
@each_trick
def test_a_key_in_a_body_that_was_never_issued_is_refused(
    caller: Caller, action: str, key: str
) -> None:
    answer = caller.post(f"/uploads/{action}", {"objectKey": key})
    refused(answer, 400, "invalid_object_key")


@pytest.mark.parametrize("place", ["json", "params"])
@pytest.mark.parametrize(
    "key", [k for k in TRICKS.values() if k], ids=[n for n, k in TRICKS.items() if k]
)
def test_delete_refuses_a_key_that_was_never_issued(caller: Caller, place: str, key: str) -> None:
    how: dict[str, Any] = {place: {"objectKey": key}}
    refused(caller.call("DELETE", "/uploads", **how), 400, "invalid_object_key")


@pytest.mark.parametrize(
    "raw",
    [
        "%c0%ae%c0%ae/a.png",
        "%ff.png",
        "%ed%a0%80.png",
        "a%00.png",
        "..%2Fa.png",
        "%252e%252e/a.png",
    ],
)
def test_a_key_in_a_query_that_is_no_utf_8_or_hides_a_path_is_refused(
    caller: Caller, raw: str
) -> None:
    answer = caller.call("DELETE", f"/uploads?objectKey=avatars/{raw}")
    refused(answer, 400, "invalid_object_key")


@pytest.mark.parametrize("action", ["complete", "download"])
@pytest.mark.parametrize("escape", ["\\ud800", "\\udfff\\ud800", "\\uffff"])
def test_a_key_with_half_a_character_is_refused(caller: Caller, action: str, escape: str) -> None:
    answer = caller.call(
        "POST",
        f"/uploads/{action}",
        data=f'{{"objectKey": "avatars/{escape}.png"}}',
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code in {400, 422}
    code = {400: "invalid_object_key", 422: "invalid_request"}[answer.status_code]
    refused(answer, answer.status_code, code)


def test_a_pending_key_is_never_linked(caller: Caller) -> None:
    key = caller.upload(CSV)["objectKey"]
    refused(caller.download(f"pending/{key}"), 400, "invalid_object_key")


def test_a_key_that_was_refused_is_not_asked_of_the_bucket(stage: Stage, caller: Caller) -> None:
    refused(caller.complete("avatars/../exports/season.csv"), 400, "invalid_object_key")
    assert stage.proxy.requests == []


def test_an_upload_that_never_came_is_not_found(caller: Caller) -> None:
    key = caller.sign(CSV)["objectKey"]
    message = refused(caller.complete(key), 404, "object_not_found")
    assert "Upload it" in message


def test_a_link_to_an_upload_that_never_came_leads_nowhere(caller: Caller) -> None:
    key = caller.sign(CSV)["objectKey"]
    assert open_link(done(caller.download(key))["url"]).status_code == 404
