from tests.support.exports import REPORTS, Storage, write

from gridboss_assets.jobs import MemoryJobStore
from gridboss_assets.jobs.in_process import InProcessQueue
from gridboss_assets.jobs.lease import Shutdown
from gridboss_assets.jobs.run import Outcome, run_job
from gridboss_assets.jobs.service import Exports


def test_a_request_ends_as_an_object() -> None:
    store, storage = MemoryJobStore(), Storage()

    def run(job_id: str, shutdown: Shutdown) -> Outcome:
        return run_job(
            job_id, store=store, reports=REPORTS, storage=storage, write=write, shutdown=shutdown
        )

    queue = InProcessQueue(run)
    exports = Exports(store, queue, REPORTS)
    job = exports.request("numbers", "csv", {"rows": 2}, "driver-7")
    while not exports.get(job.id).has_ended:
        pass
    queue.close()
    done = exports.get(job.id)
    assert (done.state, done.rows) == ("done", 2)
    assert storage.list_keys("") == [done.object_key]
