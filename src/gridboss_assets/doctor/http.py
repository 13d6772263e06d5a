"""Raw HTTP: requests as a browser or a stranger sends them. Nothing is signed, followed, retried.

Certificates and proxies are those of the service's own client: ``AWS_CA_BUNDLE`` or the bundle
that comes with botocore, ``HTTPS_PROXY``, ``HTTP_PROXY`` and ``NO_PROXY``.
"""

import os
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3
from botocore.httpsession import get_cert_path
from urllib3 import exceptions as failures
from urllib3.util.ssl_ import create_urllib3_context

# The largest answer that is read: a listing of a thousand keys. What is longer is no S3 error.
_MAX_BODY = 1024 * 1024

_CODE = re.compile(rb"<Code>([A-Za-z0-9._-]{1,64})</Code>")
_NOTHING: Mapping[str, str] = {}

# OpenSSL, "X509_STORE_CTX_get_error": what is wrong with a certificate.
_EXPIRED, _NOT_YET_VALID, _WRONG_HOST = 10, 9, {62, 63, 64}
_UNKNOWN_ISSUER = {2, 18, 19, 20, 21}


class Trouble(StrEnum):
    """Why no answer came."""

    NAME = "name"
    REFUSED = "refused"
    TIMEOUT = "timeout"
    ISSUER = "issuer"
    CERTIFICATE = "certificate"
    BUNDLE = "bundle"
    NOT_TLS = "not TLS"
    BROKEN = "broken"
    PROXY = "proxy"


class Unreachable(Exception):
    """No answer came; the message says why, in a clause without a full stop."""

    def __init__(self, trouble: Trouble, message: str) -> None:
        super().__init__(message)
        self.trouble = trouble


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. Header names are in lower case; a long body is cut."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def ok(self) -> bool:
        """Whether the status is one of success (RFC 9110 §15.3)."""
        return 200 <= self.status < 300  # noqa: PLR2004

    @property
    def code(self) -> str:
        """The code of an S3 error, empty where there is none.

        Nothing else of an error's body is ever shown: S3 quotes the signature in it.
        """
        found = None if self.ok else _CODE.search(self.body)
        return found[1].decode("ascii") if found else ""

    def __str__(self) -> str:
        """Return the status and the code, such as ``403 AccessDenied``."""
        return f"{self.status} {self.code}".rstrip()


class Http:
    """Sends requests, each with a bounded time-out in seconds; a context manager."""

    def __init__(self, timeout: float) -> None:
        self.timeout = timeout
        self._managers: dict[str, urllib3.PoolManager] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for manager in self._managers.values():
            manager.clear()

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] = _NOTHING,
        body: bytes | None = None,
    ) -> Answer:
        """Send one request and return its answer, whatever it is; raises ``Unreachable``."""
        try:
            answer = self._manager(url).request(
                method,
                url,
                body=body,
                headers={"User-Agent": "gridboss-assets-doctor", **headers},
                preload_content=False,
                redirect=False,
            )
            try:
                data = answer.read(_MAX_BODY)
                names = {name.lower(): value for name, value in answer.headers.items()}
                if len(data) == _MAX_BODY:
                    answer.close()  # nobody wants the rest
            finally:
                # A body that was read to its end leaves the connection for the next request.
                answer.release_conn()
        except failures.HTTPError as error:
            raise _unreachable(error, self.timeout) from None
        return Answer(answer.status, names, data)

    def _manager(self, url: str) -> urllib3.PoolManager:
        proxy = proxy_for(url) or ""
        if proxy not in self._managers:
            self._managers[proxy] = self._make_manager(proxy)
        return self._managers[proxy]

    def _make_manager(self, proxy: str) -> urllib3.PoolManager:
        how = {
            "retries": False,
            "timeout": urllib3.Timeout(connect=self.timeout, read=self.timeout),
            "ssl_context": _trusting(os.environ.get("AWS_CA_BUNDLE")),
        }
        if not proxy:
            return urllib3.PoolManager(**how)  # type: ignore[arg-type] # its options differ
        parts = urlsplit(proxy)
        login = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
        return urllib3.ProxyManager(
            proxy,
            proxy_headers=urllib3.make_headers(proxy_basic_auth=login) if login != ":" else None,
            **how,  # type: ignore[arg-type]
        )


def proxy_for(url: str) -> str | None:
    """Return the proxy that the environment names for a URL, None where it goes there itself."""
    parts = urlsplit(url)
    if proxy_bypass(parts.netloc):
        return None
    proxies = getproxies()
    found = proxies.get(parts.scheme) or proxies.get("all")
    return found if not found or "://" in found else f"http://{found}"


def _trusting(bundle: str | None) -> ssl.SSLContext:
    context = create_urllib3_context()
    try:
        context.load_verify_locations(bundle or get_cert_path(verify=True))
    except OSError:  # no such file, or no certificate in it
        raise Unreachable(
            Trouble.BUNDLE, "the file that AWS_CA_BUNDLE names holds no certificates"
        ) from None
    return context


def _unreachable(error: failures.HTTPError, timeout: float) -> Unreachable:
    """Say why in our own words: those of the library may quote a signed URL."""
    if isinstance(error, failures.ProxyError):
        return Unreachable(Trouble.PROXY, "the proxy of the environment can't be reached")
    if isinstance(error, failures.NameResolutionError):
        return Unreachable(Trouble.NAME, "its name can't be resolved")
    if isinstance(error, failures.NewConnectionError):
        return Unreachable(Trouble.REFUSED, "nobody answers at that address and port")
    if isinstance(error, failures.TimeoutError):
        return Unreachable(Trouble.TIMEOUT, f"no answer came within {timeout:g} s")
    if isinstance(error, failures.SSLError):
        return tls_trouble(error.args[0] if error.args else error)
    return Unreachable(Trouble.BROKEN, "the connection broke, or what answers speaks no HTTP")


def tls_trouble(cause: object) -> Unreachable:
    """Say what is wrong with the TLS of whoever answered, by OpenSSL's verdict."""
    if not isinstance(cause, ssl.SSLCertVerificationError):
        return Unreachable(Trouble.NOT_TLS, "what answers there speaks no TLS that we do")
    if cause.verify_code in _UNKNOWN_ISSUER:
        return Unreachable(
            Trouble.ISSUER, "its certificate comes from nobody whom this machine trusts"
        )
    what = "is not valid"
    if cause.verify_code == _EXPIRED:
        what = "has expired"
    elif cause.verify_code == _NOT_YET_VALID:
        what = "is not valid yet (or this machine's clock is behind)"
    elif cause.verify_code in _WRONG_HOST:
        what = "is for another host name"
    return Unreachable(Trouble.CERTIFICATE, f"its certificate {what}")
