"""Every command that the documents show exists, with every option that it is given."""

import importlib.util
import os
import re
import shlex
from collections.abc import Iterator
from typing import Any

import pytest
from tests.docs.documents import ROOT, Block, blocks, documents, inline_code
from typer.core import TyperGroup
from typer.main import get_command

from gridboss_assets.cli.main import app

OURS = re.compile(r"(?:gridboss-assets|scripts/)")


def shown() -> Iterator[tuple[str, list[str]]]:
    """Name the place and the words of each command, from blocks and from the running text."""
    for block in blocks("bash", "console"):
        for line in block.text.replace("\\\n", " ").splitlines():
            words = shlex.split(line.removeprefix("$ "), comments=True)
            if words and OURS.match(words[0]):
                # What stands after it is the shell's.
                yield str(block), words[: words.index(">")] if ">" in words else words
    for path in documents():
        for code in inline_code(path):
            if OURS.match(code) and not code.endswith("/"):
                yield str(path.relative_to(ROOT)), shlex.split(code)


COMMANDS = list(shown())


@pytest.mark.parametrize(
    "words", [words for _, words in COMMANDS], ids=[f"{at}-{' '.join(w)}" for at, w in COMMANDS]
)
def test_a_command_and_its_options_exist(words: list[str]) -> None:
    if words[0].startswith("scripts/"):
        check_script(words[0], words[1:])
    else:
        check_cli(words[1:])


def check_cli(arguments: list[str]) -> None:
    command: Any = get_command(app)
    while isinstance(command, TyperGroup) and arguments and not arguments[0].startswith("-"):
        command, arguments = command.commands[arguments[0]], arguments[1:]
    if isinstance(command, TyperGroup):
        known = {name for parameter in command.params for name in parameter.opts}
        assert set(arguments) <= known | {"--help"}
    else:
        # Parses the values too: a number must be one, and what is required must be there.
        command.make_context("example", arguments or ["--help"], resilient_parsing=not arguments)


def check_script(script: str, arguments: list[str]) -> None:
    path = ROOT / script
    assert os.access(path, os.X_OK), f"{script} is no program"
    text = path.read_text(encoding="utf-8")
    if script == "scripts/bench" and arguments:
        name = f"benchmarks.{arguments[0].replace('-', '_')}"
        spec = importlib.util.find_spec(name)
        assert spec, f"there is no {name}"
        text += str(spec.loader and spec.loader.get_source(name))  # type: ignore[attr-defined]
    options = [argument for argument in arguments if argument.startswith("-")]
    if script == "scripts/dev":
        check_cli(["dev", *arguments])
    elif script != "scripts/test":  # whose arguments are pytest's
        assert [option for option in options if option not in text] == []


def test_a_block_of_commands_holds_nothing_but_commands() -> None:
    # Programs of others are checked as well: aws below, the two after it in test_runbook_record.py.
    known = ("gridboss-assets ", "scripts/", "aws ", "b2 ", "wrangler ")
    lines = [
        (str(block), line)
        for block in blocks("bash")
        for line in block.text.replace("\\\n", " ").splitlines()
    ]
    assert [found for found in lines if not found[1].startswith(known)] == []


def operations(block: Block) -> Iterator[tuple[str, str, str]]:
    """Name the service, the operation and the options of each command of aws."""
    for line in block.text.replace("\\\n", " ").splitlines():
        words = shlex.split(line)
        if words[0] == "aws":
            yield words[1], words[2], " ".join(words[3:])


def test_a_command_of_aws_is_an_operation_with_these_parameters() -> None:
    import botocore.session  # noqa: PLC0415 - heavy, and for this test alone

    session = botocore.session.get_session()
    found = [operation for block in blocks("bash") for operation in operations(block)]
    assert found
    for service, name, options in found:
        model = session.get_service_model({"s3api": "s3"}.get(service, service))
        shape = model.operation_model("".join(map(str.capitalize, name.split("-")))).input_shape
        assert shape
        members = {
            re.sub(r"(?<!^)(?=[A-Z])", "-", member).lower(): member for member in shape.members
        }
        members |= {"cors-configuration": "CORSConfiguration"}  # CORS is one word to the tool
        given = set(re.findall(r"--([a-z-]+)", options)) - {"query", "output"}
        assert given <= set(members)
        assert {member.lower() for member in shape.required_members} <= {
            members[option].lower() for option in given
        }
