"""Plain functions that run at intervals, on one worker at a time."""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from gridboss_assets.errors import AssetsError
from gridboss_assets.jobs.redis import PREFIX, translated

log = logging.getLogger(__name__)

_LONGEST_NAP = 60.0


@dataclass(frozen=True, slots=True)
class Task:
    """``run`` is called every ``every`` seconds by one of all workers; it has to be repeatable."""

    name: str
    every: float
    run: Callable[[], object]


class Schedule:
    """Runs tasks, each on a thread of its own: a long one keeps no other waiting.

    Whoever comes first in an interval sets a key that lives as long, and the others find it. A
    worker that dies in a task leaves it to the next interval.
    """

    def __init__(self, client: Any, tasks: Sequence[Task]) -> None:
        self._client = client
        self._stopping = threading.Event()
        # Daemons: nobody waits for a task when the process ends.
        self._threads = [
            threading.Thread(target=self._repeat, args=[task], name=task.name, daemon=True)
            for task in tasks
        ]

    def start(self) -> None:
        """Begin; each task is due at once, unless another worker has just done it."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Begin no task any more."""
        self._stopping.set()

    def _repeat(self, task: Task) -> None:
        nap = min(task.every / 2, _LONGEST_NAP)
        while not self._stopping.is_set():
            try:
                if self._is_ours(task):
                    task.run()
            except AssetsError as error:
                log.warning("the task %s has to wait: %s", task.name, error.detail or error)
            except Exception:
                log.exception("the task %s failed", task.name)
            self._stopping.wait(nap)

    def _is_ours(self, task: Task) -> bool:
        key, life = f"{PREFIX}turn:{task.name}", max(1, round(task.every * 1000))
        with translated():
            return bool(self._client.set(key, "1", nx=True, px=life))
