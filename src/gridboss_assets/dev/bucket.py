"""The development bucket: made if missing, with CORS and lifecycle as uploads need them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from gridboss_assets.errors import StorageError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CORSConfigurationTypeDef

REGION = "us-east-1"
"""The region that requests to the embedded server are signed for; it takes any."""

_PREFLIGHT_CACHE_SECONDS = 3600


def connect(endpoint: str, access_key: str, secret_key: str) -> "S3Client":
    """Return a client for an S3-compatible server, path style, no default checksums."""
    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id=access_key,
        aws_secret_access_key=secret_key,
        config=Config(
            signature_version="s3v4",
            s3={"addressing_style": "path"},
            connect_timeout=5,
            read_timeout=30,
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )


def prepare_bucket(client: "S3Client", bucket: str, *, origins: Sequence[str]) -> None:
    """Create ``bucket`` if it is missing and set its CORS and lifecycle rules.

    Pages of ``origins`` may read and upload (S3 User Guide, "Using cross-origin resource sharing").
    Pending uploads, and multipart uploads that nobody finished, expire after a day. Raises
    StorageError when the server refuses.
    """
    try:
        _create_if_missing(client, bucket)
        client.put_bucket_cors(Bucket=bucket, CORSConfiguration=_cors(origins))
        client.put_bucket_lifecycle_configuration(
            Bucket=bucket,
            LifecycleConfiguration={
                "Rules": [
                    {
                        "ID": "expire-pending",
                        "Status": "Enabled",
                        "Filter": {"Prefix": "pending/"},
                        "Expiration": {"Days": 1},
                    },
                    {
                        "ID": "abort-unfinished-multipart",
                        "Status": "Enabled",
                        "Filter": {"Prefix": ""},
                        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
                    },
                ]
            },
        )
    except (ClientError, BotoCoreError) as error:
        raise StorageError(
            f"The development bucket {bucket} could not be set up: {error}", detail=repr(error)
        ) from error


def _create_if_missing(client: "S3Client", bucket: str) -> None:
    names = [found.get("Name") for found in client.list_buckets()["Buckets"]]
    if bucket not in names:
        client.create_bucket(Bucket=bucket)


def _cors(origins: Sequence[str]) -> "CORSConfigurationTypeDef":
    return {
        "CORSRules": [
            {
                "ID": "uploads",
                "AllowedOrigins": list(origins),
                "AllowedMethods": ["GET", "HEAD", "POST", "PUT"],
                "AllowedHeaders": ["*"],
                "ExposeHeaders": ["ETag"],
                "MaxAgeSeconds": _PREFLIGHT_CACHE_SECONDS,
            }
        ]
    }
