"""May the application do what it must? Pure, by the policies' statements and the boundary's."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gridboss_assets.buckets.audit.identity.reading import (
    POLICIES,
    Document,
    Identity,
    Subject,
    Unread,
)
from gridboss_assets.buckets.audit.identity.wanted import Wanted, to_mend
from gridboss_assets.buckets.evaluation import (
    Request,
    Verdict,
    allowances,
    as_list,
    denials,
    statements_of,
)
from gridboss_assets.findings import Finding, Status
from gridboss_assets.kinds import Kinds

ACCESS = "application access"


@dataclass(frozen=True, slots=True)
class _Objection:
    """Why a request is not allowed, or may not be."""

    status: Status
    reason: str
    remedy: str


def access_findings(identity: Identity, arn: str, wanted: Wanted) -> Iterator[Finding]:
    """Say whether it may do what it must, a finding for each reason why it may not."""
    found: dict[_Objection, dict[str, list[str]]] = {}
    for shown, request in _needs(arn, wanted):
        objections = list(_objections(identity, request, wanted))
        failures = [each for each in objections if each.status is Status.FAIL]
        for each in [*failures, *objections][:1]:
            found.setdefault(each, {}).setdefault(request.action, []).append(shown)
    for each, actions in found.items():
        what = "; ".join(f"{action} on {', '.join(on)}" for action, on in actions.items())
        how = "It may not" if each.status is Status.FAIL else "It is not known whether it may"
        yield Finding(ACCESS, each.status, f"{how} {what}: {each.reason}.", each.remedy)
    if not found:
        yield Finding(ACCESS, Status.PASS, "It may do all that it needs to.")


def _needs(arn: str, wanted: Wanted) -> Iterator[tuple[str, Request]]:
    """Make the requests that the application makes: on objects, one below each prefix."""
    for _, statement in statements_of(wanted.policy):
        for action in as_list(statement["Action"]):
            for resource in as_list(statement["Resource"]):
                s3 = action.startswith("s3:")
                if s3 and (action in _ON_BUCKETS) is resource.endswith("/*"):
                    continue
                for shown, one in _samples(resource, wanted.kinds):
                    yield shown, Request(arn, action, one)


# The other actions of ours are about objects, a key or a distribution (Service Authorization
# Reference, "Actions, resources, and condition keys for Amazon S3").
_ON_BUCKETS = frozenset({"s3:ListBucket", "s3:ListBucketMultipartUploads"})


def _samples(resource: str, kinds: Kinds) -> Iterator[tuple[str, str]]:
    if not resource.endswith("/*"):
        yield resource, resource
        return
    for kind in kinds.values():
        for prefix in (f"pending/{kind.prefix}", kind.prefix):
            yield prefix, f"{resource[:-1]}{prefix}driver-7/0123456789abcdef"


def _objections(identity: Identity, request: Request, wanted: Wanted) -> Iterator[_Objection]:
    bounds = [identity.boundary] if identity.boundary else []
    for document in [*identity.documents, *bounds]:
        for name, verdict in denials(document.policy, request):
            certain = verdict is Verdict.YES
            yield _Objection(
                Status.FAIL if certain else Status.UNKNOWN,
                f"{document.where} ({name}) denies it"
                + ("" if certain else " under a condition that can't be told from here"),
                "Take that statement out, or let it spare what the application needs.",
            )
    unread, remedy = identity.missing(*POLICIES), to_mend(identity, wanted)
    yield from _lacking(identity.documents, request, unread, "no policy allows it", remedy)
    unread = identity.missing(Subject.BOUNDARY)
    if bounds or unread:
        who = f"--{identity.kind}-name {identity.name}"
        remedy = (
            "Let the boundary allow what `gridboss-assets iam policy` prints, or take it off: "
            f"`aws iam delete-{identity.kind}-permissions-boundary {who}`."
        )
        reason = f"{bounds[0].where}, its boundary, does not allow it" if bounds else ""
        yield from _lacking(bounds, request, unread, reason, remedy)


def _lacking(
    documents: Sequence[Document],
    request: Request,
    unread: list[Unread],
    reason: str,
    remedy: str,
) -> Iterator[_Objection]:
    verdicts = [v for each in documents for _, v in allowances(each.policy, request)]
    if unread:  # one of those may allow it, or deny it
        why = "; ".join(dict.fromkeys(each.why for each in unread))
        yield _Objection(Status.UNKNOWN, why, unread[0].remedy)
    elif verdicts and Verdict.YES not in verdicts:
        why = "it is allowed under a condition that can't be told from here"
        yield _Objection(Status.UNKNOWN, why, remedy)
    elif not verdicts:
        yield _Objection(Status.FAIL, reason, remedy)
