"""Where a bucket is reached: host name or path, on AWS or on a custom endpoint."""

import ipaddress
import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import SplitResult, urlsplit

from gridboss_assets.errors import Misconfigured

AddressingStyle = Literal["auto", "path", "virtual"]

# An AWS region ends in a number: this refuses `auto`, `aws-global` and zones such as `us-east-1a`.
_AWS_REGION = re.compile(r"[a-z]+(?:-[a-z]+)+-[0-9]+")
_REGION = re.compile(r"[A-Za-z0-9_-]{1,64}")

# S3 User Guide, "General purpose bucket naming rules". Other servers, and buckets of us-east-1
# from before 2018, also know capitals, underscores and longer names; those stay in the path.
_BUCKET = re.compile(r"[A-Za-z0-9._-]{1,255}")
_DNS_LABEL = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")
# Labels with dots between them, but nothing that looks like an IPv4 address.
_DNS_NAME = re.compile(
    r"(?=.{3,63}$)(?![0-9]+(?:\.[0-9]+){3}$)"
    r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*"
)

# AWS partitions other than `aws` and `aws-us-gov`, by the prefix of their regions (AWS General
# Reference, "Service endpoints"; botocore's table holds the same and a test compares the two).
_DNS_SUFFIXES = {
    "cn-": "amazonaws.com.cn",
    "eusc-": "amazonaws.eu",
    "us-iso-": "c2s.ic.gov",
    "us-isob-": "sc2s.sgov.gov",
    "us-isof-": "csp.hci.ic.gov",
    "eu-isoe-": "cloud.adc-e.uk",
}
_DEFAULT_DNS_SUFFIX = "amazonaws.com"

_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class BucketLocation:
    """Where a bucket is reached, worked out once.

    ``base_url`` is scheme, host and port as they stand in URLs; ``host`` is the ``Host`` header as
    clients send it: lower case, without a default port (RFC 9110 §7.2). ``path`` comes before
    ``/KEY``: empty, or the endpoint's own path, then the bucket in path style. ``form_url`` is
    where POST forms go; it ends in ``/``, because SeaweedFS applies a bucket's CORS rules to
    ``/BUCKET/`` and lets every page in at ``/BUCKET``.
    """

    bucket: str
    region: str
    base_url: str
    host: str
    path: str
    form_url: str


def locate_bucket(
    bucket: str,
    region: str,
    *,
    endpoint: str | None = None,
    addressing_style: AddressingStyle = "auto",
) -> BucketLocation:
    """Find out where ``bucket`` is reached.

    ``endpoint`` is the http(s) URL of a custom endpoint, with or without a port and a path; None
    means the regional endpoint of AWS. ``auto`` puts the bucket's name into the host name on AWS
    and into the path on custom endpoints. Whatever the style, the name stays in the path where
    the host name can't hold it: names that are no DNS label, endpoints that are an IP address, and
    names with dots under https, for which no wildcard certificate is valid (S3 User Guide,
    "Virtual hosting of general purpose buckets").

    Raises :class:`Misconfigured`, with the setting at fault in its ``detail``.
    """
    if not _BUCKET.fullmatch(bucket):
        raise Misconfigured(detail="S3_BUCKET: the bucket's name has characters that no server has")
    if bucket.endswith("--x-s3"):
        # Directory buckets sign with session credentials of their own (CreateSession).
        raise Misconfigured(detail="S3_BUCKET: directory buckets (S3 Express) are not supported")
    if endpoint is None:
        endpoint = _aws_endpoint(region)
        prefers_virtual = addressing_style != "path"
    else:
        prefers_virtual = addressing_style == "virtual"
        if not _REGION.fullmatch(region):
            raise Misconfigured(detail="S3_REGION: a region looks like `us-east-1` or `auto`")
    parts = _split(endpoint)
    netloc, host = parts.netloc, _host_header(parts)
    prefix = parts.path.rstrip("/")
    virtual = prefers_virtual and _fits_host_name(bucket, parts)
    if virtual:
        netloc, host = f"{bucket}.{netloc}", f"{bucket}.{host}"
    base_url = f"{parts.scheme}://{netloc}"
    path = prefix if virtual else f"{prefix}/{bucket}"
    return BucketLocation(
        bucket=bucket,
        region=region,
        base_url=base_url,
        host=host,
        path=path,
        form_url=f"{base_url}{path}/",
    )


def _aws_endpoint(region: str) -> str:
    if not _AWS_REGION.fullmatch(region):
        raise Misconfigured(
            detail="S3_REGION: an AWS region looks like `us-east-1`; "
            "for another provider set S3_ENDPOINT as well"
        )
    for prefix, dns_suffix in _DNS_SUFFIXES.items():
        if region.startswith(prefix):
            return f"https://s3.{region}.{dns_suffix}"
    return f"https://s3.{region}.{_DEFAULT_DNS_SUFFIX}"


def _split(endpoint: str) -> SplitResult:
    problem = "S3_ENDPOINT: give an http(s) URL of ASCII characters such as http://localhost:9000"
    if not endpoint.isascii() or not endpoint.isprintable() or " " in endpoint:
        raise Misconfigured(detail=problem)
    try:
        parts = urlsplit(endpoint)
        _ = parts.port  # raises ValueError for a port that is no number
    except ValueError as error:
        raise Misconfigured(detail=problem) from error
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        raise Misconfigured(detail=problem)
    if parts.username is not None or parts.query or parts.fragment:
        raise Misconfigured(detail="S3_ENDPOINT: give it without user, password, query or fragment")
    return parts


def _host_header(parts: SplitResult) -> str:
    host = str(parts.hostname)
    if ":" in host:
        host = f"[{host}]"
    if parts.port is None or parts.port == _DEFAULT_PORTS[parts.scheme]:
        return host
    return f"{host}:{parts.port}"


def _fits_host_name(bucket: str, parts: SplitResult) -> bool:
    try:
        ipaddress.ip_address(str(parts.hostname))
    except ValueError:
        pattern = _DNS_LABEL if parts.scheme == "https" else _DNS_NAME
        return pattern.fullmatch(bucket) is not None
    return False
