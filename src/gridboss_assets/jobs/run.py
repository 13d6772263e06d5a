"""Running one export job: taken up, written, finished; or tried again; or given up.

A plain function that takes and returns plain data. Queues wrap it, and every one of them may call
it twice for the same job.
"""

import logging
from collections.abc import Callable, Sized
from dataclasses import dataclass
from typing import Any, TypeVar

from gridboss_assets.errors import (
    AssetsError,
    ConfigurationError,
    ExportCancelled,
    InspectionError,
    JobError,
    JobNotFound,
    JobsUnavailable,
    StorageError,
)
from gridboss_assets.jobs.lease import RENEW_SECONDS, Lease, Shutdown
from gridboss_assets.jobs.model import Fault, Job, JobState
from gridboss_assets.jobs.persist import persistently
from gridboss_assets.jobs.store import JobStore
from gridboss_assets.jobs.tidy import abort_uploads, tidy_up
from gridboss_assets.reports import Reports
from gridboss_assets.storage import Storage

log = logging.getLogger(__name__)

# Faults of servers and of the deployment: they pass, or somebody mends them.
_PASSING = (StorageError, JobError, ConfigurationError, InspectionError)

T = TypeVar("T")


WriteExport = Callable[..., Any]
"""``gridboss_assets.exports.write_export``, which answers with an ``Export``."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a run. ``state`` is the job's, None when there was nothing to do.

    ``retry_in``: seconds after which the job has to be handed to a worker again, if it has to be.
    """

    state: JobState | None
    retry_in: float | None = None


@dataclass(frozen=True, slots=True)
class Tries:
    """How often and how patiently is tried again. All times are seconds.

    A job fails for good at the ``max_failures``-th error that may pass, or death of its worker.
    The pauses between are ``first_pause``, four times that, and so on, up to ``longest_pause``.
    ``patience``: how long a run waits for the job server before it leaves the job to another
    worker.
    """

    max_failures: int = 5
    first_pause: float = 2.0
    longest_pause: float = 120.0
    patience: float = 60.0

    def pause(self, failures: int) -> float:
        """Seconds to wait after so many failures."""
        return min(self.first_pause * 4.0 ** (failures - 1), self.longest_pause)


def run_job(  # noqa: PLR0913 - everything that a run needs, and no hidden state
    job_id: str,
    *,
    store: JobStore,
    reports: Reports,
    storage: Storage,
    write: WriteExport,
    max_bytes: int | None = None,
    tries: Tries = Tries(),
    renew_every: float = RENEW_SECONDS,
    shutdown: Shutdown | None = None,
) -> Outcome:
    """Run a job, and note in ``store`` what becomes of it. Raises nothing that is foreseen.

    Args:
        job_id: the job; one that has ended, or that another worker has, is left alone.
        store: where its state is kept.
        reports: what its rows come from.
        storage: where the object is written.
        write: ``write_export``.
        max_bytes: the largest object that may be written; None leaves it to ``write``.
        tries: how often is tried again.
        renew_every: seconds between two renewals of the lease.
        shutdown: tells the run that the process has to end; the job is then given back.
    """
    try:
        job = persistently(lambda: store.take(job_id), tries.patience)
        if job is None:
            return _left_alone(job_id, store, reports, storage, tries)
        lease = Lease(store, job, shutdown or Shutdown(), every=renew_every)
        return _Run(job, lease, store, reports, storage, write, max_bytes, tries).run()
    except JobNotFound:
        log.info("there is no job %s any more", job_id)
    except JobsUnavailable as error:
        # Its lease runs out, and a worker that reaches the server takes the job up.
        log.error("left the job %s: its server can't be reached (%s)", job_id, error.detail)  # noqa: TRY400 - the trace is always the same
    return Outcome(None)


def _left_alone(
    job_id: str, store: JobStore, reports: Reports, storage: Storage, tries: Tries
) -> Outcome:
    job = persistently(lambda: store.get(job_id), tries.patience)
    if job.state == "cancelled" and job.attempt:
        # Whoever had it may have died with an object or an upload half made.
        _tidy(job, store, reports, storage)
    return Outcome(None)


def _tidy(job: Job, store: JobStore, reports: Reports, storage: Storage) -> None:
    try:
        tidy_up(job, store, reports, storage)
    except AssetsError as error:
        log.warning("could not remove what the job %s left: %s", job.id, error.detail or error)


