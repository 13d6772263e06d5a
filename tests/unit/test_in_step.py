"""What is generated is in step with the code, and imports go one way."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "command",
    [
        # .env.example, the settings table, error codes, command line, OpenAPI document
        [sys.executable, "scripts/docs", "--check"],
        # design by layers: pyproject.toml, [tool.importlinter]
        [str(Path(sys.executable).parent / "lint-imports"), "--no-logo"],
    ],
    ids=["generated files", "direction of imports"],
)
def test_in_step(command: list[str]) -> None:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stdout + done.stderr
