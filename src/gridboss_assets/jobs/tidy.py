"""What a job leaves behind when its worker dies or it is cancelled: parts, or an object."""

import logging

from gridboss_assets.jobs.model import Job
from gridboss_assets.jobs.store import JobStore
from gridboss_assets.kinds import DEFAULT_KINDS
from gridboss_assets.storage import Storage

log = logging.getLogger(__name__)


def key_of(job: Job) -> str:
    """Return the key that the job's export is written to."""
    kind = DEFAULT_KINDS["export"]
    return f"{kind.prefix}{job.owner}/{job.id}.{job.format}"


def abort_uploads(job: Job, store: JobStore, storage: Storage) -> None:
    """Abort the multipart uploads that a worker began and did not finish."""
    key = key_of(job)
    for upload_id in job.uploads:
        if storage.abort_multipart(key, upload_id):  # type: ignore[attr-defined]
            log.info("aborted an upload that the job %s had left", job.id)
        else:
            log.warning(
                "an upload that the job %s had left may not be aborted by this user; the bucket's "
                "lifecycle rule removes it",
                job.id,
            )
        store.end_upload(job.id, upload_id)


def remove_export(job: Job, storage: Storage) -> None:
    """Remove the object of a job that was cancelled; there may be none."""
    storage.delete(key_of(job))
