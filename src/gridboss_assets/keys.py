"""Object keys: how they are built and what is accepted. Pure, without I/O.

A key that we issue reads ``PREFIX/OWNER/ID.EXT``::

    avatars/driver-7/9f86d081884c7d659a2feaa0c55ad015.png
    avatars/~mfrggzdfmztwq2lknnwg23tpobyxe43uovqxe43uovqxe43uovqq/9f86….png

Only a key of exactly this form has an owner. Any other well-formed key under a configured prefix
(``exports/season.csv``, written by a job) is ownerless.
"""

import hashlib
import re
import secrets
from base64 import b32encode
from dataclasses import dataclass
from functools import lru_cache

from gridboss_assets.errors import InvalidObjectKey
from gridboss_assets.kinds import ContentType, Kind, Kinds

PENDING_PREFIX = "pending/"

# S3 takes at most 1,024 bytes of UTF-8 (S3 User Guide, "Naming Amazon S3 objects"); the pending
# twin has to fit as well.
MAX_KEY_BYTES = 1024 - len(PENDING_PREFIX)

# `*` and `?` are wildcards in CloudFront custom policies, `$ { }` begin policy variables in IAM
# and form variables in POST policies; `\ % #` are read differently by every URL library; U+FFFD
# stands where bytes were no UTF-8.
_FORBIDDEN = re.compile(r"[*?${}\\%#\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffd-\uffff]")

_NO_SEGMENT = frozenset({"", ".", ".."})

_ID = re.compile(r"[0-9a-f]{32}")
_PLAIN_OWNER = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_OWNED = re.compile(
    r"(?P<owner>[a-z0-9][a-z0-9_-]{0,63}|~[a-z2-7]{52})/[0-9a-f]{32}\.(?P<ext>[a-z0-9]+)"
)


@dataclass(frozen=True, slots=True)
class ObjectKey:
    """A checked key. ``owner`` is the OWNER segment, None for an ownerless key."""

    key: str
    kind: Kind
    owner: str | None

    @property
    def pending(self) -> str:
        """The key that the signed upload writes to; nothing else can write there."""
        return PENDING_PREFIX + self.key

    @property
    def content_type(self) -> ContentType | None:
        """The content type that the extension stands for, None where it stands for none."""
        return self.kind.by_extension(self.key.rpartition(".")[2])

    def __str__(self) -> str:
        """Return the key itself, as it stands in the bucket."""
        return self.key


@lru_cache(maxsize=4096)
def owner_segment(subject: str) -> str:
    """Turn a caller's ``sub`` into the OWNER segment of a key.

    A ``sub`` that is safe in a URL stands as it is. Any other becomes ``~`` and the base32 SHA-256
    of its UTF-8: two callers never share a segment, and no e-mail address stands in a URL. The
    empty subject is the application itself; no token can carry it.
    """
    if _PLAIN_OWNER.fullmatch(subject):
        return subject
    digest = hashlib.sha256(subject.encode("utf-8", "surrogatepass")).digest()
    return "~" + b32encode(digest).decode("ascii").rstrip("=").lower()


def build(
    kind: Kind,
    subject: str,
    content_type: ContentType,
    *,
    id: str | None = None,  # noqa: A002 - as the key has it
) -> ObjectKey:
    """Make a new key with 128 random bits; nothing of the file's name enters it.

    ``id``: 32 hex digits instead, so that the same job writes to the same key; they are no less
    random. Raises ``ValueError`` for any other.
    """
    if id is not None and not _ID.fullmatch(id):
        msg = "an ID has 32 hex digits in small letters, such as secrets.token_hex(16) gives"
        raise ValueError(msg)
    owner = owner_segment(subject)
    name = f"{id or secrets.token_hex(16)}.{content_type.extension}"
    return ObjectKey(f"{kind.prefix}{owner}/{name}", kind, owner)


def parse(text: str, kinds: Kinds, *, kind: str | None = None) -> ObjectKey:
    """Check a key from a request. ``pending/`` is removed once, before anything else.

    ``kind``, where a request names one, has to agree with the key. Raises
    :class:`InvalidObjectKey`, or ``UnsupportedKind`` for a kind that does not exist.
    """
    expected = None if kind is None else kinds[kind]
    key = text.removeprefix(PENDING_PREFIX)
    if _FORBIDDEN.search(key):
        raise InvalidObjectKey(
            "The object key has characters that keys never contain. "
            "Send the `objectKey` exactly as it was received."
        )
    if not key or len(key.encode()) > MAX_KEY_BYTES:
        raise InvalidObjectKey(
            f"The object key must have 1 to {MAX_KEY_BYTES} bytes. "
            "Send the `objectKey` exactly as it was received."
        )
    if not _NO_SEGMENT.isdisjoint(key.split("/")):
        raise InvalidObjectKey("The object key has an empty, `.` or `..` segment.")
    found = kinds.of_key(key)
    if found is None:
        raise InvalidObjectKey(
            f"The object key stands under no known prefix ({', '.join(kinds.prefixes)})."
        )
    if expected is not None and found is not expected:
        raise InvalidObjectKey(f"The object key does not belong to the kind `{expected.name}`.")
    return ObjectKey(key, found, _owner_of(key, found))


def _owner_of(key: str, kind: Kind) -> str | None:
    match = _OWNED.fullmatch(key, len(kind.prefix))
    if match is None:
        return None
    owner, extension = match.groups()
    # A plain loop: one request may name hundreds of keys.
    for content_type in (*kind.content_types, *kind.written_types):
        if extension == content_type.extension:
            return owner
    return None
