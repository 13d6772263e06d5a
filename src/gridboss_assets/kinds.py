"""The table of kinds: every limit is declared here, once, as data.

The signature enforces these limits, ``complete`` checks them again, and ``GET /uploads/kinds``,
the documentation and the browser client read them.
"""

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

from gridboss_assets.by_name import ByName
from gridboss_assets.errors import UnsupportedContentType, UnsupportedKind

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class ContentType:
    """One content type that a kind accepts.

    ``extensions``: the first one ends our object keys; all of them may end a file's name.
    ``aliases``: other types that browsers are known to send for these extensions. They depend on
    the operating system's registry, so an alias counts only with a fitting file name.
    """

    name: str
    extensions: tuple[str, ...]
    aliases: tuple[str, ...] = ()

    @property
    def extension(self) -> str:
        """The extension of our own object keys, without a dot."""
        return self.extensions[0]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of asset and all of its limits; sizes are in bytes."""

    name: str
    prefix: str
    max_size: int
    content_types: tuple[ContentType, ...]
    inspector: Literal["image", "document"]
    cache_control: str
    disposition: Literal["inline", "attachment"]
    readable_by: Literal["owner", "any_caller"]
    written_types: tuple[ContentType, ...] = ()
    """What the application writes beyond that; nobody else can upload it."""

    @property
    def is_public(self) -> bool:
        """Whether anybody may read it, so that a CDN serves it without a signature."""
        return self.readable_by == "any_caller"

    @property
    def cache_seconds(self) -> int:
        """How long a cache may keep an object of this kind (RFC 9111 §5.2.2.1, ``max-age``)."""
        return _max_age(self.cache_control)

    def content_type(self, declared: str, filename: str) -> ContentType:
        """Find the accepted type for what a browser declares.

        Parameters such as ``; charset=utf-8`` are ignored and case does not matter (RFC 9110
        §8.3.1). Raises :class:`UnsupportedContentType` with the list of what would be accepted.
        """
        wanted = declared.partition(";")[0].strip().lower()
        extension = filename.rpartition(".")[2].lower()
        for candidate in self.content_types:
            if wanted == candidate.name:
                return candidate
            if wanted in candidate.aliases and extension in candidate.extensions:
                return candidate
        raise UnsupportedContentType(
            f"This type of file is not accepted as {self.name}. "
            f"Choose one of: {', '.join(t.name for t in self.content_types)}."
        )

    def by_extension(self, extension: str) -> ContentType | None:
        """Find the type of an object key's extension, given without its dot."""
        wanted = extension.lower()
        return next((t for t in self.content_types if wanted in t.extensions), None)


@cache
def _max_age(cache_control: str) -> int:
    found = re.search(r"\bmax-age=(\d+)", cache_control)
    return int(found[1]) if found else 0


# An empty type is what a browser sends when its operating system knows no type for the extension
# (File API §4.1); application/octet-stream is how some HTTP stacks spell the same, and
# binary/octet-stream what S3 says of an object that was written without a type.
_UNKNOWN = ("", "application/octet-stream", "binary/octet-stream")

AVATAR = Kind(
    name="avatar",
    prefix="avatars/",
    max_size=2 * MIB,
    content_types=(
        ContentType("image/jpeg", ("jpg", "jpeg", "jfif"), (*_UNKNOWN, "image/jpg", "image/pjpeg")),
        ContentType("image/png", ("png",), (*_UNKNOWN, "image/x-png")),
        ContentType("image/webp", ("webp",), _UNKNOWN),
    ),
    inspector="image",
    # A replaced avatar gets a new key, so what stands at one key never changes.
    cache_control="public, max-age=86400, immutable",
    disposition="inline",
    readable_by="any_caller",
)

# Not registered with IANA, and what everybody calls it. Inspection knows no file of lines, which is
# no JSON document, so it is not to be uploaded.
NDJSON = ContentType("application/x-ndjson", ("ndjson", "jsonl"))

EXPORT = Kind(
    name="export",
    prefix="exports/",
    max_size=25 * MIB,
    content_types=(
        ContentType(
            "text/csv",
            ("csv",),
            (
                *_UNKNOWN,
                "application/csv",
                "application/vnd.ms-excel",
                "text/comma-separated-values",
                "text/plain",
                "text/x-csv",
            ),
        ),
        ContentType("application/json", ("json",), (*_UNKNOWN, "text/json", "text/plain")),
        ContentType("application/pdf", ("pdf",), (*_UNKNOWN, "application/x-pdf")),
        ContentType(
            "application/zip",
            ("zip",),
            (*_UNKNOWN, "application/x-zip", "application/x-zip-compressed", "multipart/x-zip"),
        ),
    ),
    inspector="document",
    cache_control="private, max-age=10800",
    disposition="attachment",
    readable_by="owner",
    written_types=(NDJSON,),
)


class Kinds(ByName[Kind]):
    """The kinds of one deployment, by name; prefixes never overlap."""

    unknown = UnsupportedKind
    noun = "kind of upload"

    def __init__(self, *kinds: Kind) -> None:
        """Refuse a table in which one key could belong to two kinds or to the pending area."""
        super().__init__(*kinds)
        # startswith() accepts a tuple, which makes "under no prefix" one call.
        self.prefixes = tuple(kind.prefix for kind in kinds)
        self._by_prefix = [(kind.prefix, kind) for kind in kinds]
        for kind in kinds:
            others = [p for p in (*self.prefixes, "pending/") if p is not kind.prefix]
            if not kind.prefix.endswith("/") or any(
                kind.prefix.startswith(p) or p.startswith(kind.prefix) for p in others
            ):
                msg = f"kind {kind.name!r}: its prefix must end in '/' and overlap no other"
                raise ValueError(msg)

    def of_key(self, key: str) -> Kind | None:
        """Return the kind whose prefix ``key`` stands under."""
        for prefix, kind in self._by_prefix:
            if key.startswith(prefix):
                return kind
        return None


DEFAULT_KINDS = Kinds(AVATAR, EXPORT)
