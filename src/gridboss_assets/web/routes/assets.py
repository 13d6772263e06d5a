"""``/assets/KEY``: a link that never expires, so that it can stand in content.

It leads to a fresh link each time. Elements such as ``<img>`` send no token, so a public kind needs
none where the settings open it; anything else is for whom ``authorize`` lets in.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Path
from starlette.responses import Response

from gridboss_assets import errors
from gridboss_assets.models import DownloadLink
from gridboss_assets.web.endpoint import Call, Endpoint, admits_by_itself
from gridboss_assets.web.limits import visitor
from gridboss_assets.web.openapi import EVERYWHERE, responses
from gridboss_assets.web.routes.uploads import bearer

router = APIRouter(prefix="/assets", tags=["assets"], route_class=Endpoint)

# How long a browser may keep where it was led: a change of the settings has reached everybody after
# this time, and whoever signs out keeps no longer what they could see.
MOST_KEPT_SECONDS = 3600
# Clocks differ, and a file is asked for some time after the answer that leads to it.
_MARGIN_SECONDS = 30

Documented = dict[int | str, dict[str, Any]]


def _header(description: str) -> dict[str, Any]:
    return {"description": description, "schema": {"type": "string"}}


_FOUND: Documented = {
    302: {
        "description": "The object is there, if there is one.",
        "headers": {
            "Location": _header("A fresh link, signed or the CDN's."),
            "Cache-Control": _header("`private`, and shorter than the life of the link."),
            "Vary": _header("`Authorization, Cookie, Origin`"),
            "Referrer-Policy": _header("`no-referrer`"),
        },
    }
}
_PATH = "/{objectKey:path}"

Key = Annotated[str, Path(description="As `complete` answered it, its slashes as they are.")]


@router.get(
    _PATH,
    status_code=302,
    response_class=Response,
    responses=_FOUND | responses(*EVERYWHERE, errors.InvalidObjectKey, errors.Forbidden),
    # Only what is not public needs the token; a cookie is the embedder's matter.
    openapi_extra={"security": [{bearer.scheme_name: []}, {}]},
)
# This is the one that answers; FastAPI documents no route of two methods without a warning.
@router.api_route(_PATH, methods=["GET", "HEAD"], include_in_schema=False)
@admits_by_itself
async def follow(call: Call, objectKey: Key) -> Response:  # noqa: N803 - its name in the path
    """Lead to an object by a fresh link. This address never expires and may be stored.

    `HEAD` is answered too. The query is not read. Public kinds need no sign-in where a CDN or
    `PUBLIC_AVATARS` opens them.
    """
    service = call.service
    uploads = service.uploads
    uploads.refuse_pending(objectKey)
    key = uploads.parse(objectKey)
    if service.opens(key):
        # A token is not even looked at: one that has expired must not break a public picture.
        asking = visitor(call.client.host) if call.client else None
        if asking is not None:
            service.limiter.check(asking, "download")
    else:
        await call.admit("download")
        service.allow(call.caller, "download", key)
    return _leading_to(uploads.download(key))


def _leading_to(link: DownloadLink) -> Response:
    left = link.expires_in - max(_MARGIN_SECONDS, link.expires_in // 10)
    return Response(
        status_code=302,
        headers={
            "Location": link.url,
            "Cache-Control": f"private, max-age={max(0, min(left, MOST_KEPT_SECONDS))}",
            # `Origin`, because an answer that was kept without CORS headers would fail a `fetch`.
            "Vary": "Authorization, Cookie, Origin",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        },
    )
