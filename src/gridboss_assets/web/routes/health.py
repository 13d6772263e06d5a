"""``/healthz`` and ``/readyz``, for load balancers and the person on call."""

import threading
import time

from fastapi import APIRouter, Request
from starlette.responses import Response

from gridboss_assets.errors import AssetsError, S3NotEnabled
from gridboss_assets.web.endpoint import json_response, log
from gridboss_assets.web.schemas import HealthAnswer, ReadyAnswer
from gridboss_assets.web.service import Service

router = APIRouter(tags=["health"])

# Anybody may ask, so asking must not turn into as many requests to the bucket.
_REMEMBER_SECONDS = 2.0
_lock = threading.Lock()


@router.get("/healthz", response_model=HealthAnswer)
async def healthz() -> Response:
    """Tell that the process answers; asks nothing of settings or storage."""
    return json_response(HealthAnswer())


@router.get(
    "/readyz",
    response_model=ReadyAnswer,
    responses={503: {"model": ReadyAnswer, "description": "A check failed; it is named."}},
)
def readyz(request: Request) -> Response:
    """Tell whether settings and storage work, each check by name."""
    checks = {"settings": "ok"}
    try:
        service = request.app.state.services.current()
    except AssetsError as error:
        checks["settings"] = error.code
        log.error("not ready: %s", error.detail)
    else:
        checks["storage"] = _storage(request, service)
    # A service whose uploads are switched off on purpose does what it is there for.
    ready = set(checks.values()) <= {"ok", S3NotEnabled.code}
    response = json_response(ReadyAnswer(status="ready" if ready else "not_ready", checks=checks))
    if not ready:
        response.status_code = 503
        response.headers["retry-after"] = "5"
    return response


def _storage(request: Request, service: Service) -> str:
    state = request.app.state
    with _lock:
        known: tuple[Service, float, str] | None = getattr(state, "storage_check", None)
        if known and known[0] is service and time.monotonic() - known[1] < _REMEMBER_SECONDS:
            return known[2]
        result = "ok"
        try:
            # IAM as documented has no HeadBucket of its own; ListBucket is there.
            service.uploads.storage.list_keys("", limit=1)
        except S3NotEnabled as off:
            result = off.code
        except AssetsError as error:
            result = error.code
            log.error("not ready: %s", error.detail)
        state.storage_check = (service, time.monotonic(), result)
        return result
