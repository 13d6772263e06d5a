"""The command line: versions, tokens, refusals in one message."""

import re
from importlib.metadata import version
from typing import Any

import jwt
import pytest
from typer.testing import CliRunner

from gridboss_assets import __version__
from gridboss_assets.cli import main as cli
from gridboss_config import Settings, get_settings

SECRET = "a-secret-of-at-least-thirty-two-bytes"


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Any:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()


def run(monkeypatch: pytest.MonkeyPatch, capsys: Any, *arguments: str) -> tuple[int, str, str]:
    monkeypatch.setattr("sys.argv", ["gridboss-assets", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    out, err = capsys.readouterr()
    return int(ended.value.code or 0), out, err


def test_the_version_is_the_packages() -> None:
    result = CliRunner().invoke(cli.app, ["--version"])
    assert result.output == f"gridboss-assets {version('gridboss-assets')}\n"
    assert __version__ == version("gridboss-assets")


def test_a_token_is_printed_alone_and_verifies(
    monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setenv("JWT_SECRET", SECRET)
    monkeypatch.setenv("JWT_AUDIENCE", "assets")
    _, out, _ = run(monkeypatch, capsys, "token", "--sub", "driver-7", "--ttl", "60")
    claims = jwt.decode(out.strip(), SECRET, ["HS256"], audience="assets")
    assert (claims["sub"], claims["type"]) == ("driver-7", "access")
    assert claims["exp"] - claims["iat"] == 60


def test_a_token_without_a_secret_says_how_to_make_one(
    monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    code, out, err = run(monkeypatch, capsys, "token", "--sub", "a")
    assert (code, out) == (2, "")
    assert "JWT_SECRET" in err
    assert "secrets.token_urlsafe" in err


def test_an_env_file_that_is_no_text_is_one_message(
    monkeypatch: pytest.MonkeyPatch, capsys: Any, tmp_path: Any
) -> None:
    (tmp_path / ".env").write_bytes(b"JWT_SECRET=\xff\xfe")
    code, _, err = run(monkeypatch, capsys, "token", "--sub", "a")
    assert code == 2
    assert err.startswith("gridboss-assets: .env can't be read")


def test_serve_names_every_unusable_setting(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setenv("S3_ENABLED", "true")
    code, _, err = run(monkeypatch, capsys, "serve")
    assert code == 2
    assert all(re.search(rf"^  {n}: ", err, re.MULTILINE) for n in ("S3_BUCKET", "S3_SECRET_KEY"))


def test_serve_refuses_production_without_sign_in(
    monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    code, _, err = run(monkeypatch, capsys, "serve")
    assert code == 2
    assert "JWT_SECRET" in err


@pytest.mark.parametrize("command", ["serve", "dev"])
def test_no_sign_in_beyond_this_machine_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: Any, command: str
) -> None:
    monkeypatch.setenv("APP_ENV", "development")
    code, _, err = run(monkeypatch, capsys, command, "--host", "0.0.0.0", "--port", "0")  # noqa: S104
    assert code == 2
    assert "--allow-anonymous" in err


def test_dev_refuses_a_bucket_of_somebody_elses_without_sign_in(
    monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    for name, value in {
        "S3_ENABLED": "true",
        "S3_BUCKET": "test-other",
        "S3_REGION": "us-east-1",
        "S3_ACCESS_KEY": "k",
        "S3_SECRET_KEY": "s",
    }.items():
        monkeypatch.setenv(name, value)
    code, _, err = run(monkeypatch, capsys, "dev", "--port", "0", "--no-browser")
    assert code == 2
    assert "test-other" in err
