"""Whom the bucket's policy lets in, statement by statement: others, a CDN, and nobody any more."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from gridboss_assets.buckets import policies
from gridboss_assets.buckets.audit.configuration import items_of, unjudged
from gridboss_assets.buckets.audit.evidence import Evidence
from gridboss_assets.buckets.audit.names import APPLY, Check, passed, some
from gridboss_assets.buckets.desired import DesiredBucket
from gridboss_assets.buckets.evaluation import as_list
from gridboss_assets.buckets.policies import bucket_arn
from gridboss_assets.cdn.served import served_kinds
from gridboss_assets.findings import Finding, Status
from gridboss_assets.storage.providers import BucketFeature

_Json = Any
_CHECKS = (Check.STATEMENTS, Check.CDN, Check.DELETED)
_CLOUDFRONT = "cloudfront.amazonaws.com"
# What S3 writes in place of a principal that was deleted (IAM User Guide, "AWS JSON policy
# elements: Principal"): the unique ID of a user or a role.
_UNIQUE_ID = re.compile(r"(?:AIDA|AROA)[A-Z0-9]{12,124}")


def check(wanted: DesiredBucket, evidence: Evidence) -> Iterator[Finding]:
    """Judge whom the policy's statements name."""
    reasons = [unjudged(c, wanted, evidence.state, BucketFeature.POLICY) for c in _CHECKS]
    if any(reasons):
        yield from filter(None, reasons)
        return
    standing = items_of(evidence.state, BucketFeature.POLICY)
    allowing = {n: s for n, s in standing.by_name.items() if s["Effect"] == "Allow"}
    yield _others(wanted, allowing)
    yield _cdn(wanted, allowing)
    yield _deleted(standing.by_name)


# --- statements that are not ours ------------------------------------------------------------


def _others(wanted: DesiredBucket, allowing: Mapping[str, _Json]) -> Finding:
    worse: list[str] = []
    known: list[str] = []
    for name, statement in allowing.items():
        if name in policies.SIDS or _is_for_cdn(statement):
            continue
        for who, is_bad in _named(wanted, statement):
            (worse if is_bad else known).append(f"{name} (to {who})")
    remedy = (
        "Remove what nobody needs; a statement that is not ours stays when the plan is applied."
    )
    if worse:
        return Finding(
            Check.STATEMENTS,
            Status.FAIL,
            f"Statements that are not ours let outsiders in: {some(worse)}.",
            remedy,
        )
    if known:
        return Finding(
            Check.STATEMENTS,
            Status.WARN,
            f"Statements that are not ours allow something: {some(known)}.",
            remedy,
        )
    return passed(Check.STATEMENTS, "No statement but ours allows anything.")


def _named(wanted: DesiredBucket, statement: Mapping[str, _Json]) -> Iterator[tuple[str, bool]]:
    """Name whom a statement allows something, and tell whether that is an outsider."""
    if "NotPrincipal" in statement:
        yield "everybody but some", True
        return
    who = statement.get("Principal")
    by_kind = who if isinstance(who, Mapping) else {"AWS": who}
    for kind, values in by_kind.items():
        for each in as_list(values):
            if kind == "Service":
                yield f"the service {each}", False
            elif kind != "AWS":
                yield f"{kind} {each}", True
            elif each == "*":
                conditions = sorted(k for keys in _conditions(statement) for k in keys)
                yield (
                    f"everybody, under conditions on {', '.join(conditions)}"
                    if conditions
                    else "everybody",
                    not conditions,
                )
            elif not _UNIQUE_ID.fullmatch(each):
                yield from _of_account(wanted, each)


def _of_account(wanted: DesiredBucket, principal: str) -> Iterator[tuple[str, bool]]:
    if wanted.principals is None:
        yield principal, False  # whose it is can't be told there
        return
    account = principal.split(":")[4] if principal.startswith("arn:") else principal
    if principal not in wanted.principals.admitted:
        yield principal, account != wanted.principals.account


# --- a CDN -----------------------------------------------------------------------------------


