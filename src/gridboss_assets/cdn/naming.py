"""What the parts of a distribution are called, so that a second run finds those of the first."""

import hashlib
import re

# The shortest of CloudFront's limits, that of origin access controls and functions (CloudFront
# API Reference, "OriginAccessControlConfig" and "CreateFunction").
MAX_NAME = 64
_OWNED = "gridboss-"
_DIGITS = 8
# What a function's name may not have; a bucket's name has nothing else of it but dots.
_FOREIGN = re.compile(r"[^a-zA-Z0-9-]")


def name_of(bucket: str, label: str) -> str:
    """Name a part of a bucket's distribution, such as ``gridboss-prod-assets-exports``.

    Names are unique in an account. A bucket's name that does not fit as it is is shortened, and a
    hash keeps it apart from others.
    """
    plain = _FOREIGN.sub("-", bucket)
    room = MAX_NAME - len(_OWNED) - len(label) - 1
    if plain != bucket or len(plain) > room:
        digest = hashlib.sha256(bucket.encode()).hexdigest()[:_DIGITS]
        plain = f"{plain[: room - _DIGITS - 1]}-{digest}"
    return f"{_OWNED}{plain}-{label}"


def comment_of(bucket: str) -> str:
    """Return the distribution's comment, by which it is found where its ID is not known yet."""
    return f"gridboss-assets for the bucket {bucket}"
