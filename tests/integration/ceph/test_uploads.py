"""A file's whole way on Ceph: signed, sent as browsers send it, inspected, sealed, read."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import pytest
import requests
from tests.support.browser import http, open_link
from tests.support.cephserver import CephServer
from tests.support.files import CSV, OTHER_CSV, PDF, PHOTO

from gridboss_assets import Credentials, S3Storage, Uploads
from gridboss_assets.errors import ContentMismatch
from gridboss_assets.exports import Export, write_export
from gridboss_assets.models import SignedUpload

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from tests.support.browser import File


class Way:
    """Uploads to one bucket, and what stands in it."""

    def __init__(
        self, ceph: CephServer, bucket: str, method: Literal["post", "put"], *, life: int = 60
    ) -> None:
        self.storage = S3Storage(
            bucket,
            "us-east-1",
            Credentials(ceph.access_key, ceph.secret_key),
            endpoint=ceph.endpoint,
            upload_method=method,
            provider="ceph",
            presign_ttl=life,
        )
        self.uploads = Uploads(self.storage)

    def sign(self, file: "File") -> SignedUpload:
        return self.uploads.sign(
            file.kind,
            filename=file.name,
            content_type=file.content_type,
            size=len(file.data),
            owner="driver-7",
        )

    def standing(self) -> list[str]:
        return self.storage.list_keys("")


def send(signed: SignedUpload, data: bytes, **fields: str) -> requests.Response:
    if signed.method == "PUT":
        return http("PUT", signed.url, data=data, headers=dict(signed.headers))
    form = {**signed.fields, **fields}
    return http("POST", signed.url, data=form, files={"file": ("blob", data)})


@pytest.fixture
def way(ceph: CephServer, ceph_bucket: str) -> Iterator[Way]:
    way = Way(ceph, ceph_bucket, "post")
    yield way
    way.storage.close()


@pytest.mark.parametrize("method", ["post", "put"])
@pytest.mark.parametrize("file", [PHOTO, CSV, PDF], ids=lambda file: file.name)
def test_a_file_goes_all_the_way(
    ceph: CephServer, ceph_bucket: str, method: Literal["post", "put"], file: "File"
) -> None:
    way = Way(ceph, ceph_bucket, method)
    signed = way.sign(file)
    assert send(signed, file.data).status_code in {200, 204}
    assert way.standing() == [f"pending/{signed.object_key}"]
    sealed = way.uploads.complete(signed.object_key)
    assert way.standing() == [signed.object_key]
    read = open_link(sealed.url)
    assert (read.status_code, read.headers["Content-Type"]) == (200, file.content_type)
    if file is PHOTO:
        assert b"Exif" not in read.content
    else:
        assert read.content == file.data
        assert read.headers["Content-Disposition"].startswith("attachment; ")


def test_a_second_upload_changes_nothing_that_is_sealed(way: Way) -> None:
    signed = way.sign(CSV)
    send(signed, CSV.data)
    way.uploads.complete(signed.object_key)
    send(signed, OTHER_CSV.data)
    assert open_link(way.uploads.complete(signed.object_key).url).content == CSV.data


def test_what_is_no_table_is_refused_and_removed(way: Way) -> None:
    signed = way.sign(CSV)
    send(signed, PDF.data)
    with pytest.raises(ContentMismatch):
        way.uploads.complete(signed.object_key)
    assert way.standing() == []


def test_an_object_that_stands_unsealed_is_sealed_in_place(
    way: Way, ceph_client: "S3Client", ceph_bucket: str
) -> None:
    key = way.sign(CSV).object_key
    ceph_client.put_object(Bucket=ceph_bucket, Key=key, Body=CSV.data, ContentType=CSV.content_type)
    assert open_link(way.uploads.complete(key).url).content == CSV.data
    assert ceph_client.head_object(Bucket=ceph_bucket, Key=key)["Metadata"]


def test_a_file_that_is_larger_than_allowed_is_refused(way: Way) -> None:
    signed = way.sign(PHOTO)
    answer = send(signed, PHOTO.data.ljust(signed.max_size + 1))
    assert answer.status_code == 400
    assert "EntityTooLarge" in answer.text
    assert way.standing() == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("key", "pending/avatars/driver-9/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.jpg"),
        ("Content-Type", "text/html"),
        ("x-amz-meta-filename", "evil.exe"),
        ("x-amz-signature", "0" * 64),
        ("acl", "public-read"),
        ("x-amz-meta-sha256", "00"),
        ("x-amz-tagging", "a=b"),
        ("success_action_redirect", "http://127.0.0.1:9/"),
    ],
)
def test_a_form_with_anything_else_in_it_is_refused(way: Way, name: str, value: str) -> None:
    signed = way.sign(PHOTO)
    assert send(signed, PHOTO.data, **{name: value}).status_code == 403
    assert way.standing() == []
    assert send(signed, PHOTO.data).status_code == 204


def test_a_form_that_has_expired_is_refused(ceph: CephServer, ceph_bucket: str) -> None:
    way = Way(ceph, ceph_bucket, "post", life=1)
    signed = way.sign(PHOTO)
    time.sleep(1.2)  # nothing tells that a second has passed but the clock
    assert send(signed, PHOTO.data).status_code == 403
    assert way.standing() == []


def test_a_put_of_another_length_is_refused(ceph: CephServer, ceph_bucket: str) -> None:
    way = Way(ceph, ceph_bucket, "put")
    signed = way.sign(CSV)
    assert send(signed, CSV.data + b"1,1\n").status_code == 403
    other_type = replace(signed, headers={**signed.headers, "content-type": "text/html"})
    assert send(other_type, CSV.data).status_code == 403
    assert way.standing() == []


def test_a_large_export_is_written_by_one_request_that_holds_its_condition(
    way: Way, ceph_client: "S3Client", ceph_bucket: str
) -> None:
    told: list[str | None] = []

    def export() -> Export:
        rows = (("x" * 65536,) for _ in range(17 * 16))
        return write_export(
            rows,
            format="json",
            filename="laps",
            columns=["n"],
            id="9f86d081884c7d659a2feaa0c55ad015",
            storage=way.storage,
            on_multipart=told.append,
        )

    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(lambda _: export(), range(2))
    assert (one.object_key, one.sha256) == (other.object_key, other.sha256)
    assert way.standing() == [one.object_key]
    assert told == []
    head = ceph_client.head_object(Bucket=ceph_bucket, Key=one.object_key)
    assert head["ContentLength"] == one.content_length > 17 * 1024 * 1024
    assert way.uploads.complete(one.object_key).sha256 == one.sha256
