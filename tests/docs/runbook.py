"""Follows sections of a document as a reader does: settings into `.env`, commands one by one."""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import boto3
import pytest
from tests.docs.documents import Block
from tests.docs.sections import Command, commands

from gridboss_assets.cli import main as cli
from gridboss_config import Settings, get_settings

# A reader is asked by these, and says yes.
_ASK = {("bucket", "apply"), ("iam", "create-user"), ("iam", "rotate")}

Foreign = Callable[[Command], None]


class Story:
    """Runs what a reader would, in one folder, with nothing of a developer's around.

    ``names`` says what stands for the document's own names, and can grow on the way. ``others``
    run the programs that are not ours, by their names.
    """

    def __init__(
        self,
        folder: Path,
        patch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        others: Mapping[str, Foreign],
    ) -> None:
        self.folder, self._patch, self._capsys, self._others = folder, patch, capsys, others
        self.names: dict[str, str] = {}
        patch.chdir(folder)
        for name in (*Settings.model_fields, "aws_profile", "aws_session_token"):
            patch.delenv(name.upper(), raising=False)
        for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
            patch.setenv(name, str(folder / "none"))
        for name in ("no_proxy", "NO_PROXY"):
            patch.setenv(name, "127.0.0.1,localhost")

    def set(self, **environment: str) -> None:
        """Set variables of the environment, which have more weight than the `.env`."""
        for name, value in environment.items():
            self._patch.setenv(name, value)

    def follow(self, found: Sequence[Block]) -> None:
        """Do what some blocks say, in order."""
        for block in found:
            if block.language == "ini" and "S3_SECRET_KEY" not in block.text:
                with (self.folder / ".env").open("a", encoding="utf-8") as file:
                    file.write(block.text)
            for command in commands(block):
                self.run(command)

    def run(self, command: Command) -> str:
        """Run one command, hold it to the exit status that its remark names, return its output."""
        words = [self._named(word) for word in command.words]
        if words[0] != "gridboss-assets":
            self._others[words[0]](Command(command.line, tuple(words), 0, command.into))
            return ""
        if tuple(words[1:3]) in _ASK:
            words.append("--yes")
        get_settings.cache_clear()
        self._patch.setattr("sys.argv", words)
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = self._capsys.readouterr()
        assert int(ended.value.code or 0) == command.status, f"{command.line}\n{out}{err}"
        if command.into:
            (self.folder / command.into).write_text(out, encoding="utf-8")
        return out

    def _named(self, word: str) -> str:
        for name, here in self.names.items():
            word = word.replace(name, here)
        return word


def env(file: Path) -> dict[str, str]:
    """Read lines of .env."""
    return dict(line.split("=", 1) for line in file.read_text(encoding="utf-8").splitlines())


def call_aws(command: Command, folder: Path) -> Any:
    """Make the call that a line of the AWS command line stands for."""
    service, operation, *options = command.words[1:]
    client: Any = boto3.Session().client({"s3api": "s3"}.get(service, service))  # type: ignore[call-overload]
    name = "".join(map(str.capitalize, operation.split("-")))
    shape = client.meta.service_model.operation_model(name).input_shape
    assert shape
    members = {re.sub(r"(?<!^)(?=[A-Z])", "-", m).lower(): m for m in shape.members}
    given = dict(zip(options[::2], options[1::2], strict=True))
    query, _ = given.pop("--query", None), given.pop("--output", None)
    arguments = {members[o.removeprefix("--")]: _value(v, folder) for o, v in given.items()}
    answer = getattr(client, operation.replace("-", "_"))(**arguments)
    if command.into:
        (folder / command.into).write_text(answer[query], encoding="utf-8")
    return answer


def _value(text: str, folder: Path) -> Any:
    if text.startswith("file://"):
        return (folder / text.removeprefix("file://")).read_text(encoding="utf-8")
    structure = re.fullmatch(r"(\w+)=(.*)", text)
    return {structure[1]: structure[2]} if structure else text
