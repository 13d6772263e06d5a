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
