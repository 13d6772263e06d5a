"""Sweeping a bucket of a real server, with the very permissions that the application has."""

from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING

import pytest

from gridboss_assets import Credentials, S3Storage
from gridboss_assets.jobs.sweep import SweepResult, sweep
from gridboss_assets.storage import Attributes, ListedObject

if TYPE_CHECKING:
    from gridboss_assets.dev.seaweed import SeaweedFS

TEXT = Attributes("text/csv")


class Later(S3Storage):
    """The same bucket, three hours from now; what arrives between listing and removal is put."""

    arrives: str | None = None

    def list_objects(self, prefix: str) -> Iterator[ListedObject]:
        for each in super().list_objects(prefix):
            if each.key == self.arrives:
                self.put(each.key, BytesIO(b"newer"), TEXT)
            yield replace(each, listed_at=each.listed_at + 3 * 3600)


@pytest.fixture
def later(seaweed: "SeaweedFS", bucket: str) -> Iterator[Later]:
    """Give a bucket with two pending uploads and an export."""
    credentials = Credentials(seaweed.access_key, seaweed.secret_key)
    storage = Later(bucket, "us-east-1", credentials, endpoint=seaweed.endpoint)
    for key in ("pending/exports/a b.csv", "pending/exports/ä.csv", "exports/a.csv"):
        storage.put(key, BytesIO(b"old"), TEXT)
    yield storage
    storage.close()


def test_old_uploads_are_removed_and_the_export_stays(later: Later) -> None:
    assert sweep(later) == SweepResult(removed=2, bytes=6)
    assert later.list_keys("") == ["exports/a.csv"]


def test_a_dry_run_changes_nothing(later: Later) -> None:
    assert sweep(later, dry_run=True) == SweepResult(removed=2, bytes=6)
    assert len(later.list_keys("")) == 3


def test_fresh_uploads_stay(later: Later) -> None:
    # By the listing as the server gives it.
    later.list_objects = super(Later, later).list_objects  # type: ignore[method-assign]
    assert sweep(later) == SweepResult(kept=2)


def test_a_newer_upload_survives(later: Later) -> None:
    later.arrives = "pending/exports/ä.csv"
    assert sweep(later) == SweepResult(removed=1, bytes=3, kept=1)
    assert later.list_keys("") == ["exports/a.csv", "pending/exports/ä.csv"]
