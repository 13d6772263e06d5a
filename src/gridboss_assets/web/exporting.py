"""The export jobs of one deployment: handed over, behind a server, or in this process."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from gridboss_assets.errors import ExportsNotEnabled, Misconfigured
from gridboss_assets.jobs.lease import Shutdown
from gridboss_assets.jobs.run import Outcome
from gridboss_assets.jobs.service import Exports
from gridboss_assets.reports import load_reports
from gridboss_assets.storage import Storage
from gridboss_assets.uploads import Uploads
from gridboss_config import Settings

# Where jobs write (spec: `exports/OWNER/ID.EXT`).
_PREFIX = "exports/"


class Exporting:
    """Makes the export jobs when they are first asked for.

    Args:
        settings: name the server that holds jobs.
        given: an embedder's own jobs, which the embedder closes.
        in_process: whether a development server without such a server runs jobs by itself.
    """

    def __init__(self, settings: Settings, given: Exports | None, *, in_process: bool) -> None:
        self._settings = settings
        self._exports = given
        self._in_process = in_process and settings.is_development
        self._open = ExitStack()
        self._lock = threading.Lock()

    def over(self, uploads: Uploads) -> Exports:
        """Return the jobs, which write to this storage; raises ``ExportsNotEnabled``."""
        if self._exports is None:
            with self._lock:
                if self._exports is None:
                    self._exports = self._make(uploads.storage)
        if uploads.kinds.of_key(_PREFIX) is None:
            raise Misconfigured(
                detail=f"export jobs write to {_PREFIX}, and no kind of upload has that prefix, so "
                "there could be no link: give the kinds one, such as that of DEFAULT_KINDS"
            )
        return self._exports

    def close(self) -> None:
        """Stop jobs that run in this process; they are waited for. May be called again."""
        self._open.close()

    def _make(self, storage: Storage) -> Exports:
        # Not at import: what an application does not use, it need not load.
        if self._settings.redis_url is not None:
            from gridboss_assets.jobs.configured import exports_of  # noqa: PLC0415

            return exports_of(self._settings)
        if not self._in_process:
            raise ExportsNotEnabled
        return self._open.enter_context(_in_process(self._settings, storage))


@contextmanager
def _in_process(settings: Settings, storage: Storage) -> Iterator[Exports]:
    """Keep jobs in the memory of this process, and run them on its threads until the block ends."""
    # PDF, for one, takes a while to import.
    from gridboss_assets.exports import write_export  # noqa: PLC0415
    from gridboss_assets.jobs.in_process import InProcessQueue  # noqa: PLC0415
    from gridboss_assets.jobs.memory import MemoryJobStore  # noqa: PLC0415
    from gridboss_assets.jobs.run import run_job  # noqa: PLC0415

    store = MemoryJobStore(
        max_active=settings.export_max_active, keep=settings.export_job_days * 24 * 3600
    )
    reports = load_reports(settings.report_modules)

    def run(job_id: str, shutdown: Shutdown) -> Outcome:
        return run_job(
            job_id,
            store=store,
            reports=reports,
            storage=storage,
            write=write_export,
            max_bytes=settings.export_max_bytes,
            shutdown=shutdown,
        )

    with InProcessQueue(run) as queue:
        yield Exports(store, queue, reports)
