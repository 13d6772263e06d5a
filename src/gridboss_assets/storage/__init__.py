"""Where objects live: one Protocol, two storages, and the contract that both keep."""

from gridboss_assets.storage.base import (
    Attributes,
    ListedObject,
    ObjectHead,
    ObjectReader,
    Storage,
)
from gridboss_assets.storage.memory import MemoryStorage
from gridboss_assets.storage.s3 import S3Storage

__all__ = [
    "Attributes",
    "ListedObject",
    "MemoryStorage",
    "ObjectHead",
    "ObjectReader",
    "S3Storage",
    "Storage",
]
