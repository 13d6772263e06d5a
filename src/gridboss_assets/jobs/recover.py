"""Jobs that nobody works on are handed to a worker again."""

import logging

from gridboss_assets.jobs.store import JobQueue, JobStore

log = logging.getLogger(__name__)


def recover(store: JobStore, queue: JobQueue) -> int:
    """Enqueue what is stranded, and return how many jobs that were. Safe to repeat.

    Raises ``JobsUnavailable``; those that were not enqueued are named again later.
    """
    stranded = store.stranded()
    for job_id in stranded:
        log.info("the job %s is handed out again: nobody works on it", job_id)
        queue.enqueue(job_id)
    return len(stranded)
