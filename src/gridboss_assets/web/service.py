"""What the routes work with: one service for the settings of the moment.

``app.main:app`` reads its settings when a request needs them, so that a test may change the
environment and call ``get_settings.cache_clear()``. A new settings object makes a new service.
"""

import inspect
import logging
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from fastapi import Request
from fastapi.concurrency import run_in_threadpool

from gridboss_assets.access import Action, Authorize, Caller, Resource
from gridboss_assets.errors import Forbidden, JobNotFound, S3NotEnabled
from gridboss_assets.jobs import Job
from gridboss_assets.jobs.service import Exports
from gridboss_assets.keys import ObjectKey
from gridboss_assets.kinds import Kinds
from gridboss_assets.reports import ReportRequest
from gridboss_assets.storage import Storage
from gridboss_assets.uploads import Uploads
from gridboss_assets.web.auth import Authenticate, authenticator_for
from gridboss_assets.web.events import Streams
from gridboss_assets.web.exporting import Exporting
from gridboss_assets.web.limits import Limiter, MemoryLimiter
from gridboss_assets.web.startup import read_settings
from gridboss_config import Settings

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What an embedder brings, instead of what the settings would make; see ``create_app``."""

    storage: Storage | None
    authenticate: Authenticate | None
    authorize: Authorize
    limiter: Limiter | None
    kinds: Kinds
    exports: Exports | None
    jobs_in_process: bool = True
    """Whether the one process of a development server may run export jobs by itself."""


# How many requests may be under way on threads, or wait for one; more are told to come back.
MAX_UNDER_WAY = 128


class Service:
    """The parts of one deployment, made from one settings object."""

    def __init__(self, settings: Settings, parts: Parts) -> None:
        self.settings = settings
        self.kinds = parts.kinds
        self.under_way = 0
        self.authenticate: Callable[[Request], Awaitable[Caller]] = (
            authenticator_for(settings)
            if parts.authenticate is None
            else _awaitable(parts.authenticate)
        )
        self.limiter = parts.limiter or MemoryLimiter(settings.rate_limit_per_minute)
        self.streams = Streams()
        self._authorize = parts.authorize
        self._exporting = Exporting(settings, parts.exports, in_process=parts.jobs_in_process)
        self._uploads = None
        if parts.storage is not None or settings.s3_enabled:
            self._uploads = Uploads.from_settings(
                settings, storage=parts.storage, kinds=parts.kinds
            )

    @property
    def uploads(self) -> Uploads:
        """The upload path; raises ``S3NotEnabled`` where uploads are switched off."""
        if self._uploads is None:
            raise S3NotEnabled
        return self._uploads

    @property
    def exports(self) -> Exports:
        """Export jobs; raises ``ExportsNotEnabled``, or ``S3NotEnabled``: nothing could be written.

        It may connect, so it is not for the event loop.
        """
        return self._exporting.over(self.uploads)

    def allow(self, caller: Caller, action: Action, resource: Resource) -> None:
        """Raise ``Forbidden`` unless the caller may do this."""
        if not self._authorize(caller, action, resource):
            raise Forbidden

    def allow_export(self, caller: Caller, request: ReportRequest) -> None:
        """Raise ``Forbidden`` unless the caller may ask for this report with these parameters."""
        if not self._authorize(caller, "export", request):
            raise Forbidden("You may not ask for this report, or not with these parameters.")

    def allow_job(self, caller: Caller, action: Action, job: Job) -> None:
        """Raise ``JobNotFound`` unless the caller may do this: a stranger learns nothing."""
        if not self._authorize(caller, action, job):
            raise JobNotFound

    def key(self, caller: Caller, action: Action, text: str, kind: str | None) -> ObjectKey:
        """Check a key from a request, and that the caller may do this with it."""
        key = self.uploads.parse(text, kind=kind)
        if action == "complete" and key.owner is None:
            action = "complete_trusted"
        self.allow(caller, action, key)
        return key

    def opens(self, key: ObjectKey) -> bool:
        """Tell whether anybody may follow a stable link to this object, without signing in.

        Where a CDN serves a public kind, its objects are open to whoever has their URL anyway.
        """
        settings = self.settings
        return key.kind.is_public and (settings.public_avatars or settings.cdn_base_url is not None)

    def close_exports(self) -> None:
        """Stop the export jobs that run in this process."""
        self._exporting.close()

    def close(self) -> None:
        """Close the storage's connections, where it has any."""
        close = getattr(self._uploads and self._uploads.storage, "close", None)
        if close is not None:
            close()


class Services:
    """Hands out the service of the current settings and makes a new one when they change."""

    def __init__(self, settings: Settings | None, parts: Parts) -> None:
        self._fixed = settings
        self._parts = parts
        self._service: Service | None = None
        self._lock = threading.Lock()

    def current(self) -> Service:
        """Return the service; raises ``Misconfigured``, whose ``detail`` names every setting."""
        settings = self._fixed or read_settings(needs_sign_in=self._parts.authenticate is None)
        service = self._service
        if service is not None and service.settings is settings:
            return service
        with self._lock:
            if self._service is None or self._service.settings is not settings:
                made = Service(settings, self._parts)
                self.close()
                self._service = made
            return self._service

    def close(self) -> None:
        """Close what the current service holds, unless it was handed to us."""
        if self._service is None:
            return
        self._service.close_exports()  # they write to the storage
        if self._parts.storage is None:
            self._service.close()

    def share_jobs(self) -> None:
        """Run no export jobs in this process, which is one of several that serve together.

        What one of them keeps in its memory, the others could not answer for.
        """
        self._parts = replace(self._parts, jobs_in_process=False)


def _awaitable(authenticate: Authenticate) -> Callable[[Request], Awaitable[Caller]]:
    async def on_a_thread(request: Request) -> Caller:
        answer = await run_in_threadpool(authenticate, request)
        return await answer if inspect.isawaitable(answer) else answer

    async def inline(request: Request) -> Caller:
        answer = authenticate(request)
        return await answer if inspect.isawaitable(answer) else answer

    # A plain function may well ask a database.
    return inline if inspect.iscoroutinefunction(authenticate) else on_a_thread
