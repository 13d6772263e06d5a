"""The distribution's own configuration, piece by piece, as CloudFront's API has it, and why."""

from collections.abc import Iterator
from typing import Any

from gridboss_assets.cdn.desired import METHODS, DesiredDistribution
from gridboss_assets.cdn.parts import Part, Piece, Ref

_Json = Any

ORIGIN_ID = "bucket"

# CloudFront's own policy CachingDisabled, which every account has (Developer Guide, "Use managed
# cache policies").
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"

# CloudFront Developer Guide, "Supported protocols and ciphers between viewers and CloudFront".
TLS_POLICY = "TLSv1.2_2021"


def pieces(wanted: DesiredDistribution) -> Iterator[Piece]:
    """Go through what is wanted of the distribution's own configuration."""
    yield Piece("Comment", "comment", wanted.comment, "a later run finds the distribution by it")
    yield Piece("Enabled", "enabled", value=True, reason="it is there to serve")
    yield Piece("HttpVersion", "HTTP versions", "http2and3", "HTTP/2 and HTTP/3 save round trips")
    yield Piece("IsIPV6Enabled", "IPv6", value=True, reason="viewers may have no other address")
    yield Piece(
        "Origins",
        ORIGIN_ID,
        {
            "Id": ORIGIN_ID,
            "DomainName": wanted.origin,
            "OriginPath": "",
            "CustomHeaders": [],
            # What came before origin access control, which takes its place.
            "S3OriginConfig": {"OriginAccessIdentity": ""},
            "CustomOriginConfig": None,
            "OriginAccessControlId": Ref(Part.ORIGIN_ACCESS, "bucket"),
        },
        "the private bucket is the only place where files come from",
    )
    yield Piece(
        "DefaultCacheBehavior",
        "everything else",
        _any_behaviour()
        | {
            "CachePolicyId": CACHING_DISABLED,
            "ResponseHeadersPolicyId": None,
            "FunctionAssociations": [
                {
                    "EventType": "viewer-request",
                    "FunctionARN": Ref(Part.FUNCTION, "forbidden"),
                }
            ],
        },
        "answered 403 and never fetched: pending uploads, however their path is written, and "
        "whatever else is in the bucket",
    )
    for behaviour in wanted.behaviours:
        yield Piece(
            "CacheBehaviors",
            behaviour.path_pattern,
            {"PathPattern": behaviour.path_pattern}
            | _any_behaviour()
            | {
                "Compress": behaviour.compress,
                "CachePolicyId": Ref(Part.CACHE_POLICY, behaviour.label),
                "ResponseHeadersPolicyId": Ref(Part.HEADERS_POLICY, behaviour.label),
                "TrustedKeyGroups": _trusted(Ref(Part.KEY_GROUP, "signers"))
                if behaviour.signed
                else _trusted(),
            },
            behaviour.reason,
        )
    if wanted.host:
        yield Piece("Aliases", wanted.host, wanted.host, "the host name of CDN_BASE_URL")
        yield Piece(
            "ViewerCertificate",
            "certificate",
            {
                "ACMCertificateArn": wanted.certificate_arn,
                "SSLSupportMethod": "sni-only",
                "MinimumProtocolVersion": TLS_POLICY,
                "CloudFrontDefaultCertificate": False,
            },
            "the certificate of CDN_CERTIFICATE_ARN for that name, and TLS 1.2 or newer",
        )


def _any_behaviour() -> dict[str, _Json]:
    """Return what holds for every behaviour; whatever could open one more way in is shut."""
    return {
        "TargetOriginId": ORIGIN_ID,
        "ViewerProtocolPolicy": "https-only",
        "AllowedMethods": {"Items": list(METHODS), "CachedMethods": list(METHODS)},
        "Compress": False,
        "SmoothStreaming": False,
        "TrustedSigners": _trusted(),
        "TrustedKeyGroups": _trusted(),
        "FunctionAssociations": [],
        "LambdaFunctionAssociations": [],
        "FieldLevelEncryptionId": None,
        # With one, parameters of the query would reach S3 that are no part of the cache key.
        "OriginRequestPolicyId": None,
    }


def _trusted(*names: Ref) -> dict[str, _Json]:
    return {"Enabled": bool(names), "Items": list(names)}
