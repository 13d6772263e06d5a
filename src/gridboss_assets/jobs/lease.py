"""A worker's hold on one job, and the end of a worker."""

import logging
import threading
from types import TracebackType
from typing import Self

from gridboss_assets.errors import ExportCancelled, JobError
from gridboss_assets.jobs.model import Job
from gridboss_assets.jobs.store import JobStore

log = logging.getLogger(__name__)

RENEW_SECONDS = 3.0
"""A lease is renewed this often: three times before it runs out."""


class Shutdown:
    """Tells the jobs of this process that it has to end."""

    def __init__(self) -> None:
        self._requested = threading.Event()
        self._lock = threading.Lock()
        self._leases: set[Lease] = set()

    @property
    def requested(self) -> bool:
        """Whether jobs shall be given back."""
        return self._requested.is_set()

    def request(self) -> None:
        """Have each job given back when it next says how far it is."""
        self._requested.set()

    def release_all(self) -> list[str]:
        """Give back what is still held, by jobs that say nothing, and name it.

        The process has to end right after. What those jobs do in their last moments changes
        nothing any more: their attempt is over.
        """
        with self._lock:
            leases = list(self._leases)
        return [lease.job.id for lease in leases if lease.release()]

    def hold(self, lease: "Lease") -> None:
        """Note a lease for as long as it is held."""
        with self._lock:
            self._leases.add(lease)

    def drop(self, lease: "Lease") -> None:
        """Forget a lease."""
        with self._lock:
            self._leases.discard(lease)


class Lease:
    """Renews a job's lease in a thread of its own, however slow its report or its upload is.

    The thread also tells the store how many rows are written, so that :meth:`progress`, which
    stands in the loop over the rows, never waits for a server.
    """

    def __init__(
        self, store: JobStore, job: Job, shutdown: Shutdown, *, every: float = RENEW_SECONDS
    ) -> None:
        self.store = store
        self.job = job
        self.total: int | None = None
        self.lost = False
        self.shutdown = shutdown
        self._every = every
        self._rows = 0
        self._told = 0
        self._left = threading.Event()
        self._thread = threading.Thread(target=self._renew, name=f"lease-{job.id}", daemon=True)

    def __enter__(self) -> Self:
        self.shutdown.hold(self)
        self._thread.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self._left.set()
        self._thread.join()
        self.shutdown.drop(self)

    def progress(self, rows: int) -> None:
        """Note how many rows are written; raises ``ExportCancelled`` when the job has to stop."""
        self._rows = rows
        self.check()

    def check(self) -> None:
        """Raise ``ExportCancelled`` when the job was lost, or the worker has to end."""
        if self.lost or self.shutdown.requested:
            raise ExportCancelled

    def release(self) -> bool:
        """Give the job back from outside of its run; False when that failed."""
        try:
            return self.store.release(self.job.id, self.job.attempt)
        except JobError as error:  # then the lease runs out by itself
            log.warning("could not give back the job %s: %s", self.job.id, error.detail)
            return False

    def _renew(self) -> None:
        job = self.job
        while not self._left.wait(self._every):
            rows = self._rows
            try:
                if rows == self._told:
                    held = self.store.renew(job.id, job.attempt)
                else:
                    held = self.store.progress(job.id, job.attempt, rows, self.total)
                    self._told = rows
            except JobError as error:
                # The server may come back before anybody else takes the job; the run goes on.
                log.warning("could not renew the lease of the job %s: %s", job.id, error)
                continue
            except Exception:
                log.exception("could not renew the lease of the job %s", job.id)
                continue
            if not held:
                self.lost = True
                return
