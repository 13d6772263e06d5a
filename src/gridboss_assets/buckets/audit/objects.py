"""What a sample of the objects tells."""

from collections.abc import Iterator

from gridboss_assets import keys
from gridboss_assets.buckets.audit.evidence import (
    Evidence,
    Head,
    Looked,
    Outcome,
    Sample,
)
from gridboss_assets.buckets.audit.names import Check, passed, some, unavailable, unread
from gridboss_assets.buckets.desired import DesiredBucket
from gridboss_assets.buckets.plan import NotOffered, NotReadable
from gridboss_assets.errors import InvalidObjectKey
from gridboss_assets.findings import Finding, Status
from gridboss_assets.kinds import Kind
from gridboss_assets.seal import Seal
from gridboss_assets.storage.providers import BucketFeature

_Samples = tuple[Sample, ...]


def check(wanted: DesiredBucket, evidence: Evidence) -> Iterator[Finding]:
    """Judge the sample."""
    samples = evidence.samples
    if samples is None:
        yield Finding(
            Check.SAMPLE,
            Status.WARN,
            "No object was looked at (--sample 0): public, unencrypted or unsealed ones would not "
            "be found.",
        )
    elif isinstance(samples, NotReadable):
        yield unread(Check.SAMPLE, "ListObjectsV2", samples.detail)
    else:
        looked = [each for sample in samples for each in sample.looked]
        yield passed(Check.SAMPLE, f"Looked at {_counted(samples)}.")
        yield _public(looked)
        yield _acls(wanted, looked)
        yield _encryption(wanted, looked)
        yield _unsealed(wanted, looked)


def _counted(samples: _Samples) -> str:
    parts = []
    for sample in samples:
        every = f"at least {len(sample.listed):,}" if sample.more else f"{len(sample.listed):,}"
        where = sample.place if sample.place.endswith("/") else f"{sample.place} in the bucket"
        parts.append(f"{len(sample.looked):,} of {every} objects {_under(where)}")
    return ", ".join(parts)


def _under(where: str) -> str:
    return f"under {where}" if where.endswith("/") else where


def _public(looked: list[Looked]) -> Finding:
    by = _by_outcome(looked)
    if by[Outcome.OPEN]:
        return Finding(
            Check.PUBLIC_OBJECTS,
            Status.FAIL,
            f"{len(by[Outcome.OPEN])} of {len(looked)} objects can be read by anybody, without a "
            f"signature: {some(by[Outcome.OPEN])}.",
            "`gridboss-assets bucket apply` blocks public access where the provider has that. "
            "Elsewhere make the object's ACL private and remove what opens the bucket.",
        )
    if by[Outcome.UNCLEAR]:
        return Finding(
            Check.PUBLIC_OBJECTS,
            Status.UNKNOWN,
            f"A request without a signature was neither answered nor refused for "
            f"{some(by[Outcome.UNCLEAR])}.",
            "Try again; a proxy on the way may answer in place of the server.",
        )
    return passed(
        Check.PUBLIC_OBJECTS,
        f"None of {len(looked)} objects can be read without a signature.",
    )


def _by_outcome(looked: list[Looked]) -> dict[Outcome, list[str]]:
    return {o: [each.key for each in looked if each.stranger.outcome is o] for o in Outcome}


def _acls(wanted: DesiredBucket, looked: list[Looked]) -> Finding:
    answered = [each for each in looked if each.grants is not None]
    if not answered:
        return passed(
            Check.OBJECT_ACLS,
            "ACLs are switched off, so none opens an object."
            if looked
            else "There is no object whose ACL could open it.",
        )
    lacking = [each.grants for each in answered if isinstance(each.grants, NotOffered)]
    if lacking:
        lack = wanted.provider.lacks.get(BucketFeature.OWNERSHIP)
        return unavailable(Check.OBJECT_ACLS, lack or lacking[0].detail)
    granting = {
        each.key: each.grants for each in answered if each.grants and isinstance(each.grants, tuple)
    }
    to_groups = [key for key, grants in granting.items() if any(g.group for g in grants)]
    named = [f"{key} ({some(list(map(str, grants)))})" for key, grants in granting.items()]
    if granting:
        return Finding(
            Check.OBJECT_ACLS,
            Status.FAIL if to_groups else Status.WARN,
            f"{len(granting)} of {len(answered)} objects have an ACL that admits others: "
            f"{some(named)}.",
            "Switch ACLs off with `gridboss-assets bucket apply` where the provider has that; "
            "elsewhere make the object's ACL private.",
        )
    refused = [each.grants for each in answered if isinstance(each.grants, NotReadable)]
    if refused:
        return unread(Check.OBJECT_ACLS, "GetObjectAcl", refused[0].detail)
    return passed(
        Check.OBJECT_ACLS, f"The ACLs of {len(answered)} objects admit their owner alone."
    )


