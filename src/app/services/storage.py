"""``generate_presigned_get_url`` for background jobs."""

from gridboss_assets import Delivery, S3Storage, Uploads
from gridboss_config import Settings, get_settings


def generate_presigned_get_url(
    object_key: str, settings: Settings | None = None, expires_in: int | None = None
) -> dict[str, str | int]:
    """Link to an object: ``{"url": …, "expiresIn": seconds}``. No request is made.

    ``expires_in`` defaults to ``S3_PRESIGN_TTL``. Raises ``InvalidObjectKey`` for a key under no
    configured prefix and ``S3NotEnabled`` where uploads are switched off.
    """
    settings = settings or get_settings()
    storage = S3Storage.from_settings(settings)
    uploads = Uploads(storage, delivery=Delivery.from_settings(settings, storage))
    link = uploads.download(object_key, expires_in=expires_in)
    return {"url": link.url, "expiresIn": link.expires_in}
