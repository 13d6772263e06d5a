"""Reports for worker processes, named by REPORT_MODULES: slow ones, that tests hold and let go.

A report that is ``held`` waits in the middle until the file of its parameter ``until`` exists, and
says by the file ``reached``, which holds the ID of its process, that it waits.
"""

import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from gridboss_assets.reports import report

_LINE = "x" * 1000


@report("held", columns=["n", "line"])
def held(parameters: Mapping[str, Any]) -> Iterator[tuple[int, str]]:
    """Yield 1,000 rows, wait, and yield 1,000 more."""
    for n in range(1000):
        yield n, _LINE
    reached = Path(parameters["reached"])
    written = reached.with_suffix(".new")
    written.write_text(str(os.getpid()))
    written.rename(reached)
    until = Path(parameters["until"])
    n = 1000
    while not until.exists():
        time.sleep(0.02)
        if parameters.get("streams"):
            # Enough to be asked for progress again and again.
            for _ in range(1000):
                yield n, ""
                n += 1
    for rest in range(n, n + 1000):
        yield rest, _LINE


@report("quick", columns=["n", "line"])
def quick(parameters: Mapping[str, Any]) -> Iterator[tuple[int, str]]:
    """Yield so many rows of such a width."""
    line = "x" * parameters.get("width", 10)
    for n in range(parameters.get("rows", 10)):
        yield n, line
