"""What the application's policies allow beyond what it needs, as findings. Pure."""

from collections.abc import Iterator

from gridboss_assets.buckets.audit.identity.grants import Excess, Grants, excesses
from gridboss_assets.buckets.audit.identity.reading import POLICIES, Document, Identity
from gridboss_assets.buckets.audit.identity.wanted import Wanted, to_take_away
from gridboss_assets.findings import Finding, Status

EXCESS = "application excess"
OPTIONAL = "application statements"


def excess_findings(identity: Identity, arn: str, wanted: Wanted) -> Iterator[Finding]:
    """Say whether it may do more than it should, a finding for each statement that goes beyond."""
    grants = Grants.of(wanted.policy)
    optional = {name: Grants.of(policy) for name, policy in wanted.optional.items()}

    def beyond(document: Document) -> list[Excess]:
        return excesses(document.policy, grants, optional, partition=arn.split(":")[1])

    found = [(each, excess) for each in identity.documents for excess in beyond(each)]
    # A boundary that holds no more itself keeps the rest from having any effect.
    bounded = identity.boundary is not None and not beyond(identity.boundary)
    for document, excess in found:
        if excess.optional is not None:
            yield _not_asked_for(identity, document, excess, wanted)
        else:
            yield _too_much(identity, document, excess, wanted, bounded=bounded)
    unread = identity.missing(*POLICIES)
    for each in unread:
        yield Finding(EXCESS, Status.UNKNOWN, f"Not all policies: {each.why}.", each.remedy)
    if not unread and not any(excess.optional is None for _, excess in found):
        yield Finding(EXCESS, Status.PASS, "No policy allows it more than it needs.")
    if not unread and not any(excess.optional for _, excess in found):
        yield Finding(
            OPTIONAL,
            Status.PASS,
            "No optional statement is there but those asked for.",
        )


def _too_much(
    identity: Identity, document: Document, excess: Excess, wanted: Wanted, *, bounded: bool
) -> Finding:
    detail = _described(document, excess)
    if bounded and identity.boundary is not None:
        detail += f" Only its permissions boundary {identity.boundary.name} stops that."
    return Finding(
        EXCESS,
        Status.WARN if bounded else Status.FAIL,
        detail,
        to_take_away(identity, document, wanted),
    )


def _not_asked_for(
    identity: Identity, document: Document, excess: Excess, wanted: Wanted
) -> Finding:
    detail = _described(document, excess)
    return Finding(
        OPTIONAL,
        Status.FAIL,
        f"{detail} That is the optional statement {excess.optional}, which S3_IAM_STATEMENTS does "
        "not name.",
        f"Add {excess.optional} to S3_IAM_STATEMENTS if the application needs it. If not: "
        f"{to_take_away(identity, document, wanted)}",
    )


def _described(document: Document, excess: Excess) -> str:
    text = f"Beyond what it needs, {document.where} ({excess.statement}) allows "
    text += f"{'; '.join(excess.allows)}."
    if excess.conditions:
        text += f" It has a condition ({', '.join(excess.conditions)}), which is not counted."
    return text
