"""botocore's exceptions into ours: "missing", "denied" and "not reached" stay apart."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004 - botocore's own, which is no OSError of Python's
    HTTPClientError,
    IncompleteReadError,
)

from gridboss_assets.errors import (
    ObjectNotFound,
    PreconditionFailed,
    StorageDenied,
    StorageError,
    StorageUnavailable,
)

# S3 API Reference, "Error responses": codes that ask to try again later. They come with status
# 503 and, RequestTimeout, with 400.
_BUSY = frozenset({"SlowDown", "ServiceUnavailable", "RequestTimeout", "ThrottlingException"})


class NotImplementedByProvider(StorageError):
    """The provider has no such feature (501); the adapter finds another way."""


class UploadGone(StorageError):
    """The multipart upload was completed or aborted meanwhile."""


@contextmanager
def translated() -> Iterator[None]:
    """Raise our own errors for what botocore raises inside the block."""
    try:
        yield
    except ClientError as error:
        raise _from_answer(error) from error
    except (ConnectionError, HTTPClientError, IncompleteReadError) as error:
        # Not connected, timed out, or cut off in the middle of a body.
        raise StorageUnavailable(detail=type(error).__name__) from error
    except BotoCoreError as error:
        raise StorageError(detail=f"{type(error).__name__}: {error}") from error


def _from_answer(error: ClientError) -> StorageError | ObjectNotFound:
    answer = error.response
    code = answer.get("Error", {}).get("Code", "")
    status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    detail = f"{error.operation_name} answered {status} {code}"
    # A HEAD has no body, so its code is the status itself. A missing bucket is not a missing
    # object: it is a setting to mend. A missing upload is neither.
    if status == 404 and code != "NoSuchBucket":  # noqa: PLR2004
        return (UploadGone if code == "NoSuchUpload" else ObjectNotFound)(detail=detail)
    # 409 is how AWS reports a conditional write that raced another one.
    if status == 412 or code == "ConditionalRequestConflict":  # noqa: PLR2004
        return PreconditionFailed(detail=detail)
    if status in {401, 403}:
        return StorageDenied(detail=detail)
    if status in {429, 503} or code in _BUSY:
        return StorageUnavailable(detail=detail)
    if status == 501 or code == "NotImplemented":  # noqa: PLR2004
        return NotImplementedByProvider(detail=detail)
    return StorageError(detail=detail)
