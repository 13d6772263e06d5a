"""``create_app``: the FastAPI application, for ``app.main:app`` and for embedders."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import cast

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from gridboss_assets.access import Authorize
from gridboss_assets.access import authorize as default_authorize
from gridboss_assets.errors import AssetsError, InvalidBody, Misconfigured
from gridboss_assets.jobs.service import Exports
from gridboss_assets.kinds import DEFAULT_KINDS, Kinds
from gridboss_assets.storage import Storage
from gridboss_assets.web.auth import Authenticate
from gridboss_assets.web.endpoint import answer_and_log
from gridboss_assets.web.errors import answer_to, error_answer
from gridboss_assets.web.limits import Limiter
from gridboss_assets.web.middleware import Cors, Direct, RequestLog
from gridboss_assets.web.routes import assets, health, uploads
from gridboss_assets.web.routes import exports as exports_routes
from gridboss_assets.web.service import Parts, Services
from gridboss_config import Settings


def create_app(  # noqa: PLR0913 - an embedder may bring that much, and all but three by name
    settings: Settings | None = None,
    storage: Storage | None = None,
    authenticate: Authenticate | None = None,
    *,
    authorize: Authorize = default_authorize,
    limiter: Limiter | None = None,
    kinds: Kinds = DEFAULT_KINDS,
    exports: Exports | None = None,
) -> FastAPI:
    """Make the service. Nothing is connected before the first request.

    Args:
        settings: fixed settings; without them ``get_settings()`` is asked at each request.
        storage: instead of the bucket that the settings name; the caller closes it.
        authenticate: says who a request comes from; instead of JSON Web Tokens.
        authorize: decides from (caller, action, resource); instead of the default rules.
        limiter: instead of the allowance in memory of ``RATE_LIMIT_PER_MINUTE``.
        kinds: the table of kinds, with every limit.
        exports: export jobs, instead of those whose Redis the settings name; the caller closes
            their queue. Without either, a development server runs jobs in its own process.

    At start the settings are checked; ``Misconfigured`` then stops the process. Where no start-up
    hook runs, requests are answered with 503 ``misconfigured`` instead.
    """
    services = Services(
        settings,
        Parts(
            storage=storage,
            authenticate=authenticate,
            authorize=authorize,
            limiter=limiter,
            kinds=kinds,
            exports=exports,
        ),
    )

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        try:
            services.current()
        except Misconfigured as error:
            # Whoever starts the server is the operator, whom the detail is for.
            raise Misconfigured(error.detail, detail=error.detail) from None
        yield
        # On a thread, because jobs that run in this process are waited for.
        await run_in_threadpool(services.close)

    app = FastAPI(
        title="GridBoss Assets",
        version=version("gridboss-assets"),
        summary="Direct-to-S3 uploads: signed, inspected, sealed, delivered.",
        lifespan=lifespan,
        # The interactive pages load scripts from a third party.
        docs_url=None,
        redoc_url=None,
        # Where a redirect leads is never taken from the request, such as from its Host header.
        redirect_slashes=False,
    )
    app.state.services = services
    app.include_router(uploads.router)
    app.include_router(uploads.public)
    app.include_router(assets.router)
    app.include_router(exports_routes.router)
    app.include_router(health.router)
    app.add_exception_handler(AssetsError, _assets_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _unexpected)
    # The last one added is the outermost.
    app.add_middleware(
        Direct, routes=[r for part in (uploads, assets, exports_routes) for r in part.router.routes]
    )
    app.add_middleware(Cors, services=services)
    app.add_middleware(RequestLog)
    return app


async def _assets_error(request: Request, error: Exception) -> Response:
    return answer_and_log(request, cast("AssetsError", error))


async def _http_error(_request: Request, error: Exception) -> Response:
    """Answer 404 and 405, which the router finds, in our own form."""
    found = cast("HTTPException", error)
    code, message = {
        404: ("not_found", "There is nothing at this address. See /openapi.json."),
        405: ("method_not_allowed", "This address takes other methods; `Allow` lists them."),
    }.get(found.status_code, ("request_failed", str(found.detail)))
    return error_answer(found.status_code, code, message, dict(found.headers or {}))


async def _invalid(_request: Request, _error: Exception) -> Response:
    return answer_to(InvalidBody())


async def _unexpected(_request: Request, _error: Exception) -> Response:
    return answer_to(AssetsError())
