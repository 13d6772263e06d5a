"""What the parts of a distribution are called, so that a second run finds those of the first."""

import hashlib
import re

# The shortest of CloudFront's limits, that of origin access controls and functions (CloudFront
# API Reference, "OriginAccessControlConfig" and "CreateFunction").
MAX_NAME = 64
_OWNED = "gridboss-"
_DIGITS = 8
_MAX_LABEL = 24
# What can be a name in every format that these are written in.
_LABEL = re.compile(r"[a-zA-Z][a-zA-Z0-9-]*")
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


def label_of(prefix: str) -> str:
    """Return what the parts for one kind are called, such as ``avatars`` for ``avatars/``."""
    label = prefix.strip("/").replace("/", "-")
    if len(label) <= _MAX_LABEL and _LABEL.fullmatch(label):
        return label
    plain = _FOREIGN.sub("", label).strip("-")[: _MAX_LABEL - _DIGITS - 2]
    return f"k{plain}-{hashlib.sha256(prefix.encode()).hexdigest()[:_DIGITS]}"


def comment_of(bucket: str) -> str:
    """Return the distribution's comment, by which it is found where its ID is not known yet."""
    return f"gridboss-assets for the bucket {bucket}"
