"""What nobody completed, and the lifecycle rules should have removed."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from gridboss_assets.buckets.audit.evidence import Evidence, Sample
from gridboss_assets.buckets.audit.names import Check, passed, unavailable, unread
from gridboss_assets.buckets.desired import DesiredBucket
from gridboss_assets.buckets.plan import NotOffered, NotReadable
from gridboss_assets.buckets.sides import PENDING_DAYS
from gridboss_assets.findings import Finding, Status
from gridboss_assets.keys import PENDING_PREFIX
from gridboss_assets.storage.multipart import MULTIPART_DAYS

# A rule of a day reaches an object at the midnight (UTC) after that day, and works through the
# bucket from there (S3 User Guide, "Expiring objects"): up to two days, and one to spare.
_MARGIN = timedelta(days=2)


def check(wanted: DesiredBucket, evidence: Evidence) -> Iterator[Finding]:
    """Judge the age of uploads: pending ones, where the sample has them, and multipart ones."""
    if isinstance(evidence.samples, tuple):
        yield _stale(evidence.samples, evidence.now)
    yield _multipart(wanted, evidence)


def _stale(samples: tuple[Sample, ...], now: datetime) -> Finding:
    pending = next(sample for sample in samples if sample.place == PENDING_PREFIX)
    dated = [(each.key, each.modified) for each in pending.listed]
    return _leftovers(
        Check.STALE,
        dated,
        now,
        timedelta(days=PENDING_DAYS),
        lambda n, total: f"{n} of {total} pending uploads are older than they may get",
    )


def _multipart(wanted: DesiredBucket, evidence: Evidence) -> Finding:
    uploads = evidence.uploads
    if isinstance(uploads, NotReadable):
        return unread(Check.MULTIPART, "ListMultipartUploads", uploads.detail)
    if isinstance(uploads, NotOffered):
        return unavailable(
            Check.MULTIPART,
            f"{wanted.provider.name} does not list them. Parts of uploads that never ended would "
            "be invisible, and paid for.",
        )
    return _leftovers(
        Check.MULTIPART,
        [(each.key, each.initiated) for each in uploads.listed],
        evidence.now,
        timedelta(days=MULTIPART_DAYS),
        lambda n, total: f"{n} of {total} unfinished multipart uploads are older than they may get",
    )


def _leftovers(
    check: Check,
    dated: list[tuple[str, datetime]],
    now: datetime,
    life: timedelta,
    count: Callable[[int, int], str],
) -> Finding:
    old = sorted((when, key) for key, when in dated if now - when > life + _MARGIN)
    if old:
        oldest = f"the oldest, {old[0][1]}, is of {old[0][0]:%Y-%m-%d}"
        return Finding(
            check,
            Status.WARN,
            f"{count(len(old), len(dated))}: {oldest}. The lifecycle rule does not work.",
            "See that the check `lifecycle` passes. Rules need up to two days after they were "
            "set; on a server of your own see that its lifecycle worker runs.",
        )
    return passed(check, f"None of {len(dated)} is older than the lifecycle rule lets it get.")
