"""What the tests of the distribution share: settings, keys, and the desired state."""

from functools import cache
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from gridboss_assets.cdn.desired import DesiredDistribution, distribution
from gridboss_config import Settings

BUCKET = "test-assets"
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/1a2b"
OWN_HOST: dict[str, Any] = {
    "cdn_base_url": "https://cdn.example.com",
    "cdn_certificate_arn": CERTIFICATE,
}


@cache
def key_pair(_name: str) -> tuple[str, str]:
    """Make a key pair, private and public, as PEM; the same for the same name."""
    key = ec.generate_private_key(ec.SECP256R1())
    return (
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode(),
        key.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode(),
    )


def settings(**changes: Any) -> Settings:
    """Return settings of a deployment on AWS; ``changes`` are settings."""
    given = {"s3_bucket": BUCKET, "s3_region": "eu-west-1", "cors_origins": ("https://a.example",)}
    return Settings(_env_file=None, **(given | changes))


def wanted(**changes: Any) -> DesiredDistribution:
    """Say what the distribution should be; ``changes`` are settings."""
    return distribution(settings(**changes))


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
