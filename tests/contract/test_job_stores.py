"""Both job stores keep one contract."""

from collections.abc import Iterator

import pytest
from tests.support.redisserver import RedisServer

from gridboss_assets.errors import JobNotFound
from gridboss_assets.jobs import MemoryJobStore
from gridboss_assets.jobs.contract import MAX_ACTIVE, Clock, JobStoreContract
from gridboss_assets.jobs.redis import RedisJobStore


@pytest.fixture
def clock() -> Clock:
    """Give a clock that stands still."""
    return Clock()


class TestMemory(JobStoreContract):
    """The store of development."""

    @pytest.fixture
    def store(self, clock: Clock) -> MemoryJobStore:
        """Give an empty one."""
        return MemoryJobStore(max_active=MAX_ACTIVE, clock=clock)


class TestRedis(JobStoreContract):
    """The store of production, on a real server."""

    @pytest.fixture
    def store(self, clock: Clock, redis_server: RedisServer) -> Iterator[RedisJobStore]:
        """Give an empty one."""
        with redis_server.client() as client:
            yield RedisJobStore(client, max_active=MAX_ACTIVE, clock=clock)


def test_memory_forgets_a_job_after_its_time(clock: Clock) -> None:
    store = MemoryJobStore(keep=100, clock=clock)
    job = clock.job()
    store.add(job)
    store.cancel(job.id)
    clock.advance(99.9)
    assert store.get(job.id).id == job.id
    clock.advance(0.1)
    with pytest.raises(JobNotFound):
        store.get(job.id)
