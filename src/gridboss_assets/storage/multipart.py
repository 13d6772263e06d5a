"""Large bodies, sent in parts by s3transfer (S3 User Guide, "Multipart upload overview").

The object is there when the last request, CompleteMultipartUpload, has succeeded, and not before.
s3transfer passes no condition on to that request and keeps the upload's ID to itself, so it is
given a client that does both.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any, cast

from boto3.s3.transfer import TransferConfig, create_transfer_manager

from gridboss_assets.errors import ObjectNotFound, StorageDenied, StorageError
from gridboss_assets.storage.base import MULTIPART_ABOVE, OnMultipart
from gridboss_assets.storage.s3_errors import UploadGone, translated

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

log = logging.getLogger(__name__)

SINGLE_PUT_BYTES = 5 * 1000**3
"""The largest body of one PUT: 5 GB (S3 User Guide, "Uploading objects")."""

MULTIPART_DAYS = 1
"""After how many days the lifecycle rule of our buckets removes what was never finished."""

_CONFIG = TransferConfig(
    multipart_threshold=MULTIPART_ABOVE,
    # Parts of one size but the last, which Cloudflare R2 requires.
    multipart_chunksize=MULTIPART_ABOVE,
    # One part in memory at a time; and what interrupts this thread (Ctrl-C, a worker's time
    # limit) interrupts the upload, where waiting for other threads could not be interrupted.
    use_threads=False,
    preferred_transfer_client="classic",
)


@dataclass(slots=True)
class Sent:
    """What is sent, and where to. ``parameters``: the attributes, as boto3 has them."""

    bucket: str
    key: str
    body: IO[bytes] = field(repr=False)
    parameters: Mapping[str, Any]
    on_multipart: OnMultipart | None = None
    before_completion: Callable[[], None] | None = None
    """Raises when the object may not be completed, where the server itself does not see to it."""


def send(client: "S3Client", sent: Sent, condition: Mapping[str, Any]) -> None:
    """Send a body from its position in parts. However it fails, the upload is aborted.

    Raises what botocore raises, and what ``sent``'s two functions raise.
    """
    watched = _Watched(client, sent, condition)
    # s3transfer's manager is not closed: without threads there is nothing to close, and after an
    # interruption it would wait for ever.
    manager = create_transfer_manager(cast("S3Client", watched), _CONFIG)
    try:
        manager.upload(sent.body, sent.bucket, sent.key, dict(sent.parameters)).result()
    except BaseException:
        watched.abort()
        raise
    if sent.on_multipart is not None:
        sent.on_multipart(None)


def abort(client: "S3Client", bucket: str, key: str, upload_id: str) -> bool:
    """Abort an upload: True when it is no more, False when we may not."""
    try:
        with translated():
            client.abort_multipart_upload(Bucket=bucket, Key=key, UploadId=upload_id)
    except (UploadGone, ObjectNotFound):
        return True
    except StorageDenied:
        return False
    return True


class _Watched:
    """The client as s3transfer sees it, for one upload: calls go on to the real one."""

    def __init__(self, client: "S3Client", sent: Sent, condition: Mapping[str, Any]) -> None:
        self._client = client
        self._sent = sent
        self._condition = condition
        self._upload_id: str | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def create_multipart_upload(self, **parameters: Any) -> Any:
        answer = self._client.create_multipart_upload(**parameters)
        self._upload_id = answer["UploadId"]
        if self._sent.on_multipart is not None:
            self._sent.on_multipart(self._upload_id)
        return answer

    def complete_multipart_upload(self, **parameters: Any) -> Any:
        if self._sent.before_completion is not None:
            self._sent.before_completion()
        return self._client.complete_multipart_upload(**parameters, **self._condition)

    def abort_multipart_upload(self, **_parameters: Any) -> None:
        self.abort()

    def abort(self) -> None:
        """Abort what was begun, once. A failure is only logged: another error is on its way."""
        upload_id, self._upload_id = self._upload_id, None
        if upload_id is None:
            return
        key = self._sent.key
        try:
            why = "" if abort(self._client, self._sent.bucket, key, upload_id) else "not allowed"
            if not why and self._sent.on_multipart is not None:
                self._sent.on_multipart(None)
        except StorageError as error:
            why = error.detail or error.code
        except Exception:
            log.exception("the end of a multipart upload of %s could not be noted", key)
            return
        if why:
            log.warning(
                "%s: a multipart upload broke off and could not be aborted (%s). Its parts stay, "
                "and are paid for, until the bucket's lifecycle rule AbortIncompleteMultipartUpload"
                " removes them, by default after %d day. Where it should be aborted at once, give "
                "the application s3:AbortMultipartUpload: `gridboss-assets iam policy` has the "
                "statement `multipart`.",
                key,
                why,
                MULTIPART_DAYS,
            )
