"""What the tests of `gridboss-assets iam` share: IAM on moto, calls that fail, and no secret."""

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from tests.support import bucket_commands
from tests.support.bucket_commands import SECRET, operators_environment

from gridboss_assets.cli import main as cli

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

BUCKET = bucket_commands.NAME
ACCOUNT = "123456789012"
NAME = "gridboss-assets"
ARN = f"arn:aws:iam::{ACCOUNT}:user/{NAME}"
POLICY = f"gridboss-assets-{BUCKET}"

Failure = Callable[[], None]

COMMANDS = pytest.mark.parametrize(
    "command",
    [
        ["create-user", NAME, "--yes"],
        ["create-user", NAME, "--yes", "--json"],
        ["rotate", NAME],
        ["rotate", NAME, "--json"],
    ],
    ids=" ".join,
)
"""Every command that hands a key over."""


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    with operators_environment(monkeypatch, tmp_path):
        yield


def refused(operation: str, code: str = "AccessDenied", status: int = 403) -> Failure:
    """Make a failure as IAM answers it."""

    def fail() -> None:
        raise ClientError(
            {
                "Error": {"Code": code, "Message": "no"},
                "ResponseMetadata": {"HTTPStatusCode": status},  # type: ignore[typeddict-item]
            },
            operation,
        )

    return fail


class Stage:
    """Runs the command line; what it makes IAM do can be watched, and made to fail.

    After every run it holds that the secrets of new keys stand nowhere but on standard output, and
    there at most once.
    """

    def __init__(
        self,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        self._monkeypatch, self._capsys, self._caplog = monkeypatch, capsys, caplog
        self.secrets: list[str] = []
        self.calls: list[str] = []
        self.before: dict[str, Failure] = {}
        """What happens before an operation."""
        caplog.set_level("DEBUG", logger="gridboss_assets")
        real = BaseClient._make_api_call  # type: ignore[attr-defined]  # noqa: SLF001

        def call(client: Any, operation: str, parameters: Any) -> Any:
            self.calls.append(operation)
            self.before.get(operation, lambda: None)()
            answer = real(client, operation, parameters)
            if operation == "CreateAccessKey":
                self.secrets.append(answer["AccessKey"]["SecretAccessKey"])
            return answer

        monkeypatch.setattr(BaseClient, "_make_api_call", call)

    def __call__(
        self, *arguments: str, answer: str | None = None, stdout: object = None
    ) -> tuple[int, str, str]:
        """Return exit status, standard output and standard error.

        ``answer`` is typed in; ``stdout`` stands in for standard output.
        """
        self.calls.clear()
        with self._monkeypatch.context() as patch:
            patch.setattr("sys.argv", ["gridboss-assets", "iam", *arguments])
            stdin = io.StringIO(answer or "")
            patch.setattr(stdin, "isatty", lambda: answer is not None)
            patch.setattr("sys.stdin", stdin)
            if stdout is not None:
                patch.setattr("sys.stdout", stdout)
            with pytest.raises(SystemExit) as ended:
                cli.main()
        out, err = self._capsys.readouterr()
        for secret in self.secrets:
            assert secret not in err + self._caplog.text
            assert out.count(secret) <= 1
        assert SECRET not in out + err + self._caplog.text
        return int(ended.value.code or 0), out, err

    def json(self, *arguments: str) -> dict[str, Any]:
        """Run with --json and return the document, which says the exit status too."""
        code, out, _ = self(*arguments, "--json")
        found: dict[str, Any] = json.loads(out)
        assert found["status"] == code
        return found


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> Stage:
    return Stage(monkeypatch, capsys, caplog)


@pytest.fixture
def iam() -> "IAMClient":
    return boto3.client("iam", region_name="us-east-1")


def env(text: str) -> dict[str, str]:
    """Read lines of .env."""
    return dict(line.split("=", 1) for line in text.splitlines())


def keys(iam: "IAMClient", name: str = NAME) -> dict[str, str]:
    """Return a user's access keys with their status."""
    listed = iam.list_access_keys(UserName=name)["AccessKeyMetadata"]
    return {key["AccessKeyId"]: key["Status"] for key in listed}


def prepared(iam: "IAMClient", command: list[str]) -> dict[str, str]:
    """Make the user that `rotate` needs, and return the keys that there are."""
    if command[0] != "rotate":
        return {}
    iam.create_user(UserName=NAME)
    iam.create_access_key(UserName=NAME)
    return keys(iam)
