"""A document's commands by section, in order: what a reader pastes, and how it should end."""

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from tests.docs.documents import ROOT, Block, blocks

RUNBOOK = ROOT / "docs" / "runbook.md"

_HEADING = re.compile(r"#{2,} (.*)")
_STATUS = re.compile(r"# status (\d)")


@dataclass(frozen=True)
class Command:
    """One line of a block of commands: ``line`` as it is pasted, without its remark."""

    line: str
    words: tuple[str, ...]
    status: int
    """The exit status that the remark names, by default 0."""
    into: str | None = None
    """The file that standard output is led into."""


def section(name: str, path: Path = RUNBOOK) -> list[Block]:
    """Return the blocks under one heading, of whatever level."""
    heads = [
        (number, match.group(1))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if (match := _HEADING.fullmatch(line))
    ]
    assert name in [title for _, title in heads], f"{path.name} has no section {name}"

    def under(block: Block) -> str:
        return [title for number, title in heads if number < block.line][-1]

    return [block for block in blocks() if block.path == path and under(block) == name]


def commands(*found: Block) -> list[Command]:
    """Return the commands of some blocks."""
    lines = [line for block in found if block.language == "bash" for line in _joined(block)]
    return [_command(line) for line in lines]


def _joined(block: Block) -> list[str]:
    return block.text.replace("\\\n", " ").splitlines()


def _command(line: str) -> Command:
    status = _STATUS.search(line)
    words = shlex.split(line, comments=True)
    into = None
    if ">" in words:
        at = words.index(">")
        (into,), words = words[at + 1 :], words[:at]
    return Command(
        line.partition(" #")[0].strip(),
        tuple(words),
        int(status.group(1)) if status else 0,
        into,
    )
