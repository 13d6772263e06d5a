"""``gridboss-assets bucket audit``: is the bucket what it should be, and what else is in it?

``reading`` and ``sampling`` ask, with an operator's credentials, and change nothing; what they
bring is ``evidence``. The checks are pure functions over it, each with a stable name from
``names``: START HERE.
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
from gridboss_assets.buckets.audit.names import CHECKS, Check
from gridboss_assets.buckets.audit.reading import reach, read
from gridboss_assets.buckets.desired import DesiredBucket
from gridboss_assets.buckets.operator import Operator
from gridboss_assets.errors import AssetsError
from gridboss_assets.findings import Finding

__all__ = ["CHECKS", "Check", "audit", "judge", "preparation"]

Tell = Callable[[str], None]


def audit(
    acting: Operator, wanted: DesiredBucket, *, sample: int, now: datetime, tell: Tell
) -> list[Finding]:
    """Audit a bucket and whoever may reach it.

    ``sample`` is how many objects are looked at under each prefix; 0 looks at none. ``tell``
    hears of the progress. What can't be told is a finding too; it raises nothing.
    """
    return [*_bucket(acting, wanted, sample=sample, now=now, tell=tell)]


def judge(wanted: DesiredBucket, evidence: Evidence) -> Iterator[Finding]:
    """Judge what was read of a bucket; pure."""
    yield from configuration.check(wanted, evidence.state)
    yield from policy.check(wanted, evidence)
    yield from statements.check(wanted, evidence)
    yield from rules.check(wanted, evidence)
    yield from exposure.check(wanted, evidence)
    yield from objects.check(wanted, evidence)
    yield from leftovers.check(wanted, evidence)


def _bucket(
    acting: Operator, wanted: DesiredBucket, *, sample: int, now: datetime, tell: Tell
) -> Iterator[Finding]:
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
