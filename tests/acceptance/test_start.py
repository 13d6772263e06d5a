"""A service that is not set up stops at its start and says all that is wrong, once."""

import subprocess
import sys
from pathlib import Path

from tests.support import tokens
from tests.support.service import COMMAND, environment
from tests.support.stage import Stage

WHOLE = {
    "S3_ENABLED": "true",
    "S3_REGION": "us-east-1",
    "S3_BUCKET": "test-assets",
    "S3_ENDPOINT": "http://127.0.0.1:9",
    "S3_ACCESS_KEY": "key",
    "S3_SECRET_KEY": "secret",
    "JWT_SECRET": tokens.SECRET,
}
REQUIRED = ("S3_REGION", "S3_BUCKET", "S3_ACCESS_KEY", "S3_SECRET_KEY")
UNUSABLE = {
    "S3_REGION": "US East",
    "S3_BUCKET": "s3://test-assets",
    "S3_ENDPOINT": "ftp://user:hunter2@127.0.0.1",
    "S3_PRESIGN_TTL": "604801",
    "S3_UPLOAD_METHOD": "patch",
    "JWT_SECRET": "hunter2-is-too-short",
    "CORS_ORIGINS": "https://app.example.com/path",
    "RATE_LIMIT_PER_MINUTE": "-1",
    "APP_ENV": "prod",
}


def refuses(directory: Path, settings: dict[str, str], *command: str) -> str:
    """Start a command that has to stop by itself, unsuccessfully; return what it says."""
    ended = subprocess.run(  # noqa: S603 - our own command
        command or (COMMAND, "serve", "--host", "127.0.0.1", "--port", "0"),
        cwd=directory,
        env=environment(directory, settings),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode != 0
    assert ended.stdout == ""
    assert "Traceback" not in ended.stderr
    return ended.stderr


def lines_about(message: str, name: str) -> list[str]:
    return [line for line in message.splitlines() if line.strip().startswith(f"{name}:")]


def test_one_message_names_every_setting_that_is_missing(tmp_path: Path) -> None:
    message = refuses(tmp_path, {"S3_ENABLED": "true", "JWT_SECRET": tokens.SECRET})
    assert {name: len(lines_about(message, name)) for name in REQUIRED} == dict.fromkeys(
        REQUIRED, 1
    )
    assert message.count("gridboss-assets:") == 1


def test_the_message_names_a_missing_sign_in_as_well(tmp_path: Path) -> None:
    message = refuses(tmp_path, {"S3_ENABLED": "true"})
    for name in (*REQUIRED, "JWT_SECRET"):
        assert name in message


def test_one_message_names_every_setting_that_is_unusable_and_no_value(tmp_path: Path) -> None:
    message = refuses(tmp_path, WHOLE | UNUSABLE)
    assert {name for name in UNUSABLE if len(lines_about(message, name)) == 1} == set(UNUSABLE)
    assert "hunter2" not in message


def test_sign_in_is_needed_outside_of_development(tmp_path: Path) -> None:
    message = refuses(tmp_path, WHOLE | {"JWT_SECRET": ""})
    assert "JWT_SECRET" in message
    assert "JWT_JWKS_URL" in message


def test_without_sign_in_nobody_else_may_be_let_in(tmp_path: Path) -> None:
    # An address of documentation (RFC 5737): nothing is ever opened there.
    command = (COMMAND, "serve", "--host", "192.0.2.1", "--port", "0")
    message = refuses(tmp_path, WHOLE | {"JWT_SECRET": "", "APP_ENV": "test"}, *command)
    assert "--allow-anonymous" in message


def test_a_service_without_sign_in_says_so_loudly(stage: Stage) -> None:
    assert "WITHOUT SIGN-IN" in stage.anonymous.log


def test_any_other_server_of_the_application_stops_as_well(tmp_path: Path) -> None:
    command = (sys.executable, "-m", "uvicorn", "app.main:app", "--port", "0", "--no-use-colors")
    ended = subprocess.run(  # noqa: S603 - our own command
        command,
        cwd=tmp_path,
        env=environment(tmp_path, {"S3_ENABLED": "true", "JWT_SECRET": tokens.SECRET}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode != 0
    for name in REQUIRED:
        assert name in ended.stderr
