"""Settings: every problem in one message, and never a value in it."""

import pytest
from pydantic import ValidationError

from gridboss_config import Settings, describe, get_settings

GOOD = {
    "S3_ENABLED": "true",
    "S3_REGION": "eu-west-1",
    "S3_BUCKET": "test-assets",
    "S3_ACCESS_KEY": "key",
    "S3_SECRET_KEY": "very-secret",
}


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def made(monkeypatch: pytest.MonkeyPatch, **values: str) -> Settings:
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return Settings(_env_file=None)


def test_an_empty_variable_is_one_that_nobody_set(monkeypatch: pytest.MonkeyPatch) -> None:
    empty = {name.upper(): "" for name in Settings.model_fields if name != "jwt_access_claim"}
    defaults = Settings(_env_file=None)
    assert made(monkeypatch, **empty) == defaults


def test_nothing_is_required_while_uploads_are_off(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = made(monkeypatch)
    assert not settings.s3_enabled
    assert settings.app_env == "production"
    assert settings.s3_presign_ttl == 3600


def test_every_missing_setting_is_named_in_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValidationError) as caught:
        made(monkeypatch, S3_ENABLED="true")
    for name in ("S3_REGION", "S3_BUCKET", "S3_ACCESS_KEY", "S3_SECRET_KEY"):
        assert name in str(caught.value)
        assert name in describe(caught.value)
    assert "S3_ENDPOINT" not in str(caught.value)


def test_missing_and_unusable_settings_are_named_together(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValidationError) as caught:
        made(monkeypatch, S3_ENABLED="true", S3_PRESIGN_TTL="soon", JWT_SECRET="short")
    named = {error["loc"][0] for error in caught.value.errors()}
    assert named >= {"S3_REGION", "S3_PRESIGN_TTL", "JWT_SECRET"}


@pytest.mark.parametrize(
    ("name", "value", "advice"),
    [
        ("S3_BUCKET", "s3://test-assets", "without `s3://`"),
        ("S3_BUCKET", "Has Capitals", "3 to 63"),
        ("S3_PRESIGN_TTL", "0", "1 to 604800"),
        ("S3_PRESIGN_TTL", "604801", "1 to 604800"),
        ("S3_ENDPOINT", "localhost:9000", "http(s) URL"),
        ("S3_ENDPOINT", "http://user:pass@localhost", "without user"),
        ("S3_UPLOAD_METHOD", "patch", "auto"),
        ("JWT_SECRET", "x" * 31, "32 bytes"),
        ("JWT_JWKS_URL", "http://issuer.example/keys", "https"),
        ("JWT_ACCESS_CLAIM", "type", "name=value"),
        ("CORS_ORIGINS", "https://app.example/path", "a scheme and a host"),
        ("S3_PRINCIPAL_ARN", "gridboss-assets", "IAM user or role"),
        ("S3_PRINCIPAL_ARN", "arn:aws:sts::123456789012:assumed-role/app/x", "session's ARN"),
        ("S3_PRINCIPAL_ARN", "arn:aws:iam::123456789012:user/apps/", "IAM user or role"),
        ("S3_OPERATOR_ARNS", "arn:aws:iam::123456789012:group/admins", "IAM user or role"),
        ("S3_KMS_KEY_ARN", "arn:aws:kms:eu-west-1:123456789012:alias/assets", "no alias"),
        ("S3_TAGS", "gridboss", "name=value"),
        ("S3_TAGS", "aws:app=gridboss", "begins with `aws:`"),
        ("S3_IAM_STATEMENTS", "everything", "cdn-invalidation"),
        ("CDN_DISTRIBUTION_ID", "https://cdn.example.com", "the ID alone"),
        ("S3_NONCURRENT_DAYS", "0", "greater than or equal to 1"),
        ("S3_PROVIDER", "azure", "minio"),
    ],
)
def test_an_unusable_setting_is_refused_with_the_fix(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, advice: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        made(monkeypatch, **(GOOD | {name: value}))
    assert name in describe(caught.value)
    assert advice in describe(caught.value)


def test_no_error_shows_a_value(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValidationError) as caught:
        made(monkeypatch, **(GOOD | {"JWT_SECRET": "too-short-secret", "S3_BUCKET": ""}))
    shown = f"{caught.value!r} {caught.value} {caught.value.errors()} {caught.value.json()}"
    assert "secret-" not in shown
    assert "very-secret" not in shown
    assert "too-short" not in shown


def test_secrets_stay_out_of_the_repr(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "very-secret" not in repr(made(monkeypatch, **GOOD))


def test_only_one_kind_of_token_key_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValidationError, match="not both"):
        made(monkeypatch, JWT_SECRET="x" * 32, JWT_JWKS_URL="https://issuer.example/keys")


def test_a_key_set_needs_issuer_and_audience(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValidationError) as caught:
        made(monkeypatch, JWT_JWKS_URL="https://issuer.example/keys")
    assert {error["loc"][0] for error in caught.value.errors()} == {"JWT_ISSUER", "JWT_AUDIENCE"}


def test_get_settings_is_cached_until_it_is_cleared(monkeypatch: pytest.MonkeyPatch) -> None:
    get_settings.cache_clear()
    monkeypatch.setenv("S3_BUCKET", "test-one")
    first = get_settings()
    monkeypatch.setenv("S3_BUCKET", "test-two")
    assert get_settings() is first
    get_settings.cache_clear()
    assert get_settings().s3_bucket == "test-two"
    get_settings.cache_clear()


def test_lists_and_tags_are_split_at_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    root, role = "arn:aws:iam::123456789012:root", "arn:aws:iam::123456789012:role/team/admin"
    settings = made(
        monkeypatch,
        S3_OPERATOR_ARNS=f"{root}, {role}",
        S3_TAGS="app=gridboss, team=",
        S3_IAM_STATEMENTS="kms,multipart",
        S3_PROVIDER="MinIO",
    )
    assert settings.s3_operator_arns == (root, role)
    assert settings.s3_tags == {"app": "gridboss", "team": ""}
    assert settings.s3_iam_statements == ("kms", "multipart")
    assert settings.s3_provider == "minio"
