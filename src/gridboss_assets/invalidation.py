"""Taking objects out of the CDN's caches.

CloudFront Developer Guide, "Invalidate files to remove content".
"""

import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from gridboss_assets.errors import CdnDenied, CdnError, CdnUnavailable
from gridboss_assets.models import Credentials
from gridboss_assets.signing import escape_key

if TYPE_CHECKING:
    from mypy_boto3_cloudfront import CloudFrontClient

# How many paths may be under way at once, and how many of them with a wildcard (Developer Guide,
# "Concurrent invalidation request maximum").
MAX_PATHS = 3000
MAX_WILDCARDS = 15

_REGION = "us-east-1"  # CloudFront is one service for the world, and signs for this region.
_CONNECT_TIMEOUT_SECONDS = 3
_READ_TIMEOUT_SECONDS = 10
_ATTEMPTS = 3
_BUSY = frozenset({"Throttling", "ServiceUnavailable"})
_POLL_SECONDS = 5.0


class Invalidator(Protocol):
    """Something that takes objects out of a CDN's caches; threads may share it."""

    def invalidate(self, paths: Sequence[str]) -> str:
        """Have paths forgotten, and return the ID of what was begun.

        See :func:`path_of`. It takes effect within minutes. Raises a ``CdnError``.
        """


class CloudFrontInvalidator:
    """The invalidations of one distribution. No client is made before the first request.

    ``credentials`` needs the IAM statement ``cdn-invalidation``; ``endpoint`` is for tests.
    """

    def __init__(
        self,
        distribution_id: str,
        credentials: Callable[[], Credentials],
        *,
        endpoint: str | None = None,
    ) -> None:
        self.distribution_id = distribution_id
        self._credentials = credentials
        self._endpoint = endpoint
        self._lock = threading.Lock()
        self._made: CloudFrontClient | None = None

    def __repr__(self) -> str:
        return f"CloudFrontInvalidator({self.distribution_id!r})"

    def invalidate(self, paths: Sequence[str]) -> str:
        """Begin an invalidation of at most 3,000 paths, and return its ID.

        Raises ``CdnDenied``, ``CdnUnavailable`` (too many under way among it) or ``CdnError``.
        """
        with _translated(self.distribution_id):
            answer = self.client().create_invalidation(
                DistributionId=self.distribution_id,
                InvalidationBatch={
                    "Paths": {"Quantity": len(paths), "Items": list(paths)},
                    # A retry of the very same request begins no second one.
                    "CallerReference": uuid.uuid4().hex,
                },
            )
        return answer["Invalidation"]["Id"]

    def wait(
        self,
        invalidation_id: str,
        *,
        timeout: float = 900,
        sleep: Callable[[float], None] = time.sleep,
    ) -> bool:
        """Wait until every edge has forgotten; False after ``timeout`` seconds.

        It needs ``cloudfront:GetInvalidation``, which the application's policy does not give.
        """
        deadline = time.monotonic() + timeout
        while True:
            with _translated(self.distribution_id):
                answer = self.client().get_invalidation(
                    DistributionId=self.distribution_id, Id=invalidation_id
                )
            if answer["Invalidation"]["Status"] == "Completed":
                return True
            if time.monotonic() > deadline:
                return False
            sleep(_POLL_SECONDS)

    def client(self) -> "CloudFrontClient":
        """Return the SDK's client, which is made when it is first asked for."""
        # Most deployments have no CDN, and need not load the SDK for one.
        from botocore.config import Config  # noqa: PLC0415

        from gridboss_assets.storage.client import make_session  # noqa: PLC0415

        with self._lock:
            if self._made is None:
                self._made = make_session(self._credentials).client(
                    "cloudfront",
                    region_name=_REGION,
                    endpoint_url=self._endpoint,
                    config=Config(
                        connect_timeout=_CONNECT_TIMEOUT_SECONDS,
                        read_timeout=_READ_TIMEOUT_SECONDS,
                        retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
                        ignore_configured_endpoint_urls=True,  # type: ignore[call-arg] # see stubs
                    ),
                )
            return self._made


def path_of(key: str, *, every_query: bool = False) -> str:
    """Return the path of an invalidation for an object key, percent-encoded.

    ``every_query``: whatever query follows, where an edge keeps answers apart by it. The path then
    ends in a wildcard (Developer Guide, "Specify what to invalidate").
    """
    return f"/{escape_key(key)}{'*' if every_query else ''}"


@contextmanager
def _translated(distribution_id: str) -> Iterator[None]:
    from botocore.exceptions import (  # noqa: PLC0415
        BotoCoreError,
        ClientError,
        ConnectionError,  # noqa: A004 - botocore's own, which is no OSError of Python's
        HTTPClientError,
    )

    from gridboss_assets.calls import code_of  # noqa: PLC0415 - it loads the SDK

    try:
        yield
    except ClientError as error:
        code = code_of(error)
        detail = f"{error.operation_name} of the distribution {distribution_id}: {code}"
        if code == "NoSuchDistribution":
            raise CdnDenied(
                detail=f"{detail}; CDN_DISTRIBUTION_ID names none of this account"
            ) from error
        if code in {"AccessDenied", "InvalidClientTokenId", "SignatureDoesNotMatch"}:
            raise CdnDenied(
                detail=f"{detail}; the IAM statement cdn-invalidation allows it"
            ) from error
        if code == "TooManyInvalidationsInProgress":
            raise CdnUnavailable(
                f"CloudFront forgets at most {MAX_PATHS} paths at once, and {MAX_WILDCARDS} with a "
                "wildcard, which exports need. Try again in some minutes.",
                detail=detail,
            ) from error
        raise (CdnUnavailable if code in _BUSY else CdnError)(detail=detail) from error
    except (ConnectionError, HTTPClientError) as error:
        raise CdnUnavailable(detail=type(error).__name__) from error
    except BotoCoreError as error:
        raise CdnError(detail=f"{type(error).__name__}: {error}") from error
