"""CloudFront's signatures: held against botocore, and verified by the public key."""

from datetime import UTC, datetime
from functools import cache
from typing import Literal
from urllib.parse import quote

import pytest
from botocore.signers import CloudFrontSigner as Oracle
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from hypothesis import given
from hypothesis import strategies as st
from tests.support.cloudfront import KEY_PAIR_ID, Refused, admit_cookies, admit_url, key_pair

from gridboss_assets import CloudFrontSigner
from gridboss_assets.errors import Misconfigured

NOW = 1_790_000_000
URL = "https://cdn.example.com/exports/driver-7/9f86d081884c7d659a2feaa0c55ad015.csv"
NAMED = f"{URL}?response-content-disposition=attachment%3B%20filename%3D%22a.csv%22"

Kind = Literal["rsa", "ecdsa"]

either_key = pytest.mark.parametrize("kind", ["rsa", "ecdsa"])
urls = st.text(min_size=1, max_size=60).map(
    lambda key: f"https://cdn.example.com/exports/{quote(key, safe='/~', errors='replace')}"
)


def signer(kind: Kind = "rsa") -> CloudFrontSigner:
    return CloudFrontSigner(KEY_PAIR_ID, key_pair(kind).private)


@cache
def oracle() -> Oracle:
    key = serialization.load_pem_private_key(key_pair().private.encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return Oracle(KEY_PAIR_ID, lambda policy: key.sign(policy, padding.PKCS1v15(), hashes.SHA256()))


@given(url=urls, life=st.integers(1, 10**8))
def test_a_canned_policy_is_signed_as_botocore_does(url: str, life: int) -> None:
    expires_at = NOW + life
    theirs = oracle().generate_presigned_url(
        url, date_less_than=datetime.fromtimestamp(expires_at, UTC)
    )
    assert signer().sign_url(url, expires_at=expires_at) == f"{theirs}&Hash-Algorithm=SHA256"


@given(url=urls, start=st.none() | st.integers(0, NOW), address=st.sampled_from([
    "192.0.2.7", "192.0.2.0/24"
]))  # fmt: skip
def test_a_custom_policy_is_signed_as_botocore_does(
    url: str, start: int | None, address: str
) -> None:
    policy = oracle().build_policy(
        url,
        datetime.fromtimestamp(NOW, UTC),
        date_greater_than=None if not start else datetime.fromtimestamp(start, UTC),
        ip_address=address,
    )
    theirs = oracle().generate_presigned_url(url, policy=policy)
    ours = signer().sign_url(url, expires_at=NOW, starts_at=start or None, ip_range=address)
    assert ours == f"{theirs}&Hash-Algorithm=SHA256"


@either_key
@pytest.mark.parametrize("url", [URL, NAMED], ids=["plain", "with a name"])
def test_a_signed_url_is_let_in_until_it_expires(kind: Kind, url: str) -> None:
    signed = signer(kind).sign_url(url, expires_at=NOW + 60)
    admit_url(signed, key_pair(kind).public, now=NOW + 59)
    with pytest.raises(Refused, match="expired"):
        admit_url(signed, key_pair(kind).public, now=NOW + 60)


@either_key
@pytest.mark.parametrize(
    ("part", "other"),
    [
        ("driver-7", "driver-8"),
        ("attachment", "inline"),
        (f"Expires={NOW + 60}", f"Expires={NOW + 61}"),
        ("cdn.example.com", "cdn.example.org"),
    ],
)
def test_nothing_of_a_signed_url_can_be_changed(kind: Kind, part: str, other: str) -> None:
    signed = signer(kind).sign_url(NAMED, expires_at=NOW + 60)
    assert part in signed
    with pytest.raises(Refused, match="forged"):
        admit_url(signed.replace(part, other), key_pair(kind).public, now=NOW)


def test_no_parameter_can_be_added_to_a_signed_url() -> None:
    signed = signer().sign_url(URL, expires_at=NOW + 60)
    with pytest.raises(Refused, match="forged"):
        admit_url(f"{signed}&response-content-type=text/html", key_pair().public, now=NOW)


@either_key
def test_a_custom_policy_holds_to_a_begin_and_an_address(kind: Kind) -> None:
    signed = signer(kind).sign_url(
        NAMED, expires_at=NOW + 60, starts_at=NOW, ip_range="192.0.2.0/24"
    )
    public = key_pair(kind).public
    admit_url(signed, public, now=NOW + 1, address="192.0.2.200")
    with pytest.raises(Refused, match="too early"):
        admit_url(signed, public, now=NOW)
    with pytest.raises(Refused, match="another address"):
        admit_url(signed, public, now=NOW + 1, address="198.51.100.1")


def test_a_custom_policy_for_a_url_with_a_wildcard_is_refused() -> None:
    with pytest.raises(ValueError, match="percent-encode"):
        signer().sign_url(f"{URL}*", expires_at=NOW, starts_at=NOW - 60)


@either_key
def test_cookies_open_one_prefix_and_no_other(kind: Kind) -> None:
    cookies = signer(kind).sign_cookies(
        "https://cdn.example.com/exports/driver-7/*", expires_at=NOW + 60
    )
    public = key_pair(kind).public
    admit_cookies(URL, cookies, public, now=NOW)
    admit_cookies(NAMED, cookies, public, now=NOW)
    for other in ("exports/driver-77/a.csv", "exports/a.csv", "avatars/driver-7/a.png"):
        with pytest.raises(Refused, match="another resource"):
            admit_cookies(f"https://cdn.example.com/{other}", cookies, public, now=NOW)
    with pytest.raises(Refused, match="expired"):
        admit_cookies(URL, cookies, public, now=NOW + 60)


@either_key
def test_the_same_is_signed_the_same(kind: Kind) -> None:
    first, again = (signer(kind).sign_url(URL, expires_at=NOW) for _ in range(2))
    assert first == again


def test_another_key_signs_nothing_that_is_let_in() -> None:
    signed = CloudFrontSigner(KEY_PAIR_ID, key_pair("ecdsa").private).sign_url(
        URL, expires_at=NOW + 60
    )
    with pytest.raises(Refused, match="forged"):
        admit_url(signed, key_pair("rsa").public, now=NOW)


@pytest.mark.parametrize("text", ["", "-----BEGIN PRIVATE KEY-----\nnot one\n", "public"])
def test_a_key_that_is_none_is_named_without_showing_it(text: str) -> None:
    pem = key_pair().public if text == "public" else text
    with pytest.raises(Misconfigured) as caught:
        CloudFrontSigner(KEY_PAIR_ID, pem)
    assert "CDN_PRIVATE_KEY" in str(caught.value.detail)
    assert "not one" not in f"{caught.value} {caught.value.detail}"


def test_a_signer_shows_no_key() -> None:
    assert repr(signer()) == f"CloudFrontSigner('{KEY_PAIR_ID}')"


def test_an_openssl_that_is_too_old_for_ecdsa_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **_how: object) -> None:
        raise UnsupportedAlgorithm("")

    monkeypatch.setattr("cryptography.hazmat.primitives.asymmetric.ec.ECDSA", refuse)
    # Of the same key, but read anew.
    with pytest.raises(Misconfigured) as caught:
        CloudFrontSigner(KEY_PAIR_ID, f"\n{key_pair('ecdsa').private}")
    assert "OpenSSL 3.2" in str(caught.value.detail)
