"""The product itself under the application's IAM policy, as moto enforces it."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.core import enable_iam_authentication

from gridboss_assets import Credentials, S3Storage
from gridboss_assets.buckets.policies import iam_policy
from gridboss_assets.errors import StorageDenied
from gridboss_assets.storage.base import Attributes

BUCKET = "test-assets"
OTHER = "test-assets-2"
REGION = "us-east-1"
USER = "gridboss-assets"
KEY = "avatars/a.png"
LARGE = bytes(17 * 1024 * 1024)
ATTRIBUTES = Attributes("image/png", {"kind": "avatar"}, "private", "inline")


@contextmanager
def held_to(policy: dict[str, Any]) -> Iterator[Credentials]:
    """Make two buckets with an object each, and give the keys of a user who is held to a policy."""
    with mock_aws():
        root = Credentials("k", "s")
        for name in (BUCKET, OTHER):
            client("s3", root).create_bucket(Bucket=name)
            client("s3", root).put_object(Bucket=name, Key=KEY, Body=b"old")
        iam = client("iam", root)
        iam.create_user(UserName=USER)
        iam.put_user_policy(UserName=USER, PolicyName=USER, PolicyDocument=json.dumps(policy))
        made = iam.create_access_key(UserName=USER)["AccessKey"]
        with enable_iam_authentication():
            yield Credentials(made["AccessKeyId"], made["SecretAccessKey"])


@cache
def session() -> boto3.Session:
    """Read the services' descriptions once: that is most of a test's time."""
    return boto3.Session()


def client(service: Any, credentials: Credentials) -> Any:
    """Return a boto3 client of any service."""
    return session().client(
        service,
        region_name=REGION,
        aws_access_key_id=credentials.access_key,
        aws_secret_access_key=credentials.secret_key,
    )


@contextmanager
def storage_held_to(policy: dict[str, Any]) -> Iterator[S3Storage]:
    """Give the product's storage with such keys."""
    with held_to(policy) as credentials:
        storage = S3Storage(BUCKET, REGION, credentials)
        yield storage
        storage.close()


def read(storage: S3Storage) -> bytes:
    with storage.open(KEY) as reader:
        return b"".join(reader.chunks())


def replace(storage: S3Storage) -> None:
    # The ETag of b"old": the MD5 of its bytes.
    storage.put(KEY, BytesIO(b"new"), ATTRIBUTES, only_if_etag='"149603e6c03516362a8da23f624db945"')


# Each call of the product, and the one action that it needs.
CALLS: dict[str, tuple[str, Callable[[S3Storage], object]]] = {
    "put": ("s3:PutObject", lambda s: s.put("pending/a", BytesIO(b"a"), ATTRIBUTES)),
    "put only if absent": (
        "s3:PutObject",
        lambda s: s.put("pending/a", BytesIO(b"a"), ATTRIBUTES, only_if_absent=True),
    ),
    "put only in place of": ("s3:PutObject", replace),
    "put in parts": (
        "s3:PutObject",
        lambda s: s.put("pending/a", BytesIO(LARGE), ATTRIBUTES, only_if_absent=True),
    ),
    "open": ("s3:GetObject", read),
    "head": ("s3:GetObject", lambda s: s.head(KEY)),
    "delete": ("s3:DeleteObject", lambda s: s.delete(KEY)),
    "list_keys": ("s3:ListBucket", lambda s: s.list_keys("avatars/")),
    "list_objects": ("s3:ListBucket", lambda s: list(s.list_objects("avatars/"))),
}


@pytest.mark.parametrize("call", CALLS)
def test_the_policy_allows_each_call_of_the_product(call: str) -> None:
    with storage_held_to(iam_policy(BUCKET)) as storage:
        CALLS[call][1](storage)


@pytest.mark.parametrize("call", CALLS)
def test_without_its_action_a_call_of_the_product_is_refused(call: str) -> None:
    action, run = CALLS[call]
    denied = {"Effect": "Deny", "Action": action, "Resource": "*"}
    policy = iam_policy(BUCKET)
    policy["Statement"].append(denied)
    with storage_held_to(policy) as storage, pytest.raises(StorageDenied):
        run(storage)


REFUSED: dict[str, tuple[str, dict[str, Any]]] = {
    "list_buckets": ("s3", {}),
    "create_bucket": ("s3", {"Bucket": "test-assets-3"}),
    "delete_bucket": ("s3", {"Bucket": BUCKET}),
    "get_bucket_policy": ("s3", {"Bucket": BUCKET}),
    "put_bucket_policy": ("s3", {"Bucket": BUCKET, "Policy": "{}"}),
    "delete_bucket_policy": ("s3", {"Bucket": BUCKET}),
    "put_bucket_acl": ("s3", {"Bucket": BUCKET, "ACL": "public-read"}),
    "get_bucket_cors": ("s3", {"Bucket": BUCKET}),
    "get_bucket_versioning": ("s3", {"Bucket": BUCKET}),
    "delete_public_access_block": ("s3", {"Bucket": BUCKET}),
    "list_object_versions": ("s3", {"Bucket": BUCKET}),
    "put_object_acl": ("s3", {"Bucket": BUCKET, "Key": KEY, "ACL": "public-read"}),
    "get_object_acl": ("s3", {"Bucket": BUCKET, "Key": KEY}),
    "get_object_tagging": ("s3", {"Bucket": BUCKET, "Key": KEY}),
    "put_object_tagging": ("s3", {"Bucket": BUCKET, "Key": KEY, "Tagging": {"TagSet": []}}),
    "list_users": ("iam", {}),
    "create_access_key": ("iam", {"UserName": USER}),
    "attach_user_policy": (
        "iam",
        {"UserName": USER, "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"},
    ),
}
ELSEWHERE: dict[str, dict[str, Any]] = {
    "get_object": {"Key": KEY},
    "head_object": {"Key": KEY},
    "put_object": {"Key": KEY, "Body": b"new"},
    "delete_object": {"Key": KEY},
    "list_objects_v2": {},
}


def code_of(call: str, service: str, arguments: dict[str, Any]) -> str:
    """Make a call with the application's keys, and return the error's code."""
    with held_to(iam_policy(BUCKET)) as credentials, pytest.raises(ClientError) as caught:
        getattr(client(service, credentials), call)(**arguments)
    return str(caught.value.response["Error"]["Code"])


@pytest.mark.parametrize("call", REFUSED)
def test_the_policy_refuses_what_the_product_never_calls(call: str) -> None:
    assert code_of(call, *REFUSED[call]) == "AccessDenied"


@pytest.mark.parametrize("call", ELSEWHERE)
def test_the_policy_refuses_the_products_own_calls_on_another_bucket(call: str) -> None:
    # A HEAD's answer has no body, so its code is the status.
    assert code_of(call, "s3", {"Bucket": OTHER, **ELSEWHERE[call]}) in {"AccessDenied", "403"}
