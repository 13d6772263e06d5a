"""CloudFront's own signatures: URLs with a canned or a custom policy, and cookies for a prefix.

CloudFront Developer Guide, "Use signed URLs" and "Use signed cookies". Pure computation, like the
rest of this package. The hash is SHA-256, which ``Hash-Algorithm`` tells; without it CloudFront
expects SHA-1, which newer cryptographic libraries refuse to make.
"""

from base64 import b64encode
from collections.abc import Callable
from functools import cache
from json.encoder import encode_basestring_ascii as _json

from gridboss_assets.errors import Misconfigured

HASH_ALGORITHM = "SHA256"

# The Guide's steps for Policy and Signature: characters that have a meaning in a URL give way.
_IN_A_URL = bytes.maketrans(b"+=/", b"-_~")


class CloudFrontSigner:
    """Signs with the private key that belongs to one of a distribution's public keys.

    ``private_key`` is PEM without a password: RSA of 2,048 bits or ECDSA on prime256v1 (Developer
    Guide, "Create key pairs for your signers"). The same input always gives the same signature.
    Threads may share it. Raises :class:`Misconfigured` for a key that can't be used.
    """

    def __init__(self, key_pair_id: str, private_key: str) -> None:
        self.key_pair_id = key_pair_id
        self._sign = _signing_function(private_key)
        self._tail = f"&Key-Pair-Id={key_pair_id}&Hash-Algorithm={HASH_ALGORITHM}"

    def __repr__(self) -> str:
        return f"CloudFrontSigner({self.key_pair_id!r})"

    def sign_url(
        self,
        url: str,
        *,
        expires_at: int,
        starts_at: int | None = None,
        ip_range: str | None = None,
    ) -> str:
        """Sign a URL for exactly what it names, its query included.

        ``expires_at`` and ``starts_at`` are POSIX times in whole seconds; ``ip_range`` is an IPv4
        address or a range such as ``192.0.2.0/24``. With either of the latter the policy is a
        custom one and stands in the URL, otherwise it is canned and the URL is shorter.

        Raises ``ValueError`` for a URL with ``*``, which a custom policy would take for anything.
        """
        if starts_at is None and ip_range is None:
            policy = _policy(url, expires_at).encode("ascii")
            condition = f"Expires={expires_at}"
        else:
            if "*" in url:
                msg = "a custom policy takes `*` for any characters; percent-encode it"
                raise ValueError(msg)
            policy = _policy(url, expires_at, starts_at, ip_range).encode("ascii")
            condition = f"Policy={_in_a_url(policy)}"
        separator = "&" if "?" in url else "?"
        return f"{url}{separator}{condition}&Signature={self._signature(policy)}{self._tail}"

    def sign_cookies(
        self,
        resource: str,
        *,
        expires_at: int,
        starts_at: int | None = None,
        ip_range: str | None = None,
    ) -> dict[str, str]:
        """Sign cookies for every URL that ``resource`` fits, such as ``https://HOST/exports/me/*``.

        Returns name and value of each; the policy is a custom one, since a canned one takes no
        wildcard. How they are set (domain, path, ``Secure``, ``HttpOnly``) is the caller's choice.
        """
        policy = _policy(resource, expires_at, starts_at, ip_range).encode("ascii")
        return {
            "CloudFront-Policy": _in_a_url(policy),
            "CloudFront-Signature": self._signature(policy),
            "CloudFront-Key-Pair-Id": self.key_pair_id,
            "CloudFront-Hash-Algorithm": HASH_ALGORITHM,
        }

    def _signature(self, policy: bytes) -> str:
        return _in_a_url(self._sign(policy))


def _policy(
    resource: str, expires_at: int, starts_at: int | None = None, ip_range: str | None = None
) -> str:
    """Write a policy without a blank: a canned one is made anew by CloudFront, byte for byte."""
    condition = f'"DateLessThan":{{"AWS:EpochTime":{expires_at}}}'
    if ip_range is not None:
        address = ip_range if "/" in ip_range else f"{ip_range}/32"
        condition += f',"IpAddress":{{"AWS:SourceIp":{_json(address)}}}'
    if starts_at is not None:
        condition += f',"DateGreaterThan":{{"AWS:EpochTime":{starts_at}}}'
    return f'{{"Statement":[{{"Resource":{_json(resource)},"Condition":{{{condition}}}}}]}}'


def _in_a_url(data: bytes) -> str:
    return b64encode(data).translate(_IN_A_URL).decode("ascii")


@cache
def _signing_function(private_key: str) -> Callable[[bytes], bytes]:
    # Only a deployment with a CDN and a key needs the library, which takes its time to load.
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa  # noqa: PLC0415

    try:
        key = serialization.load_pem_private_key(private_key.encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise Misconfigured(
            detail="CDN_PRIVATE_KEY: this is no private key in PEM without a password"
        ) from None
    digest = hashes.SHA256()
    if isinstance(key, rsa.RSAPrivateKey):
        pkcs1 = padding.PKCS1v15()
        return lambda policy: key.sign(policy, pkcs1, digest)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        # RFC 6979: without chance in it, URLs that shall stay the same for a while do so.
        try:
            ecdsa = ec.ECDSA(digest, deterministic_signing=True)
        except UnsupportedAlgorithm:
            raise Misconfigured(
                detail="CDN_PRIVATE_KEY: ECDSA needs OpenSSL 3.2 or newer, which the wheels of "
                "`cryptography` bring along; install those, or take an RSA key"
            ) from None
        return lambda policy: key.sign(policy, ecdsa)
    raise Misconfigured(detail="CDN_PRIVATE_KEY: CloudFront takes RSA and ECDSA keys alone")
