"""No secret of a URL is logged."""

import logging

import pytest

from gridboss_assets.logs import JsonFormatter, redact


@pytest.mark.parametrize(
    ("said", "logged"),
    [
        ("at redis://:hunter2@redis:6379/0", "at redis://[redacted]@redis:6379/0"),
        ("at amqp://u:hunter2@rabbit/%2f gone", "at amqp://[redacted]@rabbit/%2f gone"),
        ("https://host/k?to=a@b.c", "https://host/k?to=a@b.c"),
        ('{"a":"https://host","b":"x@y"}', '{"a":"https://host","b":"x@y"}'),
    ],
)
def test_user_and_password_of_a_url_are_redacted(said: str, logged: str) -> None:
    assert redact(said) == logged


@pytest.mark.parametrize(
    ("said", "logged"),
    [
        (
            "GET /exports/a.csv?Expires=1&Signature=ab~-_9&Key-Pair-Id=K1",
            "GET /exports/a.csv?Expires=1&Signature=[redacted]&Key-Pair-Id=K1",
        ),
        (
            "CloudFront-Policy=eyJ; CloudFront-Signature=ab~-_9; Path=/",
            "CloudFront-Policy=eyJ; CloudFront-Signature=[redacted]; Path=/",
        ),
        ("{'CloudFront-Signature': 'ab~-_9'}", "{'CloudFront-Signature': '[redacted]'}"),
        ("the signature is not one of ours", "the signature is not one of ours"),
        ("SignatureDoesNotMatch: 403", "SignatureDoesNotMatch: 403"),
    ],
)
def test_signatures_of_a_cdn_are_redacted(said: str, logged: str) -> None:
    assert redact(said) == logged


@pytest.mark.parametrize("line_break", ["\n", "\\n"])
def test_private_keys_are_redacted(line_break: str) -> None:
    key = line_break.join(
        ["-----BEGIN EC PRIVATE KEY-----", "MHcCAQEE", "AAA=", "-----END EC PRIVATE KEY-----"]
    )
    said = redact(f"CDN_PRIVATE_KEY={key} and on")
    assert "MHcC" not in said
    assert "AAA" not in said
    assert said.endswith("-----END EC PRIVATE KEY----- and on")


def test_a_log_line_holds_no_secret() -> None:
    record = logging.makeLogRecord(
        {
            "msg": "GET /k?X-Amz-Signature=abc123&X-Amz-Credential=AKIA%2F1 "
            "Bearer eyJhbGciOi.e30.sig",
            "name": "test",
        }
    )
    line = JsonFormatter().format(record)
    assert all(secret not in line for secret in ("abc123", "AKIA", "e30.sig"))
    assert redact("x-amz-security-token: 'tok'") == "x-amz-security-token: '[redacted]'"
