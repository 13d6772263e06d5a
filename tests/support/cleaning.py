"""What inspection makes of a picture, as tests look at it."""

import pytest
from PIL import Image
from tests.support.pictures import opened

from gridboss_assets.errors import Rejection
from gridboss_assets.inspection import images

TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
"""Pillow's names of formats, and the content types."""


def clean(data: bytes, name: str = "PNG") -> Image.Image:
    """Return the clean picture, opened."""
    return opened(images.clean(data, TYPES[name]))


def refused_by_walk(data: bytes, detail: str = "", *, name: str) -> Rejection:
    """Have it refused by the walk alone: a decoder might refuse it too, and is not to be asked.

    ``detail`` is a part of what the log is told.
    """
    with pytest.raises(Rejection) as caught:
        images.weight(data, TYPES[name])
    with pytest.raises(type(caught.value)):
        images.clean(data, TYPES[name])
    assert detail in str(caught.value.detail)
    return caught.value
