"""Direct-to-S3 uploads: signed for the browser, inspected, sealed, delivered.

::

    uploads = Uploads(S3Storage.from_settings(Settings()))
    signed = uploads.sign("avatar", filename="me.png", content_type="image/png")
    ...                                        # the browser sends the file to signed.url
    link = uploads.complete(signed.object_key)
"""

from gridboss_assets.errors import AssetsError
from gridboss_assets.kinds import DEFAULT_KINDS, ContentType, Kind, Kinds
from gridboss_assets.models import CompletedUpload, Credentials, DownloadLink, SignedUpload
from gridboss_assets.storage import MemoryStorage, S3Storage, Storage
from gridboss_assets.uploads import Uploads

__version__ = "0.1.0"

__all__ = [
    "DEFAULT_KINDS",
    "AssetsError",
    "CompletedUpload",
    "ContentType",
    "Credentials",
    "DownloadLink",
    "Kind",
    "Kinds",
    "MemoryStorage",
    "S3Storage",
    "SignedUpload",
    "Storage",
    "Uploads",
]
