"""The one actor: what Dramatiq calls with a message is the plain function ``run_job``."""

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

import dramatiq

from gridboss_assets.errors import JobsUnavailable
from gridboss_assets.jobs.broker import ACTOR, QUEUE, BrokerQueue
from gridboss_assets.jobs.run import Outcome

if TYPE_CHECKING:
    from dramatiq import Broker

log = logging.getLogger(__name__)


def declare_actor(broker: "Broker", run: Callable[[str], Outcome]) -> None:
    """Have ``run`` called with the ID of each job, and the job enqueued again if it asks for it.

    A message counts as dealt with whatever happens: the state of the job says what is left to do,
    and :mod:`gridboss_assets.jobs.recover` sees to it.
    """
    queue = BrokerQueue(broker)

    def run_export(job_id: str) -> None:
        outcome = run(job_id)
        if outcome.retry_in is None:
            return
        try:
            queue.enqueue(job_id, delay=outcome.retry_in)
        except JobsUnavailable as error:
            log.warning("the job %s waits to be found again: %s", job_id, error.detail)

    dramatiq.actor(broker=broker, queue_name=QUEUE, actor_name=ACTOR)(run_export)
