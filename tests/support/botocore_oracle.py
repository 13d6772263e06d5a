"""botocore as the oracle of our signatures: the same request, signed by it at a time we choose."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Literal
from unittest.mock import patch

import botocore.session
from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials as BotocoreCredentials

from gridboss_assets.models import Credentials

# One session for all clients: it keeps the loaded service model, the slow part of a client.
_SESSION = botocore.session.Session()


@contextmanager
def botocore_clock(now: float) -> Iterator[None]:
    """Let botocore sign at a POSIX time. Both of its modules import their clock by name."""
    # Microseconds are cut off here as a clock does it; fromtimestamp would round them up.
    microseconds = timedelta(microseconds=int(now % 1 * 1_000_000))
    moment = datetime.fromtimestamp(int(now), UTC).replace(tzinfo=None) + microseconds
    with (
        patch("botocore.auth.get_current_datetime", lambda: moment),
        patch("botocore.signers.get_current_datetime", lambda: moment),
    ):
        yield


@lru_cache(maxsize=128)
def client(
    credentials: Credentials,
    region: str,
    endpoint: str | None,
    addressing_style: Literal["path", "virtual"],
) -> Any:
    """Return botocore's S3 client for one configuration, made once."""
    return _SESSION.create_client(
        "s3",
        region_name=region,
        endpoint_url=endpoint,
        aws_access_key_id=credentials.access_key,
        aws_secret_access_key=credentials.secret_key,
        aws_session_token=credentials.session_token,
        config=Config(
            signature_version="s3v4",
            request_checksum_calculation="when_required",
            s3={"addressing_style": addressing_style, "us_east_1_regional_endpoint": "regional"},
        ),
    )


def post(  # noqa: PLR0913 - the arguments of presign_post, for an S3 client and a bucket
    s3: Any,
    bucket: str,
    *,
    key: str,
    fields: Mapping[str, str],
    size_range: tuple[int, int],
    expires_in: int,
    now: float,
) -> dict[str, Any]:
    """Sign a form with botocore: every field pinned, and the size within its range.

    Its address ends in a slash here, as botocore's own does but for path style.
    """
    conditions: list[Any] = [{name: value} for name, value in fields.items()]
    conditions.append(["content-length-range", *size_range])
    with botocore_clock(now):
        signed: dict[str, Any] = s3.generate_presigned_post(
            bucket, key, Fields=dict(fields), Conditions=conditions, ExpiresIn=expires_in
        )
    return {**signed, "url": signed["url"].rstrip("/") + "/"}


def url(s3: Any, operation: str, *, expires_in: int, now: float, **params: Any) -> str:
    """Sign a URL with botocore; ``params`` are those of the client's method ``operation``."""
    with botocore_clock(now):
        signed: str = s3.generate_presigned_url(operation, Params=params, ExpiresIn=expires_in)
    return signed


def url_of_any_query(  # noqa: PLR0913 - the arguments of presign_url
    plain_url: str,
    query: Mapping[str, str],
    credentials: Credentials,
    *,
    region: str,
    expires_in: int,
    now: float,
) -> str:
    """Sign a GET with parameters that no operation of the client has, by botocore's signer."""
    request = AWSRequest(method="GET", url=plain_url, params=dict(query))
    keys = BotocoreCredentials(
        credentials.access_key, credentials.secret_key, credentials.session_token
    )
    with botocore_clock(now):
        S3SigV4QueryAuth(keys, "s3", region, expires=expires_in).add_auth(request)
    return str(request.url)