def _encryption(wanted: DesiredBucket, looked: list[Looked]) -> Finding:
    lack = wanted.provider.lacks.get(BucketFeature.ENCRYPTION)
    if lack is not None:
        return unavailable(Check.OBJECT_ENCRYPTION, lack)
    heads = _heads(looked)
    plain = [key for key, head in heads.items() if head.encryption is None]
    remedy = _encrypting(wanted)
    if plain:
        return Finding(
            Check.OBJECT_ENCRYPTION,
            Status.FAIL,
            f"{len(plain)} of {len(heads)} objects are not encrypted at rest: {some(plain)}.",
            remedy,
        )
    other = [key for key, head in heads.items() if not _is_as_asked(wanted, head)]
    if other:
        return Finding(
            Check.OBJECT_ENCRYPTION,
            Status.FAIL if wanted.kms_key_arn else Status.WARN,
            f"{len(other)} of {len(heads)} objects are encrypted otherwise than the settings ask "
            f"for: {some(other)}. The application may be unable to read those of another KMS key.",
            remedy,
        )
    if refused := _refused(looked):
        return unread(Check.OBJECT_ENCRYPTION, "HeadObject", refused)
    return passed(Check.OBJECT_ENCRYPTION, f"All of {len(heads)} objects are encrypted as asked.")


def _encrypting(wanted: DesiredBucket) -> str:
    if not wanted.provider.iam:
        # SeaweedFS, for one, takes a copy onto itself for one that changes nothing.
        return (
            "Read each and write it anew, with its metadata: the bucket encrypts what it is given."
        )
    key = wanted.kms_key_arn
    how = f"aws:kms --ssekms-key-id {key}" if key else "AES256"
    return (
        "Copy each onto itself; its seal goes along: `aws s3api copy-object --bucket "
        f"{wanted.bucket} --key KEY --copy-source {wanted.bucket}/KEY --server-side-encryption "
        f"{how}`."
    )


def _is_as_asked(wanted: DesiredBucket, head: Head) -> bool:
    if wanted.kms_key_arn is None:
        return head.encryption == "AES256"
    return head.encryption != "AES256" and head.kms_key == wanted.kms_key_arn


def _unsealed(wanted: DesiredBucket, looked: list[Looked]) -> Finding:
    found, tolerated, final = [], 0, 0
    for key, head in _heads(looked).items():
        kind = wanted.kinds.of_key(key)
        if kind is None:
            continue
        final += 1
        if _sealed(kind, key, head):
            continue
        if _is_ownerless(wanted, key) and kind.readable_by == "owner":
            tolerated += 1  # jobs may write these without asking for inspection
        else:
            found.append(key)
    if found:
        return Finding(
            Check.UNSEALED,
            Status.WARN,
            f"{len(found)} of {final} files carry no seal, so nobody has inspected them: "
            f"{some(found)}. Something else than this application wrote them, or an older one.",
            "Have them inspected where they stand: `POST /uploads/complete` with the object key, "
            "or `uploads.complete(KEY)`.",
        )
    if refused := _refused(looked):
        return unread(Check.UNSEALED, "HeadObject", refused)
    jobs = f" {tolerated} without one have no owner, as files of jobs do." if tolerated else ""
    return passed(Check.UNSEALED, f"{final - tolerated} of {final} files carry a seal.{jobs}")


def _sealed(kind: Kind, key: str, head: Head) -> bool:
    content_type = kind.by_extension(key.rpartition(".")[2]) or kind.content_types[0]
    return Seal.from_metadata(head.metadata, content_type) is not None


def _is_ownerless(wanted: DesiredBucket, key: str) -> bool:
    try:
        return keys.parse(key, wanted.kinds).owner is None
    except InvalidObjectKey:
        return False  # the application would never write such a key


def _heads(looked: list[Looked]) -> dict[str, Head]:
    return {each.key: each.head for each in looked if isinstance(each.head, Head)}


def _refused(looked: list[Looked]) -> str:
    return next((each.head.detail for each in looked if isinstance(each.head, NotReadable)), "")
