"""A message calls the plain function, and its wish to be tried again is heard."""

import dramatiq
import pytest
from dramatiq.brokers.stub import StubBroker

from gridboss_assets.jobs.broker import QUEUE, BrokerQueue
from gridboss_assets.jobs.run import Outcome
from gridboss_assets.worker.actors import declare_actor


def test_a_job_is_run_until_it_asks_for_nothing_more() -> None:
    broker = StubBroker(middleware=[])
    outcomes = [Outcome("queued", 0.01), Outcome("queued", 0), Outcome("done")]
    ran = []

    def run(job_id: str) -> Outcome:
        ran.append(job_id)
        return outcomes.pop(0)

    declare_actor(broker, run)
    BrokerQueue(broker).enqueue("a")
    worker = dramatiq.Worker(broker, worker_threads=1, worker_timeout=10)
    worker.start()
    broker.join(QUEUE)
    worker.join()
    worker.stop()
    assert ran == ["a", "a", "a"]


@pytest.fixture(autouse=True)
def _no_global_broker() -> None:
    """Nothing here may fall back to a broker of the process."""
    assert dramatiq.broker.global_broker is None
