"""Who gets into a bucket on Ceph that was set up, by which way, and what ACLs can't do there."""

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from tests.integration.ceph.conftest import EVERYTHING, code_of, wanted
from tests.support.browser import http
from tests.support.cephserver import CephServer

from gridboss_assets import Credentials, S3Storage
from gridboss_assets.buckets.aws import Bucket
from gridboss_assets.buckets.plan import plan
from gridboss_assets.buckets.policies import INSECURE, iam_policy
from gridboss_assets.dev.bucket import connect
from gridboss_assets.storage import Attributes
from gridboss_assets.storage.providers import CEPH, BucketFeature

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def test_the_policy_denies_what_is_not_tls_and_nothing_else(
    ceph: CephServer, ceph_client: "S3Client", over_tls: "S3Client", ceph_bucket: str
) -> None:
    here = Bucket(over_tls, ceph_bucket, "us-east-1", CEPH)
    list(here.apply(plan(wanted(ceph, ceph_bucket, **EVERYTHING), here.read())))
    over_tls.put_object(Bucket=ceph_bucket, Key="avatars/a.png", Body=b"x")
    assert over_tls.get_object(Bucket=ceph_bucket, Key="avatars/a.png")["Body"].read() == b"x"
    for call in (ceph_client.get_object, ceph_client.head_object, ceph_client.delete_object):
        with pytest.raises(ClientError) as denied:
            call(Bucket=ceph_bucket, Key="avatars/a.png")
        assert code_of(denied) in {"AccessDenied", "403"}


def test_with_the_operator_of_aws_nothing_would_be_denied(
    ceph_client: "S3Client", over_tls: "S3Client", ceph: CephServer, ceph_bucket: str
) -> None:
    (item,) = wanted(ceph, ceph_bucket, **EVERYTHING).of(BucketFeature.POLICY).values()
    assert item.name == INSECURE
    condition = {"Bool": item.value["Condition"]["BoolIfExists"]}
    document = {"Version": "2012-10-17", "Statement": [item.value | {"Condition": condition}]}
    over_tls.put_bucket_policy(Bucket=ceph_bucket, Policy=json.dumps(document))
    ceph_client.put_object(Bucket=ceph_bucket, Key="avatars/a.png", Body=b"x")


def test_uploads_work_and_public_acls_have_no_effect(
    ceph: CephServer, ceph_client: "S3Client", ceph_bucket: str
) -> None:
    place = f"{ceph.endpoint}/{ceph_bucket}"
    ceph_client.put_bucket_acl(Bucket=ceph_bucket, ACL="public-read")
    ceph_client.put_object(Bucket=ceph_bucket, Key="a", Body=b"x", ACL="public-read")
    assert [http("GET", at).status_code for at in (place, f"{place}/a")] == [200, 200]
    here = Bucket(ceph_client, ceph_bucket, "us-east-1", CEPH)
    list(here.apply(plan(wanted(ceph, ceph_bucket), here.read())))
    ceph_client.put_object(Bucket=ceph_bucket, Key="b", Body=b"x", ACL="public-read")
    assert [http("GET", at).status_code for at in (place, f"{place}/a", f"{place}/b")] == [403] * 3


def test_the_switches_that_stay_off_would_do_harm(
    ceph: CephServer, ceph_client: "S3Client", ceph_bucket: str
) -> None:
    def switch_on(name: str) -> None:
        block: Any = {name: True}
        ceph_client.put_public_access_block(
            Bucket=ceph_bucket, PublicAccessBlockConfiguration=block
        )

    policy = _allowing(ceph_bucket, {"AWS": "arn:aws:iam:::user/stranger"})
    switch_on("BlockPublicAcls")
    with pytest.raises(ClientError) as refused:
        ceph_client.put_object(Bucket=ceph_bucket, Key="a", Body=b"x")
    assert code_of(refused) == "AccessDenied"
    switch_on("BlockPublicPolicy")
    with pytest.raises(ClientError) as refused:
        ceph_client.put_bucket_policy(Bucket=ceph_bucket, Policy=policy)
    assert code_of(refused) == "AccessDenied"
    switch_on("RestrictPublicBuckets")
    ceph_client.put_bucket_policy(Bucket=ceph_bucket, Policy=_allowing(ceph_bucket, "*"))
    ceph_client.put_object(Bucket=ceph_bucket, Key="a", Body=b"x")
    assert http("GET", f"{ceph.endpoint}/{ceph_bucket}/a").status_code == 200


def test_forms_over_http_are_denied_too(
    ceph: CephServer, over_tls: "S3Client", ceph_bucket: str
) -> None:
    here = Bucket(over_tls, ceph_bucket, "us-east-1", CEPH)
    list(here.apply(plan(wanted(ceph, ceph_bucket, **EVERYTHING), here.read())))
    keys = Credentials(ceph.access_key, ceph.secret_key)
    for endpoint, status in ((ceph.endpoint, 403), (ceph.tls_endpoint, 204)):
        storage = S3Storage(ceph_bucket, "us-east-1", keys, endpoint=endpoint, provider="ceph")
        form = storage.sign_upload("pending/a", Attributes("text/csv"), max_size=9, expires_in=60)
        sent = http(
            "POST", form.url, data=form.fields, files={"file": b"x"}, verify=ceph.certificate
        )
        assert sent.status_code == status


def test_a_user_whom_the_policy_allows_what_the_application_needs_gets_no_more(
    ceph: CephServer, ceph_client: "S3Client", ceph_bucket: str
) -> None:
    """The way that `gridboss-assets iam create-user` names where there is no AWS IAM."""
    stranger = connect(ceph.endpoint, *ceph.stranger)
    with pytest.raises(ClientError):
        stranger.put_object(Bucket=ceph_bucket, Key="exports/a.csv", Body=b"x")
    policy = _allowing(ceph_bucket, {"AWS": "arn:aws:iam:::user/stranger"})
    ceph_client.put_bucket_policy(Bucket=ceph_bucket, Policy=policy)
    here = Bucket(ceph_client, ceph_bucket, "us-east-1", CEPH)
    list(here.apply(plan(wanted(ceph, ceph_bucket), here.read())))  # which keeps that statement
    stranger.put_object(Bucket=ceph_bucket, Key="exports/a.csv", Body=b"x")
    assert stranger.get_object(Bucket=ceph_bucket, Key="exports/a.csv")["Body"].read() == b"x"
    assert stranger.list_objects_v2(Bucket=ceph_bucket)["KeyCount"] == 1
    stranger.delete_object(Bucket=ceph_bucket, Key="exports/a.csv")
    for call in (
        stranger.get_bucket_policy,
        stranger.delete_bucket_policy,
        stranger.get_bucket_acl,
    ):
        with pytest.raises(ClientError) as refused:
            call(Bucket=ceph_bucket)
        assert code_of(refused) == "AccessDenied"
    with pytest.raises(ClientError):
        stranger.create_bucket(Bucket=f"{ceph_bucket}-own")


def _allowing(bucket: str, principal: Any) -> str:
    document = iam_policy(bucket)
    statements = [each | {"Principal": principal} for each in document["Statement"]]
    return json.dumps(document | {"Statement": statements})
