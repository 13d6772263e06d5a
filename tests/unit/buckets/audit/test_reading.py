"""The audit reads, writes nothing, fetches no body, and lives with whatever is refused."""

import shlex
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from tests.unit.buckets.audit.conftest import Place, refusal
from tests.unit.buckets.audit.evidences import OWNED, SEAL, the
from tests.unit.buckets.conftest import NAME

from gridboss_assets.buckets.audit import Check
from gridboss_assets.buckets.audit.names import PERMISSIONS
from gridboss_assets.findings import Finding, Status, exit_status
from gridboss_assets.storage.providers import BucketFeature

# Its refusal ends the audit, which has tests of its own.
OTHERS = sorted(set(PERMISSIONS) - {"HeadBucket"})


def test_a_bucket_that_is_as_desired_passes(place: Place) -> None:
    found = place.audit()
    assert [f for f in found if f.status is not Status.PASS] == []


def test_the_calls_are_those_whose_permissions_are_named_and_none_writes(place: Place) -> None:
    place.acls_are_on()
    place.calls.made.clear()
    place.audit()
    assert set(place.calls.made) == set(PERMISSIONS)
    assert [name for name in PERMISSIONS if not name.startswith(("Get", "Head", "List"))] == []


def test_no_body_is_fetched_with_a_signature_or_without(place: Place) -> None:
    place.audit()
    assert "GetObject" not in place.calls.made
    assert set(place.strange_calls.made) == {"HeadObject", "ListObjectsV2"}


@pytest.mark.parametrize("operation", OTHERS)
def test_a_refusal_names_the_permission_and_hides_nothing_else(
    place: Place, operation: str
) -> None:
    place.acls_are_on()
    before = {f.check: f for f in place.audit()}
    place.calls.failing[operation] = refusal(operation)
    found = {f.check: f for f in place.audit()}
    unknown = [f for f in found.values() if f.status is Status.UNKNOWN]
    assert unknown
    assert all(f"Allow {PERMISSIONS[operation]} to whoever audits" in f.remedy for f in unknown)
    assert all(operation in f.detail for f in unknown)
    rest = set(found) - {f.check for f in unknown}
    # What counts objects says how many could be looked at, so its words may differ.
    assert {name: found[name].status for name in rest} == {n: before[n].status for n in rest}
    missing = set(before) - set(found)
    assert missing == set() or operation == "ListObjectsV2"


@pytest.mark.parametrize("operation", sorted(set(OTHERS) - {"HeadObject", "ListObjectsV2"}))
def test_what_a_server_does_not_have_is_no_failure(place: Place, operation: str) -> None:
    place.acls_are_on()
    before = {f.check: f.status for f in place.audit()}
    place.calls.failing[operation] = refusal(operation, "NotImplemented", 501)
    found = {f.check: f.status for f in place.audit()}
    changed = {found[name] for name in found if found[name] is not before[name]}
    assert changed == {Status.UNAVAILABLE}


def test_an_error_of_the_server_in_one_call_is_not_known(place: Place) -> None:
    place.calls.failing["GetBucketWebsite"] = refusal("GetBucketWebsite", "InternalError", 500)
    found = place.audit()
    assert the(Check.WEBSITE, found).status is Status.UNKNOWN
    assert "InternalError" in the(Check.WEBSITE, found).detail
    assert the(Check.REPLICATION, found).status is Status.PASS


@pytest.mark.parametrize("operation", ["GetBucketPolicy", "ListMultipartUploads", "HeadObject"])
def test_a_server_that_stops_answering_ends_the_audit_with_a_message(
    place: Place, operation: str
) -> None:
    place.calls.failing[operation] = EndpointConnectionError(endpoint_url="http://gone")
    found = place.audit()
    last = the(Check.NOT_TRIED, found)
    assert (last.status, exit_status(found)) == (Status.UNKNOWN, 2)
    assert "S3_ENDPOINT" in last.detail


# --- the bucket's place ---------------------------------------------------------------------


