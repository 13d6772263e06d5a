"""What the bucket's policy amounts to: who is denied, and who is not.

It is evaluated, not compared: a policy in other words that does the same is as good.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gridboss_assets.buckets import policies
from gridboss_assets.buckets.audit.configuration import items_of, unjudged
from gridboss_assets.buckets.audit.evidence import Evidence
from gridboss_assets.buckets.audit.names import APPLY, Check, passed, some, unavailable
from gridboss_assets.buckets.desired import DesiredBucket
from gridboss_assets.buckets.evaluation import Request, Verdict, denials
from gridboss_assets.buckets.guard import OPERATING, SERVING
from gridboss_assets.buckets.policies import bucket_arn
from gridboss_assets.buckets.shapes import to_document
from gridboss_assets.findings import Finding, Status
from gridboss_assets.keys import PENDING_PREFIX
from gridboss_assets.storage.providers import BucketFeature

_Json = Any
_OURS = (Check.TLS, Check.OTHERS, Check.APPLICATION, Check.OPERATORS)


def check(wanted: DesiredBucket, evidence: Evidence) -> Iterator[Finding]:
    """Judge whom the policy denies."""
    reasons = [unjudged(c, wanted, evidence.state, BucketFeature.POLICY) for c in _OURS]
    if any(reasons):
        yield from filter(None, reasons)
        return
    standing = items_of(evidence.state, BucketFeature.POLICY)
    document = to_document(BucketFeature.POLICY, standing) or {}
    yield _tls(wanted, document)
    yield from _principals(wanted, document)


# --- denials ---------------------------------------------------------------------------------


def _tls(wanted: DesiredBucket, document: Mapping[str, _Json]) -> Finding:
    callers = [*(wanted.principals.admitted if wanted.principals else ()), _nobody(wanted)]
    requests = [request for who in callers for request in _requests(wanted, who, secure=False)]
    let_through, unclear = _not_denied(document, requests)
    note = next((n.text for n in wanted.notes if n.subject == policies.INSECURE), "")
    denies = "The policy denies every request that does not use TLS."
    if policies.INSECURE not in wanted.of(BucketFeature.POLICY):
        if let_through or unclear:  # development on this very machine
            return Finding(Check.TLS, Status.WARN, note)
        return passed(Check.TLS, denies)
    if not let_through and not unclear:
        if note:
            return Finding(Check.TLS, Status.WARN, f"{denies} {note}")
        return passed(Check.TLS, denies)
    if let_through:
        return Finding(
            Check.TLS,
            Status.FAIL,
            f"Over plain http the policy does not deny {_first(let_through)}. Files and signed "
            "links could be read on the way.",
            APPLY,
        )
    return _cannot_judge(Check.TLS, unclear)


def _principals(wanted: DesiredBucket, document: Mapping[str, _Json]) -> Iterator[Finding]:
    if wanted.principals is None:
        meaning = next(
            (note.text for note in wanted.notes if note.subject == policies.OTHERS),
            f"A bucket policy on {wanted.provider.name} can't tell callers apart.",
        )
        for check in (Check.OTHERS, Check.APPLICATION, Check.OPERATORS):
            yield unavailable(check, meaning)
        return
    yield _others(wanted, wanted.principals.admitted, document)
    yield _admitted(
        Check.APPLICATION,
        "the application",
        document,
        [
            Request(wanted.principals.application, action, resource)
            for action in SERVING
            for resource in _objects(wanted)
        ],
    )
    yield _admitted(
        Check.OPERATORS,
        "an operator",
        document,
        [
            Request(operator, action, _bucket(wanted))
            for operator in wanted.principals.operators
            for action in OPERATING
        ],
    )


def _others(wanted: DesiredBucket, admitted: list[str], document: Mapping[str, _Json]) -> Finding:
    requests = [
        request for who in _strangers(wanted) for request in _requests(wanted, who, secure=True)
    ]
    let_through, unclear = _not_denied(document, requests)
    if let_through:
        return Finding(
            Check.OTHERS,
            Status.FAIL,
            f"The policy does not deny {_first(let_through)}: whoever IAM allows that gets in.",
            APPLY,
        )
    spared = sorted(_spared(document) - set(admitted))
    if spared:
        return Finding(
            Check.OTHERS,
            Status.FAIL,
            f"The policy's denial spares others than the settings name: {some(spared)}.",
            f"{APPLY} If one of them is an operator, name it in S3_OPERATOR_ARNS.",
        )
    if unclear:
        return _cannot_judge(Check.OTHERS, unclear)
    return passed(Check.OTHERS, f"The policy denies everybody but {', '.join(admitted)}.")


def _admitted(
    check: Check, who: str, document: Mapping[str, _Json], requests: list[Request]
) -> Finding:
    denied: dict[str, Request] = {}
    unclear: dict[str, Request] = {}
    for request in requests:
        for sid, verdict in denials(document, request):
            (denied if verdict is Verdict.YES else unclear).setdefault(sid, request)
    if denied:
        sid, request = next(iter(denied.items()))
        return Finding(
            check,
            Status.FAIL,
            f"The policy's statement {sid} denies {request.action} to {who} ({request.principal}).",
            f"See that S3_PRINCIPAL_ARN and S3_OPERATOR_ARNS are right. Then {APPLY} A statement "
            "that is not ours, remove by hand.",
        )
    if unclear:
        return Finding(
            check,
            Status.WARN,
            f"Whether the policy's statements {some(list(unclear))} deny {who} something depends "
            "on conditions that can't be judged here.",
            "Read them; no statement but ours is needed.",
        )
    return passed(check, f"The policy denies {who} nothing that is needed.")


def _not_denied(
    document: Mapping[str, _Json], requests: Iterable[Request]
) -> tuple[list[Request], list[Request]]:
    """Return the requests that nothing denies, and those of which nobody can tell."""
    let_through, unclear = [], []
    for request in requests:
        verdicts = {verdict for _, verdict in denials(document, request)}
        if not verdicts:
            let_through.append(request)
        elif Verdict.YES not in verdicts:
            unclear.append(request)
    return let_through, unclear


def _cannot_judge(check: Check, unclear: list[Request]) -> Finding:
    return Finding(
        check,
        Status.UNKNOWN,
        f"Whether the policy denies {_first(unclear)} depends on conditions that can't be judged "
        "here.",
        "Read the policy's denials, and remove those that are not ours.",
    )


def _first(requests: list[Request]) -> str:
    request = requests[0]
    return f"{request.action} on {request.resource} to {request.principal}"


def _spared(document: Mapping[str, _Json]) -> set[str]:
    """Name everybody whom a denial of the others leaves out."""
    found: set[str] = set()
    for statement in document.get("Statement", []):
        for operator, keys in (statement.get("Condition") or {}).items():
            for key, values in keys.items():
                if (
                    statement["Effect"] == "Deny"
                    and "Not" in operator
                    and key.lower() == "aws:principalarn"
                ):
                    found |= {values} if isinstance(values, str) else set(values)
    return found


# --- requests --------------------------------------------------------------------------------


def _bucket(wanted: DesiredBucket) -> str:
    return bucket_arn(wanted.bucket, wanted.principals.partition if wanted.principals else "aws")


def _objects(wanted: DesiredBucket) -> list[str]:
    prefixes = [PENDING_PREFIX, *(kind.prefix for kind in wanted.kinds.values())]
    return [f"{_bucket(wanted)}/{prefix}x" for prefix in prefixes]


def _requests(wanted: DesiredBucket, who: str, *, secure: bool) -> Iterator[Request]:
    for resource in [*_objects(wanted), f"{_bucket(wanted)}/x"]:
        yield from (Request(who, action, resource, secure) for action in SERVING)
    for action in ("s3:ListBucket", *OPERATING):
        yield Request(who, action, _bucket(wanted), secure)


def _nobody(wanted: DesiredBucket) -> str:
    return _strangers(wanted)[0]


def _strangers(wanted: DesiredBucket) -> list[str]:
    """Name somebody of the bucket's account and somebody of another one."""
    principals = wanted.principals
    partition = principals.partition if principals else "aws"
    other = "000000000000"  # no account has it
    accounts = [principals.account, other] if principals else [other]
    return [f"arn:{partition}:iam::{account}:user/somebody-else" for account in accounts]
