"""How a request reaches an endpoint: authenticated, limited, its body checked.

FastAPI documents the routes; its per-request dependency solver would cost more than a signature
does, so :class:`Endpoint` runs them by itself. An endpoint reads ``(call, body) -> Answer``, where
parameters of the path follow by name: an ``async def`` is pure computation, a plain ``def`` does
blocking I/O and runs on a thread.
"""

import inspect
import logging
from collections.abc import Callable, Coroutine
from functools import partial
from types import NoneType
from typing import Any, TypeVar, cast, get_args, get_type_hints

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from gridboss_assets.access import Action, Caller
from gridboss_assets.errors import (
    AssetsError,
    BodyTooLarge,
    InvalidBody,
    ServiceBusy,
    StorageError,
    Unauthenticated,
    UnsupportedMediaType,
)
from gridboss_assets.web.errors import answer_to, status_of
from gridboss_assets.web.schemas import Body
from gridboss_assets.web.service import MAX_UNDER_WAY, Service

log = logging.getLogger(__name__)

SERVER_ERROR = 500
_COUNTED_AS = "_counted_as"
_ADMITS_BY_ITSELF = "_admits_by_itself"
_Function = TypeVar("_Function", bound=Callable[..., Any])


class Call(Request):
    """One request, with the service that answers it and the caller who asks."""

    service: Service
    caller: Caller

    async def admit(self, action: Action) -> None:
        """Find out who asks and count the request; raises ``Unauthenticated`` among others."""
        self.caller = caller = await self.service.authenticate(self)
        self.scope["state"]["owner"] = caller.owner
        self.service.limiter.check(caller, action)


class Endpoint(APIRoute):
    """A route whose endpoint takes ``(call)`` or ``(call, body)``, see the module.

    The limiter counts it under its name, or under that of :func:`counted_as`. It returns an answer,
    or a response where there is more to say than a body.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Make the handler that runs this route."""
        endpoint = self.endpoint
        model, is_optional = _model_of(get_type_hints(endpoint).get("body"))
        is_async = inspect.iscoroutinefunction(endpoint)
        action = cast("Action", getattr(endpoint, _COUNTED_AS, endpoint.__name__))
        admits = not hasattr(endpoint, _ADMITS_BY_ITSELF)

        async def handle(request: Request) -> Response:
            try:
                service = request.app.state.services.current()
                call = Call(request.scope, request.receive)
                call.service = service
                if admits:
                    await call.admit(action)
                arguments = (
                    [call] if model is None else [call, await _read(call, model, is_optional)]
                )
                # Those of this route alone: where the service is mounted, there may be others.
                named = {name: request.path_params[name] for name in self.param_convertors}
                if is_async:
                    answer = await endpoint(*arguments, **named)
                else:
                    answer = await _on_thread(service, partial(endpoint, *arguments, **named))
            except AssetsError as error:
                return answer_and_log(request, error)
            except ClientDisconnect:
                return Response(status_code=400)  # nobody is there to read it
            except Exception:
                # Here, and not in the outermost middleware, so that the answer has CORS headers
                # and a browser can read it.
                log.exception("unexpected error", extra={"request_id": request_id(request)})
                return answer_to(AssetsError())
            return answer if isinstance(answer, Response) else json_response(answer)

        return handle


def counted_as(action: Action) -> Callable[[_Function], _Function]:
    """Have the limiter count an endpoint as another action than its name says."""

    def mark(endpoint: _Function) -> _Function:
        setattr(endpoint, _COUNTED_AS, action)
        return endpoint

    return mark


def admits_by_itself(endpoint: _Function) -> _Function:
    """Leave it to an endpoint to call :meth:`Call.admit` where it needs to know who asks."""
    setattr(endpoint, _ADMITS_BY_ITSELF, True)
    return endpoint


async def _on_thread(service: Service, endpoint: Callable[[], Any]) -> Any:
    """Run a blocking endpoint; raises ``ServiceBusy`` rather than let an endless queue grow."""
    if service.under_way >= MAX_UNDER_WAY:
        raise ServiceBusy
    service.under_way += 1
    try:
        return await run_in_threadpool(endpoint)
    finally:
        service.under_way -= 1


def json_response(answer: BaseModel) -> Response:
    """Write an answer as JSON, in camel case. It is personal: nobody may keep it."""
    return written(to_json(answer))


def written(body: bytes) -> Response:
    """Answer with what is JSON already. It is personal: nobody may keep it."""
    return _Json(body)


def to_json(answer: BaseModel) -> bytes:
    """Write an answer as JSON, in camel case, without a line break."""
    # `__pydantic_serializer__` is documented API; model_dump_json() adds a layer of arguments.
    return answer.__pydantic_serializer__.to_json(answer, by_alias=True)


class _Json(Response):
    """A body that is JSON already, with the few headers that it always has."""

    def __init__(self, body: bytes) -> None:
        self.status_code = 200
        self.body = body
        self.background = None
        self.raw_headers = [
            (b"content-type", b"application/json"),
            (b"cache-control", b"no-store"),
            (b"content-length", str(len(body)).encode("ascii")),
        ]


def answer_and_log(request: Request, error: AssetsError) -> Response:
    """Answer an error; what an operator has to know goes to the log."""
    status = status_of(type(error))
    if status >= SERVER_ERROR or isinstance(error, (StorageError, Unauthenticated)):
        level = logging.ERROR if status >= SERVER_ERROR else logging.INFO
        log.log(
            level,
            "%s: %s",
            error.code,
            error.detail or error,
            extra={"request_id": request_id(request)},
        )
    return answer_to(error)


def request_id(request: Request) -> str:
    """Return the ID that stands in the answer's X-Request-ID and in every log line."""
    value: str = request.scope["state"]["request_id"]
    return value


def _model_of(hint: Any) -> tuple[type[Body] | None, bool]:
    """Split ``Model | None`` into the model and whether it may be missing."""
    parts = [part for part in get_args(hint) or (hint,) if part is not NoneType]
    return (parts[0] if parts else None), NoneType in get_args(hint)


async def _read(call: Call, model: type[Body], is_optional: bool) -> Body | None:  # noqa: FBT001
    body = b""
    more = True
    while more:
        message = await call.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > model.max_bytes:
            raise BodyTooLarge(
                f"The request has more than {model.max_bytes} bytes. Files go to the bucket, not "
                "through this API."
            )
    if is_optional and not body:
        return None
    declared = call.headers.get("content-type", "").partition(";")[0].strip().lower()
    if declared != "application/json" and not declared.endswith("+json"):
        raise UnsupportedMediaType
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise InvalidBody(_readable(error)) from None


def _readable(error: ValidationError) -> str:
    """Name each field that is wrong, and how, without repeating what was sent."""
    problems = (
        f"{'.'.join(map(str, e['loc'])) or 'body'}: {e['msg']}"
        for e in error.errors(include_url=False, include_input=False, include_context=False)
    )
    return f"The request can't be read: {'; '.join(problems)}."
