"""The two Protocols of jobs: where their state is kept, and how a worker hears of them."""

from typing import Protocol

from gridboss_assets.jobs.model import Fault, Job


class JobStore(Protocol):
    """The state of jobs. Methods are safe to call from several threads and processes.

    Every method may raise ``JobsUnavailable``, and those that name a job ``JobNotFound``. A job
    that has ended never changes again. A worker names the ``attempt`` that it has: what a
    superseded worker says of a job changes nothing, and it learns so by ``False``.
    """

    def add(self, job: Job) -> None:
        """Keep a new job; raises ``TooManyRequests`` when its subject has too many unended."""

    def get(self, job_id: str) -> Job:
        """Return a job as it stands."""

    def peek(self, job_id: str) -> Job:
        """Return it without its parameters, as ``of`` does: for whoever asks again and again."""

    def of(self, subject: str, *, limit: int = 50, before: str | None = None) -> list[Job]:
        """List the jobs of a subject, newest first; ``before``: those older than that job.

        They come without their parameters, which may be large: those are an empty mapping.
        """

    def take(self, job_id: str) -> Job | None:
        """Take a job up: it is running, its attempt one higher, its lease begun.

        None when there is nothing to do: it has ended, or another worker's lease still holds.
        A lease that ran out means that its worker died, which counts among ``failures``.
        """

    def renew(self, job_id: str, attempt: int) -> bool:
        """Hold on to the job for another lease. False: cancelled, or taken up by another."""

    def progress(self, job_id: str, attempt: int, rows: int, total: int | None = None) -> bool:
        """Say how many rows are written, and renew the lease; answers as ``renew``."""

    def begin_upload(self, job_id: str, attempt: int, upload_id: str) -> bool:
        """Note a multipart upload before its first part, for whoever has to abort it."""

    def end_upload(self, job_id: str, upload_id: str) -> None:
        """Forget a multipart upload that was finished or aborted."""

    def release(self, job_id: str, attempt: int, *, delay: float = 0, failed: bool = False) -> bool:
        """Give the job back, to be tried again ``delay`` seconds from now: queued, no lease.

        ``failed`` counts among the job's ``failures``; a worker that has to stop leaves it out.
        """

    def finish(
        self, job_id: str, attempt: int, *, object_key: str, filename: str, content_length: int
    ) -> bool:
        """Note that the object stands at its key: the job is done."""

    def fail(self, job_id: str, attempt: int, fault: Fault) -> bool:
        """Note that the job can't succeed."""

    def cancel(self, job_id: str) -> Job:
        """Cancel a job unless it has ended, and return it as it then stands."""

    def stranded(self, *, limit: int = 100) -> list[str]:
        """Name jobs that nobody works on: a lease ran out, or a queue may have lost them.

        A job that was named is not named again for a while, which grows with its age: one that
        only waits behind others is then asked for seldom.
        """


class JobQueue(Protocol):
    """How a worker hears that there is a job."""

    def enqueue(self, job_id: str, *, delay: float = 0) -> None:
        """Hand a job to some worker, ``delay`` seconds from now; raises ``JobsUnavailable``.

        A worker may hear of the same job twice.
        """
