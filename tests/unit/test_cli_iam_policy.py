"""``gridboss-assets iam policy`` prints what the application needs, and asks nobody."""

import json

import pytest
from typer.testing import CliRunner, Result

from gridboss_assets.cli import main as cli
from gridboss_assets.errors import ConfigurationError
from gridboss_config import Settings

ACCOUNT = "123456789012"


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("S3_BUCKET", "test-assets")
    monkeypatch.setenv("S3_REGION", "us-east-1")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, ["iam", "policy", *arguments])


def sids(result: Result) -> list[str]:
    assert result.exit_code == 0, result.exception
    return [statement["Sid"] for statement in json.loads(result.stdout)["Statement"]]


def test_by_default_there_are_the_two_statements_and_the_others_are_explained() -> None:
    result = run()
    assert sids(result) == ["AllowScopedObjectAccess", "AllowListing"]
    assert "Without kms:" in result.stderr


def test_a_named_statement_joins_those_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("S3_IAM_STATEMENTS", "multipart")
    monkeypatch.setenv("S3_PRINCIPAL_ARN", f"arn:aws:iam::{ACCOUNT}:user/app")
    monkeypatch.setenv("CDN_DISTRIBUTION_ID", "E2QWRUHEXAMPLE")
    result = run("--with", "cdn-invalidation")
    assert sids(result)[2:] == ["AllowMultipartCleanup", "AllowInvalidation"]
    assert f"arn:aws:cloudfront::{ACCOUNT}:distribution/E2QWRUHEXAMPLE" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "advice"),
    [
        (("--with", "kms"), "S3_KMS_KEY_ARN"),
        (("--with", "cdn-invalidation"), "S3_PRINCIPAL_ARN"),
        (("--with", "everything"), "kms, cdn-invalidation, multipart"),
    ],
)
def test_what_is_missing_is_named(arguments: tuple[str, ...], advice: str) -> None:
    error = run(*arguments).exception
    assert isinstance(error, ConfigurationError)
    assert advice in str(error)


@pytest.mark.parametrize(("provider", "advice"), [("r2", "API tokens"), ("b2", "application keys")])
def test_where_there_are_no_policies_it_says_what_there_is(
    monkeypatch: pytest.MonkeyPatch, provider: str, advice: str
) -> None:
    monkeypatch.setenv("S3_PROVIDER", provider)
    error = run().exception
    assert isinstance(error, ConfigurationError)
    assert advice in str(error)
