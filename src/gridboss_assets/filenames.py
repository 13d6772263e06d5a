"""File names as browsers send them, made safe to store and to offer for download."""

import re
import unicodedata
from urllib.parse import quote, unquote

from gridboss_assets.errors import InvalidFilename
from gridboss_assets.kinds import ContentType

# Longer than any file system allows: nobody has a file of this name.
MAX_CHARACTERS = 1024
# S3 keeps at most 2 KiB of user metadata per object (S3 User Guide, "Working with object
# metadata"), and the seal needs its share.
MAX_ENCODED_BYTES = 512

_SEPARATORS = re.compile(r"[/\\]")
# Unicode categories: Cc controls, Cf formats (bidirectional marks, zero-width joiners), Cs lone
# surrogates, Co private use, Cn unassigned, Pi and Pf quotation marks, Zl and Zp separators.
_DROPPED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Pi", "Pf", "Zl", "Zp"})
# Quotes, separators of other systems, and what Windows forbids in a name.
_DROPPED = frozenset("\"'`\u201a\u201e:<>|*?;%")


def clean(name: str, content_type: ContentType) -> str:
    """Return the name that a downloading person will see, or raise :class:`InvalidFilename`.

    The last path segment, in NFC, without control characters, bidirectional marks, separators or
    quotes. It always ends in an extension of ``content_type``: a CSV that was called
    ``report.bat`` must not become a batch file on the computer of whoever downloads it. A name
    whose encoded form is over 512 bytes is shortened before its extension.
    """
    if len(name) > MAX_CHARACTERS:
        raise InvalidFilename(
            f"The file name is longer than {MAX_CHARACTERS} characters. Rename the file."
        )
    # Some browsers on Windows once sent a whole path; only its last segment is the name.
    base = _SEPARATORS.split(name)[-1]
    kept = "".join(
        c
        for c in unicodedata.normalize("NFC", base)
        if c not in _DROPPED and unicodedata.category(c) not in _DROPPED_CATEGORIES
    )
    # Leading dots hide a file, trailing dots and blanks are cut by Windows.
    kept = " ".join(kept.split()).strip(". ")
    if not kept:
        raise InvalidFilename("The file name is empty. Give the file a name and try again.")
    stem, dot, extension = kept.rpartition(".")
    if not dot or not stem or extension.lower() not in content_type.extensions:
        stem, extension = kept, content_type.extension
    return _shorten(stem, extension)


def _shorten(stem: str, extension: str) -> str:
    # A character is up to 4 bytes and each byte up to 3 characters when encoded, so whole
    # characters are cut, never an escape.
    while len(encode(f"{stem}.{extension}")) > MAX_ENCODED_BYTES:
        stem = stem[:-1]
    return f"{stem}.{extension}"


def encode(name: str) -> str:
    """Percent-encode a name for ``x-amz-meta-filename``: S3 metadata is ASCII."""
    return quote(name, safe="")


def decode(value: str | None, content_type: ContentType) -> str | None:
    """Read a name back from metadata. A value that ``encode`` can't have made gives None."""
    if not value or len(value) > MAX_ENCODED_BYTES:
        return None
    try:
        return clean(unquote(value, errors="strict"), content_type)
    except (UnicodeDecodeError, InvalidFilename):
        return None


def content_disposition(disposition: str, name: str | None) -> str:
    """Write a ``Content-Disposition`` value by RFC 6266, with ``filename*`` (RFC 8187)."""
    if name is None:
        return disposition
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii")
    if not ascii_name.rpartition(".")[0]:
        ascii_name = "download" + ascii_name
    return f"{disposition}; filename=\"{ascii_name}\"; filename*=UTF-8''{encode(name)}"
