"""The distribution in CloudFormation's words (Template Reference, AWS::CloudFront::…)."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from gridboss_assets.buckets.iac.distribution import (
    LABEL,
    configuration_of,
    listed,
    resources_of,
)
from gridboss_assets.cdn.desired import DesiredDistribution
from gridboss_assets.cdn.parts import Part, Ref

_Json = Any
Resource = tuple[str, str, dict[str, _Json]]
"""A resource's logical ID, its type and its properties."""

# CloudFormation has the API's names for nearly everything; these it spells in another way.
_SPELLINGS = {
    "IsIPV6Enabled": "IPV6Enabled",
    "ACMCertificateArn": "AcmCertificateArn",
    "SSLSupportMethod": "SslSupportMethod",
}
_TYPES: Mapping[Part, tuple[str, str]] = {
    Part.ORIGIN_ACCESS: ("AWS::CloudFront::OriginAccessControl", "OriginAccessControlConfig"),
    Part.CACHE_POLICY: ("AWS::CloudFront::CachePolicy", "CachePolicyConfig"),
    Part.HEADERS_POLICY: ("AWS::CloudFront::ResponseHeadersPolicy", "ResponseHeadersPolicyConfig"),
    Part.PUBLIC_KEY: ("AWS::CloudFront::PublicKey", "PublicKeyConfig"),
    Part.KEY_GROUP: ("AWS::CloudFront::KeyGroup", "KeyGroupConfig"),
}
_STEMS = {
    Part.ORIGIN_ACCESS: "CdnOriginAccess",
    Part.FUNCTION: "CdnFunction",
    Part.CACHE_POLICY: "CdnCachePolicy",
    Part.HEADERS_POLICY: "CdnHeadersPolicy",
    Part.PUBLIC_KEY: "Cdn",
    Part.KEY_GROUP: "CdnKeyGroup",
}
_DISTRIBUTION = f"{LABEL.capitalize()}Distribution"

# A distribution has no attribute for its ARN.
ARN = {
    "Fn::Sub": "arn:${AWS::Partition}:cloudfront::${AWS::AccountId}:distribution/"
    f"${{{_DISTRIBUTION}}}"
}


def distribution(cdn: DesiredDistribution) -> Iterator[Resource]:
    """Go through the resources of a distribution, itself last."""
    for each in resources_of(cdn):
        value = dict(each.value)
        if "CorsConfig" in value:
            value["CorsConfig"] = listed(value["CorsConfig"])
        name = _logical(each.ref)
        if each.part is Part.FUNCTION:
            code = value.pop("Code")
            properties = {"Name": each.name, "AutoPublish": True, "FunctionCode": code}
            yield name, "AWS::CloudFront::Function", properties | {"FunctionConfig": value}
            continue
        if each.part is Part.PUBLIC_KEY:
            value["CallerReference"] = each.name
        kind, config = _TYPES[each.part]
        yield name, kind, {config: _written(value)}
    config_ = configuration_of(cdn)
    # What is Terraform's and the API's default is no default here.
    config_.get("ViewerCertificate", {}).pop("CloudFrontDefaultCertificate", None)
    yield _DISTRIBUTION, "AWS::CloudFront::Distribution", {"DistributionConfig": _written(config_)}


def referring(value: _Json, token: str) -> _Json:
    """Put a reference to the distribution where a policy has ``token``."""
    if value == token:
        return ARN
    if isinstance(value, Mapping):
        return {name: referring(inner, token) for name, inner in value.items()}
    return [referring(each, token) for each in value] if isinstance(value, list) else value


def _written(value: _Json) -> _Json:
    if isinstance(value, Ref):
        if value.part is Part.FUNCTION:
            return {"Fn::GetAtt": [_logical(value), "FunctionARN"]}
        return {"Ref": _logical(value)}
    if isinstance(value, Mapping):
        return {_SPELLINGS.get(name, name): _written(inner) for name, inner in value.items()}
    return [_written(each) for each in value] if isinstance(value, list) else value


def _logical(ref: Ref) -> str:
    """Return a logical ID, which has letters and digits alone."""
    words = re.split(r"[^a-zA-Z0-9]+", ref.label)
    return _STEMS[ref.part] + "".join(word.capitalize() for word in words)
