"""The settings about links and the CDN: what is refused, and what the message says to do."""

from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from pydantic import ValidationError
from tests.support.cloudfront import KEY_PAIR_ID, key_pair

from gridboss_config import Settings


def settings(**values: object) -> Settings:
    return Settings(_env_file=None, **values)


def message(**values: object) -> str:
    with pytest.raises(ValidationError) as caught:
        settings(**values)
    return "\n".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in caught.value.errors())


def private_key(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, password: str = "") -> str:
    protection: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if password:
        protection = serialization.BestAvailableEncryption(password.encode())
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, protection
    ).decode()


def signing(private: str) -> Settings:
    return settings(cdn_key_pair_id=KEY_PAIR_ID, cdn_private_key=private)


def test_nothing_is_set_by_default() -> None:
    chosen = settings()
    assert (chosen.cdn_base_url, chosen.s3_stable_urls, chosen.public_avatars) == (
        None,
        False,
        False,
    )


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://cdn.example.com", "https://cdn.example.com"),
        ("https://cdn.example.com/", "https://cdn.example.com"),
        ("https://d111111abcdef8.cloudfront.net", "https://d111111abcdef8.cloudfront.net"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://localhost:8080", "http://localhost:8080"),
    ],
)
def test_a_base_url_is_a_scheme_and_a_host(given: str, kept: str) -> None:
    assert settings(cdn_base_url=given).cdn_base_url == kept


@pytest.mark.parametrize(
    "given",
    [
        "cdn.example.com",
        "https://cdn.example.com/assets",
        "https://cdn.example.com?a=b",
        "https://user:password@cdn.example.com",
        "https://cdn.example.com:port",
        "ftp://cdn.example.com",
    ],
)
def test_a_base_url_with_more_or_less_is_refused(given: str) -> None:
    said = message(cdn_base_url=given)
    assert said.startswith("CDN_BASE_URL: give ")
    assert "password" not in said


def test_a_base_url_is_encrypted() -> None:
    assert message(cdn_base_url="http://cdn.example.com") == (
        "CDN_BASE_URL: give an https URL: links carry signatures"
    )


@pytest.mark.parametrize("kind", ["rsa", "ecdsa"])
def test_a_private_key_is_pem(kind: str) -> None:
    pem = key_pair(kind).private  # type: ignore[arg-type]
    assert str(signing(pem).cdn_private_key) == "**********"


def test_a_private_key_fits_on_one_line() -> None:
    pem = key_pair("ecdsa").private.strip()
    kept = signing(pem.replace("\n", "\\n")).cdn_private_key
    assert kept is not None
    assert kept.get_secret_value() == pem


def test_a_private_key_is_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "cdn.pem"
    path.write_text(key_pair("ecdsa").private)
    kept = signing(str(path)).cdn_private_key
    assert kept is not None
    assert kept.get_secret_value() == key_pair("ecdsa").private.strip()


def test_a_file_that_is_not_there_is_refused_without_its_name(tmp_path: Path) -> None:
    said = message(cdn_key_pair_id=KEY_PAIR_ID, cdn_private_key=str(tmp_path / "cdn.pem"))
    assert said == (
        "CDN_PRIVATE_KEY: give the private key as PEM, or the path of a file that can be read"
    )


def test_a_file_that_is_no_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cdn.pem"
    path.write_bytes(b"\xff\xfe")
    assert "as PEM" in message(cdn_key_pair_id=KEY_PAIR_ID, cdn_private_key=str(path))


def test_the_public_half_is_no_private_key() -> None:
    said = message(cdn_key_pair_id=KEY_PAIR_ID, cdn_private_key=key_pair("ecdsa").public)
    assert said == "CDN_PRIVATE_KEY: this is no private key in PEM without a password"


def test_a_key_with_a_password_is_refused() -> None:
    pem = private_key(ec.generate_private_key(ec.SECP256R1()), "secret-word")
    assert "without a password" in message(cdn_key_pair_id=KEY_PAIR_ID, cdn_private_key=pem)


@pytest.mark.parametrize(
    "make",
    [
        lambda: ec.generate_private_key(ec.SECP384R1()),
        lambda: rsa.generate_private_key(public_exponent=65537, key_size=3072),
    ],
    ids=["P-384", "RSA 3072"],
)
def test_a_key_that_cloudfront_does_not_take_is_refused(
    make: Callable[[], ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey],
) -> None:
    said = message(cdn_key_pair_id=KEY_PAIR_ID, cdn_private_key=private_key(make()))
    assert "RSA of 2048 bits or ECDSA on prime256v1" in said


def test_a_private_key_needs_the_id_of_its_public_one() -> None:
    said = message(cdn_private_key=key_pair("ecdsa").private)
    assert "CDN_KEY_PAIR_ID is missing" in said
    assert "gridboss-assets cdn apply" in said


def test_a_public_key_is_pem_or_a_file(tmp_path: Path) -> None:
    public = key_pair("ecdsa").public.strip()
    path = tmp_path / "cdn.pub"
    path.write_text(public)
    assert settings(cdn_public_key=str(path)).cdn_public_key == public
    assert settings(cdn_public_key=public).cdn_public_key == public
    assert "public key" in message(cdn_public_key=key_pair("ecdsa").private)


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:acm:eu-west-1:123456789012:certificate/0a1b",
        "arn:aws:iam::123456789012:server-certificate/cdn",
    ],
)
def test_a_certificate_stands_in_us_east_1(arn: str) -> None:
    assert "us-east-1" in message(cdn_certificate_arn=arn)


def test_no_key_is_shown() -> None:
    pem = key_pair("ecdsa").private
    chosen = signing(pem)
    assert pem.splitlines()[1] not in f"{chosen!r} {chosen}"
