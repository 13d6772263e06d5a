"""A queue in this process, with the threads that work on it: for development and for tests."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Self

from gridboss_assets.errors import JobsUnavailable
from gridboss_assets.jobs.lease import Shutdown
from gridboss_assets.jobs.run import Outcome

log = logging.getLogger(__name__)


class InProcessQueue:
    """See :class:`~gridboss_assets.jobs.store.JobQueue`. Its jobs end with the process.

    ``run`` is called with a job's ID and the queue's :class:`Shutdown`, on one of ``threads``
    threads. :meth:`close` has running jobs given back, and returns when none runs any more.
    """

    def __init__(self, run: Callable[[str, Shutdown], Outcome], *, threads: int = 2) -> None:
        self._run = run
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="export")
        self._timers: set[threading.Timer] = set()
        self._lock = threading.Lock()
        self._shutdown = Shutdown()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def enqueue(self, job_id: str, *, delay: float = 0) -> None:
        """Hand a job to one of the threads; raises ``JobsUnavailable`` after :meth:`close`."""
        with self._lock:
            if self._shutdown.requested:
                raise JobsUnavailable(detail="the queue is closed")
            if delay <= 0:
                self._pool.submit(self._work, job_id)
                return
            timer = threading.Timer(delay, self._due, [job_id])
            timer.daemon = True
            self._timers.add(timer)
            timer.start()

    def close(self) -> None:
        """Stop in order; may be called again."""
        with self._lock:
            self._shutdown.request()
            timers = list(self._timers)
        for timer in timers:
            timer.cancel()
        self._pool.shutdown(cancel_futures=True)

    def _due(self, job_id: str) -> None:
        with self._lock:
            self._timers = {timer for timer in self._timers if timer.is_alive()}
        self._enqueue_again(job_id, 0)

    def _work(self, job_id: str) -> None:
        try:
            outcome = self._run(job_id, self._shutdown)
        except Exception:
            log.exception("the job %s could not be run", job_id)
            return
        if outcome.retry_in is not None:
            self._enqueue_again(job_id, outcome.retry_in)

    def _enqueue_again(self, job_id: str, delay: float) -> None:
        try:
            self.enqueue(job_id, delay=delay)
        except JobsUnavailable:
            log.info("the job %s is not tried again: this process ends", job_id)
