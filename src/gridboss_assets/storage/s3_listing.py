"""Listings of S3: every object under a prefix, with its age by the server's clock."""

import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from gridboss_assets.storage.base import ListedObject
from gridboss_assets.storage.s3_errors import translated

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def listed(client: "S3Client", bucket: str, prefix: str) -> Iterator[ListedObject]:
    """List objects page by page, a request for each thousand."""
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    with translated():
        for page in pages:
            listed_at = _date_of(page)
            for item in page.get("Contents", []):
                yield ListedObject(
                    item["Key"],
                    item["Size"],
                    item["ETag"],
                    item["LastModified"].timestamp(),
                    listed_at,
                )


def _date_of(answer: Any) -> float:
    """Return the time of an answer by the server's clock, by ours where it does not say."""
    try:
        date = answer["ResponseMetadata"]["HTTPHeaders"]["date"]
        return parsedate_to_datetime(date).timestamp()
    except (KeyError, ValueError):  # a server that has a clock says it (RFC 9110 §6.6.1)
        return time.time()
