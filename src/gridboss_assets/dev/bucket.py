"""The development bucket: made if missing, and set up as one in production is."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from gridboss_assets.buckets.aws import Bucket
from gridboss_assets.buckets.desired import desired
from gridboss_assets.buckets.plan import plan
from gridboss_assets.storage.providers import SEAWEEDFS
from gridboss_config import Settings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

REGION = "us-east-1"
"""The region that requests to the embedded server are signed for; it takes any."""


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
    """Make ``bucket`` what ``gridboss-assets bucket apply`` would make of it; it may exist already.

    Pages of ``origins`` may read and upload. Raises OperationFailed when the server refuses.
    """
    # Without a look at the environment, which may describe another bucket.
    settings = Settings.model_construct(
        s3_bucket=bucket,
        s3_region=REGION,
        s3_endpoint=client.meta.endpoint_url,
        cors_origins=tuple(origins),
    )
    here = Bucket(client, bucket, REGION, SEAWEEDFS)
    planned = plan(desired(settings, None, provider=SEAWEEDFS), here.read())
    for _ in here.apply(planned):
        pass
