"""Worker processes as an operator runs them, on a real Redis and a real S3 server."""

import os
import select
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest
from tests.support.redisserver import RedisServer
from tests.support.service import COMMAND
from tests.support.service import environment as child_environment

from gridboss_assets.dev.seaweed import SeaweedFS
from gridboss_assets.jobs import Exports, Job
from gridboss_assets.jobs.broker import BrokerQueue, make_broker
from gridboss_assets.jobs.configured import connect, store_of
from gridboss_assets.jobs.tidy import key_of
from gridboss_assets.reports import Report, Reports
from gridboss_assets.storage import S3Storage
from gridboss_config import Settings

ROOT = Path(__file__).parents[2]
LEASE = "2"
_PATIENCE_SECONDS = 60

T = TypeVar("T")


def wait_for(what: Callable[[], T], why: str = "") -> T:
    """Return the first true answer; fails when there is none for a minute."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not (answer := what()):
        if time.monotonic() > deadline:
            pytest.fail(f"nothing came of {why or what}")
        time.sleep(0.02)
    return answer


class Workers:
    """One ``gridboss-assets worker``: a supervisor with its children."""

    def __init__(self, process: "subprocess.Popen[str]", log: Path) -> None:
        self.process = process
        self.log = log
        self.first: list[int] = []

    def children(self) -> list[int]:
        """Name the worker processes of this supervisor."""
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in path.read_text().split()]

    def signal(self, number: int = signal.SIGTERM) -> None:
        """Send the supervisor a signal."""
        self.process.send_signal(number)

    def wait(self) -> int:
        """Wait for the supervisor's end and return its status."""
        return self.process.wait(_PATIENCE_SECONDS)

    def ended(self) -> bool:
        return self.process.poll() is not None


@dataclass
class Plant:
    """Everything around the workers of one test: servers, settings, and a folder for signs."""

    redis: RedisServer
    environment: dict[str, str]
    folder: Path
    exports: Exports
    settings: Settings

    @contextmanager
    def workers(
        self,
        *arguments: str,
        processes: int = 1,
        threads: int = 1,
        **settings: str,
    ) -> Iterator[Workers]:
        """Run a supervisor that takes jobs; it is stopped at the end of the block."""
        log = self.folder / f"worker-{time.monotonic_ns()}.log"
        with log.open("w") as file:
            process = subprocess.Popen(  # noqa: S603 - our own command
                [
                    *(COMMAND, "worker", "--processes", str(processes), "--threads", str(threads)),
                    *("--lease", LEASE, *arguments),
                ],
                cwd=self.folder,
                env=self.environment | settings,
                stdout=subprocess.PIPE,
                stderr=file,
                text=True,
            )
        assert process.stdout is not None
        running = Workers(process, log)
        try:
            said, _, _ = select.select([process.stdout], [], [], _PATIENCE_SECONDS)
            assert said, f"no worker was ready:\n{log.read_text()}"
            assert process.stdout.readline().startswith("ready"), log.read_text()
            running.first = running.children()
            yield running
        finally:
            first = running.first if running.ended() else running.children()
            process.terminate()
            try:
                process.wait(_PATIENCE_SECONDS)
                wait_for(lambda: not any(map(is_alive, first)), "the end of all processes")
            finally:
                process.kill()
                process.wait()
                process.stdout.close()
                for pid in filter(is_alive, first):
                    os.kill(pid, signal.SIGKILL)

    def request(self, report: str = "quick", **parameters: Any) -> Job:
        """Ask for an export."""
        return self.exports.request(report, "csv", parameters, "driver-7")

    def held(self, name: str = "held", **parameters: Any) -> "Held":
        """Ask for an export that waits in the middle."""
        hold = Held(self.folder / f"{name}.reached", self.folder / f"{name}.until")
        hold.job = self.request(
            "held", reached=str(hold.reached), until=str(hold.until), **parameters
        )
        return hold

    def ended(self, job: Job) -> Job:
        """Wait for the end of a job."""
        wait_for(lambda: self.exports.get(job.id).has_ended, f"the job {job}")
        return self.exports.get(job.id)

    def keys(self, *jobs: Job) -> list[str]:
        """Name the keys of jobs, in the order of a listing."""
        return sorted(key_of(job, self.exports.reports) for job in jobs)

    def objects(self) -> list[str]:
        """List all keys of the bucket."""
        storage = S3Storage.from_settings(self.settings)
        try:
            return storage.list_keys("")
        finally:
            storage.close()


class Held:
    """An export that waits in the middle, until it is let go."""

    job: Job

    def __init__(self, reached: Path, until: Path) -> None:
        self.reached = reached
        self.until = until

    def wait(self) -> int:
        """Wait for the middle, and return the ID of the process that is there."""
        wait_for(self.reached.exists, "the middle of an export")
        pid = int(self.reached.read_text())
        self.reached.unlink()
        return pid

    def let_go(self) -> None:
        """Let it go on."""
        self.until.touch()


def is_alive(pid: int) -> bool:
    """Tell whether a process runs; one that only waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def plant(
    redis_server: RedisServer, seaweed: SeaweedFS, bucket: str, tmp_path: Path
) -> Iterator[Plant]:
    """Give an empty Redis and an empty bucket."""
    own = {
        "S3_ENABLED": "true",
        "S3_REGION": "us-east-1",
        "S3_BUCKET": bucket,
        "S3_ENDPOINT": seaweed.endpoint,
        "S3_ACCESS_KEY": seaweed.access_key,
        "S3_SECRET_KEY": seaweed.secret_key,
        "REDIS_URL": redis_server.url,
        "REPORT_MODULES": "tests.support.worker_reports",
    }
    environment = {
        **child_environment(tmp_path, own),
        "PYTHONPATH": str(ROOT),
        # Dramatiq's own pause after a lost connection, of three seconds.
        "dramatiq_restart_delay": "200",
    }
    settings = Settings(_env_file=None, **own)
    client = connect(settings)
    # Not by REPORT_MODULES: what is registered here would be there for all other tests.
    named = Reports(*(Report(name=name, function=list, title=name) for name in ("held", "quick")))
    store = store_of(settings, client)
    store.patience = 2.0
    exports = Exports(store, BrokerQueue(make_broker(settings, client)), named)
    yield Plant(redis_server, environment, tmp_path, exports, settings)
    client.close()