def _cdn(wanted: DesiredBucket, allowing: Mapping[str, _Json]) -> Finding:
    found = {name: s for name, s in allowing.items() if _is_for_cdn(s)}
    if not found:
        if wanted.cdn is not None:
            return Finding(
                Check.CDN, Status.FAIL, "The CDN of CDN_DISTRIBUTION_ID may read nothing.", APPLY
            )
        return passed(Check.CDN, "No CDN is admitted, and none is configured.")
    too_much = [f"{name} {fault}" for name, s in found.items() if (fault := _excess(wanted, s))]
    if too_much:
        return Finding(
            Check.CDN,
            Status.FAIL,
            f"A CDN may do more than it serves: {some(too_much)}.",
            "Give it s3:GetObject on the prefixes that it serves, for one distribution "
            f"(AWS:SourceArn). A statement called {policies.CDN} is ours: {APPLY}",
        )
    unknown = [name for name, s in found.items() if wanted.cdn is None or not _is_ours(wanted, s)]
    if unknown:
        return Finding(
            Check.CDN,
            Status.WARN,
            f"A distribution that the settings don't name is admitted: {some(unknown)}.",
            "Name it in CDN_DISTRIBUTION_ID, or remove the statement.",
        )
    return passed(Check.CDN, "The CDN may read what it serves, and nothing else.")


def _is_for_cdn(statement: Mapping[str, _Json]) -> bool:
    who = statement.get("Principal")
    if not isinstance(who, Mapping):
        return False
    # An origin access identity, CloudFront's older way, is an ARN of the account "cloudfront".
    identities = [each for each in as_list(who.get("AWS", [])) if ":iam::cloudfront:" in each]
    return bool(identities) or _CLOUDFRONT in as_list(who.get("Service", []))


def _excess(wanted: DesiredBucket, statement: Mapping[str, _Json]) -> str:
    """Say what a CDN may do beyond reading what it serves; empty where there is nothing."""
    actions = as_list(statement.get("Action", []))
    if "NotAction" in statement or any(a.lower() != "s3:getobject" for a in actions):
        return f"allows {some(actions) or 'all actions but some'}"
    arn = bucket_arn(wanted.bucket, wanted.principals.partition if wanted.principals else "aws")
    served = tuple(f"{arn}/{prefix}" for prefix in _served(wanted))
    resources = as_list(statement.get("Resource", []))
    beyond = [each for each in resources if not each.startswith(served)]
    if "NotResource" in statement or beyond:
        return f"reaches {some(beyond) or 'everything but some'}"
    by_service = _CLOUDFRONT in as_list(statement["Principal"].get("Service", []))
    if by_service and not _sources(statement):
        return "admits every distribution of every account (no AWS:SourceArn)"
    return ""


def _served(wanted: DesiredBucket) -> list[str]:
    signed = wanted.cdn is not None and wanted.cdn.signed
    return [kind.prefix for kind in served_kinds(wanted.kinds, signed=signed)]


def _is_ours(wanted: DesiredBucket, statement: Mapping[str, _Json]) -> bool:
    return wanted.cdn is not None and _sources(statement) == [wanted.cdn.distribution_arn]


def _sources(statement: Mapping[str, _Json]) -> list[str]:
    """Return the distributions that a statement is limited to."""
    return [
        each
        for operator, keys in (statement.get("Condition") or {}).items()
        for key, values in keys.items()
        for each in as_list(values)
        if key.lower() == "aws:sourcearn" and "Not" not in operator and "IfExists" not in operator
    ]


# --- principals that are gone ----------------------------------------------------------------


def _deleted(every: Mapping[str, _Json]) -> Finding:
    gone = [
        f"{name} names {each}"
        for name, statement in every.items()
        for part in ("Principal", "NotPrincipal")
        if isinstance(who := statement.get(part), Mapping)
        for each in as_list(who.get("AWS", []))
        if _UNIQUE_ID.fullmatch(each)
    ]
    if gone:
        return Finding(
            Check.DELETED,
            Status.WARN,
            f"The policy names a user or role that was deleted: {some(gone)}. A new one of the "
            "same name is another one to S3.",
            "Remove it from the statement, or write its ARN anew where it was made again.",
        )
    return passed(Check.DELETED, "The policy names nobody who was deleted.")


def _conditions(statement: Mapping[str, _Json]) -> list[Mapping[str, _Json]]:
    return list((statement.get("Condition") or {}).values())
