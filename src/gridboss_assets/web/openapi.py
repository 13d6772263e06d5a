"""The errors of each route, for the OpenAPI document."""

from collections import defaultdict
from typing import Any

from gridboss_assets import errors
from gridboss_assets.web.errors import status_of
from gridboss_assets.web.schemas import ErrorAnswer

# Any signed-in request may meet these.
EVERYWHERE = (
    errors.Unauthenticated,
    errors.SignInUnavailable,
    errors.TooManyRequests,
    errors.S3NotEnabled,
    errors.Misconfigured,
    errors.AssetsError,
)
WITH_BODY = (errors.InvalidBody, errors.BodyTooLarge, errors.UnsupportedMediaType)
WITH_KEY = (errors.InvalidObjectKey, errors.UnsupportedKind, errors.Forbidden)
WITH_STORAGE = (errors.StorageError, errors.StorageUnavailable, errors.ServiceBusy)
WITH_INSPECTION = (
    errors.InspectionBusy,
    errors.InspectionFailed,
    errors.InspectionUnavailable,
    errors.ScannerUnavailable,
)


def responses(*classes: type[errors.AssetsError]) -> dict[int | str, dict[str, Any]]:
    """Describe errors by status, each code with an example."""
    by_status: dict[int, list[type[errors.AssetsError]]] = defaultdict(list)
    for error in classes:
        by_status[status_of(error)].append(error)
    return {
        status: {
            "model": ErrorAnswer,
            "description": ", ".join(f"`{error.code}`" for error in found),
            "content": {
                "application/json": {
                    "examples": {
                        error.code: {
                            "summary": (error.__doc__ or "").partition("\n")[0],
                            "value": {
                                "detail": {"error": error.code, "message": error.default_message}
                            },
                        }
                        for error in found
                    }
                }
            },
        }
        for status, found in sorted(by_status.items())
    }
