"""The supervisor: what it does with a process that dies."""

import logging
import os
import signal
import sys
import threading
from pathlib import Path

import pytest

from gridboss_assets.worker import supervise
from gridboss_assets.worker.supervise import Supervisor


@pytest.fixture
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervise, "_LOOK_SECONDS", 0.005)
    monkeypatch.setattr(supervise, "_FIRST_PAUSE", 0.01)
    monkeypatch.setattr(supervise, "_LONGEST_PAUSE", 0.04)


@pytest.mark.usefixtures("_quick")
def test_a_process_that_dies_at_once_waits_longer_and_longer(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It is started again for ever, but not in a loop; the signal ends that too."""
    program = tmp_path / "python"
    program.write_text("#!/bin/sh\nexit 3\n")
    program.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(program))
    pauses: list[float] = []

    class Notes(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            assert isinstance(record.args, tuple)
            if len(record.args) == 2:
                assert record.args[0] == 3
                pauses.append(float(str(record.args[1])))
            if len(pauses) == 5:
                os.kill(os.getpid(), signal.SIGTERM)

    handler = Notes()
    logging.getLogger(supervise.__name__).addHandler(handler)
    ready = threading.Event()
    try:
        Supervisor(1, [], grace=0, ready=ready.set).run()
    finally:
        logging.getLogger(supervise.__name__).removeHandler(handler)
    assert pauses[:5] == [0.01, 0.02, 0.04, 0.04, 0.04]
    assert not ready.is_set()
