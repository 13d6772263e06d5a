"""Cases: ways out of the bucket, its objects, and what nobody completed."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.unit.buckets.audit.cases import FAIL, UNAVAILABLE, UNKNOWN, WARN, case
from tests.unit.buckets.audit.evidences import (
    HEAD,
    NOW,
    OWNED,
    judged,
    looked,
    sample,
    samples,
)
from tests.unit.buckets.conftest import wanted

from gridboss_assets.buckets.audit import Check
from gridboss_assets.buckets.audit.evidence import (
    Grant,
    Outcome,
    Stranger,
    Upload,
    Uploads,
)
from gridboss_assets.buckets.plan import NotOffered, NotReadable
from gridboss_assets.findings import Finding
from gridboss_assets.storage.providers import CEPH, CLOUDFLARE_R2, SEAWEEDFS

EVERYBODY = Grant("AllUsers", "READ", group=True)
SOMEBODY = Grant("75aa57f0", "FULL_CONTROL")
KEY = "arn:aws:kms:us-east-1:123456789012:key/abc"


def with_object(key: str = OWNED, **changes: Any) -> list[Finding]:
    return judged(samples=samples(looked(key, **changes)))


# --- ways out -------------------------------------------------------------------------------


@case(Check.BUCKET_ACL, FAIL, "AllUsers: READ", "bucket apply")
def an_acl_for_everybody() -> list[Finding]:
    return judged(acl=(EVERYBODY,))


@case(Check.BUCKET_ACL, FAIL, "75aa57f0: FULL_CONTROL", "put-bucket-acl")
def an_acl_where_acls_can_not_be_switched_off() -> list[Finding]:
    return judged(wanted(SEAWEEDFS, None), acl=(SOMEBODY,))


@case(Check.BUCKET_ACL, UNKNOWN, "s3:GetBucketAcl")
def an_acl_that_may_not_be_read() -> list[Finding]:
    return judged(acl=NotReadable("refused"))


@case(Check.BUCKET_ACL, UNAVAILABLE, "R2 has no ACLs")
def a_server_without_acls() -> list[Finding]:
    return judged(wanted(CLOUDFLARE_R2, None), acl=NotOffered("501"))


@case(Check.PUBLIC_LISTING, FAIL, "Anybody may list", "bucket apply")
def a_listing_for_everybody() -> list[Finding]:
    return judged(listing=Stranger(Outcome.OPEN, "200"))


@case(Check.PUBLIC_LISTING, UNKNOWN, "neither answered nor refused (301)", "Try again")
def a_listing_that_leads_elsewhere() -> list[Finding]:
    return judged(listing=Stranger(Outcome.UNCLEAR, "301"))


@case(Check.WEBSITE, FAIL, "served as a website", "delete-bucket-website")
def a_website() -> list[Finding]:
    return judged(website=True)


@case(Check.WEBSITE, UNKNOWN, "s3:GetBucketWebsite")
def a_website_that_may_not_be_read() -> list[Finding]:
    return judged(website=NotReadable("refused"))


@case(Check.WEBSITE, UNAVAILABLE, "no website hosting", "public address")
def a_server_without_websites() -> list[Finding]:
    return judged(website=NotOffered("501"))


@case(Check.REPLICATION, WARN, "arn:aws:s3:::copies", "Audit the copy")
def copies_elsewhere() -> list[Finding]:
    return judged(replicas=("arn:aws:s3:::copies",))


@case(Check.REPLICATION, UNKNOWN, "s3:GetReplicationConfiguration")
def copies_that_may_not_be_read() -> list[Finding]:
    return judged(replicas=NotReadable("refused"))


@case(Check.REPLICATION, UNAVAILABLE, "no replication")
def a_server_without_copies() -> list[Finding]:
    return judged(replicas=NotOffered("501"))


# --- objects --------------------------------------------------------------------------------


@case(Check.SAMPLE, WARN, "--sample 0")
def no_sample() -> list[Finding]:
    return judged(samples=None)


@case(Check.SAMPLE, UNKNOWN, "s3:ListBucket")
def a_bucket_that_may_not_be_listed() -> list[Finding]:
    return judged(samples=NotReadable("refused"))


@case(Check.PUBLIC_OBJECTS, FAIL, "1 of 4 objects", OWNED, "bucket apply")
def a_public_object() -> list[Finding]:
    return with_object(stranger=Stranger(Outcome.OPEN, "200"))


@case(Check.PUBLIC_OBJECTS, UNKNOWN, OWNED, "proxy")
def an_object_of_which_nobody_can_tell() -> list[Finding]:
    return with_object(stranger=Stranger(Outcome.UNCLEAR, "502"))


@case(Check.OBJECT_ACLS, FAIL, f"{OWNED} (AllUsers: READ)", "make the object's ACL private")
def an_object_for_everybody() -> list[Finding]:
    return with_object(grants=(EVERYBODY,))


@case(Check.OBJECT_ACLS, WARN, "75aa57f0: FULL_CONTROL")
def an_object_for_somebody() -> list[Finding]:
    return with_object(grants=(SOMEBODY,))


@case(Check.OBJECT_ACLS, UNKNOWN, "s3:GetObjectAcl")
def an_objects_acl_that_may_not_be_read() -> list[Finding]:
    return with_object(grants=NotReadable("refused"))


@case(Check.OBJECT_ACLS, UNAVAILABLE, "R2 has no ACLs")
def objects_without_acls() -> list[Finding]:
    found = samples(looked(grants=NotOffered("501")))
    return judged(wanted(CLOUDFLARE_R2, None), samples=found)


@case(Check.OBJECT_ENCRYPTION, FAIL, "1 of 4 objects are not encrypted", "encryption AES256`")
def an_object_in_the_clear() -> list[Finding]:
    return with_object(head=replace(HEAD, encryption=None))


@case(Check.OBJECT_ENCRYPTION, FAIL, "1 of 2 objects are encrypted otherwise", f"key-id {KEY}`")
def an_object_of_another_key() -> list[Finding]:
    right = replace(HEAD, encryption="aws:kms", kms_key=KEY)
    found = [looked(head=right), looked("avatars/b", head=replace(right, kms_key=KEY + "d"))]
    places = [sample(each.place) for each in samples()]
    places[1] = sample("avatars/", *found)
    return judged(wanted(s3_kms_key_arn=KEY), samples=tuple(places))


@case(Check.OBJECT_ENCRYPTION, FAIL, "4 of 4 objects")
def objects_without_the_key() -> list[Finding]:
    return judged(wanted(s3_kms_key_arn=KEY))


@case(Check.OBJECT_ENCRYPTION, WARN, "another KMS key")
def an_object_of_a_key_that_nobody_asked_for() -> list[Finding]:
    return with_object(head=replace(HEAD, encryption="aws:kms", kms_key=KEY))


@case(Check.OBJECT_ENCRYPTION, UNKNOWN, "s3:GetObject")
def an_object_that_may_not_be_looked_at() -> list[Finding]:
    return with_object(head=NotReadable("refused"))


@case(Check.OBJECT_ENCRYPTION, UNAVAILABLE, "dmcrypt")
def a_server_without_encryption() -> list[Finding]:
    return judged(wanted(CEPH, None))


@case(Check.UNSEALED, WARN, "1 of 2 files", OWNED, "POST /uploads/complete")
def a_file_without_a_seal() -> list[Finding]:
    return with_object(head=replace(HEAD, metadata={}))


@case(Check.UNSEALED, WARN, "avatars/evil.svg")
def a_file_of_no_owner_that_everybody_sees() -> list[Finding]:
    return with_object("avatars/evil.svg", head=replace(HEAD, metadata={}))


@case(Check.UNSEALED, WARN, "exports/a%2f.csv")
def a_file_whose_key_we_never_make() -> list[Finding]:
    return with_object("exports/a%2f.csv", head=replace(HEAD, metadata={}))


@case(Check.UNSEALED, UNKNOWN, "s3:GetObject")
def a_file_that_may_not_be_looked_at() -> list[Finding]:
    return with_object(head=NotReadable("refused"))


# --- what nobody completed ------------------------------------------------------------------


@case(Check.STALE, WARN, "1 of 1 pending uploads", "2026-11-23", "lifecycle worker")
def an_upload_that_the_rule_left() -> list[Finding]:
    first, *others = samples()
    old = sample("pending/", *first.looked, age=timedelta(days=3, hours=13))
    return judged(samples=(old, *others))


@case(Check.MULTIPART, WARN, "1 of 2 unfinished multipart uploads", "exports/z.csv")
def a_multipart_upload_that_the_rule_left() -> list[Finding]:
    old = Upload("exports/z.csv", NOW - timedelta(days=3, seconds=1))
    return judged(uploads=Uploads((old, Upload("exports/y.csv", NOW))))


@case(Check.MULTIPART, UNKNOWN, "s3:ListBucketMultipartUploads")
def multipart_uploads_that_may_not_be_listed() -> list[Finding]:
    return judged(uploads=NotReadable("refused"))


@case(Check.MULTIPART, UNAVAILABLE, "does not list them")
def a_server_that_lists_no_multipart_uploads() -> list[Finding]:
    return judged(uploads=NotOffered("501"))
