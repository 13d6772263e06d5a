"""What the tests of uploads share."""

import pytest

from gridboss_assets import MemoryStorage, Uploads


@pytest.fixture
def storage() -> MemoryStorage:
    """Give an empty storage."""
    return MemoryStorage()


@pytest.fixture
def uploads(storage: MemoryStorage) -> Uploads:
    """Give the upload path over it."""
    return Uploads(storage)
