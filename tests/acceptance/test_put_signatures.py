"""A signed PUT is good for exactly what was signed: SeaweedFS refuses anything else."""

import re
import time

import pytest
import requests
from tests.support.browser import Caller, Signed, http, send
from tests.support.files import CSV, OTHER_CSV, PHOTO
from tests.support.stage import Stage


@pytest.fixture
def caller(put_stage: Stage) -> Caller:
    return put_stage.caller()


def is_refused(answer: requests.Response) -> bool:
    return answer.status_code in {400, 403}


def with_headers(signed: Signed, **changes: str | None) -> Signed:
    headers = signed["headers"] | {name.replace("_", "-"): v for name, v in changes.items()}
    return {**signed, "headers": {name: v for name, v in headers.items() if v is not None}}


def with_query(signed: Signed, name: str, value: str) -> Signed:
    url, changed = re.subn(rf"({name}=)[^&]*", rf"\g<1>{value}", signed["url"])
    assert changed == 1
    assert url != signed["url"]
    return {**signed, "url": url}


def test_a_browser_is_told_the_headers_that_it_has_to_set(caller: Caller) -> None:
    assert caller.sign(CSV)["headers"] == {
        "content-type": "text/csv",
        "x-amz-meta-filename": "season.csv",
        "if-none-match": "*",
    }


def test_the_signature_covers_what_it_has_to(caller: Caller) -> None:
    url = caller.sign(CSV)["url"]
    names = ("content-length", "content-type", "host", "if-none-match", "x-amz-meta-filename")
    assert f"X-Amz-SignedHeaders={'%3B'.join(names)}&" in url


@pytest.mark.parametrize(
    "change",
    [
        {"content_type": "text/html"},
        {"content_type": None},
        {"x_amz_meta_filename": "evil.exe"},
        {"x_amz_meta_filename": None},
        {"if_none_match": '"abc"'},
        {"if_none_match": None},
    ],
    ids=str,
)
def test_a_header_altered_or_left_out_is_refused(
    put_stage: Stage, caller: Caller, change: dict[str, str | None]
) -> None:
    signed = caller.sign(CSV)
    assert is_refused(send(with_headers(signed, **change), CSV.data))
    assert put_stage.standing(signed["objectKey"]) == []
    assert send(signed, CSV.data).ok


@pytest.mark.parametrize("data", [CSV.data + b"x", CSV.data[:-1], b""], ids=["+1", "-1", "none"])
def test_another_length_is_refused(put_stage: Stage, caller: Caller, data: bytes) -> None:
    signed = caller.sign(CSV)
    assert is_refused(send(signed, data))
    assert put_stage.standing(signed["objectKey"]) == []


def test_a_body_without_a_length_is_refused(put_stage: Stage, caller: Caller) -> None:
    signed = caller.sign(CSV)
    endless = (b"line\n" for _ in range(10))
    answer = http("PUT", signed["url"], data=endless, headers=signed["headers"])
    assert answer.status_code in {400, 403, 411}
    assert put_stage.standing(signed["objectKey"]) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Amz-Expires", "604800"),
        ("X-Amz-Date", "29990101T000000Z"),
        ("X-Amz-SignedHeaders", "host"),
        ("X-Amz-Signature", "0" * 64),
        ("X-Amz-Algorithm", "AWS4-HMAC-SHA1"),
        ("X-Amz-Credential", "somebody%2F20260101%2Fus-east-1%2Fs3%2Faws4_request"),
    ],
)
def test_a_parameter_altered_is_refused(caller: Caller, name: str, value: str) -> None:
    assert is_refused(send(with_query(caller.sign(CSV), name, value), CSV.data))


def test_a_parameter_added_is_refused(caller: Caller) -> None:
    signed = caller.sign(CSV)
    assert is_refused(send({**signed, "url": f"{signed['url']}&tagging"}, CSV.data))


def test_another_key_is_refused(put_stage: Stage, caller: Caller) -> None:
    mine, other = caller.sign(CSV), caller.sign(CSV)
    url = mine["url"].replace(mine["objectKey"], other["objectKey"])
    assert is_refused(send({**mine, "url": url}, CSV.data))
    assert put_stage.standing(other["objectKey"]) == []


def test_the_final_place_is_refused(put_stage: Stage, caller: Caller) -> None:
    signed = caller.sign(CSV)
    assert is_refused(send({**signed, "url": signed["url"].replace("/pending/", "/")}, CSV.data))
    assert put_stage.standing(signed["objectKey"]) == []


def test_another_host_is_refused(put_stage: Stage, caller: Caller) -> None:
    signed = caller.sign(CSV)
    url = signed["url"].replace(put_stage.edge, put_stage.server.endpoint)
    assert is_refused(send({**signed, "url": url}, CSV.data))


@pytest.mark.parametrize("method", ["GET", "DELETE", "POST"])
def test_another_method_is_refused(put_stage: Stage, caller: Caller, method: str) -> None:
    signed = caller.upload(CSV)
    assert http(method, signed["url"], headers=signed["headers"]).status_code in {403, 405}
    assert put_stage.standing(signed["objectKey"]) == ["pending"]


def test_an_upload_that_stands_there_is_not_overwritten(put_stage: Stage, caller: Caller) -> None:
    signed = caller.sign(CSV)
    assert send(signed, CSV.data).ok
    assert send(signed, CSV.data.replace(b"25", b"99")).status_code == 412
    assert put_stage.read(f"pending/{signed['objectKey']}") == CSV.data


def test_a_copy_of_somebody_elses_file_is_not_had(put_stage: Stage, caller: Caller) -> None:
    secret = put_stage.caller().seal(OTHER_CSV)["objectKey"]
    signed = caller.sign(CSV)
    source = f"/{put_stage.bucket}/{secret}"
    send(with_headers(signed, x_amz_copy_source=source), CSV.data)
    for place in put_stage.standing(signed["objectKey"]):
        assert place == "pending"
        assert put_stage.read(f"pending/{signed['objectKey']}") == CSV.data


def test_an_expired_signature_is_refused(put_stage: Stage) -> None:
    signed = put_stage.strict_caller().sign(CSV)
    assert signed["expiresIn"] == 1
    time.sleep(1.2)  # nothing tells that a second has passed but the clock
    late = send(signed, CSV.data)
    assert late.status_code == 403
    assert "expired" in late.text.lower()
    assert put_stage.standing(signed["objectKey"]) == []


def test_a_form_is_not_taken_here(put_stage: Stage) -> None:
    url = f"{put_stage.edge}/{put_stage.bucket}"
    assert http("POST", url, files={"file": ("blob", PHOTO.data)}).status_code == 501
