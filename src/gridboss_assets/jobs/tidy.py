"""What a job leaves behind when its worker dies or it is cancelled: parts, or an object."""

import logging

from gridboss_assets import keys
from gridboss_assets.exports import formats
from gridboss_assets.jobs.model import Job
from gridboss_assets.jobs.store import JobStore
from gridboss_assets.kinds import EXPORT
from gridboss_assets.reports import Reports
from gridboss_assets.storage import Storage

log = logging.getLogger(__name__)


def key_of(job: Job, reports: Reports) -> str:
    """Return the key that the job's export is written to."""
    try:
        options = reports[job.report].options_for(job.parameters, job.format)
    except Exception:  # noqa: BLE001 - a report that is gone, or that can't use the parameters
        options = None
    content_type = formats.content_type(job.format, options)
    return keys.build(EXPORT, job.subject, content_type, id=job.id).key


def abort_uploads(job: Job, store: JobStore, reports: Reports, storage: Storage) -> None:
    """Abort the multipart uploads that a worker began and did not finish."""
    for upload_id in job.uploads:
        if storage.abort_multipart(key_of(job, reports), upload_id):
            log.info("aborted an upload that the job %s had left", job.id)
        else:
            log.warning(
                "an upload that the job %s had left may not be aborted by this user; the bucket's "
                "lifecycle rule removes it",
                job.id,
            )
        store.end_upload(job.id, upload_id)


def tidy_up(job: Job, store: JobStore, reports: Reports, storage: Storage) -> None:
    """Leave nothing of a job that was cancelled: no parts, and no object."""
    abort_uploads(job, store, reports, storage)
    storage.delete(key_of(job, reports))
