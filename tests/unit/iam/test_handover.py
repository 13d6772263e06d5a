"""A key that can't be handed over is deleted again: no key exists that nobody holds."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ReadTimeoutError
from tests.unit.iam.conftest import COMMANDS, NAME, Failure, Stage, keys, prepared, refused

from gridboss_assets.cli.handover import Interrupted, Signals

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

SIGNALS = pytest.mark.parametrize(
    ("command", "number"),
    [
        (["create-user", NAME, "--yes"], signal.SIGINT),
        (["create-user", NAME, "--yes"], signal.SIGTERM),
        (["rotate", NAME], signal.SIGHUP),
    ],
    ids=lambda value: value.name if isinstance(value, signal.Signals) else value[0],
)


class Broken:
    """A standard output that fails on writing, or on flushing as a real one does."""

    encoding = "utf-8"

    def __init__(self, fail: Callable[[], None], *, on: str) -> None:
        self._fail, self._on = fail, on
        self.written = ""

    def write(self, text: str) -> int:
        self.written += text
        if self._on == "write":
            self._fail()
        return len(text)

    def flush(self) -> None:
        if self._on == "flush":
            self._fail()

    def isatty(self) -> bool:
        return False

    def fileno(self) -> int:
        raise OSError


def full() -> None:
    raise OSError(28, "No space left on device")


def closed() -> None:
    raise BrokenPipeError(32, "Broken pipe")


def unprintable() -> None:
    raise UnicodeEncodeError("ascii", "the secret itself", 0, 1, "the secret itself")


@COMMANDS
@pytest.mark.parametrize(
    ("fail", "on"), [(full, "write"), (closed, "flush"), (unprintable, "write")]
)
def test_a_key_that_could_not_be_printed_is_deleted_again(
    run: Stage, iam: "IAMClient", command: list[str], fail: Callable[[], None], *, on: str
) -> None:
    before, out = prepared(iam, command), Broken(fail, on=on)
    code, _, err = run(*command, stdout=out)
    assert (code, keys(iam)) == (2, before)
    assert run.secrets[-1] in out.written
    assert "deleted again" in err
    assert "the secret itself" not in err


@SIGNALS
def test_a_signal_while_the_key_is_printed_leaves_none(
    run: Stage, iam: "IAMClient", command: list[str], number: signal.Signals
) -> None:
    before = prepared(iam, command)
    out = Broken(lambda: os.kill(os.getpid(), number), on="flush")
    code, _, err = run(*command, stdout=out)
    assert (code, keys(iam)) == (2, before)
    assert "deleted again" in err


@SIGNALS
def test_a_signal_while_iam_makes_the_key_waits_until_it_can_be_deleted(
    run: Stage, iam: "IAMClient", command: list[str], number: signal.Signals
) -> None:
    before = prepared(iam, command)
    run.before["CreateAccessKey"] = lambda: os.kill(os.getpid(), number)
    code, out, err = run(*command)
    assert (code, out, keys(iam)) == (2, "", before)
    assert len(run.secrets) == len(before) + 1
    assert "deleted again" in err


def test_a_second_signal_does_not_cut_the_deletion_short(run: Stage, iam: "IAMClient") -> None:
    for operation in ("CreateAccessKey", "DeleteAccessKey"):
        run.before[operation] = lambda: os.kill(os.getpid(), signal.SIGINT)
    code, out, err = run("create-user", NAME, "--yes")
    assert (code, out, keys(iam)) == (2, "", {})
    assert "deleted again" in err


def test_signals_are_held_back_but_for_the_first_in_a_block_that_lets_it_through() -> None:
    signals, passed = Signals(), []

    def twice() -> None:
        try:
            signals(signal.SIGINT, None)
        finally:
            signals(signal.SIGINT, None)
            passed.append("while cleaning up")

    twice()
    with pytest.raises(Interrupted), signals.released():
        passed.append("in a block that it should not have entered")
    signals = Signals()
    with pytest.raises(Interrupted), signals.released():
        twice()
    assert passed == ["while cleaning up"] * 2


@pytest.mark.parametrize("operation", ["CreateUser", "PutUserPolicy"])
def test_a_signal_before_there_is_a_key_makes_none_and_says_what_is_done(
    run: Stage, operation: str, tmp_path: Path
) -> None:
    run.before[operation] = lambda: os.kill(os.getpid(), signal.SIGTERM)
    code, out, err = run("create-user", NAME, "--yes", "--out", "key.env")
    assert (code, out, run.secrets) == (2, "", [])
    assert "Stopped." in err
    assert ("Done: user." in err) == (operation == "PutUserPolicy")
    assert list(tmp_path.iterdir()) == []


def test_the_signals_mean_afterwards_what_they_meant_before(run: Stage) -> None:
    before = signal.getsignal(signal.SIGINT)
    run("create-user", NAME, "--yes")
    assert signal.getsignal(signal.SIGINT) is before


def test_a_key_that_can_not_be_deleted_either_is_named(run: Stage, iam: "IAMClient") -> None:
    run.before["DeleteAccessKey"] = refused("DeleteAccessKey")
    code, _, err = run("create-user", NAME, "--yes", stdout=Broken(closed, on="flush"))
    (key,) = keys(iam)
    assert code == 2
    assert f"{key} could not be deleted again" in err
    assert f"--retire {key} --delete" in err
    assert "may not call DeleteAccessKey" in err


@COMMANDS
def test_a_key_whose_answer_was_lost_is_named(
    run: Stage, iam: "IAMClient", command: list[str]
) -> None:
    def lost() -> None:
        del run.before["CreateAccessKey"]
        iam.create_access_key(UserName=NAME)
        raise ReadTimeoutError(endpoint_url="https://iam.amazonaws.com")

    before = prepared(iam, command)
    run.before["CreateAccessKey"] = lost
    code, out, err = run(*command)
    (key,) = keys(iam).keys() - before.keys()
    assert (code, out) == (2, "")
    assert f"{key} was made all the same, and nobody has its secret" in err
    assert f"--retire {key} --delete" in err
    assert [old for old in before if old in err] == []


@pytest.mark.parametrize(
    ("fail", "words"),
    [
        (refused("CreateAccessKey", "LimitExceeded", 409), "LimitExceeded"),
        (refused("CreateAccessKey", "ServiceFailure", 500), "No key was made"),
    ],
)
def test_where_no_key_was_made_it_says_so(run: Stage, fail: Failure, words: str) -> None:
    run.before["CreateAccessKey"] = fail
    code, out, err = run("create-user", NAME, "--yes")
    assert (code, out) == (2, "")
    assert words in err
    assert "was made all the same" not in err
