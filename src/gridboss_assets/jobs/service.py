"""Asking for exports: what the HTTP routes and an application's own code call."""

import json
import logging
from collections.abc import Mapping
from typing import Any

from gridboss_assets.errors import InvalidParameters, JobsUnavailable
from gridboss_assets.exports import Format
from gridboss_assets.jobs.model import Job
from gridboss_assets.jobs.store import JobQueue, JobStore
from gridboss_assets.reports import Reports

log = logging.getLogger(__name__)

MAX_PARAMETERS = 1024 * 1024
"""Most bytes of a request's parameters, as JSON."""


class Exports:
    """Export jobs of one application. It holds no state of its own; threads may share it.

    Who may ask for what is decided before: see :mod:`gridboss_assets.access`.
    """

    def __init__(self, store: JobStore, queue: JobQueue, reports: Reports) -> None:
        self.store = store
        self.queue = queue
        self.reports = reports

    def request(
        self,
        report_name: str,
        format: Format,  # noqa: A002 - the request's word
        parameters: Mapping[str, Any],
        subject: str,
    ) -> Job:
        """Make a job and hand it to a worker.

        Raises ``UnsupportedReport``, ``UnsupportedFormat``, ``InvalidParameters``,
        ``TooManyRequests``, or ``JobsUnavailable``: then there is no job that would run later.
        """
        report = self.reports[report_name]
        report.require(format)
        _check_json(parameters)
        report.check_parameters(parameters)
        job = Job.new(report.name, format, parameters, subject)
        self.store.add(job)
        try:
            self.queue.enqueue(job.id)
        except JobsUnavailable:
            self._withdraw(job)
            raise
        return job

    def get(self, job_id: str) -> Job:
        """Return a job as it stands; raises ``JobNotFound``."""
        return self.store.get(job_id)

    def peek(self, job_id: str) -> Job:
        """Return a job as it stands, without its parameters; raises ``JobNotFound``."""
        return self.store.peek(job_id)

    def of(self, subject: str, limit: int = 50, before: str | None = None) -> list[Job]:
        """List the jobs of a subject, newest first, without their parameters.

        ``before``: those older than that job. Raises ``JobNotFound`` when it is none of theirs.
        """
        return self.store.of(subject, limit=limit, before=before)

    def cancel(self, job_id: str) -> Job:
        """Cancel a job unless it has ended, and return it as it then stands.

        A worker that runs it stops soon, and leaves no object. Raises ``JobNotFound``.
        """
        job = self.store.cancel(job_id)
        if job.state == "cancelled" and job.attempt:
            # Its worker may have died and left something, so any worker has a look.
            try:
                self.queue.enqueue(job.id)
            except JobsUnavailable as error:
                log.warning("no worker hears that %s was cancelled: %s", job.id, error.detail)
        return job

    def _withdraw(self, job: Job) -> None:
        try:
            self.store.cancel(job.id)
        except JobsUnavailable as error:
            log.warning("could not withdraw the job %s: %s", job.id, error.detail)


def _check_json(parameters: Mapping[str, Any]) -> None:
    try:
        text = json.dumps(parameters, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        raise InvalidParameters("The parameters are not a JSON object.") from None
    if len(text) > MAX_PARAMETERS:
        raise InvalidParameters(
            f"The parameters are larger than {MAX_PARAMETERS // 1024} KiB. Narrow the request down."
        )
