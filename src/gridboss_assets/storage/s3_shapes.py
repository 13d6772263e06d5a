"""Objects as boto3 has them, and as we have them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gridboss_assets.storage.base import Attributes, ObjectHead
from gridboss_assets.storage.s3_errors import translated

_CHUNK = 64 * 1024


@dataclass(frozen=True, slots=True)
class Reader:
    """An object that is being read."""

    head: ObjectHead
    body: Any

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes; raises ``StorageUnavailable`` when fewer arrive than announced."""
        with translated():
            # The last read raises when the connection ended before Content-Length was reached.
            yield from self.body.iter_chunks(_CHUNK)


def head_of(key: str, answer: Any) -> ObjectHead:
    """Read the answer of HeadObject or GetObject."""
    return ObjectHead(
        key=key,
        size=answer["ContentLength"],
        etag=answer["ETag"],
        attributes=Attributes(
            content_type=answer.get("ContentType", ""),
            metadata=answer.get("Metadata", {}),
            cache_control=answer.get("CacheControl"),
            content_disposition=answer.get("ContentDisposition"),
        ),
    )


def parameters_of(attributes: Attributes) -> dict[str, Any]:
    """Write attributes as the parameters of PutObject and CreateMultipartUpload."""
    # boto3 sends every parameter that is there, None included, so absent ones stay away.
    optional = {
        "CacheControl": attributes.cache_control,
        "ContentDisposition": attributes.content_disposition,
    }
    return {
        "ContentType": attributes.content_type,
        "Metadata": dict(attributes.metadata),
        **{name: value for name, value in optional.items() if value is not None},
    }
