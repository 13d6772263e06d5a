"""How objects reach browsers: signed links of the bucket, or a CloudFront distribution."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from gridboss_config.base import BaseGroup
from gridboss_config.values import (
    CertificateArn,
    CloudFrontId,
    is_loopback,
    problem,
    split_url,
)

_PEM = "-----BEGIN "
_RSA_BITS = 2048


class DeliverySettings(BaseGroup):
    """Links that can be kept or cached, and the CDN."""

    s3_stable_urls: bool = Field(
        default=False,
        description="Whether signed URLs stay the same, byte for byte, for half of "
        "`S3_PRESIGN_TTL`, so that browsers cache what they lead to.",
    )
    public_avatars: bool = Field(
        default=False,
        description="Whether `GET /assets/…` leads to avatars without a token, as `<img>` asks. "
        "With `CDN_BASE_URL` it always does.",
    )
    cdn_base_url: str | None = Field(
        None,
        description="URL of the CloudFront distribution as browsers see it, such as "
        "`https://cdn.example.com`. Avatars are then served from there. Empty means no CDN.",
    )
    cdn_key_pair_id: CloudFrontId | None = Field(
        None,
        description="ID of the public key with which the distribution checks signatures, such as "
        "`K2JCJMDEHXQW5F`. With it the bucket policy admits the distribution to `exports/` too. "
        "`gridboss-assets cdn apply` tells it.",
    )
    cdn_private_key: SecretStr | None = Field(
        None,
        description="The private key that belongs to `CDN_KEY_PAIR_ID`: PEM (a line break may be "
        "written `\\n`) or the path of a file. RSA 2048 or ECDSA P-256. Exports are then served "
        "from the CDN too; without it their links are the bucket's.",
    )
    cdn_public_key: str | None = Field(
        None,
        description="The public key, PEM or a path, for whoever sets the distribution up without "
        "holding the private one.",
    )
    cdn_distribution_id: CloudFrontId | None = Field(
        None,
        description="ID of the distribution that the bucket policy admits to `avatars/`, and that "
        "is told when an object is deleted. `gridboss-assets cdn apply` tells it.",
    )
    cdn_certificate_arn: CertificateArn | None = Field(
        None,
        description="ARN of the certificate (ACM, in `us-east-1`) for the host name of "
        "`CDN_BASE_URL`. Read by `gridboss-assets cdn`; empty for a name under `cloudfront.net`.",
    )

    @field_validator("cdn_base_url")
    @classmethod
    def _base_url(cls, value: str | None) -> str | None:
        if value is None:
            return None
        value = value.rstrip("/")
        parts = split_url(value)
        if parts is None or value != f"{parts.scheme}://{parts.netloc}" or "@" in value:
            raise problem("give a scheme and a host alone, such as `https://cdn.example.com`")
        # Plain http would let anybody on the way read signed links; a test's edge is no such way.
        if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname)):
            raise problem("give an https URL: links carry signatures")
        return value

    @field_validator("cdn_private_key")
    @classmethod
    def _private_key(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if value is None:
            return None
        pem = _pem(value.get_secret_value(), "private")
        _check_key(pem, "private")
        if not info.data.get("cdn_key_pair_id"):
            raise problem(
                "CDN_KEY_PAIR_ID is missing, which belongs to it: `gridboss-assets cdn apply` "
                "with CDN_PUBLIC_KEY makes it and tells it"
            )
        return SecretStr(pem)

    @field_validator("cdn_public_key")
    @classmethod
    def _public_key(cls, value: str | None) -> str | None:
        if value is None:
            return None
        pem = _pem(value, "public")
        _check_key(pem, "public")
        return pem


def _pem(value: str, half: Literal["private", "public"]) -> str:
    """Return PEM from what is PEM, PEM on one line, or a file's path."""
    if _PEM in value:
        return value.replace("\\n", "\n")
    advice = f"give the {half} key as PEM, or the path of a file that can be read"
    try:
        pem = Path(value).expanduser().read_text(encoding="ascii")
    except (OSError, ValueError):
        raise problem(advice) from None
    if _PEM not in pem:
        raise problem(advice)
    return pem.strip()


def _check_key(pem: str, half: Literal["private", "public"]) -> None:
    """Refuse what CloudFront does not take.

    CloudFront Developer Guide, "Create key pairs for your signers": RSA of 2048 bits, or ECDSA on
    the curve prime256v1.
    """
    # Few deployments have a key, and reading settings is to stay quick without one.
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec, rsa  # noqa: PLC0415

    try:
        key = (
            serialization.load_pem_private_key(pem.encode(), None).public_key()
            if half == "private"
            else serialization.load_pem_public_key(pem.encode())
        )
    except (ValueError, TypeError, UnsupportedAlgorithm):
        # TypeError: a key that needs a password.
        raise problem(f"this is no {half} key in PEM without a password") from None
    is_rsa = isinstance(key, rsa.RSAPublicKey) and key.key_size == _RSA_BITS
    is_ecdsa = isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)
    if not is_rsa and not is_ecdsa:
        raise problem(
            f"CloudFront takes RSA of {_RSA_BITS} bits or ECDSA on prime256v1; make one with "
            "`openssl ecparam -name prime256v1 -genkey -noout -out cdn.pem`"
        )
