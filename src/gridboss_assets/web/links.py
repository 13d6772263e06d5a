"""Links for whoever asked: one, or many in one request."""

import asyncio
from collections.abc import Sequence
from time import perf_counter
from typing import Any

from pydantic_core import to_json
from starlette.responses import Response

from gridboss_assets.errors import AssetsError
from gridboss_assets.models import DownloadLink
from gridboss_assets.web.endpoint import SERVER_ERROR, Call, written
from gridboss_assets.web.errors import status_of
from gridboss_assets.web.link_schemas import DownloadRequest

# Hundreds of RSA signatures take a second; others shall not wait for the last one.
_SLICE_SECONDS = 0.005


def link_to(call: Call, object_key: str, wanted: DownloadRequest) -> DownloadLink:
    """Check one key and that the caller may read it, and make the link."""
    uploads = call.service.uploads
    uploads.refuse_pending(object_key)
    key = call.service.key(call.caller, "download", object_key, wanted.kind)
    return uploads.download(key, disposition=wanted.disposition, filename=wanted.filename)


async def links_to(call: Call, object_keys: Sequence[str], wanted: DownloadRequest) -> Response:
    """Answer each key as if it had been asked for alone, a link or its error, in order.

    What is no matter of the key (the storage switched off, or not to be reached) is raised.
    """
    _ = call.service.uploads  # raises where uploads are switched off: no key is to blame
    links: list[dict[str, Any]] = []
    lives: list[int] = []
    pause_at = perf_counter() + _SLICE_SECONDS
    for object_key in object_keys:
        if perf_counter() > pause_at:
            await asyncio.sleep(0)
            pause_at = perf_counter() + _SLICE_SECONDS
        try:
            link = link_to(call, object_key, wanted)
        except AssetsError as error:
            if status_of(type(error)) >= SERVER_ERROR:
                raise
            detail = {"error": error.code, "message": str(error)}
            links.append({"objectKey": object_key, "detail": detail})
        else:
            lives.append(link.expires_in)
            # A model for each, and its checks on the way out, would cost as much as the links.
            links.append(
                {"objectKey": link.object_key, "url": link.url, "expiresIn": link.expires_in}
            )
    return written(to_json({"links": links, "expiresIn": min(lives, default=0)}))
