"""The documents as data: their code blocks, their prose, their links and headings.

Comments that no reader sees steer how a block is run::

    <!-- example: moto, continues -->     the set-up, and that the block goes on from the last one
    <!-- given: name = 1 -->              code that runs before the block
    <!-- then: assert name == 1 -->       code that runs after the block
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]

_GENERATED = ROOT / "docs" / "reference"

_COMMENT = re.compile(r"<!-- (example|given|then):\s*(.*?)\s*-->", re.DOTALL)
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_PARTS = re.compile(f"(?:{_COMMENT.pattern})|(?:{_FENCE.pattern})", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_CODE = re.compile(r"`([^`\n]+)`")


@dataclass
class Block:
    """One fenced block; ``line`` is that of its first line of code."""

    path: Path
    line: int
    language: str
    text: str
    setup: frozenset[str] = frozenset()
    given: str = ""
    then: str = ""
    before: "Block | None" = field(default=None, repr=False)
    """The block of the same language that this one goes on from."""

    def __str__(self) -> str:
        return f"{self.path.relative_to(ROOT)}:{self.line}"


def documents() -> list[Path]:
    """Return every document that is written by hand."""
    found = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    return sorted(path for path in found if not path.is_relative_to(_GENERATED))


def blocks(*languages: str) -> list[Block]:
    """Return the blocks of these languages (of all, where none is named) in all documents."""
    found = [block for path in documents() for block in _blocks_of(path)]
    return [block for block in found if not languages or block.language in languages]


def _blocks_of(path: Path) -> Iterator[Block]:
    text = path.read_text(encoding="utf-8")
    setup, given = frozenset[str](), ""
    latest: dict[str, Block] = {}
    block: Block | None = None
    found: list[Block] = []
    for part in _PARTS.finditer(text):
        kind, content, language, code = part.groups()
        if kind == "example":
            setup = frozenset(re.split(r",\s*", content))
        elif kind == "given":
            given = content
        elif kind == "then":
            assert block, f"{path}: a check stands before every block"
            block.then = content
        else:
            line = text.count("\n", 0, part.start()) + 2
            before = latest.get(language) if "continues" in setup else None
            block = Block(path, line, language, code, setup, given, before=before)
            latest[language] = block
            found.append(block)
            setup, given = frozenset(), ""
    assert not setup, f"{path}: a comment is followed by no block"
    yield from found


def chain(block: Block) -> list[Block]:
    """Return the blocks that a block goes on from, and itself, in order."""
    return [*(chain(block.before) if block.before else []), block]


def chains(language: str, *, without: str = "") -> list[Block]:
    """Return the last block of each chain: with what they go on from, they are all blocks.

    ``without``: leave out the blocks with this set-up.
    """
    found = [block for block in blocks(language) if without not in block.setup]
    gone_on_from = {str(block.before) for block in found}
    return [block for block in found if str(block) not in gone_on_from]


def prose(path: Path) -> str:
    """Return a document without its code blocks and comments."""
    return _PARTS.sub("", path.read_text(encoding="utf-8"))


def inline_code(path: Path) -> list[str]:
    """Return what stands between backquotes."""
    return _CODE.findall(prose(path))


def links(path: Path) -> list[str]:
    """Return the targets of links and pictures."""
    return _LINK.findall(prose(path))


def anchors(path: Path) -> set[str]:
    """Return the anchors of a document's headings, as repository hosts make them."""
    headings = _HEADING.findall(prose(path))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
