"""Everything one upload method needs: a bucket, proxies, and the services in front of it."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import unquote, urlsplit

from botocore.exceptions import ClientError
from tests.support import tokens
from tests.support.browser import Caller, File
from tests.support.proxy import Exchange, Matcher, S3Proxy
from tests.support.proxy_http import Request
from tests.support.s3server import assert_disposable, client_for
from tests.support.service import Service

from gridboss_assets.dev.bucket import prepare_bucket
from gridboss_assets.dev.seaweed import SeaweedFS

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

S3Server = SeaweedFS
Method = Literal["post", "put"]

ORIGIN = "https://app.grid-boss.test"
"""The origin whose pages may call the API."""


@dataclass(frozen=True)
class Stage:
    """One upload method from end to end. Browsers reach the bucket at :attr:`edge`.

    POST: browsers talk to SeaweedFS directly. PUT: they talk to a proxy that answers forms with
    501. In both, what the main service asks of S3 passes through :attr:`proxy`, which records it
    and can be told to misbehave.
    """

    method: Method
    server: S3Server
    bucket: str
    s3: "S3Client"
    proxy: S3Proxy
    edge: str
    directory: Path
    _open: ExitStack = field(repr=False)

    # --- services; each starts when it is first needed ------------------------------------------

    @cached_property
    def service(self) -> Service:
        """The service as it is deployed, but that it logs everything."""
        return self._serve("main", LOG_LEVEL="DEBUG", CORS_ORIGINS=ORIGIN)

    @cached_property
    def strict(self) -> Service:
        """One whose every limit is small."""
        return self._serve(
            "strict",
            S3_PRESIGN_TTL="1",
            JWT_ISSUER=tokens.ISSUER,
            RATE_LIMIT_PER_MINUTE="2",
        )

    @cached_property
    def anonymous(self) -> Service:
        """One without sign-in, whose caller may act on every key; as browsers, it sees the edge."""
        direct = {"S3_ENDPOINT": self.edge, "S3_PUBLIC_ENDPOINT": ""}
        return self._serve("anonymous", APP_ENV="test", JWT_SECRET="", **direct)

    @cached_property
    def lasting(self) -> Service:
        """One whose links may be kept: stable URLs, and avatars for everybody."""
        return self._serve("lasting", S3_STABLE_URLS="true", PUBLIC_AVATARS="true")

    @cached_property
    def exporting(self) -> Service:
        """One that runs export jobs in its own process, with reports that wait at a gate."""
        return self._serve("exporting", **self.export_settings)

    @property
    def export_settings(self) -> dict[str, str]:
        """The settings of a service that exports, beside those of the deployment."""
        return {
            "APP_ENV": "test",
            "REPORT_MODULES": "gated_reports",
            "PYTHONPATH": str(Path(__file__).with_name("reports")),
            "EXPORT_MAX_ACTIVE": "3",
            "LOG_LEVEL": "DEBUG",
        }

    @contextmanager
    def without_conditions(self) -> Iterator["Stage"]:
        """Give the same stage with a service whose provider refuses conditional requests."""
        with S3Proxy(self.server.endpoint) as proxy, ExitStack() as stack:
            directory = self.directory / "without-conditions"
            yield replace(self, proxy=proxy, directory=directory, _open=stack)

    @property
    def settings(self) -> dict[str, str]:
        """The settings of this deployment."""
        settings = {
            "S3_ENABLED": "true",
            "S3_REGION": "us-east-1",
            "S3_BUCKET": self.bucket,
            "S3_ENDPOINT": self.proxy.endpoint,
            "S3_PUBLIC_ENDPOINT": self.edge,
            "S3_ACCESS_KEY": self.server.access_key,
            "S3_SECRET_KEY": self.server.secret_key,
            "JWT_SECRET": tokens.SECRET,
        }
        return settings if self.method == "post" else settings | {"S3_UPLOAD_METHOD": "put"}

    def _serve(self, name: str, **changes: str) -> Service:
        service = Service(self.directory / name, self.settings | changes)
        return self._open.enter_context(service)

    def leaks(self) -> list[str]:
        """Say which secrets stand in the logs of the services that were started."""
        log = "".join(path.read_text() for path in self.directory.rglob("service.log"))
        secrets = {
            "S3 secret key": re.escape(self.server.secret_key),
            "JWT secret": re.escape(tokens.SECRET),
            "signature": r"(?i)x-amz-signature\W{1,5}[0-9a-f]{16}",
            "token": r"eyJ[\w-]{10,}\.",
        }
        return [name for name, pattern in secrets.items() if re.search(pattern, log)]

    # --- callers --------------------------------------------------------------------------------

    def caller(self, sub: str | None = None) -> Caller:
        """Sign somebody in at the main service; without a name, somebody new."""
        return Caller(self.service.url, sub or tokens.new_sub())

    def strict_caller(self, sub: str | None = None) -> Caller:
        """Sign somebody in at the strict service, with a token of its issuer."""
        sub = sub or tokens.new_sub()
        bearer = f"Bearer {tokens.token(sub, iss=tokens.ISSUER)}"
        return Caller(self.strict.url, sub, bearer)

    def exporter(self, sub: str | None = None) -> Caller:
        """Sign somebody in at the service that exports; without a name, somebody new."""
        return Caller(self.exporting.url, sub or tokens.new_sub())

    # --- the bucket, seen without the service ---------------------------------------------------

    def standing(self, key: str) -> list[str]:
        """Name what stands in the bucket for an object key: ``final``, ``pending``, or both."""
        places = {"final": key, "pending": f"pending/{key}"}
        return [name for name, place in places.items() if self.head(place) is not None]

    def head(self, key: str) -> dict[str, Any] | None:
        """Return what S3 says of an object, None if there is none."""
        try:
            return dict(self.s3.head_object(Bucket=self.bucket, Key=key))
        except ClientError as error:
            assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 404  # noqa: PT017
            return None

    def read(self, key: str) -> bytes:
        """Return an object's bytes."""
        return self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()

    def write(self, key: str, file: File, data: bytes | None = None, **how: Any) -> None:
        """Put an object into the bucket past every signature, as an operator could."""
        self.s3.put_object(
            Bucket=self.bucket,
            Key=key,
            Body=file.data if data is None else data,
            ContentType=how.pop("ContentType", file.content_type),
            **how,
        )

    # --- what the main service asks of S3 -------------------------------------------------------

    def asked(self, key: str) -> list[Exchange]:
        """List the requests about an object key, in order, since the test began."""
        return [exchange for exchange in self.proxy.requests if _key_of(exchange.path) == key]

    def calls(self, key: str) -> list[str]:
        """List the same as words, such as ``GET pending`` or ``PUT final 412``."""
        return [_word(exchange) for exchange in self.asked(key)]

    @staticmethod
    def about(method: str, key: str, *, pending: bool | None = None) -> Matcher:
        """Match the requests of one method about one object key, at one of its places or both."""
        return lambda request: (
            request.method == method
            and _key_of(request.path) == key
            and pending in {None, _is_pending(request)}
        )


