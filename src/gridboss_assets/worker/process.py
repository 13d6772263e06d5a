"""One worker process: ``python -m gridboss_assets.worker.process``, a child of the supervisor.

It ends when the supervisor says so or ends itself, and on SIGTERM or SIGINT. Jobs then have a while
to end by themselves, are next asked to be given back, and are last given back over their heads.
"""

import argparse
import logging
import logging.config
import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial

import dramatiq

from gridboss_assets.errors import AssetsError, JobsUnavailable
from gridboss_assets.exports import write_export
from gridboss_assets.jobs.broker import BrokerQueue, make_broker
from gridboss_assets.jobs.configured import connect, store_of
from gridboss_assets.jobs.lease import Shutdown
from gridboss_assets.jobs.recover import recover
from gridboss_assets.jobs.run import run_job
from gridboss_assets.jobs.states import LEASE_SECONDS
from gridboss_assets.jobs.sweep import sweep
from gridboss_assets.logs import log_config
from gridboss_assets.reports import load_reports
from gridboss_assets.storage import S3Storage
from gridboss_assets.worker.actors import declare_actor
from gridboss_assets.worker.control import NOW, READY
from gridboss_assets.worker.schedule import Schedule, Task
from gridboss_config import Settings, get_settings

log = logging.getLogger("gridboss_assets.worker.process")  # it is run as __main__

# How often an idle worker looks for a job: somebody waits for a small export. By Dramatiq's default
# it would be once a second.
_IDLE_MILLISECONDS = 250

_LAST_SECONDS = 5.0
_HOUR = 3600.0


class Process:
    """A Dramatiq worker, with what it takes to end it in order.

    Args:
        settings: the deployment's.
        threads: jobs that run at once.
        lease: seconds after which a job is another worker's when this process says nothing.
        grace: seconds that jobs have to end by themselves once the process has to.
    """

    def __init__(self, settings: Settings, *, threads: int, lease: float, grace: float) -> None:
        self._grace = grace
        self._shutdown = Shutdown()
        self._client = connect(settings)
        self._storage = S3Storage.from_settings(settings)
        store = store_of(settings, self._client, lease=lease)
        broker = make_broker(settings, self._client)
        self._queue = BrokerQueue(broker)
        declare_actor(
            broker,
            partial(
                run_job,
                store=store,
                reports=load_reports(settings.report_modules),
                storage=self._storage,
                write=write_export,
                max_bytes=settings.export_max_bytes,
                # As often as a person who follows the job would look, and three times a lease.
                renew_every=min(lease / 3, 1.0),
                shutdown=self._shutdown,
            ),
        )
        self._schedule = Schedule(
            self._client,
            [
                Task("recover", lease / 3, partial(recover, store, self._queue)),
                Task("sweep", _HOUR, partial(sweep, self._storage)),
            ],
        )
        self._worker = dramatiq.Worker(
            broker, worker_threads=threads, worker_timeout=_IDLE_MILLISECONDS
        )
        # Dramatiq would fetch twice as many: an export would wait behind a long one while another
        # process has nothing to do.
        self._worker.queue_prefetch = threads

    @contextmanager
    def running(self) -> Iterator[None]:
        """Work while the block runs; leaving it ends in order."""
        self._worker.start()
        self._schedule.start()
        yield
        self._schedule.stop()
        last = self._grace + _LAST_SECONDS
        timers = [
            threading.Timer(self._grace, self._shutdown.request),
            threading.Timer(last, self.end_now),
        ]
        for timer in timers:
            timer.daemon = True
            timer.start()
        # Its patience has to be longer than ours: it would leave running jobs as they are.
        self._worker.stop(timeout=round((last + _LAST_SECONDS) * 1000))
        for timer in timers:
            timer.cancel()
        with closing(self._client), closing(self._storage), closing(self._worker.broker):
            log.info("this worker process has ended in order")

    def end_now(self) -> None:
        """Give back all jobs, whatever they do, and end the process."""
        self._shutdown.request()
        for job_id in self._shutdown.release_all():
            log.warning("the job %s was given back in the middle of a step", job_id)
            try:
                self._queue.enqueue(job_id)
            except JobsUnavailable as error:
                log.warning("the job %s waits to be found again: %s", job_id, error.detail)
        logging.shutdown()
        os._exit(0)


def main() -> None:
    """Run until the supervisor or a signal says to stop."""
    options = _options()
    control = socket.socket(fileno=options.control)
    settings = get_settings()
    logging.config.dictConfig(log_config(settings.log_level))
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda _number, _frame: stop.set())
    try:
        process = Process(
            settings, threads=options.threads, lease=options.lease, grace=options.grace
        )
    except AssetsError as error:
        log.error("this worker process can't start: %s", error.detail or error)  # noqa: TRY400 - the message is for an operator
        raise SystemExit(1) from None
    threading.Thread(target=_listen, args=[control, stop, process], daemon=True).start()
    with process.running():
        control.sendall(READY)
        stop.wait()


def _listen(control: socket.socket, stop: threading.Event, process: Process) -> None:
    """Do what the supervisor says."""
    while said := _receive(control):
        if said == NOW:
            process.end_now()
        stop.set()
    # The supervisor has died, maybe by SIGKILL: nobody would look after this process.
    stop.set()


def _receive(control: socket.socket) -> bytes:
    try:
        return control.recv(1)
    except OSError:
        return b""


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="gridboss_assets.worker.process", description=__doc__)
    parser.add_argument("--control", type=int, required=True, help="a connected socket")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--lease", type=float, default=LEASE_SECONDS)
    parser.add_argument("--grace", type=float, default=15.0)
    return parser.parse_args()


if __name__ == "__main__":
    main()
