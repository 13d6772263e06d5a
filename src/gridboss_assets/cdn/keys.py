"""The keys with which a distribution checks signatures: PEM, without any network."""

import hashlib

from gridboss_config import Settings

# Long enough for two keys of one deployment never to share a name, and still readable.
_FINGERPRINT_DIGITS = 16


def public_keys(settings: Settings) -> tuple[str, ...]:
    """Return the public keys that settings name, as PEM, each once.

    The first is CDN_PUBLIC_KEY; the half of CDN_PRIVATE_KEY follows. They differ while a key is
    being replaced.
    """
    keys = [settings.cdn_public_key] if settings.cdn_public_key else []
    if settings.cdn_private_key:
        keys.append(public_half(settings.cdn_private_key.get_secret_value()))
    return tuple({material(key): key for key in keys}.values())


def public_half(private_key: str) -> str:
    """Return the public half of a private key, both as PEM."""
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - few have a key

    public = serialization.load_pem_private_key(private_key.encode(), None).public_key()
    return public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()


def material(pem: str) -> str:
    """Return what makes a key this key, whatever the lines of its PEM: its base64 (RFC 7468)."""
    body = pem.partition("-----BEGIN ")[2].partition("-----\n")[2].partition("-----END ")[0]
    return "".join(body.split())


def fingerprint(pem: str) -> str:
    """Return a name for a key, such as ``3f29c7…``: hex digits of the SHA-256 of its material."""
    return hashlib.sha256(material(pem).encode()).hexdigest()[:_FINGERPRINT_DIGITS]
