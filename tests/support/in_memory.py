"""Uploads on the storage in memory: two files, and their signatures."""

from pathlib import Path

from gridboss_assets import Uploads
from gridboss_assets.models import SignedUpload

CSV = b"driver,points\n7,25\n"
PHOTO = (Path(__file__).parents[1] / "fixtures/photos/portrait-gps-rotated.jpg").read_bytes()


def sign_csv(uploads: Uploads) -> SignedUpload:
    """Sign an export."""
    return uploads.sign("export", filename="season.csv", content_type="text/csv", owner="a")


def sign_photo(uploads: Uploads) -> SignedUpload:
    """Sign an avatar."""
    return uploads.sign("avatar", filename="me.jpg", content_type="image/jpeg", owner="a")
