"""Around every request: its ID, its log line, and CORS by the settings of the moment."""

import logging
import re
import secrets
import time
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gridboss_assets.errors import Misconfigured
from gridboss_assets.web.endpoint import Endpoint
from gridboss_assets.web.service import Services

access_log = logging.getLogger("gridboss_assets.access")

Handler = Callable[[Request], Coroutine[Any, Any, Response]]

# An ID from a proxy in front is kept, so that one search finds both logs; nothing that could
# break a log line or a header is.
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")


class RequestLog:
    """Gives each request an ID (``X-Request-ID``) and writes one line about it.

    The line holds the path and never the query: signatures and keys stand there.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request (ASGI 3.0)."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        header = next((v for k, v in scope["headers"] if k == b"x-request-id"), b"")
        request_id = header if _REQUEST_ID.fullmatch(header) else secrets.token_hex(8).encode()
        state = scope.setdefault("state", {})
        state["request_id"] = request_id.decode()
        status = 500

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", request_id)]
            await send(message)

        try:
            await self.app(scope, receive, send_with_id)
        finally:
            if access_log.isEnabledFor(logging.INFO):
                fields = {
                    "request_id": state["request_id"],
                    "method": scope["method"],
                    "path": scope["path"],
                    "status": status,
                    "ms": round((time.perf_counter() - started) * 1000, 2),
                    "owner": state.get("owner"),
                }
                # As access_log.info() does, but without a search of the stack for its caller.
                record = access_log.makeRecord(
                    access_log.name, logging.INFO, "", 0, "request", (), None, extra=fields
                )
                access_log.handle(record)


class Direct:
    """Hands a request for one of our endpoints straight to it.

    FastAPI's router and its exit stacks cost more than a signature does, and an
    :class:`~gridboss_assets.web.endpoint.Endpoint` needs neither: it checks, answers and catches by
    itself. Everything else goes on to the router, 404 and 405 among it.
    """

    def __init__(self, app: ASGIApp, routes: Sequence[BaseRoute]) -> None:
        self.app = app
        ours = [route for route in routes if isinstance(route, Endpoint)]
        self._fixed = {
            (method, route.path): route.get_route_handler()
            for route in ours
            if not route.param_convertors
            for method in route.methods or ()
        }
        # Where a parameter takes all the rest of the path, such as an object key.
        self._below = [
            (route.path.partition("{")[0], name, route.methods or (), route.get_route_handler())
            for route in ours
            for name in route.param_convertors
            if route.path.endswith(f"/{{{name}:path}}")
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request (ASGI 3.0)."""
        handler = self._fixed.get((scope.get("method", ""), scope.get("path", "")))
        if handler is None:
            handler = self._handler_below(scope)
        if handler is None:
            await self.app(scope, receive, send)
        else:
            response = await handler(Request(scope, receive))
            await response(scope, receive, send)

    def _handler_below(self, scope: Scope) -> Handler | None:
        # Of an application that is mounted, the router knows where its own path begins.
        if scope["type"] == "http" and not scope.get("root_path"):
            for start, name, methods, handler in self._below:
                if scope["path"].startswith(start) and scope["method"] in methods:
                    scope["path_params"] = {name: scope["path"][len(start) :]}
                    return handler
        return None


class Cors:
    """Starlette's CORS middleware, made anew whenever the settings change."""

    def __init__(self, app: ASGIApp, services: Services) -> None:
        self.app = app
        self._services = services
        self._origins: tuple[str, ...] = ()
        self._with_origins: ASGIApp = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request (ASGI 3.0)."""
        await self._current()(scope, receive, send)

    def _current(self) -> ASGIApp:
        try:
            origins = self._services.current().settings.cors_origins
        except Misconfigured:
            return self.app
        if origins != self._origins:
            self._origins = origins
            self._with_origins = CORSMiddleware(
                self.app,
                allow_origins=origins,
                allow_methods=("GET", "POST", "DELETE"),
                allow_headers=("Authorization", "Content-Type", "X-Request-ID"),
                expose_headers=("Location", "Retry-After", "X-Request-ID"),
                max_age=3600,
            )
        return self._with_origins if origins else self.app
