"""Where a new key goes: a file that its owner alone can read, or a real standard output."""

import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.unit.iam.conftest import COMMANDS, Stage, env, keys, prepared

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

CREATE = ["create-user", "app", "--yes"]

PROGRAM = """
import sys
import boto3
from moto import mock_aws
from gridboss_assets.cli import main as cli

with mock_aws():
    sys.argv = ["gridboss-assets", "iam", "create-user", "app", "--yes"]
    try:
        cli.main()
    finally:
        iam = boto3.client("iam", region_name="us-east-1")
        users = iam.list_users()["Users"]
        left = users and iam.list_access_keys(UserName="app")["AccessKeyMetadata"]
        print("users:", len(users), "keys:", len(left), file=sys.stderr)
"""


@COMMANDS
def test_a_file_takes_the_key_and_is_readable_to_its_owner_alone(
    run: Stage, iam: "IAMClient", command: list[str], tmp_path: Path
) -> None:
    prepared(iam, command)
    mask = os.umask(0)
    try:
        code, out, err = run(*command, "--out", "key.env")
    finally:
        os.umask(mask)
    file = tmp_path / "key.env"
    assert (code, stat.S_IMODE(file.stat().st_mode)) == (0, 0o600)
    assert env(file.read_text())["S3_SECRET_KEY"] == run.secrets[-1]
    assert run.secrets[-1] not in out
    assert ('"file": "key.env"' in out) == ("--json" in command)
    assert "key.env" in err


@pytest.mark.parametrize("kind", ["file", "link", "folder is missing"])
def test_a_file_is_never_overwritten_and_nothing_is_done(
    run: Stage, iam: "IAMClient", tmp_path: Path, kind: str
) -> None:
    path = tmp_path / "key.env"
    if kind == "file":
        path.write_text("mine")
    elif kind == "link":
        path.symlink_to(tmp_path / "elsewhere")
    else:
        path = tmp_path / "none" / "key.env"
    code, out, err = run(*CREATE, "--out", str(path))
    assert (code, out, iam.list_users()["Users"]) == (2, "", [])
    assert f"--out {path}" in err
    assert not (tmp_path / "elsewhere").exists()
    assert kind != "file" or path.read_text() == "mine"


def test_a_file_that_can_not_be_written_goes_and_so_does_the_key(
    run: Stage, iam: "IAMClient", monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    real: Any = os.write

    def full(number: int, data: bytes) -> int:
        if b"S3_SECRET_KEY" in data:
            raise OSError(28, "No space left on device")
        return int(real(number, data))

    monkeypatch.setattr("os.write", full)
    code, _, err = run(*CREATE, "--out", "key.env")
    assert (code, keys(iam, "app"), list(tmp_path.iterdir())) == (2, {}, [])
    assert "No space left on device" in err


def test_a_file_that_takes_a_little_at_a_time_is_written_to_the_end(
    run: Stage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    real: Any = os.write
    monkeypatch.setattr("os.write", lambda number, data: int(real(number, bytes(data[:7]))))
    run(*CREATE, "--out", "key.env")
    assert env((tmp_path / "key.env").read_text())["S3_SECRET_KEY"] == run.secrets[-1]


@pytest.mark.parametrize(
    ("redirected", "said"),
    [
        (">/dev/full", "No space left on device"),
        ("| true", "Broken pipe"),
        (">&-", "Standard output is closed"),
    ],
)
def test_no_key_is_left_where_a_real_output_is_gone(
    redirected: str, said: str, tmp_path: Path
) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    # The pipe's other end is gone before there is anything to write: importing takes longer.
    script = f'set -o pipefail; "{sys.executable}" "{program}" {redirected}'
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    done = subprocess.run(  # noqa: S603 - our own program
        ["/bin/bash", "-c", script],
        env=buffered,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert done.stderr.endswith(f"users: {0 if redirected == '>&-' else 1} keys: 0\n")
    assert "Traceback" not in done.stderr
