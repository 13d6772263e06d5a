"""The distribution in Terraform's words (registry.terraform.io, provider hashicorp/aws)."""

from collections.abc import Iterator, Mapping
from typing import Any

from gridboss_assets.buckets.iac.distribution import (
    LABEL,
    configuration_of,
    listed,
    resources_of,
)
from gridboss_assets.buckets.iac.naming import Names, Part, renamed
from gridboss_assets.cdn import parts
from gridboss_assets.cdn.desired import DesiredDistribution
from gridboss_assets.cdn.parts import Ref

_Json = Any
Resource = tuple[str, str, dict[str, _Json]]
"""A resource's type, its label and its body; where it names another there is a Ref."""

ARN = f"${{aws_cloudfront_distribution.{LABEL}.arn}}"

_ITEMS: Names = {"Items": "items"}
_BEHAVIOUR: Names = {
    "PathPattern": "path_pattern",
    "TargetOriginId": "target_origin_id",
    "ViewerProtocolPolicy": "viewer_protocol_policy",
    "AllowedMethods": "allowed_methods",
    "CachedMethods": "cached_methods",
    "Compress": "compress",
    "SmoothStreaming": "smooth_streaming",
    "CachePolicyId": "cache_policy_id",
    "ResponseHeadersPolicyId": "response_headers_policy_id",
    "TrustedKeyGroups": "trusted_key_groups",
    "FunctionAssociations": Part(
        "function_association", {"EventType": "event_type", "FunctionARN": "function_arn"}
    ),
}
_DISTRIBUTION: Names = {
    "Comment": "comment",
    "Enabled": "enabled",
    "HttpVersion": "http_version",
    "IsIPV6Enabled": "is_ipv6_enabled",
    "Aliases": "aliases",
    "Origins": Part(
        "origin",
        {
            "Id": "origin_id",
            "DomainName": "domain_name",
            "OriginPath": "origin_path",
            "OriginAccessControlId": "origin_access_control_id",
        },
    ),
    "DefaultCacheBehavior": Part("default_cache_behavior", _BEHAVIOUR),
    "CacheBehaviors": Part("ordered_cache_behavior", _BEHAVIOUR),
    "ViewerCertificate": Part(
        "viewer_certificate",
        {
            "ACMCertificateArn": "acm_certificate_arn",
            "SSLSupportMethod": "ssl_support_method",
            "MinimumProtocolVersion": "minimum_protocol_version",
            "CloudFrontDefaultCertificate": "cloudfront_default_certificate",
        },
    ),
}
_RESOURCES: Mapping[parts.Part, tuple[str, Names]] = {
    parts.Part.ORIGIN_ACCESS: (
        "aws_cloudfront_origin_access_control",
        {
            "Name": "name",
            "Description": "description",
            "SigningProtocol": "signing_protocol",
            "SigningBehavior": "signing_behavior",
            "OriginAccessControlOriginType": "origin_access_control_origin_type",
        },
    ),
    parts.Part.FUNCTION: (
        "aws_cloudfront_function",
        {"Comment": "comment", "Runtime": "runtime", "Code": "code"},
    ),
    parts.Part.CACHE_POLICY: (
        "aws_cloudfront_cache_policy",
        {
            "Name": "name",
            "Comment": "comment",
            "MinTTL": "min_ttl",
            "DefaultTTL": "default_ttl",
            "MaxTTL": "max_ttl",
            "ParametersInCacheKeyAndForwardedToOrigin": Part(
                "parameters_in_cache_key_and_forwarded_to_origin",
                {
                    "EnableAcceptEncodingGzip": "enable_accept_encoding_gzip",
                    "EnableAcceptEncodingBrotli": "enable_accept_encoding_brotli",
                    "HeadersConfig": Part("headers_config", {"HeaderBehavior": "header_behavior"}),
                    "CookiesConfig": Part("cookies_config", {"CookieBehavior": "cookie_behavior"}),
                    "QueryStringsConfig": Part(
                        "query_strings_config",
                        {
                            "QueryStringBehavior": "query_string_behavior",
                            "QueryStrings": Part("query_strings", _ITEMS),
                        },
                    ),
                },
            ),
        },
    ),
    parts.Part.HEADERS_POLICY: (
        "aws_cloudfront_response_headers_policy",
        {
            "Name": "name",
            "Comment": "comment",
            "SecurityHeadersConfig": Part(
                "security_headers_config",
                {
                    "ContentSecurityPolicy": Part(
                        "content_security_policy",
                        {
                            "ContentSecurityPolicy": "content_security_policy",
                            "Override": "override",
                        },
                    ),
                    "ContentTypeOptions": Part("content_type_options", {"Override": "override"}),
                    "FrameOptions": Part(
                        "frame_options", {"FrameOption": "frame_option", "Override": "override"}
                    ),
                    "ReferrerPolicy": Part(
                        "referrer_policy",
                        {"ReferrerPolicy": "referrer_policy", "Override": "override"},
                    ),
                    "StrictTransportSecurity": Part(
                        "strict_transport_security",
                        {
                            "AccessControlMaxAgeSec": "access_control_max_age_sec",
                            "IncludeSubdomains": "include_subdomains",
                            "Preload": "preload",
                            "Override": "override",
                        },
                    ),
                },
            ),
            "CorsConfig": Part(
                "cors_config",
                {
                    "AccessControlAllowOrigins": Part("access_control_allow_origins", _ITEMS),
                    "AccessControlAllowMethods": Part("access_control_allow_methods", _ITEMS),
                    "AccessControlAllowHeaders": Part("access_control_allow_headers", _ITEMS),
                    "AccessControlAllowCredentials": "access_control_allow_credentials",
                    "AccessControlExposeHeaders": Part("access_control_expose_headers", _ITEMS),
                    "OriginOverride": "origin_override",
                },
            ),
        },
    ),
    parts.Part.PUBLIC_KEY: (
        "aws_cloudfront_public_key",
        {"Name": "name", "EncodedKey": "encoded_key", "Comment": "comment"},
    ),
    parts.Part.KEY_GROUP: (
        "aws_cloudfront_key_group",
        {"Name": "name", "Comment": "comment", "Items": "items"},
    ),
}


