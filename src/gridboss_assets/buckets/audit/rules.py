"""Rules of others: what their CORS lets in, and what their lifecycle does to our objects."""

from collections.abc import Iterator, Mapping
from typing import Any

from gridboss_assets.buckets.audit.configuration import items_of, unjudged
from gridboss_assets.buckets.audit.evidence import Evidence
from gridboss_assets.buckets.audit.names import Check, passed, some
from gridboss_assets.buckets.desired import DesiredBucket
from gridboss_assets.buckets.shapes import covered
from gridboss_assets.buckets.sides import OWNED
from gridboss_assets.findings import Finding, Status
from gridboss_assets.keys import PENDING_PREFIX
from gridboss_assets.storage.providers import BucketFeature

_Json = Any
# Objects of these classes answer 403 InvalidObjectState until somebody restores them (S3 User
# Guide, "Understanding S3 Glacier storage classes"). Glacier Instant Retrieval is not of them.
_ARCHIVES = frozenset({"GLACIER", "DEEP_ARCHIVE"})


def check(wanted: DesiredBucket, evidence: Evidence) -> Iterator[Finding]:
    """Judge the rules that stand beside ours."""
    yield _judged(wanted, evidence, BucketFeature.CORS, Check.CORS_RULES)
    yield _judged(wanted, evidence, BucketFeature.LIFECYCLE, Check.LIFECYCLE_RULES)


def _judged(
    wanted: DesiredBucket, evidence: Evidence, feature: BucketFeature, check: Check
) -> Finding:
    if found := unjudged(check, wanted, evidence.state, feature):
        return found
    # A rule that is switched off does nothing, and counts as covered.
    ours = [item.value for item in wanted.of(feature).values()]
    theirs = {
        name: rule
        for name, rule in items_of(evidence.state, feature).by_name.items()
        if not name.startswith(OWNED) and not covered(feature, rule, ours)
    }
    return _cors(theirs) if feature is BucketFeature.CORS else _lifecycle(wanted, theirs)


def _cors(theirs: Mapping[str, _Json]) -> Finding:
    found = []
    for name, rule in theirs.items():
        methods = [m for m in rule["AllowedMethods"] if m not in {"GET", "HEAD"}]
        if "*" in rule["AllowedOrigins"]:
            found.append(
                f"{name} lets pages of every origin use {', '.join(rule['AllowedMethods'])}"
            )
        elif "DELETE" in methods:
            found.append(f"{name} lets pages of {some(rule['AllowedOrigins'])} use DELETE")
    if found:
        return Finding(
            Check.CORS_RULES,
            Status.WARN,
            f"Rules that are not ours let more pages in than CORS_ORIGINS: {some(found)}. They "
            "still need a signature, but a page that got hold of a link could then read the file, "
            "or use a signed request, from anywhere.",
            "Remove the rule, or give it the origins and methods that somebody needs.",
        )
    return passed(Check.CORS_RULES, "No rule but ours lets foreign pages in.")


def _lifecycle(wanted: DesiredBucket, theirs: Mapping[str, _Json]) -> Finding:
    worse: list[str] = []
    known: list[str] = []
    for name, rule in theirs.items():
        prefix, narrowed = _about(rule)
        hit = [p for p in _prefixes(wanted) if p.startswith(prefix) or prefix.startswith(p)]
        for effect, is_bad, prefixes in _effects(rule, hit):
            text = f"{name} {effect} under {', '.join(prefixes)}"
            if narrowed:
                text += f", where {narrowed} fits"
            (worse if is_bad and narrowed != "a tag" else known).append(text)
    remedy = (
        "Give that rule a prefix which is not ours, or remove it: a rule of others stays when the "
        "plan is applied."
    )
    if worse:
        return Finding(
            Check.LIFECYCLE_RULES,
            Status.FAIL,
            f"Rules that are not ours take files away that are still linked: {some(worse)}.",
            remedy,
        )
    if known:
        return Finding(
            Check.LIFECYCLE_RULES,
            Status.WARN,
            f"Rules that are not ours work on our files: {some(known)}.",
            remedy,
        )
    return passed(Check.LIFECYCLE_RULES, "No rule but ours works on sealed or pending files.")


def _prefixes(wanted: DesiredBucket) -> list[str]:
    return [PENDING_PREFIX, *(kind.prefix for kind in wanted.kinds.values())]


def _about(rule: Mapping[str, _Json]) -> tuple[str, str]:
    """Return a rule's prefix, and what else its filter asks for: ``a tag``, ``a size`` or nothing.

    The application sets no tags, so a rule about one meets only what others have tagged.
    """
    outer = rule.get("Filter") or {"Prefix": rule.get("Prefix", "")}
    inner = {**outer, **outer.get("And", {})}
    if inner.get("Tag") or inner.get("Tags"):
        narrowed = "a tag"
    else:
        narrowed = "a size" if any(name.startswith("ObjectSize") for name in inner) else ""
    return inner.get("Prefix", ""), narrowed


def _effects(rule: Mapping[str, _Json], hit: list[str]) -> Iterator[tuple[str, bool, list[str]]]:
    """Say what a rule does to current objects, whether that loses them, and where."""
    sealed = [prefix for prefix in hit if prefix != PENDING_PREFIX]
    expiration = rule.get("Expiration", {})
    # Everything under pending/ expires after a day anyway.
    if sealed and ("Days" in expiration or "Date" in expiration):
        when = f"after {expiration['Days']} days" if "Days" in expiration else "on a day"
        yield f"deletes objects {when}", True, sealed
    classes = {each["StorageClass"] for each in rule.get("Transitions", [])}
    if hit and classes & _ARCHIVES:
        yield "archives objects, whose links then answer 403 InvalidObjectState,", True, hit
    elif hit and classes:
        yield f"moves objects to {', '.join(sorted(classes))}", False, hit
