"""Every error of the tree and its HTTP status: the one place that knows both."""

from starlette.responses import Response

from gridboss_assets import errors
from gridboss_assets.web.schemas import ErrorAnswer, ErrorDetail

# A class answers for its subclasses unless they have a row of their own; a test fails on any
# class that no row covers. 4xx: the caller can mend it. 502 and 503: we, or the storage, must.
STATUS: dict[type[errors.AssetsError], int] = {
    errors.AssetsError: 500,
    errors.InvalidRequest: 400,
    errors.Unauthenticated: 401,
    errors.SignInUnavailable: 503,
    errors.Forbidden: 403,
    errors.TooManyRequests: 429,
    errors.ServiceBusy: 503,
    errors.ObjectNotFound: 404,
    errors.ObjectChanged: 409,
    errors.Rejection: 400,
    errors.ObjectTooLarge: 413,
    errors.InspectionBusy: 503,
    errors.InspectionFailed: 400,
    errors.InspectionUnavailable: 503,
    errors.ScannerUnavailable: 503,
    errors.ExportError: 400,
    errors.ExportTooLarge: 413,
    errors.ExportCancelled: 409,
    errors.ObjectExists: 409,
    errors.JobNotFound: 404,
    errors.JobsUnavailable: 503,
    errors.StorageError: 502,
    errors.StorageUnavailable: 503,
    errors.CdnError: 502,
    errors.CdnUnavailable: 503,
    errors.S3NotEnabled: 400,
    errors.ExportsNotEnabled: 400,
    errors.Misconfigured: 503,
    errors.InvalidBody: 422,
    errors.BodyTooLarge: 413,
    errors.UnsupportedMediaType: 415,
}


def status_of(error: type[errors.AssetsError]) -> int:
    """Return the HTTP status of a class of errors: its own row, or its nearest ancestor's."""
    return next(STATUS[base] for base in error.__mro__ if base in STATUS)


def answer_to(error: errors.AssetsError) -> Response:
    """Write the answer: the one form that errors have, and ``Retry-After`` where waiting helps."""
    headers = {}
    retry_after = getattr(error, "retry_after", None)
    if retry_after is not None:
        headers["retry-after"] = str(retry_after)
    if isinstance(error, errors.Unauthenticated):
        headers["www-authenticate"] = "Bearer"  # RFC 9110 §11.6.1
    return error_answer(status_of(type(error)), error.code, str(error), headers)


def error_answer(
    status: int, code: str, message: str, headers: dict[str, str] | None = None
) -> Response:
    """Write ``{"detail": {"error": code, "message": message}}``."""
    content = ErrorAnswer(detail=ErrorDetail(error=code, message=message))
    return Response(
        content.model_dump_json(), status, headers=headers, media_type="application/json"
    )
