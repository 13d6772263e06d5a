"""Jobs in Redis: what the service and all its workers share.

Keys, each under ``gridboss-assets:``

=================  ==========  ===================================================================
``job:ID``         hash        ``state`` and ``parameters`` (JSON), ``due``; expires after the end
``jobs-of:OWNER``  sorted set  the jobs of a subject by their age
``active:OWNER``   set         those that have not ended
``unended``        sorted set  all that have not ended, by when somebody has to look after them
=================  ==========  ===================================================================

Each change is a transaction that is made anew when somebody else's came first (WATCH, MULTI). The
clock is the server's, so that machines need not agree about the time.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import redis

from gridboss_assets.errors import JobNotFound, JobsUnavailable
from gridboss_assets.jobs import wire
from gridboss_assets.jobs.model import Job
from gridboss_assets.jobs.states import (
    LEASE_SECONDS,
    QUEUE_SECONDS,
    Change,
    Entry,
    Transitions,
    too_many,
    wait_again,
)
from gridboss_assets.keys import owner_segment

PREFIX = "gridboss-assets:"
_UNENDED = f"{PREFIX}unended"
_PAGE = 50

T = TypeVar("T")


class RedisJobStore(Transitions):
    """See :class:`~gridboss_assets.jobs.store.JobStore`.

    Args:
        client: a Redis client, which threads share; ``connect`` in ``jobs/configured.py`` makes it.
        max_active: unended jobs of one subject.
        keep: seconds for which a job is kept after its end.
        lease: seconds for which a worker has a job without saying so again.
        patience: seconds that a queued job may wait before it counts as lost by its queue.
        clock: the time in POSIX seconds, for tests; None asks the server.
    """

    def __init__(  # noqa: PLR0913 - as many limits, each with its default
        self,
        client: redis.Redis,
        *,
        max_active: int = 20,
        keep: int = 7 * 24 * 3600,
        lease: float = LEASE_SECONDS,
        patience: float = QUEUE_SECONDS,
        clock: Callable[[], float] | None = None,
    ) -> None:
        super().__init__(lease=lease, patience=patience)
        self.max_active = max_active
        self.keep = keep
        # Its annotations allow for both protocols and for decoded text, of which we use neither.
        self._client: Any = client
        self._clock = clock

    def add(self, job: Job) -> None:
        """Keep a new job; raises ``TooManyRequests``."""
        active = _active(job.subject)

        def add(pipe: Any) -> None:
            if pipe.scard(active) >= self.max_active:
                raise too_many(self.max_active)
            due = self._now(pipe) + self.patience
            pipe.multi()
            pipe.hset(
                _key(job.id),
                mapping={
                    "state": wire.pack_state(job),
                    "parameters": wire.pack(job.parameters),
                    "due": due,
                },
            )
            pipe.zadd(_jobs_of(job.subject), {job.id: job.created_at})
            pipe.persist(_jobs_of(job.subject))
            pipe.sadd(active, job.id)
            pipe.zadd(_UNENDED, {job.id: due})

        self._transaction(add, active)

    def get(self, job_id: str) -> Job:
        """Return a job as it stands."""
        with translated():
            state, parameters = self._client.hmget(_key(job_id), "state", "parameters")
        if state is None or parameters is None:
            raise JobNotFound
        return wire.unpack(state, parameters)

    def peek(self, job_id: str) -> Job:
        """Return a job as it stands, without its parameters."""
        with translated():
            state = self._client.hget(_key(job_id), "state")
        if state is None:
            raise JobNotFound
        return wire.unpack(state)

    def of(self, subject: str, *, limit: int = 50, before: str | None = None) -> list[Job]:
        """List the jobs of a subject, newest first."""
        key = _jobs_of(subject)
        with translated():
            start, older_than = self._place(key, before)
            jobs: list[Job] = []
            while len(jobs) < limit:
                page = self._client.zrange(key, start, start + _PAGE - 1, desc=True)
                if not page:
                    break
                start += len(page)
                jobs += self._states(key, page, older_than)
            return jobs[:limit]

    def stranded(self, *, limit: int = 100) -> list[str]:
        """Name jobs that nobody works on."""
        with translated():
            now = self._now(self._client)
            found = self._client.zrange(_UNENDED, "-inf", now, byscore=True, offset=0, num=limit)
        return [job_id for each in found if self._is_stranded(job_id := each.decode())]

    def take(self, job_id: str) -> Job | None:
        """Take a job up; None when there is nothing to do."""
        job = super().take(job_id)
        return None if job is None else self.get(job_id)

    def cancel(self, job_id: str) -> Job:
        """Cancel a job unless it has ended."""
        super().cancel(job_id)
        return self.get(job_id)

    # --- inside -----------------------------------------------------------------------------

    def _change(self, job_id: str, change: Change) -> tuple[Entry, bool]:
        """Change the state alone: the parameters, which may be large, stay where they are."""
        key = _key(job_id)

        def apply(pipe: Any) -> tuple[Entry, bool]:
            before = _entry(pipe, key)
            after = change(before, self._now(pipe))
            if after is None:
                return before, False
            job = after.job
            if job.has_ended and not before.job.has_ended:
                self._end(pipe, key, after)
                return after, True
            pipe.multi()
            pipe.hset(key, mapping={"state": wire.pack_state(job), "due": after.due})
            if not job.has_ended:
                pipe.zadd(_UNENDED, {job_id: after.due})
            return after, True

        return self._transaction(apply, key)

    def _end(self, pipe: Any, key: str, entry: Entry) -> None:
        job = entry.job
        active = _active(job.subject)
        pipe.watch(active)
        is_last = pipe.scard(active) <= 1
        pipe.multi()
        pipe.hset(key, mapping={"state": wire.pack_state(job), "due": entry.due})
        pipe.expire(key, self.keep)
        pipe.srem(active, job.id)
        pipe.zrem(_UNENDED, job.id)
        if is_last:
            # The list lives as long as the last of its jobs.
            pipe.expire(_jobs_of(job.subject), self.keep)

    def _is_stranded(self, job_id: str) -> bool:
        """Look again while nobody changes the job, and let it rest for a while."""
        key = _key(job_id)

        def postpone(pipe: Any) -> bool:
            try:
                entry = _entry(pipe, key)
            except JobNotFound:  # lost with the server's memory
                pipe.multi()
                pipe.zrem(_UNENDED, job_id)
                return False
            now = self._now(pipe)
            if entry.job.has_ended or entry.due > now:
                return False
            pipe.multi()
            pipe.zadd(_UNENDED, {job_id: wait_again(entry.job, now, self.patience)})
            return True

        return self._transaction(postpone, key)

    def _place(self, key: str, before: str | None) -> tuple[int, tuple[float, str] | None]:
        """Find where the page after ``before`` begins; raises ``JobNotFound``."""
        if before is None:
            return 0, None
        score, rank = self._client.zscore(key, before), self._client.zrevrank(key, before)
        if score is None or rank is None:
            raise JobNotFound
        return rank, (score, before)

    def _states(
        self, key: str, page: list[bytes], older_than: tuple[float, str] | None
    ) -> Iterator[Job]:
        """Read the jobs of a page, and forget those that have expired."""
        with self._client.pipeline(transaction=False) as pipe:
            for job_id in page:
                pipe.hget(_key(job_id.decode()), "state")
            states = pipe.execute()
        gone = [job_id for job_id, state in zip(page, states, strict=True) if state is None]
        if gone:
            self._client.zrem(key, *gone)
        for state in states:
            job = wire.unpack(state) if state is not None else None
            # A job that was added meanwhile moves all others one place on.
            if job and (older_than is None or (job.created_at, job.id) < older_than):
                yield job

    def _now(self, connection: Any) -> float:
        if self._clock is not None:
            return self._clock()
        seconds, microseconds = connection.time()
        return float(seconds) + float(microseconds) / 1e6

    def _transaction(self, change: Callable[[Any], T], *watched: str) -> T:
        with translated():
            result: T = self._client.transaction(change, *watched, value_from_callable=True)
            return result


@contextmanager
def translated() -> Iterator[None]:
    """Raise ``JobsUnavailable`` for what the client raises inside the block.

    The detail is the kind of error alone: a server's own words may repeat what it was sent.
    """
    try:
        yield
    except redis.RedisError as error:
        raise JobsUnavailable(detail=f"Redis: {type(error).__name__}") from error


def _key(job_id: str) -> str:
    return f"{PREFIX}job:{job_id}"


def _jobs_of(subject: str) -> str:
    return f"{PREFIX}jobs-of:{owner_segment(subject)}"


def _active(subject: str) -> str:
    return f"{PREFIX}active:{owner_segment(subject)}"


def _entry(pipe: Any, key: str) -> Entry:
    values: Any = pipe.hmget(key, "state", "due")
    state, due = values
    if state is None or due is None:
        raise JobNotFound
    return Entry(wire.unpack(state), float(due))
