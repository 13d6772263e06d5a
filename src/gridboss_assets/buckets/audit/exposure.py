"""Ways out of a bucket: a public policy, its ACL, listing without a name, a website, copies."""

from collections.abc import Iterator

from gridboss_assets.buckets.audit.evidence import Evidence, Outcome
from gridboss_assets.buckets.audit.names import APPLY, Check, passed, some, unavailable, unread
from gridboss_assets.buckets.desired import DesiredBucket
from gridboss_assets.buckets.plan import NotOffered, NotReadable
from gridboss_assets.buckets.shapes import Items, is_public
from gridboss_assets.findings import Finding, Status
from gridboss_assets.storage.providers import BucketFeature


def check(wanted: DesiredBucket, evidence: Evidence) -> Iterator[Finding]:
    """Judge every way out of the bucket."""
    yield _policy(wanted, evidence)
    yield _acl(wanted, evidence)
    yield _listing(evidence)
    yield _website(wanted, evidence)
    yield _replication(wanted, evidence)


def _policy(wanted: DesiredBucket, evidence: Evidence) -> Finding:
    verdict = evidence.policy_is_public
    reading = evidence.state.side(BucketFeature.POLICY)
    statements = reading.by_name if isinstance(reading, Items) else {}
    open_to_all = [name for name, value in statements.items() if is_public(value)]
    if verdict is True or open_to_all:
        what = f"its statement {some(open_to_all)} does" if open_to_all else "the server judges so"
        return Finding(
            Check.PUBLIC_POLICY,
            Status.FAIL,
            f"The policy opens the bucket to the public: {what}.",
            APPLY
            if open_to_all
            else "Remove the statement whose principal is `*`, or whose condition lets "
            "everybody in; only ours are needed.",
        )
    if isinstance(verdict, NotReadable):
        return unread(Check.PUBLIC_POLICY, "GetBucketPolicyStatus", verdict.detail)
    if isinstance(verdict, NotOffered):
        meaning = wanted.provider.lacks.get(BucketFeature.POLICY)
        if meaning is None and isinstance(reading, Items):
            meaning = "The server does not judge policies; by our own reading none is public."
        return unavailable(Check.PUBLIC_POLICY, meaning or verdict.detail)
    if verdict is None:
        return passed(Check.PUBLIC_POLICY, "There is no policy that could open the bucket.")
    return passed(Check.PUBLIC_POLICY, "The server judges the policy as not public.")


def _acl(wanted: DesiredBucket, evidence: Evidence) -> Finding:
    grants = evidence.acl
    if isinstance(grants, NotReadable):
        return unread(Check.BUCKET_ACL, "GetBucketAcl", grants.detail)
    if isinstance(grants, NotOffered):
        lack = wanted.provider.lacks.get(BucketFeature.OWNERSHIP)
        return unavailable(Check.BUCKET_ACL, lack or grants.detail)
    if grants:
        remedy = APPLY
        if BucketFeature.OWNERSHIP in wanted.provider.lacks:
            remedy = f"`aws s3api put-bucket-acl --bucket {wanted.bucket} --acl private` mends it."
        return Finding(
            Check.BUCKET_ACL,
            Status.FAIL,
            f"The bucket's ACL admits others than its owner: {some(list(map(str, grants)))}.",
            remedy,
        )
    return passed(Check.BUCKET_ACL, "The bucket's ACL admits its owner alone.")


def _listing(evidence: Evidence) -> Finding:
    got = evidence.listing
    if got.outcome is Outcome.REFUSED:
        return passed(
            Check.PUBLIC_LISTING, f"A listing without a signature is refused ({got.answer})."
        )
    if got.outcome is Outcome.OPEN:
        return Finding(
            Check.PUBLIC_LISTING,
            Status.FAIL,
            "Anybody may list the bucket, without a signature: owners and keys are public.",
            f"Close it: {APPLY} Where that is not enough, take back the server's own rule for "
            "anonymous callers.",
        )
    return Finding(
        Check.PUBLIC_LISTING,
        Status.UNKNOWN,
        f"A listing without a signature was neither answered nor refused ({got.answer}).",
        "Try again; a proxy on the way may answer in place of the server.",
    )


def _website(wanted: DesiredBucket, evidence: Evidence) -> Finding:
    is_on = evidence.website
    if isinstance(is_on, NotReadable):
        return unread(Check.WEBSITE, "GetBucketWebsite", is_on.detail)
    if isinstance(is_on, NotOffered):
        return unavailable(
            Check.WEBSITE,
            f"{wanted.provider.name} has no website hosting that this API could switch on. See in "
            "its console that the bucket has no public address.",
        )
    if is_on:
        return Finding(
            Check.WEBSITE,
            Status.FAIL,
            "The bucket is served as a website, over plain http and without signatures.",
            f"`aws s3api delete-bucket-website --bucket {wanted.bucket}` switches it off.",
        )
    return passed(Check.WEBSITE, "The bucket is served as no website.")


def _replication(wanted: DesiredBucket, evidence: Evidence) -> Finding:
    replicas = evidence.replicas
    if isinstance(replicas, NotReadable):
        return unread(Check.REPLICATION, "GetBucketReplication", replicas.detail)
    if isinstance(replicas, NotOffered):
        return unavailable(
            Check.REPLICATION,
            f"{wanted.provider.name} tells of no replication through this API. If its console "
            "copies the bucket elsewhere, audit the copy as well.",
        )
    if replicas:
        return Finding(
            Check.REPLICATION,
            Status.WARN,
            f"Objects are copied to {some(list(replicas))}, where this bucket's policy and "
            "lifecycle don't reach: what is deleted here may stay there.",
            "Audit the copy as well, or remove the replication rule.",
        )
    return passed(Check.REPLICATION, "Objects are copied to no other bucket.")
