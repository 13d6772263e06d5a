"""`--help` answers at once: it loads nothing that a command needs for its work."""

import subprocess
import sys
from pathlib import Path

import pytest
from tests.integration.test_dev_command import PROGRAM, bare_environment

_HELP = """
import sys
from gridboss_assets.cli.main import main
sys.argv[0] = "gridboss-assets"
try:
    main()
except SystemExit as ended:
    assert not ended.code
print(*{"fastapi", "uvicorn", "jwt", "gridboss_assets.web"} & set(sys.modules))
"""


@pytest.mark.parametrize("command", [[], ["dev"], ["serve"], ["token"]], ids=str)
def test_help_loads_no_web_framework(tmp_path: Path, command: list[str]) -> None:
    ended = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, "-c", _HELP, *command, "--help"],
        env=bare_environment(tmp_path),
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Usage: gridboss-assets" in ended.stdout
    assert ended.stdout.splitlines()[-1] == ""


def test_without_a_command_the_help_is_shown(tmp_path: Path) -> None:
    ended = subprocess.run(  # noqa: S603 - the program under test
        [PROGRAM],
        env=bare_environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 2
    assert all(name in ended.stdout + ended.stderr for name in ("dev", "serve", "token"))
