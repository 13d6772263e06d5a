"""Documents: the leading bytes must not belong to another type."""

import re

from gridboss_assets.errors import ContentMismatch
from gridboss_assets.inspection.sniff import sniff

HEAD_BYTES = 64 * 1024

_BINARY = {"application/pdf", "application/zip"}
# A browser that guesses would run these as a page: HTML, SVG and XML in disguise.
_MARKUP = re.compile(rb"<(?:!|\?|/?[a-z])", re.IGNORECASE)
_BOM = b"\xef\xbb\xbf"
_JSON_START = re.compile(rb'[\[{"\-0-9tfn]')


def check_head(head: bytes, content_type: str) -> None:
    """Check up to 64 KiB from the start of a document; raises ``ContentMismatch``."""
    found = sniff(head)
    if content_type in _BINARY:
        if found != content_type:
            raise _mismatch(found, content_type)
        return
    if found is not None:
        raise _mismatch(found, content_type)
    text = head.removeprefix(_BOM).lstrip()
    if b"\x00" in head or head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ContentMismatch("The file is not text in UTF-8. Save it as UTF-8 and try again.")
    if _MARKUP.match(text):
        raise _mismatch("a web page or XML", content_type)
    if content_type == "application/json" and text and not _JSON_START.match(text):
        raise _mismatch(None, content_type)


def _mismatch(found: str | None, declared: str) -> ContentMismatch:
    what = f"The file looks like {found}" if found else "The content is something else"
    return ContentMismatch(f"{what}, but it was uploaded as {declared}. Choose another file.")
