"""`gridboss-assets dev` runs export jobs by itself, whatever broker the settings name."""

import signal
from pathlib import Path

from tests.integration.test_dev_command import DevCommand
from tests.support.browser import Caller, open_link
from tests.support.exporting import Gate, accepted, ask, ended, following

REPORTS = str(Path(__file__).parents[1] / "support" / "reports")


def test_a_job_needs_no_broker_and_ctrl_c_ends_in_order(tmp_path: Path) -> None:
    nowhere = "redis://127.0.0.1:1/0"
    with DevCommand(
        tmp_path, REDIS_URL=nowhere, REPORT_MODULES="gated_reports", PYTHONPATH=REPORTS
    ) as dev:
        caller, gate = Caller(dev.url, "dev"), Gate(tmp_path, "gate")
        job = ended(caller, accepted(ask(caller)))
        assert open_link(job["url"]).ok
        job_id = accepted(ask(caller, "gated", parameters=gate.parameters))
        with following(caller, job_id) as events:
            next(event for event in events if event.data["progress"]["rows"] >= 1000)
            dev.process.send_signal(signal.SIGINT)
            assert {event.name for event in events} <= {"progress"}  # ends with the server
        gate.open()
        assert dev.finish() == (0, "")
        assert "Traceback" not in dev.errors()
