"""POST policies: forms with which a browser uploads one file under one key.

S3 API Reference, "Browser-Based Uploads Using POST (AWS Signature Version 4)".
"""

from binascii import b2a_base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from json.encoder import encode_basestring_ascii as _json

from gridboss_assets.models import Credentials
from gridboss_assets.signing.location import BucketLocation
from gridboss_assets.signing.sigv4 import (
    ALGORITHM,
    Signer,
    check_expires_in,
    expiration,
    signer_at,
)

# The fields that we set ourselves, and the file; S3 doesn't tell their case apart.
_RESERVED = frozenset(
    {
        "bucket",
        "file",
        "key",
        "policy",
        "x-amz-algorithm",
        "x-amz-credential",
        "x-amz-date",
        "x-amz-security-token",
        "x-amz-signature",
    }
)


@dataclass(frozen=True, slots=True)
class PresignedPost:
    """A signed form: POST ``fields``, then the file as the last field ``file``, to ``url``."""

    url: str
    fields: dict[str, str] = field(repr=False)


def presign_post(  # noqa: PLR0913 - a signature covers that much, and all but two by name
    location: BucketLocation,
    credentials: Credentials,
    *,
    key: str,
    fields: Mapping[str, str],
    size_range: tuple[int, int],
    expires_in: int,
    now: float,
) -> PresignedPost:
    """Sign a form that uploads one file under exactly ``key``.

    The policy pins the bucket, the key, a file size within ``size_range`` (bytes, both ends
    included) and every field of the form to its exact value; S3 refuses a form with a field that
    its policy doesn't name. ``fields`` are the form fields beside the key, such as
    ``Content-Type`` and ``x-amz-meta-*``. ``now`` is a POSIX time, ``expires_in`` counts seconds
    from there.

    Raises ``ValueError`` for a life outside 1…604800, for a size range that holds no size, for a
    field that the signature itself sets, and for ``${filename}``: S3 would put the name of the
    uploaded file in its place, and the key or field would no longer be exact.
    """
    check_expires_in(expires_in)
    smallest, largest = size_range
    if not 0 <= smallest <= largest:
        raise ValueError(f"size_range must hold at least one size, not {size_range}")
    if not _RESERVED.isdisjoint(map(str.lower, fields)):
        raise ValueError(f"these form fields are set by the signature: {sorted(_RESERVED)}")
    second = int(now)
    signer = signer_at(credentials, location.region, second)
    signature_fields, signature_conditions = _signature_parts(signer)
    field_conditions = "".join([f"{{{_json(n)}: {_json(v)}}}, " for n, v in fields.items()])
    # Written out piece by piece, byte for byte as json.dumps would write the tree.
    policy = (
        f'{{"expiration": "{expiration(second + expires_in)}", "conditions": [{field_conditions}'
        f'["content-length-range", {smallest}, {largest}], '
        f'{{"bucket": {_json(location.bucket)}}}, {{"key": {_json(key)}}}, '
        f"{signature_conditions}]}}"
    )
    if "${filename}" in policy:
        raise ValueError(
            "`${filename}` in a key or form field would be replaced by S3; leave it out"
        )
    encoded = b2a_base64(policy.encode("ascii"), newline=False)
    return PresignedPost(
        location.form_url,
        {
            **fields,
            "key": key,
            **signature_fields,
            "policy": encoded.decode("ascii"),
            "x-amz-signature": signer.sign(encoded),
        },
    )


@lru_cache(maxsize=32)
def _signature_parts(signer: Signer) -> tuple[dict[str, str], str]:
    fields = {
        "x-amz-algorithm": ALGORITHM,
        "x-amz-credential": signer.credential,
        "x-amz-date": signer.amz_date,
    }
    if signer.session_token is not None:
        fields["x-amz-security-token"] = signer.session_token
    return fields, ", ".join(f"{{{_json(n)}: {_json(v)}}}" for n, v in fields.items())
