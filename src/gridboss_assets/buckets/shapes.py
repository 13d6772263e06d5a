"""Between the S3 API's documents and named items, and when two items mean the same.

Servers answer with the same thing in other words: one action as text or as a list, a rule's
prefix beside its filter or in it, lists in another order. ``same`` sees through that.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gridboss_assets.buckets.evaluation import as_list
from gridboss_assets.changes import leaves
from gridboss_assets.storage.providers import BucketFeature

_Json = Any
_SINGLES = {
    BucketFeature.PUBLIC_ACCESS_BLOCK: "public access block",
    BucketFeature.OWNERSHIP: "object ownership",
    BucketFeature.ENCRYPTION: "default encryption",
    BucketFeature.VERSIONING: "versioning",
}
_DEFAULT = "ApplyServerSideEncryptionByDefault"


@dataclass(frozen=True, slots=True)
class Items:
    """One side of a bucket as named items, in the server's order.

    ``extras`` is what stands beside them in the document, and is written back as it was read.
    """

    by_name: Mapping[str, _Json] = field(default_factory=dict)
    extras: Mapping[str, _Json] = field(default_factory=dict)


NOTHING = Items()


def to_items(feature: BucketFeature, document: _Json) -> Items:  # noqa: PLR0911 - one a side
    """Take the API's document apart. ``document`` is None or empty where nothing is configured."""
    if not document:
        return NOTHING
    match feature:
        case BucketFeature.ENCRYPTION:
            rule = dict(document["Rules"][0])
            value = dict(rule.pop(_DEFAULT, {}))
            if rule.pop("BucketKeyEnabled", False):
                value["BucketKeyEnabled"] = True
            return Items({_SINGLES[feature]: value}, rule)
        case BucketFeature.LIFECYCLE:
            extras = {k: v for k, v in document.items() if k != "Rules"}
            return Items(_named(document["Rules"], "ID", "rule"), extras)
        case BucketFeature.CORS:
            return Items(_named(document["CORSRules"], "ID", "rule"))
        case BucketFeature.TAGS:
            return Items({tag["Key"]: tag["Value"] for tag in document["TagSet"]})
        case BucketFeature.POLICY:
            extras = {k: v for k, v in document.items() if k != "Statement"}
            return Items(_named(as_list(document["Statement"]), "Sid", "statement"), extras)
        case _:
            return Items({_SINGLES[feature]: document})


def to_document(feature: BucketFeature, items: Items) -> _Json:  # noqa: PLR0911 - one a side
    """Put items together to the API's document; None where nothing is left."""
    if not items.by_name:
        return None
    values = list(items.by_name.values())
    match feature:
        case BucketFeature.ENCRYPTION:
            default = dict(values[0])
            key = {"BucketKeyEnabled": True} if default.pop("BucketKeyEnabled", False) else {}
            return {"Rules": [{_DEFAULT: default, **key, **items.extras}]}
        case BucketFeature.LIFECYCLE:
            return {"Rules": values, **items.extras}
        case BucketFeature.CORS:
            return {"CORSRules": values}
        case BucketFeature.TAGS:
            return {"TagSet": [{"Key": k, "Value": v} for k, v in items.by_name.items()]}
        case BucketFeature.POLICY:
            return {"Version": "2012-10-17", **items.extras, "Statement": values}
        case _:
            return values[0]


def same(feature: BucketFeature, one: _Json, other: _Json) -> bool:
    """Tell whether two items mean the same, whatever their names."""
    return bool(canonical(feature, one) == canonical(feature, other))


def canonical(feature: BucketFeature, value: _Json) -> _Json:
    """Write an item in one form, so that equal meaning is equal data."""
    match feature:
        case BucketFeature.POLICY:
            return _statement(value)
        case BucketFeature.LIFECYCLE:
            return _lifecycle_rule(value)
        case BucketFeature.CORS:
            return _cors_rule(value)
        case _:
            return value


def provided(feature: BucketFeature, value: _Json, others: Mapping[str, _Json]) -> bool:
    """Tell whether rules of other names, which stay, do already what ``value`` asks for."""
    if feature not in {BucketFeature.LIFECYCLE, BucketFeature.CORS}:
        return False
    return covered(feature, value, list(others.values()))


