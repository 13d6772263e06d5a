"""What is signed, what is refused, what is cached, and what is never shown."""

import base64
import hmac
import json
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from gridboss_assets.models import Credentials
from gridboss_assets.signing import PresignedPost, locate_bucket, presign_post, presign_url, sigv4

CREDENTIALS = Credentials("AKIAIOSFODNN7EXAMPLE", "not-so-secret", session_token="a-token")
LOCATION = locate_bucket("assets", "eu-west-1")
NOW = 1_700_000_000


def sign_form(**changes: Any) -> PresignedPost:
    arguments: dict[str, Any] = {
        "key": "avatars/me.png",
        "fields": {"Content-Type": "image/png", "x-amz-meta-filename": "me.png"},
        "size_range": (1, 2_097_152),
        "expires_in": 600,
        "now": NOW,
    }
    return presign_post(LOCATION, CREDENTIALS, **(arguments | changes))


def sign_url(method: Any = "GET", credentials: Credentials = CREDENTIALS, **changes: Any) -> str:
    arguments: dict[str, Any] = {"key": "avatars/me.png", "expires_in": 600, "now": NOW}
    return presign_url(method, LOCATION, credentials, **(arguments | changes))


def conditions(form: PresignedPost) -> list[Any]:
    found: list[Any] = json.loads(base64.b64decode(form.fields["policy"]))["conditions"]
    return found


def test_the_policy_pins_bucket_size_and_every_field_but_itself_and_its_signature() -> None:
    form = sign_form()
    sent = {n: v for n, v in form.fields.items() if n not in {"policy", "x-amz-signature"}}
    exact = [c for c in conditions(form) if isinstance(c, dict)]
    assert [c for c in conditions(form) if isinstance(c, list)] == [
        ["content-length-range", 1, 2_097_152]
    ]
    assert {n: v for condition in exact for n, v in condition.items()} == {
        "bucket": "assets",
        **sent,
    }


def test_the_policy_expires_when_it_was_asked_to() -> None:
    policy = json.loads(base64.b64decode(sign_form(expires_in=61).fields["policy"]))
    assert policy["expiration"] == "2023-11-14T22:14:21Z"


def test_a_form_carries_the_session_token() -> None:
    assert sign_form().fields["x-amz-security-token"] == "a-token"


def test_a_url_carries_the_session_token() -> None:
    query = parse_qs(urlsplit(sign_url()).query)
    assert query["X-Amz-Security-Token"] == ["a-token"]


def test_a_put_names_every_header_that_it_signs() -> None:
    url = sign_url(
        "PUT",
        headers={
            "Content-Type": "image/png",
            "content-length": "5",
            "x-amz-meta-filename": "me.png",
            "if-none-match": "*",
        },
    )
    assert parse_qs(urlsplit(url).query)["X-Amz-SignedHeaders"] == [
        "content-length;content-type;host;if-none-match;x-amz-meta-filename"
    ]


def test_a_line_break_in_a_header_cannot_make_a_second_header() -> None:
    split = sign_url("PUT", headers={"content-type": "a\nx-amz-acl:b"})
    joined = sign_url("PUT", headers={"content-type": "a x-amz-acl:b"})
    assert split == joined


@pytest.mark.parametrize("name", ["key", "Key", "POLICY", "bucket", "file", "X-Amz-Signature"])
def test_a_field_that_the_signature_sets_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="set by the signature"):
        sign_form(fields={name: "value"})


@pytest.mark.parametrize(
    "change",
    [
        {"key": "avatars/${filename}"},
        {"key": "avatars/${filename}.png"},
        {"fields": {"x-amz-meta-filename": "${filename}"}},
    ],
)
def test_a_variable_that_s3_would_replace_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="would be replaced"):
        sign_form(**change)


@pytest.mark.parametrize("size_range", [(-1, 5), (6, 5)])
def test_a_size_range_that_holds_no_size_is_refused(size_range: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="size_range"):
        sign_form(size_range=size_range)


@pytest.mark.parametrize("expires_in", [-1, 0, 604_801])
@pytest.mark.parametrize("sign", [sign_form, sign_url])
def test_a_life_outside_one_second_to_seven_days_is_refused(sign: Any, expires_in: int) -> None:
    with pytest.raises(ValueError, match="expires_in"):
        sign(expires_in=expires_in)


def test_a_query_parameter_of_the_signature_is_refused() -> None:
    with pytest.raises(ValueError, match="set by the signature"):
        sign_url(query={"X-Amz-Expires": "9"})


def test_a_second_key_with_the_same_id_signs_differently() -> None:
    rotated = Credentials("AKIAIOSFODNN7EXAMPLE", "rotated", session_token="a-token")
    assert sign_url() != sign_url(credentials=rotated)


def test_a_refreshed_session_token_is_used_at_once() -> None:
    refreshed = Credentials("AKIAIOSFODNN7EXAMPLE", "not-so-secret", session_token="refreshed")
    sign_url()
    assert "X-Amz-Security-Token=refreshed" in sign_url(credentials=refreshed)


@pytest.fixture
def dates_written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The formats of all dates that are written from now on, with empty caches."""
    written: list[str] = []
    strftime = time.strftime

    def recording(pattern: str, moment: time.struct_time) -> str:
        written.append(pattern)
        return strftime(pattern, moment)

    monkeypatch.setattr(time, "strftime", recording)
    sigv4.signer_at.cache_clear()
    sigv4.expiration.cache_clear()
    return written


def test_dates_are_written_once_a_second(dates_written: list[str]) -> None:
    for fraction in (0.0, 0.25, 0.999):
        sign_form(now=NOW + fraction)
        sign_url(now=NOW + fraction)
    assert dates_written == ["%Y%m%dT%H%M%SZ", "%Y-%m-%dT%H:%M:%SZ"]


def test_the_key_is_derived_once_a_day_region_and_set_of_credentials(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    steps: list[bytes] = []
    digest = hmac.digest

    def recording(key: bytes, message: bytes, name: str) -> bytes:
        steps.append(message)
        return digest(key, message, name)

    monkeypatch.setattr(hmac, "digest", recording)
    fresh = Credentials("AKIAIOSFODNN7EXAMPLE", "never used before")
    for second in (0, 1, 60):
        sign_url(credentials=fresh, now=NOW + second)
    sign_url(credentials=fresh, now=NOW + 86_400)
    assert steps == [
        *(b"20231114", b"eu-west-1", b"s3", b"aws4_request"),
        *(b"20231115", b"eu-west-1", b"s3", b"aws4_request"),
    ]


def test_the_repr_of_a_form_or_signer_shows_nothing_of_a_secret() -> None:
    form = sign_form()
    shown = repr(form) + repr(sigv4.signer_at(CREDENTIALS, "eu-west-1", NOW))
    hidden = ["not-so-secret", "a-token", form.fields["policy"], form.fields["x-amz-signature"]]
    assert not [text for text in hidden if text in shown]
