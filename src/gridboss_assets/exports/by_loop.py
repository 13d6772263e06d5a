"""An export in a thread, whose asynchronous rows an event loop reads in another one."""

import asyncio
import traceback
from collections.abc import AsyncGenerator, Callable
from typing import Any, TypeVar, cast

from gridboss_assets.errors import ExportCancelled

T = TypeVar("T")


class ReadByLoop:
    """Runs one export in a thread for a task of ``loop``; made and run in that loop's thread."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, progress: Callable[[int], object] | None
    ) -> None:
        self.loop = cast("asyncio.AbstractEventLoop", _Loop(loop))
        self._progress = progress

    async def run(self, rows: object, work: Callable[[], T]) -> T:
        """Run ``work`` in a thread; when this task is cancelled, make it end and wait for that."""
        running = asyncio.ensure_future(asyncio.to_thread(_cleared, work))
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            cast("_Loop", self.loop).cancel()
            await asyncio.wait([running])
            if not running.cancelled():
                running.exception()  # nobody else asks for it
            raise
        finally:
            if running.done() and isinstance(rows, AsyncGenerator):
                await rows.aclose()

    def progress(self, rows: int) -> None:
        """Call the caller's ``progress``; raises ``ExportCancelled`` once the task is cancelled."""
        if cast("_Loop", self.loop).is_cancelled:
            raise ExportCancelled
        if self._progress is not None:
            self._progress(rows)


class _Loop:
    """The loop as ``asyncio.run_coroutine_threadsafe`` uses it: what it begins can be cancelled.

    A task that waits for rows which never come would otherwise hold the thread for ever.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._task: asyncio.Task[Any] | None = None
        self.is_cancelled = False
        self._has_ended_one = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loop, name)

    def create_task(self, coroutine: Any, **how: Any) -> asyncio.Task[Any]:
        self._task = self._loop.create_task(coroutine, **how)
        if self.is_cancelled and not self._has_ended_one:
            self._has_ended_one = self._task.cancel()
        return self._task

    def cancel(self) -> None:
        """Cancel the task that reads, now or when it comes; those that then close go on."""
        self.is_cancelled = True
        if self._task is not None:
            self._has_ended_one = self._task.cancel()


def _cleared(work: Callable[[], T]) -> T:
    """Run ``work``, and let go here of all rows that it has not read.

    An error holds on to the frames that it passed, and these to the rows. Closing asynchronous
    rows waits for the loop, so it must not be left to the loop's own thread.
    """
    try:
        return work()
    except BaseException as error:
        traceback.clear_frames(error.__traceback__)
        raise