def covered(feature: BucketFeature, value: _Json, others: Sequence[_Json]) -> bool:
    """Tell whether ``others`` together do what one rule does.

    Some servers don't keep the names of rules, and Backblaze B2 answers with two rules for one.
    """
    if feature is BucketFeature.LIFECYCLE:
        return _effects(value) <= set().union(*map(_effects, others))
    return any(same(feature, value, other) for other in others)


def same_place(feature: BucketFeature, one: _Json, other: _Json) -> bool:
    """Tell whether two rules are about the same: objects for lifecycle, requests for CORS."""
    plain, others = canonical(feature, one), canonical(feature, other)
    about = (
        ("Filter",) if feature is BucketFeature.LIFECYCLE else ("AllowedMethods", "AllowedHeaders")
    )
    return all(plain.get(name) == others.get(name) for name in about)


def _effects(rule: Mapping[str, _Json]) -> set[str]:
    """Take a lifecycle rule apart into single effects on single sets of objects."""
    plain = _lifecycle_rule(rule)
    if plain.pop("Status", None) != "Enabled":
        return set()
    about = json.dumps(plain.pop("Filter"), sort_keys=True)
    return {
        f"{about} {action}.{name}={value}"
        for action, inner in plain.items()
        for name, value in leaves(inner).items()
    }


def is_public(statement: Mapping[str, _Json]) -> bool:
    """Tell whether a statement opens the bucket to everybody.

    S3 User Guide, "Blocking public access", "The meaning of public": an Allow for every principal
    that no condition narrows down. A condition may narrow too little; ``GetBucketPolicyStatus``,
    which the audit asks, knows that better.
    """
    plain = _statement(statement)
    return plain["Effect"] == "Allow" and plain.get("Principal") == "*" and not plain["Condition"]


def _named(values: Sequence[_Json], key: str, word: str) -> dict[str, _Json]:
    named: dict[str, _Json] = {}
    for number, value in enumerate(values, 1):
        name = value.get(key) or f"{word} {number}"
        while name in named:  # nobody keeps a server from answering with a name twice
            name += "'"
        named[name] = value
    return named


def _sorted(value: _Json) -> list[str]:
    # JSON has true where a policy may as well have "true" (IAM User Guide, "Condition").
    texts = (json.dumps(v) if isinstance(v, bool) else str(v) for v in as_list(value))
    return sorted(set(texts))


def _statement(value: Mapping[str, _Json]) -> dict[str, _Json]:
    plain: dict[str, _Json] = {"Effect": value["Effect"]}
    for name in ("Principal", "NotPrincipal"):
        if name in value:
            who = value[name]
            if isinstance(who, Mapping):
                who = {kind: _sorted(ids) for kind, ids in who.items()}
            everybody = who == "*" or (isinstance(who, dict) and "*" in who.get("AWS", []))
            plain[name] = "*" if everybody else who
    for name in ("Action", "NotAction", "Resource", "NotResource"):
        if name in value:
            plain[name] = _sorted(value[name])
    plain["Condition"] = {
        # Condition keys don't tell case apart (IAM User Guide, "Condition keys").
        operator: {key.lower(): _sorted(wanted) for key, wanted in keys.items()}
        for operator, keys in (value.get("Condition") or {}).items()
    }
    return plain


def _lifecycle_rule(value: Mapping[str, _Json]) -> dict[str, _Json]:
    plain = {k: v for k, v in value.items() if k not in {"ID", "Prefix", "Filter"} and v}
    # A rule has its prefix in a filter since 2017 and beside it before; none means every object.
    plain["Filter"] = value.get("Filter") or {"Prefix": value.get("Prefix", "")}
    expiration = plain.get("Expiration")
    if expiration:
        plain["Expiration"] = {k: v for k, v in expiration.items() if v}
    return plain


def _cors_rule(value: Mapping[str, _Json]) -> dict[str, _Json]:
    plain = {k: v for k, v in value.items() if k != "ID" and v not in ([], None)}
    for name in ("AllowedHeaders", "ExposeHeaders"):
        if name in plain:
            plain[name] = [header.lower() for header in plain[name]]
    return {k: sorted(v) if isinstance(v, list) else v for k, v in plain.items()}
