"""Direct-to-S3 uploads: signed for the browser, inspected, sealed, delivered.

::

    uploads = Uploads(S3Storage.from_settings(Settings()))
    signed = uploads.sign("avatar", filename="me.png", content_type="image/png")
    ...                                        # the browser sends the file to signed.url
    link = uploads.complete(signed.object_key)
"""

from typing import TYPE_CHECKING

from gridboss_assets.lazy import lazily

if TYPE_CHECKING:
    from gridboss_assets.delivery import Cdn, Delivery
    from gridboss_assets.errors import AssetsError
    from gridboss_assets.inspection import InProcess
    from gridboss_assets.inspection.policy import InspectionPolicy
    from gridboss_assets.inspection.sandbox import Sandbox, SandboxLimits
    from gridboss_assets.inspection.scanner import ClamAV, Scanner
    from gridboss_assets.kinds import DEFAULT_KINDS, ContentType, Kind, Kinds
    from gridboss_assets.models import (
        CompletedUpload,
        Credentials,
        DeletedObject,
        DownloadLink,
        SignedCookies,
        SignedUpload,
    )
    from gridboss_assets.signing import CloudFrontSigner
    from gridboss_assets.storage import MemoryStorage, S3Storage, Storage
    from gridboss_assets.uploads import Uploads

__version__ = "0.1.0"

__all__ = [
    "DEFAULT_KINDS",
    "AssetsError",
    "Cdn",
    "ClamAV",
    "CloudFrontSigner",
    "CompletedUpload",
    "ContentType",
    "Credentials",
    "DeletedObject",
    "Delivery",
    "DownloadLink",
    "InProcess",
    "InspectionPolicy",
    "Kind",
    "Kinds",
    "MemoryStorage",
    "S3Storage",
    "Sandbox",
    "SandboxLimits",
    "Scanner",
    "SignedCookies",
    "SignedUpload",
    "Storage",
    "Uploads",
]

# The processes that inspect files import this package too, and the storage client would triple
# their memory.
__getattr__ = lazily(
    __name__,
    {
        "delivery": ("Cdn", "Delivery"),
        "errors": ("AssetsError",),
        "inspection": ("InProcess",),
        "inspection.policy": ("InspectionPolicy",),
        "inspection.sandbox": ("Sandbox", "SandboxLimits"),
        "inspection.scanner": ("ClamAV", "Scanner"),
        "kinds": ("DEFAULT_KINDS", "ContentType", "Kind", "Kinds"),
        "models": (
            "CompletedUpload",
            "Credentials",
            "DeletedObject",
            "DownloadLink",
            "SignedCookies",
            "SignedUpload",
        ),
        "signing": ("CloudFrontSigner",),
        "storage": ("MemoryStorage", "S3Storage", "Storage"),
        "uploads": ("Uploads",),
    },
)