def distribution(cdn: DesiredDistribution) -> Iterator[Resource]:
    """Go through the resources of a distribution, itself last."""
    for each in resources_of(cdn):
        kind, names = _RESOURCES[each.part]
        value = dict(each.value)
        if each.part is parts.Part.CACHE_POLICY:
            key = "ParametersInCacheKeyAndForwardedToOrigin"
            query = listed(value[key]["QueryStringsConfig"])
            value[key] = {**value[key], "QueryStringsConfig": query}
        if "CorsConfig" in value:
            value["CorsConfig"] = listed(value["CorsConfig"])
        body = renamed(value, names, each.part.value)
        if each.part is parts.Part.FUNCTION:
            # The API has its name beside its configuration; published, it can be attached.
            body |= {"name": each.name, "publish": True}
        yield kind, each.label, body
    config = configuration_of(cdn)
    for origin in config["Origins"]:
        # An origin with access control needs no block of its own for S3.
        del origin["S3OriginConfig"]
    config.setdefault("ViewerCertificate", {"CloudFrontDefaultCertificate": True})
    body = renamed(config, _DISTRIBUTION, "distribution")
    body["restrictions"] = {"geo_restriction": {"restriction_type": "none"}}
    yield "aws_cloudfront_distribution", LABEL, body


def expressed(value: _Json) -> _Json:
    """Write references as Terraform's expressions."""
    if isinstance(value, Ref):
        attribute = "arn" if value.part is parts.Part.FUNCTION else "id"
        return f"${{{_RESOURCES[value.part][0]}.{value.label}.{attribute}}}"
    if isinstance(value, dict):
        return {name: expressed(inner) for name, inner in value.items()}
    return [expressed(each) for each in value] if isinstance(value, list) else value
