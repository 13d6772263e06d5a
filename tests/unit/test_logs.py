"""No secret of a URL is logged."""

import pytest

from gridboss_assets.logs import redact


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
