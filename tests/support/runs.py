"""One job and all that a run of it needs: store, storage, and a report that the test writes."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from tests.support.exports import Storage, numbers, report, write

from gridboss_assets.jobs import Job, MemoryJobStore
from gridboss_assets.jobs.contract import Clock
from gridboss_assets.jobs.lease import Shutdown
from gridboss_assets.jobs.run import Outcome, Tries, run_job
from gridboss_assets.jobs.tidy import key_of
from gridboss_assets.reports import Reports

TRIES = Tries(max_failures=3, first_pause=2, longest_pause=5, patience=0)


class JobStage:
    """A store, a storage, one job, and a function for its report."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.store = MemoryJobStore(clock=self.clock)
        self.storage = Storage()
        self.shutdown = Shutdown()
        self.job = self.clock.job(rows=3)
        self.job = replace(self.job, report="laps")
        self.store.add(self.job)

    def run(
        self,
        function: Callable[[Mapping[str, Any]], Any] = numbers,
        write: Any = write,
        **how: Any,
    ) -> Outcome:
        """Run the job once."""
        given: dict[str, Any] = {
            "store": self.store,
            "reports": Reports(report("laps", function)),
            "storage": self.storage,
            "write": write,
            "tries": TRIES,
            "renew_every": 0.01,
            "shutdown": self.shutdown,
        }
        return run_job(self.job.id, **(given | how))

    @property
    def key(self) -> str:
        """The key that the job writes to."""
        return key_of(self.job, Reports(report("laps", numbers)))

    def now(self) -> Job:
        """Return the job as it stands."""
        return self.store.get(self.job.id)


def raising(error: BaseException) -> Callable[[Mapping[str, Any]], Iterator[tuple[int]]]:
    """Make a report that yields a row and then raises."""

    def function(_parameters: Mapping[str, Any]) -> Iterator[tuple[int]]:
        yield (1,)
        raise error

    return function