@contextmanager
def staged(method: Method, server: S3Server, directory: Path) -> Iterator[Stage]:
    """Set a stage up; everything that was started on it ends with the block."""
    bucket = f"test-acceptance-{method}"
    assert_disposable(server.endpoint, bucket)
    client = client_for(server)
    prepare_bucket(client, bucket, origins=[ORIGIN])
    with ExitStack() as stack:
        edge = server.endpoint
        if method == "put":
            without_forms = stack.enter_context(S3Proxy(server.endpoint))
            without_forms.refuse_forms()
            edge = without_forms.endpoint
        proxy = stack.enter_context(S3Proxy(server.endpoint))
        yield Stage(method, server, bucket, client, proxy, edge, directory, stack)


Stages = Callable[[Method], Stage]


def _path(target: str) -> str:
    # Path style: /BUCKET/KEY.
    return unquote(urlsplit(target).path).lstrip("/").partition("/")[2]


def _key_of(target: str) -> str:
    return _path(target).removeprefix("pending/")


def _is_pending(request: Request | Exchange) -> bool:
    return _path(request.path).startswith("pending/")


def _word(exchange: Exchange) -> str:
    place = "pending" if _is_pending(exchange) else "final"
    failed = exchange.status is None or exchange.status >= 400
    return f"{exchange.method} {place}" + (f" {exchange.status}" if failed else "")