def reached(place: Place, failure: Exception) -> list[Finding]:
    place.calls.failing["HeadBucket"] = failure
    found = place.audit()
    assert the(Check.NOT_TRIED, found)
    return found


def test_a_missing_bucket_differs(place: Place) -> None:
    found = reached(place, refusal("HeadBucket", "404", 404))
    assert the(Check.BUCKET, found).status is Status.FAIL
    assert exit_status(found) == 1


def test_a_bucket_that_is_refused_is_not_known(place: Place) -> None:
    found = the(Check.BUCKET, reached(place, refusal("HeadBucket", "403")))
    assert (found.status, "S3_OPERATOR_ARNS" in found.remedy) == (Status.UNKNOWN, True)


def test_a_dead_server_is_not_known(place: Place) -> None:
    failure = EndpointConnectionError(endpoint_url="http://gone")
    found = the(Check.BUCKET, reached(place, failure))
    assert (found.status, "http://gone" in found.detail) == (Status.UNKNOWN, True)
    assert "server runs" in found.remedy


def test_a_bucket_of_another_region_differs(place: Place) -> None:
    headers = {"HTTPHeaders": {"x-amz-bucket-region": "eu-west-1"}}
    place.calls.answers["HeadBucket"] = {"ResponseMetadata": headers}
    found = the(Check.REGION, place.audit())
    assert (found.status, "S3_REGION=eu-west-1" in found.remedy) == (Status.FAIL, True)


# --- what stands there ----------------------------------------------------------------------


def test_a_website_is_found(place: Place) -> None:
    site: Any = {"IndexDocument": {"Suffix": "index.html"}}
    place.s3.put_bucket_website(Bucket=NAME, WebsiteConfiguration=site)
    assert the(Check.WEBSITE, place.audit()).status is Status.FAIL


def test_copies_elsewhere_are_found_and_rules_that_are_off_are_not(place: Place) -> None:
    rules = [
        {"Status": "Enabled", "Destination": {"Bucket": "arn:aws:s3:::copies"}},
        {"Status": "Disabled", "Destination": {"Bucket": "arn:aws:s3:::never"}},
    ]
    place.calls.answers["GetBucketReplication"] = {"ReplicationConfiguration": {"Rules": rules}}
    found = the(Check.REPLICATION, place.audit())
    assert (found.status, "arn:aws:s3:::copies" in found.detail) == (Status.WARN, True)
    assert "never" not in found.detail


@pytest.mark.parametrize(
    ("operation", "check"),
    [
        ("GetBucketWebsite", Check.WEBSITE),
        ("GetBucketReplication", Check.REPLICATION),
        ("GetBucketPolicyStatus", Check.PUBLIC_POLICY),
        ("GetBucketAcl", Check.BUCKET_ACL),
    ],
)
def test_an_answer_about_something_else_proves_nothing(
    place: Place, operation: str, check: Check
) -> None:
    # A server that does not know ?website answers as if the bucket had been listed.
    place.calls.answers[operation] = {"ResponseMetadata": {"HTTPStatusCode": 200}}
    assert the(check, place.audit()).status is Status.UNAVAILABLE


def test_the_servers_verdict_of_the_policy_is_asked_for(place: Place) -> None:
    place.calls.answers["GetBucketPolicyStatus"] = {"PolicyStatus": {"IsPublic": True}}
    assert the(Check.PUBLIC_POLICY, place.audit()).status is Status.FAIL


def test_an_acl_for_everybody_is_found(place: Place) -> None:
    place.acls_are_on()
    place.s3.put_bucket_acl(Bucket=NAME, ACL="public-read")
    found = the(Check.BUCKET_ACL, place.audit())
    assert found.status is Status.FAIL
    assert "AllUsers: READ" in found.detail


def test_a_listing_for_everybody_is_found(place: Place) -> None:
    place.strange_calls.failing.clear()
    assert the(Check.PUBLIC_LISTING, place.audit()).status is Status.FAIL


