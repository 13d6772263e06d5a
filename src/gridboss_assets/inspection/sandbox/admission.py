"""Who may inspect now: a budget of pixels that is shared, and a queue that is short."""

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from gridboss_assets.errors import InspectionBusy


class Admission:
    """A budget that many threads share, first come, first served.

    Args:
        budget: what may be under way at once, in weights; a heavier job is let in alone.
        places: how many jobs may be under way at once, whatever they weigh.
        max_waiting: how many may wait; one more is refused at once.
        patience: seconds that one waits before it is refused.
    """

    def __init__(self, *, budget: int, places: int, max_waiting: int, patience: float) -> None:
        self._budget = budget
        self._places = places
        self._max_waiting = max_waiting
        self._patience = patience
        self._weight = 0
        self._inside = 0
        self._queue: deque[object] = deque()
        self._changed = threading.Condition()

    @property
    def waiting(self) -> int:
        """How many wait now."""
        return len(self._queue)

    @contextmanager
    def admitted(self, weight: int, *, alone: bool = False) -> Iterator[None]:
        """Wait for a place and hold it; raises :class:`InspectionBusy`.

        ``alone``: with nothing else under way, and nothing let in meanwhile.
        """
        weight = self._budget if alone else max(1, min(weight, self._budget))
        self._enter(weight)
        try:
            yield
        finally:
            with self._changed:
                self._weight -= weight
                self._inside -= 1
                self._changed.notify_all()

    def _enter(self, weight: int) -> None:
        ticket = object()
        deadline = time.monotonic() + self._patience
        with self._changed:
            if len(self._queue) >= self._max_waiting:
                raise InspectionBusy
            self._queue.append(ticket)
            try:
                # In the order of arrival: otherwise small pictures would starve a large one.
                while self._queue[0] is not ticket or not self._fits(weight):
                    if not self._changed.wait(deadline - time.monotonic()):
                        raise InspectionBusy
            finally:
                self._queue.remove(ticket)
                self._changed.notify_all()
            self._weight += weight
            self._inside += 1

    def _fits(self, weight: int) -> bool:
        return self._inside < self._places and self._weight + weight <= self._budget
