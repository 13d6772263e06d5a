"""Where a download link leads: one function decides."""

from gridboss_assets.keys import ObjectKey
from gridboss_assets.models import DownloadLink
from gridboss_assets.storage import Storage


def link_to(storage: Storage, key: ObjectKey, *, expires_in: int | None = None) -> DownloadLink:
    """Make a link to an object, which need not exist. ``expires_in`` is in seconds. No I/O."""
    life = storage.presign_ttl if expires_in is None else expires_in
    return storage.sign_download(key.key, expires_in=life)
