"""What an edge never serves, however a path is written."""

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.edge.conftest import BUCKET, Given, OpenEdge, Publish, desired, signed_with
from tests.support.browser import open_link
from tests.support.cloudfront import key_pair
from tests.support.edge import Edge
from tests.support.edge_origin import OriginSigner
from tests.support.files import CSV, PNG
from tests.support.proxy_http import Request
from tests.support.s3server import READER

from gridboss_assets import Uploads

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SECRET = b"what nobody has inspected"


@pytest.fixture(scope="module")
def pending(given: Given, s3_client: "S3Client") -> str:
    """Put an object at a pending key, and return the key without its prefix."""
    key = "avatars/driver-7/0123456789abcdef0123456789abcdef.png"
    s3_client.put_object(Bucket=given["S3_BUCKET"], Key=f"pending/{key}", Body=SECRET)
    return key


@pytest.mark.parametrize(
    "target",
    [
        "/",
        "/pending/{key}",
        "/%70ending/{key}",
        "/%70%65%6e%64%69%6e%67/{key}",
        "/pending%2f{key}",
        "//pending/{key}",
        "/./pending/{key}",
        "/avatars/../pending/{key}",
        "/avatars/%2e%2e/pending/{key}",
        "/avatars/.%2E/pending/{key}",
        "/avatars/..%2fpending/{key}",
        "/avatars/x/../../pending/{key}",
        "/avatars/../avatars/../pending/{key}",
        "/exports/../pending/{key}",
        "/../pending/{key}",
        "//{key}",
        "/PENDING/{key}",
        "/Avatars/{key}",
        "/avatars",
        "/avatars2/{key}",
        "/avatars%00/{key}",
        f"/{BUCKET}/{{key}}",
        f"/{BUCKET}/pending/{{key}}",
        "/?list-type=2",
        "/robots.txt",
        "/-admission",
        "/-admission/",
    ],
)
def test_no_other_path_reaches_the_bucket(edge: Edge, pending: str, target: str) -> None:
    reply = edge.ask(target.format(key=pending))
    assert reply.status in {400, 403, 404}
    assert SECRET not in reply.body
    assert not edge.fetched()


@pytest.mark.parametrize(
    "target",
    [
        "/avatars//../../pending/{key}",
        "/pending/../{key}",
        "/avatars/%2e%2e%2fpending/../{key}",
        "/avatars/..\\pending/{key}",
        "/avatars/%252e%252e/pending/{key}",
        "/avatars/%2e%2e%252fpending/{key}",
        "/avatars/x%3F/../../pending/{key}",
    ],
)
def test_no_path_that_is_sent_on_is_taken_for_another_by_the_bucket(
    edge: Edge, pending: str, target: str
) -> None:
    """CloudFront finds the behaviour by the normalised path, and sends on the one that came."""
    reply = edge.ask(target.format(key=pending))
    assert reply.status >= 400
    assert SECRET not in reply.body
    assert 200 not in [e.status for e in edge.fetched()]


def test_a_path_may_be_encoded_more_than_it_needs(edge: Edge, publish: Publish) -> None:
    avatar = publish(PNG)
    reply = edge.ask("/%61vatars" + f"/{avatar.object_key}".removeprefix("/avatars"))
    assert (reply.status, len(reply.body)) == (200, avatar.content_length)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"])
def test_no_method_but_get_and_head_reaches_the_bucket(
    edge: Edge, publish: Publish, method: str
) -> None:
    avatar, export = publish(PNG), publish(CSV)
    assert [edge.ask(f.url, method).status for f in (avatar, export)] == [403, 403]
    assert not edge.fetched()
    assert [edge.ask(f.url).status for f in (avatar, export)] == [200, 200]


def test_head_answers_without_a_body(edge: Edge, publish: Publish) -> None:
    avatar = publish(PNG)
    reply = edge.ask(avatar.url, "HEAD")
    assert (reply.status, reply.body) == (200, b"")
    assert reply.headers["content-length"] == str(avatar.content_length)


def test_without_a_key_group_there_are_no_exports(
    keyless: Edge, publish: Publish, uploads: Uploads
) -> None:
    """Not even with a signature that another edge takes."""
    export = publish(CSV)
    query = uploads.download(export.object_key).url.partition("?")[2]
    for target in (f"/{export.object_key}", f"/{export.object_key}?{query}"):
        assert keyless.ask(target).status == 403
    assert not keyless.fetched()


def test_nobody_reads_the_bucket_without_a_signature(given: Given, publish: Publish) -> None:
    avatar = publish(PNG)
    bucket = f"{given['S3_ENDPOINT']}/{given['S3_BUCKET']}"
    assert open_link(f"{bucket}/{avatar.object_key}").status_code == 403
    assert open_link(bucket).status_code == 403


def test_what_signs_for_the_edge_may_read_what_is_served_and_nothing_else(
    given: Given, publish: Publish, pending: str
) -> None:
    """So that a behaviour too many would still show nothing."""
    avatar, export = publish(PNG).object_key, publish(CSV).object_key
    signer = OriginSigner(given["S3_ENDPOINT"], given["S3_BUCKET"], READER)

    def status(path: str, method: str = "GET") -> int:
        return signer.fetch(Request(method, path, {}, b"")).status

    assert [status(f"/{key}") for key in (avatar, export)] == [200, 200]
    assert [status(path) for path in (f"/pending/{pending}", "/", "/?list-type=2")] == [403] * 3
    assert [status(f"/{avatar}", method) for method in ("PUT", "DELETE")] == [403, 403]


def test_the_edge_is_what_the_desired_state_says(
    open_edge: OpenEdge, given: Given, publish: Publish
) -> None:
    """Were exports public, they would be open here: what refuses them is the desired state."""
    wanted = desired(given | signed_with(key_pair("rsa")))
    [exports] = [b for b in wanted.behaviours if b.signed]
    edge = open_edge(replace(wanted, behaviours=(replace(exports, signed=False),)))
    avatar, export = publish(PNG), publish(CSV)
    assert edge.ask(f"/{export.object_key}").body == CSV.data
    assert edge.ask(f"/{avatar.object_key}").status == 403
