"""``/uploads``: sign, complete, download, delete, and the table of kinds."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Security
from fastapi.security import HTTPBearer
from starlette.responses import Response

from gridboss_assets import errors
from gridboss_assets.web.endpoint import Call, Endpoint, answer_and_log, json_response
from gridboss_assets.web.link_schemas import DownloadAnswer, DownloadRequest, DownloadsAnswer
from gridboss_assets.web.links import link_to, links_to
from gridboss_assets.web.openapi import (
    EVERYWHERE,
    WITH_BODY,
    WITH_INSPECTION,
    WITH_KEY,
    WITH_STORAGE,
    responses,
)
from gridboss_assets.web.schemas import (
    CompleteAnswer,
    DeleteAnswer,
    DeleteRequest,
    KeyRequest,
    KindAnswer,
    KindsAnswer,
    SignAnswer,
    SignRequest,
)

# For the OpenAPI document; the endpoints' own authenticator reads the header.
bearer = HTTPBearer(auto_error=False, bearerFormat="JWT", description="An access token.")

router = APIRouter(
    prefix="/uploads", tags=["uploads"], route_class=Endpoint, dependencies=[Security(bearer)]
)
public = APIRouter(prefix="/uploads", tags=["uploads"])


@router.post(
    "/sign",
    responses=responses(
        *EVERYWHERE,
        *WITH_BODY,
        errors.UnsupportedKind,
        errors.UnsupportedContentType,
        errors.InvalidFilename,
        errors.SizeRequired,
        errors.EmptyObject,
        errors.ObjectTooLarge,
        errors.Forbidden,
    ),
)
async def sign(call: Call, body: SignRequest) -> SignAnswer:
    """Sign one upload: send the file straight to the bucket, then complete it."""
    uploads = call.service.uploads
    call.service.allow(call.caller, "sign", uploads.kinds[body.kind])
    signed = uploads.sign(
        body.kind,
        filename=body.filename,
        content_type=body.content_type,
        owner=call.caller.subject,
        size=body.size,
    )
    return SignAnswer.of(signed)


@router.post(
    "/complete",
    responses=responses(
        *EVERYWHERE,
        *WITH_BODY,
        *WITH_KEY,
        *WITH_STORAGE,
        *WITH_INSPECTION,
        errors.ObjectNotFound,
        errors.ObjectChanged,
        errors.UnsupportedContentType,
        errors.EmptyObject,
        errors.ObjectTooLarge,
        errors.ContentMismatch,
        errors.InvalidImage,
        errors.InvalidDocument,
        errors.UnsafeDocument,
        errors.MalwareFound,
    ),
)
def complete(call: Call, body: KeyRequest) -> CompleteAnswer:
    """Inspect an upload, seal it and link to it. May be repeated at any time."""
    key = call.service.key(call.caller, "complete", body.object_key, body.kind)
    return CompleteAnswer.of(call.service.uploads.complete(key))


@router.post(
    "/download",
    response_model=DownloadAnswer | DownloadsAnswer,
    responses=responses(*EVERYWHERE, *WITH_BODY, *WITH_KEY, errors.InvalidFilename),
)
async def download(call: Call, body: DownloadRequest) -> DownloadAnswer | Response:
    """Link to an object, or to each of up to 500. Whether it exists is seen when a link is opened.

    Of many keys each is answered as if it had been asked for alone, with a link or an error. The
    limiter counts the request once.
    """
    if body.object_keys is not None:
        return await links_to(call, body.object_keys, body)
    assert body.object_key is not None  # noqa: S101 - one of the two is there, by the model
    return DownloadAnswer.of(link_to(call, body.object_key, body))


@router.delete(
    "",
    responses=responses(*EVERYWHERE, *WITH_BODY, *WITH_KEY, *WITH_STORAGE),
)
def delete(
    call: Call,
    body: DeleteRequest | None = None,
    objectKey: Annotated[str | None, Query(description="Instead of a body.")] = None,  # noqa: N803
    kind: Annotated[str | None, Query()] = None,
) -> DeleteAnswer:
    """Delete an object of one's own. Deleting it again is fine."""
    del objectKey, kind  # documented here, read by name from either place
    text, named_kind = _named(call, body)
    key = call.service.key(call.caller, "delete", text, named_kind)
    return DeleteAnswer.of(call.service.uploads.delete(key))


@public.get("/kinds", response_model=KindsAnswer, responses=responses(errors.Misconfigured))
def kinds(request: Request) -> Response:
    """Tell every limit, so that a client can refuse early what would be refused later."""
    try:
        service = request.app.state.services.current()
    except errors.AssetsError as error:
        return answer_and_log(request, error)
    try:
        method = service.uploads.storage.upload_method
    except errors.S3NotEnabled:
        method = None
    table = [KindAnswer.of(kind) for kind in service.kinds.values()]
    return json_response(KindsAnswer(method=method, kinds=table))


def _named(call: Call, body: DeleteRequest | None) -> tuple[str, str | None]:
    """Read key and kind from the query or the body; both may stand there if they agree."""
    query = call.query_params
    in_query = query.get("objectKey", query.get("object_key"))
    in_body = body.object_key if body else None
    if in_query and in_body and in_query != in_body:
        raise errors.InvalidObjectKey("The query and the body name different objects.")
    text = in_query or in_body
    if not text:
        raise errors.InvalidBody("Name the object: `objectKey`, in the query or in a JSON body.")
    return text, query.get("kind") or (body.kind if body else None)
