"""How the boto3 client is made: time-outs, retries, pool, checksums."""

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

import boto3
import botocore.credentials
import botocore.session
from botocore.config import Config

from gridboss_assets.models import Credentials

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# A browser waits for `complete`, so a dead server has to be noticed before the person gives up.
CONNECT_TIMEOUT_SECONDS = 3
# Between two reads of one answer, not for the whole of it: 25 MiB may take longer.
READ_TIMEOUT_SECONDS = 10
# One try and two retries, with botocore's exponential backoff and full jitter.
ATTEMPTS = 3
# Starlette runs blocking endpoints on AnyIO's 40 threads; each uses one connection at a time.
# The few more are for jobs and readiness probes beside them.
POOL_CONNECTIONS = 48

# Where botocore looks for a profile: (key in a file, variable, default, conversion), as it has it.
_NO_FILES = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}


def make_client(
    region: str,
    credentials: Callable[[], Credentials],
    *,
    endpoint: str | None,
    addressing_style: Literal["auto", "path", "virtual"],
    checksums: bool,
) -> "S3Client":
    """Make a client that reads no file and asks no metadata service for anything.

    ``checksums``: off AWS they are sent and expected only where an operation requires them, since
    providers refuse or ignore them in different ways.
    """
    style = addressing_style
    if style == "auto":
        style = "path" if endpoint else "virtual"
    when: Literal["when_supported", "when_required"] = (
        "when_supported" if checksums else "when_required"
    )
    return make_session(credentials).client(
        "s3",
        region_name=region,
        endpoint_url=endpoint,
        config=Config(
            signature_version="s3v4",
            connect_timeout=CONNECT_TIMEOUT_SECONDS,
            read_timeout=READ_TIMEOUT_SECONDS,
            retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
            max_pool_connections=POOL_CONNECTIONS,
            tcp_keepalive=True,
            # Neither AWS_ENDPOINT_URL nor a file of a developer's own says where our bucket is.
            ignore_configured_endpoint_urls=True,  # type: ignore[call-arg] # the stubs lack it
            request_checksum_calculation=when,
            response_checksum_validation=when,
            s3={"addressing_style": style, "us_east_1_regional_endpoint": "regional"},
        ),
    )


def make_session(credentials: Callable[[], Credentials]) -> boto3.session.Session:
    """Make a session that asks ``credentials`` at every request, and nothing else for any."""
    session = botocore.session.Session(session_vars=_NO_FILES)
    session.register_component("credential_provider", _Resolver(credentials))
    return boto3.session.Session(botocore_session=session)


class _Resolver:
    """Stands in for botocore's search through environment, files and metadata services."""

    def __init__(self, current: Callable[[], Credentials]) -> None:
        self._current = current

    def load_credentials(self) -> "_CurrentCredentials":
        return _CurrentCredentials(self._current)


class _CurrentCredentials(botocore.credentials.Credentials):
    """Asks for the current credentials at every request, so that a session may be renewed."""

    def __init__(self, current: Callable[[], Credentials]) -> None:
        now = current()
        super().__init__(now.access_key, now.secret_key, now.session_token)
        self._ask = current

    def get_frozen_credentials(self) -> botocore.credentials.ReadOnlyCredentials:
        now = self._ask()
        return botocore.credentials.ReadOnlyCredentials(
            now.access_key, now.secret_key, now.session_token
        )
