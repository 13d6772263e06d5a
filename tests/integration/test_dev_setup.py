"""How the scripts set themselves up, with a stand-in for Python that installs in no time."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from tests.integration.test_dev_command import wait_until

SETUP = Path(__file__).parents[2] / "scripts" / "lib" / "setup.sh"

# Makes "environments" with a copy of itself, and writes down what it is asked to install.
_PYTHON = """#!/bin/bash
here=$(cd "$(dirname "$0")/.." && pwd)
case "$*" in
  *"import pip"*) [ -e "$here/pip" ] ;;
  "-c "*) exit 0 ;;
  "-m venv --clear --without-pip "*) rm -rf "$5"; mkdir -p "$5/bin"; cp "$0" "$5/bin/python"
    echo "made" >>"$NOTES" ;;
  "-m ensurepip "*) touch "$here/pip" ;;
  *"--require-hashes"*) echo "installed ${!#}" >>"$NOTES"; [ -z "${SLOW:-}" ] || sleep "$SLOW"
    [ -z "${FAIL:-}" ] || { echo "ERROR: $FAIL" >&2; exit 1; } ;;
  *"-e"*) echo "#!$here/bin/python" >"$here/bin/gridboss-assets" ;;
esac
"""


class Checkout:
    """A checkout with two locks and the stand-in for Python."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "checkout"
        (self.root / "scripts" / "lib").mkdir(parents=True)
        shutil.copy(SETUP, self.root / "scripts" / "lib")
        (self.root / "requirements").mkdir()
        for name in ("pyproject.toml", "requirements/dev.txt", "requirements/test.txt"):
            (self.root / name).write_text(name)
        self.path = folder / "bin"
        self.path.mkdir()
        (self.path / "python3.13").write_text(_PYTHON)
        (self.path / "python3.13").chmod(0o755)
        self.notes_path = folder / "notes"
        self.notes_path.touch()

    def start(self, lock: str = "dev", **environment: str) -> subprocess.Popen[str]:
        """Begin to set up, as a script does."""
        script = f'set -euo pipefail; root=$PWD; . scripts/lib/setup.sh; set_up {lock}; echo "go"'
        return subprocess.Popen(  # noqa: S603 - our own script
            ["/bin/bash", "-c", script],
            cwd=self.root,
            env={"PATH": f"{self.path}:{os.environ['PATH']}", "NOTES": str(self.notes_path)}
            | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def set_up(self, lock: str = "dev", **environment: str) -> tuple[int, str, str]:
        """Set up; return the exit status, stdout and stderr."""
        with self.start(lock, **environment) as process:
            out, err = process.communicate()
        return process.returncode, out, err

    def notes(self) -> list[str]:
        """Return what was made and installed since the last call."""
        text = self.notes_path.read_text()
        self.notes_path.write_text("")
        return [line.rpartition("/")[2] for line in text.splitlines()]


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """Give a checkout that was never set up."""
    return Checkout(tmp_path)


def test_a_fresh_checkout_is_set_up_in_one_line(checkout: Checkout) -> None:
    code, out, err = checkout.set_up()
    assert (code, out, err.count("\n")) == (0, "go\n", 1)
    assert checkout.notes() == ["made", "dev.txt"]


def test_the_next_run_does_and_says_nothing(checkout: Checkout) -> None:
    checkout.set_up()
    checkout.notes()
    assert checkout.set_up() == (0, "go\n", "")
    assert checkout.notes() == []


def test_a_changed_lock_is_installed_into_the_same_environment(checkout: Checkout) -> None:
    checkout.set_up()
    (checkout.root / "requirements" / "dev.txt").write_text("more")
    checkout.set_up()
    assert checkout.notes() == ["made", "dev.txt", "dev.txt"]


def test_both_locks_share_one_environment(checkout: Checkout) -> None:
    checkout.set_up("dev")
    checkout.set_up("test")
    checkout.set_up("dev")
    assert checkout.notes() == ["made", "dev.txt", "test.txt"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_installation_is_made_anew(
    checkout: Checkout, number: signal.Signals
) -> None:
    with checkout.start(SLOW="600") as process:
        wait_until(lambda: "dev.txt" in checkout.notes_path.read_text(), "it installs")
        os.killpg(process.pid, number)
        process.communicate()
    checkout.notes()
    assert checkout.set_up()[:2] == (0, "go\n")
    assert checkout.notes() == ["made", "dev.txt"]


def test_two_scripts_at_once_install_once(checkout: Checkout) -> None:
    with checkout.start(SLOW="1") as one, checkout.start(SLOW="1") as other:
        answers = [process.communicate()[0] for process in (one, other)]
    assert answers == ["go\n", "go\n"]
    assert checkout.notes() == ["made", "dev.txt"]


def test_what_is_started_afterwards_does_not_keep_others_waiting(checkout: Checkout) -> None:
    script = "set -eu; root=$PWD; . scripts/lib/setup.sh; set_up dev; exec sleep 600"
    with subprocess.Popen(  # noqa: S603 - our own script
        ["/bin/bash", "-c", script],
        cwd=checkout.root,
        env={"PATH": f"{checkout.path}:{os.environ['PATH']}", "NOTES": str(checkout.notes_path)},
        stderr=subprocess.DEVNULL,
    ) as running:
        wait_until((checkout.root / ".venv" / ".installed-dev").exists, "it is set up")
        assert checkout.set_up("test")[:2] == (0, "go\n")
        running.kill()


def test_a_failure_says_why_and_starts_nothing(checkout: Checkout) -> None:
    code, out, err = checkout.set_up(FAIL="no route to host")
    assert (code, out) == (1, "")
    assert "ERROR: no route to host\nInstalling failed, for the reason above." in err


def test_a_failure_is_tried_again(checkout: Checkout) -> None:
    checkout.set_up(FAIL="no route to host")
    assert checkout.set_up()[:2] == (0, "go\n")


def test_a_checkout_that_was_moved_is_set_up_anew(checkout: Checkout) -> None:
    checkout.set_up()
    checkout.notes()
    checkout.root = checkout.root.rename(checkout.root.with_name("moved here"))
    assert checkout.set_up()[:2] == (0, "go\n")
    assert checkout.notes() == ["made", "dev.txt"]


def test_a_machine_without_python_is_told_so(checkout: Checkout) -> None:
    for name in ("cat", "cksum", "grep", "flock", "touch", "rm"):
        if found := shutil.which(name):
            (checkout.path / name).symlink_to(found)
    (checkout.path / "python3.13").unlink()
    code, out, err = checkout.set_up(PATH=str(checkout.path))
    assert (code, out) == (1, "")
    assert err.startswith("Python 3.11 or newer is needed")
