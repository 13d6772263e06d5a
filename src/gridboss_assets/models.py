"""Value objects that pass between the rooms: frozen, typed, free of I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Credentials:
    """What signs requests. ``expires_at`` is a POSIX time, None for keys that don't expire."""

    access_key: str
    secret_key: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)
    expires_at: float | None = None


@dataclass(frozen=True, slots=True)
class UploadTicket:
    """A signed request for one upload, as the storage signs it: what to send, and where to.

    ``fields`` are the form fields of a POST, to be sent before the file; ``headers`` the headers
    of a PUT. Both hold credentials of a kind, so neither is shown in a ``repr``.
    """

    method: Literal["POST", "PUT"]
    url: str = field(repr=False)
    fields: Mapping[str, str] = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    expires_in: int


@dataclass(frozen=True, slots=True)
class SignedUpload:
    """The answer of ``sign``: everything that a browser needs to send one file to the bucket."""

    object_key: str
    bucket: str
    content_type: str
    max_size: int
    expires_in: int
    method: Literal["POST", "PUT"]
    url: str = field(repr=False)
    fields: Mapping[str, str] = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class DownloadLink:
    """A link that reads one object for ``expires_in`` seconds."""

    object_key: str
    url: str = field(repr=False)
    expires_in: int


@dataclass(frozen=True, slots=True)
class CompletedUpload:
    """The answer of ``complete``: the sealed object, and a link to it.

    ``warnings`` names what inspection noticed but accepted, as stable codes.
    """

    object_key: str
    content_type: str
    content_length: int
    sha256: str
    filename: str | None
    warnings: tuple[str, ...]
    url: str = field(repr=False)
    expires_in: int


@dataclass(frozen=True, slots=True)
class DeletedObject:
    """The answer of ``delete``.

    ``cdn_may_serve_for``: seconds for which an edge of the CDN may still answer with the object; 0
    without a CDN, and where the CDN was told to forget it.
    """

    object_key: str
    cdn_may_serve_for: int = 0


@dataclass(frozen=True, slots=True)
class SignedCookies:
    """Cookies with which one browser reads every object under ``resource`` from the CDN.

    ``values`` has their names and values. Set them for a domain that the CDN's host name and the
    application's have in common, with ``path``, ``Secure`` and ``HttpOnly``.
    """

    resource: str
    path: str
    values: Mapping[str, str] = field(repr=False)
    expires_in: int
