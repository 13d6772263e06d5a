"""A form is good for exactly what was signed: SeaweedFS refuses it with anything else in it."""

import json
import time
from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import Any

import pytest
import requests
from tests.support.browser import Caller, Signed, http, send
from tests.support.files import CSV, MIB, PHOTO
from tests.support.stage import Stage

# By field, another value that somebody could wish for.
WISHES: dict[str, Callable[[str], str]] = {
    "key": lambda key: key.replace("driver-", "driver-9"),
    "Content-Type": lambda _: "text/html",
    "x-amz-meta-filename": lambda _: "evil.exe",
    "x-amz-algorithm": lambda _: "AWS4-HMAC-SHA1",
    "x-amz-credential": lambda value: value.replace("us-east-1", "us-west-2"),
    "x-amz-date": lambda value: f"{int(value[:4]) + 1}{value[4:]}",
    "x-amz-signature": lambda value: value[:-1] + ("0" if value[-1] != "0" else "1"),
    "policy": lambda value: _repack(
        value, lambda policy: policy | {"expiration": "2999-01-01T00:00:00Z"}
    ),
}


def _repack(policy: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> str:
    return b64encode(json.dumps(change(json.loads(b64decode(policy)))).encode()).decode()


@pytest.fixture
def caller(post_stage: Stage) -> Caller:
    return post_stage.caller()


def is_refused(answer: requests.Response) -> bool:
    return answer.status_code in {400, 403}


def with_fields(signed: Signed, fields: dict[str, str]) -> Signed:
    return {**signed, "fields": fields}


def test_every_field_altered_alone_is_refused(post_stage: Stage, caller: Caller) -> None:
    signed = caller.sign(PHOTO)
    fields = signed["fields"]
    assert set(fields) == set(WISHES), "say what somebody could wish for in a new field"
    accepted = []
    for name, wish in WISHES.items():
        wished = wish(fields[name])
        assert wished != fields[name]
        answer = send(with_fields(signed, fields | {name: wished}), PHOTO.data)
        accepted += [] if is_refused(answer) else [name]
    assert accepted == []
    assert post_stage.standing(signed["objectKey"]) == []
    assert send(signed, PHOTO.data).ok


def test_every_field_taken_away_alone_is_refused(post_stage: Stage, caller: Caller) -> None:
    signed = caller.sign(PHOTO)
    accepted = []
    for name in signed["fields"]:
        rest = {other: value for other, value in signed["fields"].items() if other != name}
        answer = send(with_fields(signed, rest), PHOTO.data)
        accepted += [] if is_refused(answer) else [name]
    assert accepted == []
    assert post_stage.standing(signed["objectKey"]) == []


def test_every_field_cut_short_or_made_longer_is_refused(caller: Caller) -> None:
    signed = caller.sign(PHOTO)
    accepted = []
    for name, value in signed["fields"].items():
        for other in (value[:-1], value + "x", ""):
            answer = send(with_fields(signed, signed["fields"] | {name: other}), PHOTO.data)
            accepted += [] if is_refused(answer) else [(name, other)]
    assert accepted == []


@pytest.mark.parametrize(
    "name", ["x-amz-meta-sha256", "x-amz-meta-inspector", "x-amz-acl", "x-amz-storage-class"]
)
def test_a_field_that_was_not_signed_is_refused(caller: Caller, name: str) -> None:
    signed = caller.sign(PHOTO)
    fields = signed["fields"] | {name: "public-read"}
    assert is_refused(send(with_fields(signed, fields), PHOTO.data))


def test_a_form_is_good_for_one_bucket(post_stage: Stage, caller: Caller) -> None:
    signed = caller.sign(PHOTO)
    other = signed["url"].replace(post_stage.bucket, "test-assets")
    assert other != signed["url"]
    assert is_refused(send({**signed, "url": other}, PHOTO.data))


def test_the_key_of_one_form_is_not_good_in_another(post_stage: Stage, caller: Caller) -> None:
    mine, other = caller.sign(PHOTO), caller.sign(PHOTO)
    fields = mine["fields"] | {"key": other["fields"]["key"]}
    assert is_refused(send(with_fields(mine, fields), PHOTO.data))
    assert post_stage.standing(other["objectKey"]) == []


def test_a_form_writes_to_the_pending_place_alone(post_stage: Stage, caller: Caller) -> None:
    signed = caller.sign(PHOTO)
    fields = signed["fields"] | {"key": signed["objectKey"]}
    assert is_refused(send(with_fields(signed, fields), PHOTO.data))
    assert send(signed, PHOTO.data).ok
    assert post_stage.standing(signed["objectKey"]) == ["pending"]


@pytest.mark.parametrize("size", [2 * MIB + 1, 3 * MIB])
def test_a_file_over_the_limit_is_refused_by_the_bucket(
    post_stage: Stage, caller: Caller, size: int
) -> None:
    signed = caller.sign(PHOTO)
    assert send(signed, PHOTO.data.ljust(size, b"\0")).status_code == 400
    assert post_stage.standing(signed["objectKey"]) == []


def test_a_file_at_the_limit_is_taken_by_the_bucket(caller: Caller) -> None:
    assert send(caller.sign(PHOTO), PHOTO.data.ljust(2 * MIB, b"\0")).ok


def test_an_empty_file_is_refused_by_the_bucket(post_stage: Stage, caller: Caller) -> None:
    signed = caller.sign(CSV)
    assert send(signed, b"").status_code == 400
    assert post_stage.standing(signed["objectKey"]) == []


def test_an_expired_form_is_refused(post_stage: Stage) -> None:
    signed = post_stage.strict_caller().sign(CSV)
    assert signed["expiresIn"] == 1
    time.sleep(1.2)  # nothing tells that a second has passed but the clock
    late = send(signed, CSV.data)
    assert late.status_code == 403
    assert "expired" in late.text.lower()
    assert post_stage.standing(signed["objectKey"]) == []


def test_a_form_is_no_signature_for_anything_else(post_stage: Stage, caller: Caller) -> None:
    signed = caller.sign(CSV)
    url = f"{post_stage.edge}/{post_stage.bucket}/{signed['fields']['key']}"
    assert is_refused(http("PUT", url, data=CSV.data, params=signed["fields"]))
    assert is_refused(http("DELETE", url, params=signed["fields"]))
