"""Origin access control: what an edge asks of the bucket is signed by the edge itself.

CloudFront Developer Guide, "Restrict access to an Amazon S3 origin", with "sign requests" on. The
identity has no rights of its own; the product's own bucket policy gives it what the CDN may read.
"""

import json
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from tests.support.proxy import Exchange
from tests.support.proxy_http import Answer, HttpFront, Request, forward

from gridboss_assets.buckets.policies import Cdn, allow_cdn
from gridboss_assets.buckets.principals import Principals
from gridboss_assets.kinds import DEFAULT_KINDS

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

REGION = "us-east-1"

# nginx asks for what it has already with these, and CloudFront likewise; nothing else goes on.
_CONDITIONS = ("if-none-match", "if-modified-since", "range")


@dataclass(frozen=True)
class Identity:
    """An identity of the S3 server that may do what bucket policies allow it."""

    name: str
    access_key: str
    secret_key: str


class OriginSigner:
    """Asks a bucket for what an edge asked for, signed by an identity.

    The bucket is addressed in path style, which the edge knows nothing of.
    """

    def __init__(self, endpoint: str, bucket: str, identity: Identity) -> None:
        self._endpoint = endpoint
        self._bucket = bucket
        credentials = Credentials(identity.access_key, identity.secret_key)
        self._signer = S3SigV4Auth(credentials, "s3", REGION)

    def fetch(self, request: Request) -> Answer:
        """Ask the bucket."""
        return forward(self._endpoint, self._signed(request))

    def _signed(self, request: Request) -> Request:
        path, _, query = f"/{self._bucket}{request.path}".partition("?")
        # S3 decodes path and query, and encodes both anew, before it verifies (S3 API Reference,
        # "Authenticating Requests: Using the Authorization Header").
        canonical = quote(unquote(path), safe="/~")
        pairs = [pair.partition("=") for pair in query.split("&") if pair]
        parameters = "&".join(f"{n}={quote(unquote(v), safe='~')}" for n, _, v in pairs)
        url = f"{self._endpoint}{canonical}{'?' if parameters else ''}{parameters}"
        kept = {name: request.headers[name] for name in _CONDITIONS if name in request.headers}
        signed = AWSRequest(request.method, url, headers=kept)
        self._signer.add_auth(signed)
        headers = {name.lower(): value for name, value in signed.headers.items()}
        host = self._endpoint.partition("://")[2]
        target = path + ("?" if query else "") + query
        return Request(request.method, target, headers | {"host": host}, b"")


class OriginAccess:
    """Stands between an edge and the bucket: it signs, and notes every request."""

    def __init__(self, signer: OriginSigner) -> None:
        self._signer = signer
        self._front = HttpFront(self._answer)
        self._lock = threading.Lock()
        self._exchanges: list[Exchange] = []

    @property
    def url(self) -> str:
        """Where the edge asks."""
        return f"http://127.0.0.1:{self._front.port}"

    @property
    def requests(self) -> list[Exchange]:
        """What was asked of the bucket, in order: paths as the edge sent them, with the query."""
        with self._lock:
            return list(self._exchanges)

    def start(self) -> None:
        """Begin to answer."""
        self._front.start()

    def stop(self) -> None:
        """Stop listening."""
        self._front.stop()

    def _answer(self, request: Request) -> Answer:
        answer = self._signer.fetch(request)
        with self._lock:
            self._exchanges.append(
                Exchange(request.method, request.path, request.headers, answer.status)
            )
        return answer


def admit(client: "S3Client", bucket: str, identity: Identity, *, signed: bool) -> None:
    """Give an identity what the product's bucket policy gives the distribution.

    ``signed``: one that has a key group. The identity cannot do anything else.
    """
    account = "000000000000"
    principals = Principals(f"arn:aws:iam::{account}:user/application", (), account)
    distribution = Cdn(f"arn:aws:cloudfront::{account}:distribution/{bucket}", signed=signed)
    statement = allow_cdn(bucket, principals, distribution, DEFAULT_KINDS)
    # The server knows of no distributions, so the statement names the identity in their place.
    del statement["Condition"]
    statement["Principal"] = {"AWS": f"arn:aws:iam::{account}:user/{identity.name}"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    client.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
