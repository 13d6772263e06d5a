"""The auditor's policy of the documents, by an evaluator that others wrote: it reads, no more."""

import json
from collections.abc import Iterable

from tests.docs.documents import blocks
from tests.support.policy_evaluator import Policy, as_user, evaluate

from gridboss_assets.buckets.audit.names import PERMISSIONS
from gridboss_assets.buckets.policies import bucket_policy
from gridboss_assets.buckets.principals import Principals

ACCOUNT = "123456789012"
NAME = "gridboss-prod-assets"
ARN = f"arn:aws:s3:::{NAME}"
OBJECT = f"{ARN}/avatars/a.png"
APPLICATION = f"arn:aws:iam::{ACCOUNT}:user/gridboss-assets"
AUDITOR = f"arn:aws:iam::{ACCOUNT}:user/auditor"

READS = [(p, OBJECT if "Object" in p else ARN) for p in sorted(set(PERMISSIONS.values()))]
_BUCKET_WRITES = """
    PutBucketPolicy DeleteBucketPolicy PutBucketAcl PutBucketCORS PutLifecycleConfiguration
    PutEncryptionConfiguration PutBucketVersioning PutBucketPublicAccessBlock PutBucketTagging
    PutBucketOwnershipControls PutBucketWebsite DeleteBucketWebsite PutReplicationConfiguration
    DeleteBucket
"""
_OBJECT_WRITES = "PutObject DeleteObject PutObjectAcl PutObjectTagging AbortMultipartUpload"
WRITES = [
    *((f"s3:{name}", ARN) for name in _BUCKET_WRITES.split()),
    *((f"s3:{name}", OBJECT) for name in _OBJECT_WRITES.split()),
]


def answers(calls: Iterable[tuple[str, str]], policy: Policy | None = None) -> set[str]:
    """Return the results of calls by the auditor, at a bucket with this policy."""
    (block,) = [block for block in blocks("json") if "audit-policy" in block.setup]
    auditor = as_user(AUDITOR, json.loads(block.text))
    return set(
        evaluate([auditor.asks(action, on, of=ACCOUNT, policy=policy) for action, on in calls])
    )


def of_bucket(*operators: str) -> Policy:
    return bucket_policy(NAME, Principals(APPLICATION, operators, ACCOUNT))


def test_every_call_of_the_audit_is_allowed() -> None:
    assert answers(READS) == {"Allowed"}


def test_nothing_may_be_written() -> None:
    assert answers(WRITES) == {"ImplicitlyDenied"}


def test_of_another_bucket_nothing_may_be_read() -> None:
    others = [(action, on.replace(NAME, f"{NAME}-2")) for action, on in READS]
    assert answers(others) == {"ImplicitlyDenied"}


def test_an_auditor_whom_the_settings_name_passes_the_bucket_policy() -> None:
    assert answers(READS, of_bucket(AUDITOR)) == {"Allowed"}


def test_an_auditor_whom_the_settings_do_not_name_is_denied() -> None:
    assert answers(READS, of_bucket()) == {"ExplicitlyDenied"}
