"""``gridboss-assets bucket audit``: is the bucket what it should be, and what else is in it?

``reading`` and ``sampling`` ask, with an operator's credentials, and change nothing; what they
bring is ``evidence``. The checks are pure functions over it, each with a stable name from
``names``: START HERE. ``identity`` looks at the application's IAM user or role.
"""

from collections.abc import Callable, Iterator
from datetime import datetime

from gridboss_assets.buckets.audit import (
    configuration,
    exposure,
    leftovers,
    objects,
    policy,
    preparation,
    rules,
    statements,
)
from gridboss_assets.buckets.audit.evidence import Evidence
from gridboss_assets.buckets.audit.identity import identity_findings
from gridboss_assets.buckets.audit.names import CHECKS, Check
from gridboss_assets.buckets.audit.reading import reach, read
from gridboss_assets.buckets.desired import DesiredBucket, desired
from gridboss_assets.buckets.operator import Operator
from gridboss_assets.errors import AssetsError
from gridboss_assets.findings import Finding

__all__ = [
    "CHECKS",
    "Check",
    "audit",
    "bucket_findings",
    "judge",
    "preparation",
    "without_application",
]

Tell = Callable[[str], None]


def audit(
    acting: Operator, wanted: DesiredBucket, *, sample: int, now: datetime, tell: Tell
) -> list[Finding]:
    """Audit a bucket and whoever may reach it.

    ``sample`` is how many objects are looked at under each prefix; 0 looks at none. ``tell``
    hears of the progress. What can't be told is a finding too; it raises nothing.
    """
    found = [*bucket_findings(acting, wanted, sample=sample, now=now, tell=tell)]
    tell("Looking at the application's identity …")
    return found + identity_findings(acting, wanted, now=now)


def without_application(acting: Operator, *, now: datetime) -> list[Finding]:
    """Audit what can be audited where nobody can tell whom the bucket is for: its keys."""
    try:
        nobodys = desired(acting.settings, None, provider=acting.provider)
    except AssetsError:
        return []
    return identity_findings(acting, nobodys, now=now)


def judge(wanted: DesiredBucket, evidence: Evidence) -> Iterator[Finding]:
    """Judge what was read of a bucket; pure."""
    yield from configuration.check(wanted, evidence.state)
    yield from policy.check(wanted, evidence)
    yield from statements.check(wanted, evidence)
    yield from rules.check(wanted, evidence)
    yield from exposure.check(wanted, evidence)
    yield from objects.check(wanted, evidence)
    yield from leftovers.check(wanted, evidence)


def bucket_findings(
    acting: Operator, wanted: DesiredBucket, *, sample: int, now: datetime, tell: Tell
) -> Iterator[Finding]:
    """Audit the bucket alone."""
    tell(f"Reading {wanted.bucket} on {wanted.provider.name} …")
    found = reach(acting.s3, wanted.bucket)
    yield from preparation.place(wanted, found)
    if not preparation.is_usable(wanted, found):
        yield preparation.not_tried("what the bucket is and holds")
        return
    try:
        evidence = read(acting.s3, acting.stranger, wanted, sample=sample, now=now, tell=tell)
    except AssetsError as error:
        yield preparation.not_tried("what the bucket is and holds", str(error))
        return
    yield from judge(wanted, evidence)