@pytest.mark.parametrize(
    ("status", "ends"),
    [
        (400, Status.PASS),
        (401, Status.PASS),
        (403, Status.PASS),
        (301, Status.UNKNOWN),
        (404, Status.UNKNOWN),
        (503, Status.UNKNOWN),
    ],
)
def test_what_a_stranger_is_told_decides(place: Place, status: int, ends: Status) -> None:
    place.strange_calls.failing["ListObjectsV2"] = refusal("ListObjectsV2", "X", status)
    assert the(Check.PUBLIC_LISTING, place.audit()).status is ends


def test_a_stranger_who_gets_no_answer_proves_nothing(place: Place) -> None:
    gone = EndpointConnectionError(endpoint_url="http://gone")
    place.strange_calls.failing = {"ListObjectsV2": gone, "HeadObject": gone}
    found = place.audit()
    assert the(Check.PUBLIC_LISTING, found).status is Status.UNKNOWN
    assert the(Check.PUBLIC_OBJECTS, found).status is Status.UNKNOWN


def test_an_object_for_everybody_is_found_both_ways(place: Place) -> None:
    place.acls_are_on()
    place.s3.put_object_acl(Bucket=NAME, Key=OWNED, ACL="public-read")
    found = place.audit()
    assert the(Check.OBJECT_ACLS, found).status is Status.FAIL
    assert the(Check.PUBLIC_OBJECTS, found).status is Status.FAIL


def test_the_remedy_for_what_is_not_encrypted_works_on_aws_and_keeps_the_seal(
    place: Place,
) -> None:
    place.s3.delete_bucket_encryption(Bucket=NAME)
    place.s3.put_object(Bucket=NAME, Key=OWNED, Body=b"x", Metadata=SEAL)
    found = the(Check.OBJECT_ENCRYPTION, place.audit())
    words = shlex.split(found.remedy.split("`")[1].replace("KEY", OWNED))
    assert (found.status, words[:3]) == (Status.FAIL, ["aws", "s3api", "copy-object"])
    options = dict(zip(words[3::2], words[4::2], strict=True))
    place.s3.copy_object(
        Bucket=options["--bucket"],
        Key=options["--key"],
        CopySource=options["--copy-source"],
        ServerSideEncryption="AES256",
    )
    assert options["--server-side-encryption"] == "AES256"
    after = place.audit()
    assert the(Check.OBJECT_ENCRYPTION, after).status is Status.PASS
    assert the(Check.UNSEALED, after).status is Status.PASS


def test_acls_of_objects_are_not_asked_for_where_acls_are_off(place: Place) -> None:
    place.calls.made.clear()
    found = place.audit()
    assert "GetObjectAcl" not in place.calls.made
    assert "switched off" in the(Check.OBJECT_ACLS, found).detail


def test_an_object_that_goes_away_meanwhile_is_passed_over(place: Place) -> None:
    place.calls.failing["HeadObject"] = refusal("HeadObject", "404", 404)
    place.strange_calls.failing["HeadObject"] = refusal("HeadObject", "404", 404)
    assert exit_status(place.audit()) == 0


def test_an_upload_that_nobody_finished_is_found_by_its_age(place: Place) -> None:
    place.s3.create_multipart_upload(Bucket=NAME, Key="exports/z.csv")
    assert the(Check.MULTIPART, place.audit()).status is Status.PASS  # it is of the day before
    assert "None of 1" in the(Check.MULTIPART, place.audit()).detail


def test_without_a_sample_no_object_is_looked_at(place: Place) -> None:
    place.calls.made.clear()
    found = place.audit(sample=0)
    assert {"ListObjectsV2", "HeadObject"} & set(place.calls.made) == set()
    assert the(Check.SAMPLE, found).status is Status.WARN
    assert [f for f in found if f.check in {Check.PUBLIC_OBJECTS, Check.STALE}] == []


def test_the_sides_are_those_of_the_plan(place: Place) -> None:
    del place.calls.answers["GetBucketPolicy"]
    assert the(BucketFeature.POLICY, place.audit()).status is Status.FAIL
