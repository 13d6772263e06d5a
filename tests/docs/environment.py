"""The hidden set-up of examples: settings, a mocked bucket, a browser that sends at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from tempfile import TemporaryDirectory
from typing import Any

import boto3
import pytest
import requests
from moto import mock_aws
from PIL import Image

from gridboss_assets import SignedUpload, Uploads
from gridboss_assets.reports import default_reports, registry
from gridboss_config import Settings, get_settings

BUCKET = "test-assets"
SETTINGS = {
    "APP_ENV": "test",
    "S3_ENABLED": "true",
    "S3_BUCKET": BUCKET,
    "S3_REGION": "us-east-1",
    "S3_ACCESS_KEY": "test-access",
    "S3_SECRET_KEY": "test-secret",
}
CSV = b"driver,points\n7,25\n"


def picture() -> bytes:
    """Draw a small PNG."""
    out = BytesIO()
    Image.new("RGB", (8, 8), (200, 30, 60)).save(out, "PNG")
    return out.getvalue()


@contextmanager
def environment(setup: frozenset[str]) -> Iterator[dict[str, Any]]:
    """Set up what an example asks for, and yield the names that it may use.

    ``moto``: settings in the environment, and their bucket in moto. ``memory``: no settings at
    all, as without a word. ``browser``: whatever is signed is sent to the bucket at once.
    """
    assert setup <= {"moto", "memory", "browser", "continues"}, setup
    with pytest.MonkeyPatch.context() as patch, TemporaryDirectory() as empty:
        patch.chdir(empty)  # no .env of a developer's
        for name in Settings.model_fields:
            patch.delenv(name.upper(), raising=False)
        patch.setenv("AWS_DEFAULT_REGION", SETTINGS["S3_REGION"])
        for name, value in SETTINGS.items() if "moto" in setup else ():
            patch.setenv(name, value)
        if "browser" in setup:
            _send_at_once(patch)
        # An example registers its report each time that it runs.
        patch.setattr(registry._REPORTS, "_by_name", dict(default_reports()))  # noqa: SLF001
        get_settings.cache_clear()
        try:
            if "moto" in setup:
                with mock_aws():
                    _client().create_bucket(Bucket=BUCKET)
                    yield {"picture": picture(), "csv": CSV}
            else:
                yield {"picture": picture(), "csv": CSV}
        finally:
            get_settings.cache_clear()


def _client() -> Any:
    return boto3.client(
        "s3",
        region_name=SETTINGS["S3_REGION"],
        aws_access_key_id=SETTINGS["S3_ACCESS_KEY"],
        aws_secret_access_key=SETTINGS["S3_SECRET_KEY"],
    )


def _send_at_once(patch: pytest.MonkeyPatch) -> None:
    sign = Uploads.sign

    def sign_and_send(self: Uploads, kind: str, **how: Any) -> SignedUpload:
        signed = sign(self, kind, **how)
        data = picture() if kind == "avatar" else CSV
        sent = requests.post(signed.url, data=dict(signed.fields), files={"file": data}, timeout=10)
        assert sent.ok, sent.text
        return signed

    patch.setattr(Uploads, "sign", sign_and_send)
