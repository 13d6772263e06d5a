"""Query-signed URLs: one request that anybody may make until the URL expires.

S3 API Reference, "Authenticating Requests: Using Query Parameters (AWS Signature Version 4)".
"""

import re
from bisect import bisect
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from typing import Literal
from urllib.parse import quote

from gridboss_assets.models import Credentials
from gridboss_assets.signing.location import BucketLocation
from gridboss_assets.signing.sigv4 import ALGORITHM, Signer, check_expires_in, signer_at

# RFC 3986 §2.3 unreserved characters, and the slash: a key of these alone stands as it is.
_PLAIN_KEY = re.compile(r"[A-Za-z0-9._~/-]*")

_RESERVED_PREFIX = "X-Amz-"
_NOTHING: Mapping[str, str] = {}


def presign_url(  # noqa: PLR0913 - a signature covers that much, and all but three by name
    method: Literal["GET", "HEAD", "PUT", "DELETE"],
    location: BucketLocation,
    credentials: Credentials,
    *,
    key: str,
    query: Mapping[str, str] = _NOTHING,
    headers: Mapping[str, str] = _NOTHING,
    expires_in: int,
    now: float,
) -> str:
    """Sign a URL for one request: ``GET``, ``HEAD``, ``PUT`` or ``DELETE`` of ``key``.

    ``query`` holds further parameters such as ``response-content-disposition``. The request has
    to carry every header in ``headers`` with the same value; ``host`` is always signed, the body
    never is. ``now`` is a POSIX time, ``expires_in`` counts seconds from there.

    Raises ``ValueError`` for a life outside 1…604800 and for a query parameter ``X-Amz-*``, which
    the signature sets itself.
    """
    check_expires_in(expires_in)
    signer = signer_at(credentials, location.region, int(now))
    path = f"{location.path}/{escape_key(key)}"
    header_lines, header_names = _canonical_headers(location.host, headers)
    credential, token = _signature_parameters(signer)
    credential = f"{credential}&X-Amz-Expires={expires_in}"
    signed_headers = f"&X-Amz-SignedHeaders={header_names.replace(';', '%3B')}"
    canonical_query = f"{credential}{token}{signed_headers}"
    # S3 takes the parameters in any order; botocore's is kept so that the two can be compared.
    url_query = f"{credential}{signed_headers}{token}"
    if query:
        parameters = [(quote(name, safe=""), quote(query[name], safe="")) for name in query]
        canonical_query = _merge(parameters, canonical_query)
        url_query = "&".join([*map("=".join, parameters), url_query])
    canonical_request = (
        f"{method}\n{path}\n{canonical_query}\n{header_lines}\n\n{header_names}\nUNSIGNED-PAYLOAD"
    )
    digest = sha256(canonical_request.encode()).hexdigest()
    signature = signer.sign(f"{ALGORITHM}\n{signer.amz_date}\n{signer.scope}\n{digest}".encode())
    return f"{location.base_url}{path}?{url_query}&X-Amz-Signature={signature}"


def escape_key(key: str) -> str:
    """Percent-encode an object key for the path of a URL."""
    return key if _PLAIN_KEY.fullmatch(key) else quote(key, safe="/~")


def _canonical_headers(host: str, headers: Mapping[str, str]) -> tuple[str, str]:
    """Return the lines of the headers and the list of their names, in canonical form."""
    if not headers:
        return f"host:{host}", "host"
    canonical = {name.lower(): " ".join(value.split()) for name, value in headers.items()}
    canonical["host"] = host
    names = sorted(canonical)
    return "\n".join([f"{name}:{canonical[name]}" for name in names]), ";".join(names)


@lru_cache(maxsize=2048)
def _signature_parameters(signer: Signer) -> tuple[str, str]:
    """Return what is the same for every URL of one second: the credential, and the token."""
    credential = (
        f"X-Amz-Algorithm={ALGORITHM}&X-Amz-Credential={quote(signer.credential, safe='')}"
        f"&X-Amz-Date={signer.amz_date}"
    )
    if signer.session_token is None:
        return credential, ""
    return credential, f"&X-Amz-Security-Token={quote(signer.session_token, safe='')}"


def _merge(parameters: list[tuple[str, str]], signature_parameters: str) -> str:
    """Sort a request's own parameters around those of the signature.

    The canonical query string is sorted by name. The signature's parameters come as one block:
    no other name begins with ``X-Amz-``, so none belongs in between.
    """
    ordered = sorted(parameters)
    if any(name.startswith(_RESERVED_PREFIX) for name, _ in ordered):
        raise ValueError(f"query parameters {_RESERVED_PREFIX}* are set by the signature")
    pairs = ["=".join(pair) for pair in ordered]
    pairs.insert(bisect(ordered, (_RESERVED_PREFIX, "")), signature_parameters)
    return "&".join(pairs)
