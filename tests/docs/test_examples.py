"""Every Python example in the documents runs, with what it shows and what is hidden beside it."""

from typing import Any

import pytest
from tests.docs.documents import Block, blocks, chain
from tests.docs.environment import environment

# Those that are clients of a service run where one is: test_runbook.py.
EXAMPLES = [block for block in blocks("python") if "service" not in block.setup]


def run(code: str, block: Block, namespace: dict[str, Any]) -> None:
    # Blank lines first, so that a traceback names the line of the document.
    padded = "\n" * (block.line - 1) + code
    exec(compile(padded, str(block), "exec"), namespace)  # noqa: S102 - our own documents


@pytest.mark.parametrize("block", EXAMPLES, ids=str)
def test_a_python_example_runs(block: Block) -> None:
    whole = chain(block)
    with environment(frozenset().union(*(part.setup for part in whole))) as namespace:
        for part in whole:
            run(part.given, part, namespace)
            run(part.text, part, namespace)
            run(part.then, part, namespace)
