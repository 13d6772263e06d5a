"""What S3-compatible providers offer, as data.

The rows come from the providers' own documentation and issue trackers. An endpoint that no row
names is taken to be a full S3 server (MinIO, SeaweedFS, Ceph): those keep POST policies and
conditional writes.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider. ``host_suffixes`` recognise it by its endpoint's host name."""

    name: str
    host_suffixes: tuple[str, ...]
    form_uploads: bool
    """Whether the browser's POST form is taken (S3 API Reference, "POST Object")."""
    conditional_writes: bool
    """Whether a PUT with ``If-None-Match: *`` is honoured (S3 User Guide, "Conditional writes")."""
    checksums: bool
    """Whether the SDK's default checksums may be sent and expected."""


AWS = Provider(
    "AWS",
    ("amazonaws.com", "amazonaws.com.cn", "amazonaws.eu"),
    form_uploads=True,
    conditional_writes=True,
    checksums=True,
)
# "POST Object" answers 501 NotImplemented.
CLOUDFLARE_R2 = Provider(
    "Cloudflare R2",
    ("r2.cloudflarestorage.com",),
    form_uploads=False,
    conditional_writes=True,
    checksums=False,
)
# Form uploads and If-None-Match both answer 501 NotImplemented.
BACKBLAZE_B2 = Provider(
    "Backblaze B2",
    ("backblazeb2.com",),
    form_uploads=False,
    conditional_writes=False,
    checksums=False,
)
GENERIC = Provider("S3-compatible", (), form_uploads=True, conditional_writes=True, checksums=False)

PROVIDERS = (AWS, CLOUDFLARE_R2, BACKBLAZE_B2)


def provider_of(endpoint: str | None) -> Provider:
    """Recognise the provider behind an endpoint; no endpoint is AWS."""
    if endpoint is None:
        return AWS
    host = urlsplit(endpoint).hostname or ""
    for provider in PROVIDERS:
        if any(host == s or host.endswith(f".{s}") for s in provider.host_suffixes):
            return provider
    return GENERIC
