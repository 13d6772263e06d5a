"""CloudFront's side of its signatures, by the public key: independent of what signs.

Developer Guide, "Use signed URLs" and "Use signed cookies". It holds a URL to what an edge does: it
takes the parameters of the signature out of the query, makes a canned policy anew, and verifies.
"""

import json
import re
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_address, ip_network
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

KEY_PAIR_ID = "K2JCJMDEHXQW5F"
OURS = ("Expires", "Policy", "Signature", "Key-Pair-Id", "Hash-Algorithm")
"""What CloudFront reads from the query, and never forwards."""


@dataclass(frozen=True)
class KeyPair:
    """A key pair in PEM."""

    private: str
    public: str


def key_pair(kind: Literal["rsa", "ecdsa"] = "rsa") -> KeyPair:
    """Return a key pair that CloudFront takes; RSA takes a moment, so each is made once."""
    return _made(kind)


@cache
def _made(kind: str) -> KeyPair:
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
    if kind == "rsa":
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    else:
        key = ec.generate_private_key(ec.SECP256R1())
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return KeyPair(private.decode(), public.decode())


class Refused(Exception):
    """The edge would not let this request in."""


def admit_url(url: str, public_key: str, *, now: float, address: str = "192.0.2.1") -> None:
    """Let a signed URL in as an edge does, or raise :class:`Refused`."""
    parts = urlsplit(url)
    pairs = [pair.partition("=") for pair in parts.query.split("&") if pair]
    signed = {name: value for name, _, value in pairs if name in OURS}
    own = "&".join("".join(pair) for pair in pairs if pair[0] not in OURS)
    resource = f"{parts.scheme}://{parts.netloc}{parts.path}{'?' if own else ''}{own}"
    _admit(resource, signed, public_key, now=now, address=address)


def admit_cookies(
    url: str,
    cookies: Mapping[str, str],
    public_key: str,
    *,
    now: float,
    address: str = "192.0.2.1",
) -> None:
    """Let a URL in by its cookies, or raise :class:`Refused`."""
    signed = {name.removeprefix("CloudFront-"): value for name, value in cookies.items()}
    _admit(url, signed, public_key, now=now, address=address)


def forwarded_query(url: str, allowed: frozenset[str]) -> dict[str, str]:
    """Return the parameters that reach the origin."""
    return {n: v for n, v in parse_qsl(urlsplit(url).query) if n in allowed}


def _admit(
    resource: str, signed: Mapping[str, str], public_key: str, *, now: float, address: str
) -> None:
    if "Signature" not in signed or signed.get("Key-Pair-Id") != KEY_PAIR_ID:
        raise Refused("unsigned")
    if "Policy" in signed:
        policy = _decoded(signed["Policy"])
    elif "Expires" in signed:
        policy = json.dumps(
            {
                "Statement": [
                    {
                        "Resource": resource,
                        "Condition": {"DateLessThan": {"AWS:EpochTime": int(signed["Expires"])}},
                    }
                ]
            },
            separators=(",", ":"),
        ).encode()
    else:
        raise Refused("no policy")
    _verify(public_key, _decoded(signed["Signature"]), policy, signed.get("Hash-Algorithm"))
    statement = json.loads(policy)["Statement"][0]
    if not _fits(statement["Resource"], resource):
        raise Refused("another resource")
    _hold_to(statement["Condition"], now, address)


def _hold_to(condition: Mapping[str, Any], now: float, address: str) -> None:
    if now >= condition["DateLessThan"]["AWS:EpochTime"]:
        raise Refused("expired")
    if now <= condition.get("DateGreaterThan", {}).get("AWS:EpochTime", -1):
        raise Refused("too early")
    allowed = condition.get("IpAddress", {}).get("AWS:SourceIp", "0.0.0.0/0")
    if ip_address(address) not in ip_network(allowed):
        raise Refused("another address")


def _fits(pattern: str, resource: str) -> bool:
    parts = [{"*": ".*", "?": "."}.get(c, re.escape(c)) for c in pattern]
    return re.fullmatch("".join(parts), resource) is not None


def _verify(public_key: str, signature: bytes, policy: bytes, algorithm: str | None) -> None:
    # Without the parameter an edge takes SHA-1, which nothing of ours is to be signed with.
    if algorithm != "SHA256":
        raise Refused("another hash")
    key = serialization.load_pem_public_key(public_key.encode())
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, policy, padding.PKCS1v15(), hashes.SHA256())
        else:
            assert isinstance(key, ec.EllipticCurvePublicKey)
            key.verify(signature, policy, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        raise Refused("forged") from None


def _decoded(text: str) -> bytes:
    return b64decode(text.replace("-", "+").replace("_", "=").replace("~", "/"), validate=True)
