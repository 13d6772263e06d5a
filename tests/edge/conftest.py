"""Edges before one bucket, each set up as the distribution of some settings would be."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import pytest
from tests.support.browser import File, send
from tests.support.cloudfront import KEY_PAIR_ID, KeyPair, key_pair
from tests.support.edge import Edge
from tests.support.edge_invalidation import DISTRIBUTION_ID
from tests.support.edge_origin import admit
from tests.support.s3server import READER, assert_disposable
from tests.support.tokens import new_sub

from gridboss_assets import Cdn, CloudFrontSigner, CompletedUpload, Delivery, S3Storage, Uploads
from gridboss_assets.cdn.desired import DesiredDistribution, distribution
from gridboss_assets.dev.bucket import prepare_bucket
from gridboss_assets.dev.seaweed import SeaweedFS
from gridboss_assets.invalidation import CloudFrontInvalidator
from gridboss_config import Settings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BUCKET = "test-edge"
CORS_ORIGIN = "https://app.example"

Given = dict[str, str]
OpenEdge = Callable[[DesiredDistribution], Edge]
UploadsBehind = Callable[..., Uploads]
Publish = Callable[..., CompletedUpload]


@pytest.fixture(scope="session")
def given(seaweed: SeaweedFS, s3_client: "S3Client") -> Given:
    """Give the settings of a deployment without a CDN, as its environment; edges may read it."""
    assert_disposable(seaweed.endpoint, BUCKET)
    prepare_bucket(s3_client, BUCKET, origins=[])
    admit(s3_client, BUCKET, READER, signed=True)
    return {
        "S3_ENABLED": "true",
        "S3_REGION": "us-east-1",
        "S3_BUCKET": BUCKET,
        "S3_ENDPOINT": seaweed.endpoint,
        "S3_ACCESS_KEY": seaweed.access_key,
        "S3_SECRET_KEY": seaweed.secret_key,
        "CORS_ORIGINS": CORS_ORIGIN,
    }


def signed_with(key: KeyPair) -> Given:
    """Return the settings of a deployment that signs for its CDN."""
    return {"CDN_KEY_PAIR_ID": KEY_PAIR_ID, "CDN_PRIVATE_KEY": key.private}


def settings_of(given: Given) -> Settings:
    """Read settings from an environment."""
    values: dict[str, Any] = {name.lower(): value for name, value in given.items()}
    return Settings(_env_file=None, **values)


def desired(given: Given) -> DesiredDistribution:
    """Say what the distribution of these settings should be."""
    return distribution(settings_of(given))


@pytest.fixture(scope="session")
def open_edge(given: Given, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenEdge]:
    """Start edges, which run until the session ends."""
    with ExitStack() as stack:
        yield lambda wanted: stack.enter_context(
            Edge(wanted, given["S3_ENDPOINT"], READER, tmp_path_factory.mktemp("edge"))
        )


@pytest.fixture(scope="session")
def rsa_edge(open_edge: OpenEdge, given: Given) -> Edge:
    return open_edge(desired(given | signed_with(key_pair("rsa"))))


@pytest.fixture(scope="session")
def ecdsa_edge(open_edge: OpenEdge, given: Given) -> Edge:
    return open_edge(desired(given | signed_with(key_pair("ecdsa"))))


@pytest.fixture(scope="session")
def plain_edge(open_edge: OpenEdge, given: Given) -> Edge:
    return open_edge(desired(given))


@pytest.fixture
def edge(rsa_edge: Edge) -> Edge:
    """Give the edge whose distribution has an RSA key."""
    rsa_edge.begin()
    return rsa_edge


@pytest.fixture
def keyless(plain_edge: Edge) -> Edge:
    """Give the edge whose distribution has no key group."""
    plain_edge.begin()
    return plain_edge


@pytest.fixture(scope="session")
def storage(given: Given) -> Iterator[S3Storage]:
    made = S3Storage.from_settings(settings_of(given))
    yield made
    made.close()


@pytest.fixture(scope="session")
def uploads_behind(storage: S3Storage) -> UploadsBehind:
    """Make an application whose links lead to an edge; with ``invalidates`` it may invalidate."""

    def made(edge: Edge, key: KeyPair | None, *, invalidates: bool = False) -> Uploads:
        signer = CloudFrontSigner(KEY_PAIR_ID, key.private) if key else None
        invalidator = CloudFrontInvalidator(
            DISTRIBUTION_ID, storage.credentials, endpoint=edge.invalidations.url
        )
        delivery = Delivery(
            storage,
            cdn=Cdn(edge.url, signer),
            invalidator=invalidator if invalidates else None,
        )
        return Uploads(storage, delivery=delivery)

    return made


@pytest.fixture
def uploads(edge: Edge, uploads_behind: UploadsBehind) -> Uploads:
    """Give the application behind ``edge``, which may not invalidate."""
    return uploads_behind(edge, key_pair("rsa"))


@pytest.fixture
def publish(uploads: Uploads) -> Publish:
    """Upload a file as a browser does and complete it; by default as somebody new."""

    def published(
        file: File, *, by: Uploads = uploads, owner: str | None = None
    ) -> CompletedUpload:
        signed = by.sign(
            file.kind,
            filename=file.name,
            content_type=file.content_type,
            owner=owner or new_sub(),
        )
        sent = send(asdict(signed), file.data)
        assert sent.ok, sent.text
        return by.complete(signed.object_key)

    return published