@dataclass(frozen=True, slots=True)
class _Run:
    job: Job
    lease: Lease
    store: JobStore
    reports: Reports
    storage: Storage
    write: WriteExport
    max_bytes: int | None
    tries: Tries

    def run(self) -> Outcome:
        job = self.job
        log.info("the job %s begins: %s, %s", job.id, job.report, job.format)
        with self.lease:
            try:
                # First of all, also when the job is given up: its predecessor's parts are paid for.
                abort_uploads(job, self.store, self.reports, self.storage)
                if job.failures >= self.tries.max_failures:
                    log.error("the job %s is given up: its workers died", job.id)
                    return self._fail(_neutral())
                export = self._write()
            except Exception as error:  # noqa: BLE001 - whatever a report raises ends here
                return self._broken(error)
            return self._finish(export)

    def _write(self) -> Any:
        job = self.job
        prepared = self.reports[job.report].prepare(job.parameters, job.format)
        rows, total = prepared.rows, prepared.total
        self.lease.total = len(rows) if total is None and isinstance(rows, Sized) else total
        self.lease.check()
        return self.write(
            rows,
            format=job.format,
            filename=prepared.filename,
            owner=job.subject,
            id=job.id,
            columns=prepared.columns,
            options=prepared.options,
            storage=self.storage,
            max_bytes=self.max_bytes,
            progress=self.lease.progress,
            on_multipart=self._note_multipart(),
        )

    def _note_multipart(self) -> Callable[[str | None], None]:
        job, begun = self.job, ""

        def note(upload_id: str | None) -> None:
            nonlocal begun
            if upload_id is None:
                self._tell(lambda: self.store.end_upload(job.id, begun))
                return
            begun = upload_id
            if not self._tell(lambda: self.store.begin_upload(job.id, job.attempt, begun)):
                self.lease.lost = True
                raise ExportCancelled

        return note

    def _finish(self, export: Any) -> Outcome:
        job = self.job
        if export.rows is not None:  # None: an earlier run had written it
            self._tell(
                lambda: self.store.progress(job.id, job.attempt, export.rows, self.lease.total)
            )
        done = self._tell(
            lambda: self.store.finish(
                job.id,
                job.attempt,
                object_key=export.object_key,
                filename=export.filename,
                content_length=export.content_length,
            )
        )
        if not done:
            return self._let_go()
        log.info(
            "the job %s is done: %s rows, %s bytes", job.id, export.rows, export.content_length
        )
        return Outcome("done")

    def _broken(self, error: Exception) -> Outcome:
        """End the run that raised ``error``."""
        job = self.job
        if isinstance(error, ExportCancelled):
            if self.lease.lost:
                return self._let_go()
            if self.lease.shutdown.requested:
                log.info("the job %s is given back: this worker ends", job.id)
                return self._release(0, failed=False)
        if isinstance(error, AssetsError) and not isinstance(error, _PASSING):
            log.info("the job %s failed: %s: %s", job.id, error.code, error)
            return self._fail(Fault(error.code, str(error)))
        failures = job.failures + 1
        known = Fault(error.code, str(error)) if isinstance(error, AssetsError) else None
        log.warning(
            "the job %s broke off (%s of %s times): %s",
            job.id,
            failures,
            self.tries.max_failures,
            getattr(error, "detail", None) or type(error).__name__,
            exc_info=None if known else error,
        )
        if failures < self.tries.max_failures:
            return self._release(self.tries.pause(failures), failed=True)
        return self._fail(known or _neutral())

    def _release(self, delay: float, *, failed: bool) -> Outcome:
        job = self.job
        released = self._tell(
            lambda: self.store.release(job.id, job.attempt, delay=delay, failed=failed)
        )
        return Outcome("queued", delay) if released else self._let_go()

    def _fail(self, fault: Fault) -> Outcome:
        job = self.job
        failed = self._tell(lambda: self.store.fail(job.id, job.attempt, fault))
        return Outcome("failed") if failed else self._let_go()

    def _let_go(self) -> Outcome:
        """Leave a job that was cancelled or that another worker has."""
        job = self._tell(lambda: self.store.get(self.job.id))
        log.info("the job %s is left: it is %s", job.id, job.state)
        if job.state == "cancelled":
            _tidy(job, self.store, self.reports, self.storage)
        return Outcome(job.state)

    def _tell(self, call: Callable[[], T]) -> T:
        return persistently(call, self.tries.patience)


def _neutral() -> Fault:
    return Fault(AssetsError.code, AssetsError.default_message)
