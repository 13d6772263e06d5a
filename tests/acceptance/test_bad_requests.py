"""Requests that can't be served: each has its own code and says what to do."""

import pytest
from tests.support.browser import Caller, http, refused
from tests.support.files import CSV, MIB, PHOTO

PATHS = ("/uploads/sign", "/uploads/complete", "/uploads/download")
each_path = pytest.mark.parametrize("path", PATHS)
JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    "kind", ["", "video", "Avatar", "avatars", "avatar ", "../export", "__class__"]
)
def test_an_unknown_kind_is_refused_and_the_known_ones_named(caller: Caller, kind: str) -> None:
    message = refused(caller.ask_to_sign(PHOTO, kind=kind), 400, "unsupported_kind")
    assert "avatar, export" in message


@each_path
def test_an_unknown_kind_beside_a_key_is_refused(caller: Caller, path: str) -> None:
    body = {"objectKey": "avatars/a.png", "kind": "video", "filename": "a.png"}
    refused(caller.post(path, body), 400, "unsupported_kind")


@pytest.mark.parametrize(
    "content_type",
    [
        "image/svg+xml",
        "image/gif",
        "text/html",
        "text/csv",
        "image",
        "*/*",
        "image/jpeg, text/html",
        "image/jpeg\r\nx-evil: 1",
        "x" * 9_000,
    ],
)
def test_an_unknown_type_is_refused_and_the_known_ones_named(
    caller: Caller, content_type: str
) -> None:
    answer = caller.ask_to_sign(PHOTO, contentType=content_type)
    message = refused(answer, 400, "unsupported_content_type")
    assert "image/jpeg, image/png, image/webp" in message


def test_an_empty_type_with_an_unknown_ending_is_refused(caller: Caller) -> None:
    answer = caller.ask_to_sign(CSV, contentType="", filename="season.xyz")
    refused(answer, 400, "unsupported_content_type")


@pytest.mark.parametrize("size", [0, -1])
def test_a_file_without_bytes_is_refused_before_it_is_sent(caller: Caller, size: int) -> None:
    refused(caller.ask_to_sign(PHOTO, size=size), 400, "empty_object")


@pytest.mark.parametrize("size", [2 * MIB + 1, 10**30])
def test_a_file_over_the_limit_is_refused_before_it_is_sent(caller: Caller, size: int) -> None:
    assert "2 MiB" in refused(caller.ask_to_sign(PHOTO, size=size), 413, "object_too_large")


def test_a_file_at_the_limit_is_signed(caller: Caller) -> None:
    assert caller.sign(PHOTO, size=2 * MIB)["maxSize"] == 2 * MIB


@each_path
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"kind=avatar&filename=me.png",
        b"{",
        b'{"objectKey": }',
        b"null",
        b"[]",
        b'"avatars/a.png"',
        b"\x00",
        b"[" * 60_000,
        b'{"a":' * 10_000,
        '{"kind": "avatar", "filename": "a"}'.encode("utf-16"),
    ],
    ids=["empty", "form", "cut", "gap", "null", "list", "text", "nul", "deep", "deeper", "utf-16"],
)
def test_a_body_that_is_no_json_object_is_refused(caller: Caller, path: str, body: bytes) -> None:
    refused(caller.call("POST", path, data=body, headers=JSON), 422, "invalid_request")


@each_path
@pytest.mark.parametrize(
    "text", [b"\xc0\xae\xc0\xae\xc0\xaf", b"\xff", b"\xed\xa0\x80"], ids=["overlong", "ff", "half"]
)
def test_bytes_that_are_no_utf_8_are_refused(caller: Caller, path: str, text: bytes) -> None:
    body = b'{"kind":"avatar","filename":"%s.png","objectKey":"avatars/%s.png"}' % (text, text)
    refused(caller.call("POST", path, data=body, headers=JSON), 422, "invalid_request")


@pytest.mark.parametrize("name", ["kind", "filename"])
def test_sign_names_the_field_that_is_missing(caller: Caller, name: str) -> None:
    body = {"kind": "avatar", "filename": "me.png"}
    del body[name]
    assert name in refused(caller.post("/uploads/sign", body), 422, "invalid_request")


@pytest.mark.parametrize(
    "change",
    [{"kind": 1}, {"filename": ["a"]}, {"contentType": {}}, {"size": "big"}, {"size": 1.5}],
    ids=lambda change: next(iter(change)),
)
def test_sign_names_the_field_of_the_wrong_type(caller: Caller, change: dict[str, object]) -> None:
    message = refused(caller.ask_to_sign(PHOTO, **change), 422, "invalid_request")
    assert next(iter(change)) in message


@pytest.mark.parametrize("key", [None, 7, ["avatars/a.png"], {}], ids=str)
@pytest.mark.parametrize("path", PATHS[1:])
def test_a_key_that_is_no_text_is_refused(caller: Caller, path: str, key: object) -> None:
    refused(caller.post(path, {"objectKey": key}), 422, "invalid_request")


@pytest.mark.parametrize("path", PATHS[1:])
def test_a_request_without_a_key_is_refused(caller: Caller, path: str) -> None:
    refused(caller.post(path, {"kind": "avatar"}), 422, "invalid_request")


@pytest.mark.parametrize("how", [{}, {"json": {}}, {"params": {"objectKey": ""}}], ids=str)
def test_a_delete_without_a_key_is_refused(caller: Caller, how: dict[str, object]) -> None:
    refused(caller.call("DELETE", "/uploads", **how), 422, "invalid_request")


@each_path
@pytest.mark.parametrize(
    "declared",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "json"],
)
def test_a_body_that_is_not_declared_as_json_is_refused(
    caller: Caller, path: str, declared: str
) -> None:
    body = b'{"kind":"avatar","filename":"a.png","objectKey":"avatars/a.png"}'
    answer = caller.call("POST", path, data=body, headers={"Content-Type": declared})
    refused(answer, 415, "unsupported_media_type")


@each_path
def test_json_may_name_its_charset(caller: Caller, path: str) -> None:
    headers = {"Content-Type": "Application/JSON; charset=utf-8"}
    body = b'{"kind":"video","filename":"a.png","objectKey":"nowhere/a.png"}'
    refused(caller.call("POST", path, data=body, headers=headers), 400, "unsupported_kind")


@each_path
def test_a_file_that_is_sent_to_the_api_is_refused(caller: Caller, path: str) -> None:
    body = b'{"kind":"avatar","filename":"%s"}' % (b"a" * MIB)
    refused(caller.call("POST", path, data=body, headers=JSON), 413, "request_too_large")


def test_a_body_without_a_length_is_measured_too(caller: Caller) -> None:
    endless = (b" " * 1024 for _ in range(2048))
    answer = caller.call("POST", "/uploads/sign", data=endless, headers=JSON)
    refused(answer, 413, "request_too_large")


def test_a_message_does_not_repeat_what_was_sent(caller: Caller) -> None:
    answer = caller.ask_to_sign(PHOTO, size="<script>alert(1)</script>")
    assert "script" not in refused(answer, 422, "invalid_request")


def test_a_bad_request_from_a_stranger_is_unauthenticated_first(caller: Caller) -> None:
    answer = http("POST", f"{caller.service}/uploads/sign", data=b"{", headers=JSON)
    refused(answer, 401, "unauthenticated")
