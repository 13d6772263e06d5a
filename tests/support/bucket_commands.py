"""The commands of an operator, on moto, with keys that nobody may see."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from moto import mock_aws

from gridboss_assets.cli import main as cli
from gridboss_config import Settings

NAME = "test-assets"
APPLICATION = "arn:aws:iam::123456789012:user/gridboss-assets"
SECRET = "a-secret-that-nobody-may-see"


@contextmanager
def operators_environment(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Iterator[None]:
    """Hold the settings and keys of an operator of ``NAME``, and none of the developer's own."""
    monkeypatch.chdir(folder)
    for name in (*Settings.model_fields, "aws_profile", "aws_session_token"):
        monkeypatch.delenv(name.upper(), raising=False)
    given = {
        "AWS_ACCESS_KEY_ID": "operator",
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_CONFIG_FILE": str(folder / "none"),
        "AWS_SHARED_CREDENTIALS_FILE": str(folder / "none"),
        "S3_BUCKET": NAME,
        "S3_REGION": "us-east-1",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        yield


class Run:
    """Runs the commands of a group and keeps what they said."""

    def __init__(
        self,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        group: str = "bucket",
    ) -> None:
        self._monkeypatch, self._capsys, self._group = monkeypatch, capsys, group

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        self._monkeypatch.setattr("sys.argv", ["gridboss-assets", self._group, *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = self._capsys.readouterr()
        assert SECRET not in out + err
        return int(ended.value.code or 0), out, err
