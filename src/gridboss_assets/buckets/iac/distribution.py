"""What both formats make of the distribution: one configuration, as flat as they have it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from gridboss_assets.buckets import policies
from gridboss_assets.buckets.desired import DesiredBucket, Item
from gridboss_assets.buckets.iac.source import principals_of
from gridboss_assets.buckets.policies import Cdn
from gridboss_assets.cdn.compare import compare
from gridboss_assets.cdn.desired import DesiredDistribution
from gridboss_assets.cdn.parts import Resource
from gridboss_assets.cdn.resources import resources
from gridboss_assets.storage.providers import BucketFeature

_Json = Any

ARN = "arn:aws:cloudfront:::distribution/of-this-file"
"""Stands in policies for the ARN of the distribution, which is known once it was made."""

LABEL = "cdn"
"""The label of the distribution itself."""


def with_distribution(wanted: DesiredBucket, cdn: DesiredDistribution) -> DesiredBucket:
    """Have the policies admit, and be about, the distribution of the same file."""
    made = Cdn(ARN, signed=cdn.signed)
    statement = policies.allow_cdn(wanted.bucket, principals_of(wanted), made, wanted.kinds)
    others = [
        each
        for each in wanted.items
        if (each.feature, each.name) != (BucketFeature.POLICY, policies.CDN)
    ]
    reason = "the distribution of this file reads what it may serve, and nothing else"
    allowed = Item(BucketFeature.POLICY, policies.CDN, statement, reason)
    return replace(wanted, cdn=made, items=(*others, allowed))


def of_file(cdn: DesiredDistribution) -> DesiredDistribution:
    """Leave out the ID of a key that the file makes itself."""
    return replace(cdn, key_pair_id=None) if cdn.keys else cdn


def resources_of(cdn: DesiredDistribution) -> Iterator[Resource]:
    """Go through what the distribution refers to, without what has to be absent."""
    for each in resources(cdn):
        yield replace(each, value=present(each.value))


def configuration_of(cdn: DesiredDistribution) -> dict[str, _Json]:
    """Return the distribution's configuration, with behaviours as both formats have them."""
    config: dict[str, _Json] = present(compare(cdn, None, {})[0])
    config["DefaultCacheBehavior"] = _flat(config["DefaultCacheBehavior"])
    config["CacheBehaviors"] = [_flat(each) for each in config["CacheBehaviors"]]
    return config


def present(value: _Json) -> _Json:
    """Take out what has to be absent: a file says nothing of it."""
    if isinstance(value, Mapping):
        return {
            name: present(inner)
            for name, inner in value.items()
            if inner is not None and inner != []
        }
    return [present(each) for each in value] if isinstance(value, list) else value


def listed(value: Mapping[str, _Json]) -> dict[str, _Json]:
    """Write each list as ``{"Items": [...]}``, as both formats have those of headers."""
    return {
        name: {"Items": inner} if isinstance(inner, list) else inner
        for name, inner in value.items()
    }


def _flat(behaviour: Mapping[str, _Json]) -> dict[str, _Json]:
    rest = dict(behaviour)
    methods, signers = rest.pop("AllowedMethods"), rest.pop("TrustedSigners")
    if signers.get("Items"):
        msg = "trusted signers, which key groups replaced, have no name in this format"
        raise LookupError(msg)
    groups = rest.pop("TrustedKeyGroups").get("Items")
    return (
        rest
        | {"AllowedMethods": methods["Items"], "CachedMethods": methods["CachedMethods"]}
        | ({"TrustedKeyGroups": groups} if groups else {})
    )
