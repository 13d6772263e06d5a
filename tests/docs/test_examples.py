"""Every Python example in the documents runs, with what it shows and what is hidden beside it."""

from typing import Any

import pytest
from tests.docs.documents import Block, chain, chains
from tests.docs.environment import environment

# Those that are clients of a service run where one is: test_runbook.py.
EXAMPLES = chains("python", without="service")


def run(code: str, block: Block, namespace: dict[str, Any]) -> None:
    # Blank lines first, so that a traceback names the line of the document.
    padded = "\n" * (block.line - 1) + code
    exec(compile(padded, str(block), "exec"), namespace)  # noqa: S102 - our own documents


@pytest.mark.parametrize("block", EXAMPLES, ids=str)
def test_python_examples_run(block: Block) -> None:
    whole = chain(block)
    with environment(frozenset().union(*(part.setup for part in whole))) as namespace:
        for part in whole:
            run(part.given, part, namespace)
            run(part.text, part, namespace)
            run(part.then, part, namespace)
