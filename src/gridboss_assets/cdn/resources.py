"""Each resource beside the distribution, as CloudFront's API has it, and why it is there."""

from collections.abc import Iterator, Mapping
from typing import Any

from gridboss_assets.cdn.desired import EXPOSED_HEADERS, METHODS, Behaviour, DesiredDistribution
from gridboss_assets.cdn.keys import fingerprint
from gridboss_assets.cdn.naming import name_of
from gridboss_assets.cdn.parts import Part, Ref, Resource

_Json = Any

FUNCTION_RUNTIME = "cloudfront-js-2.0"
FUNCTION_CODE = """\
function handler(event) {
    return {
        statusCode: 403,
        statusDescription: 'Forbidden',
        headers: { 'cache-control': { value: 'no-store' } },
    };
}
"""
"""Answers before a cache or the bucket is asked (CloudFront Developer Guide, "Generate HTTP
responses in viewer request triggers")."""


def resources(wanted: DesiredDistribution) -> Iterator[Resource]:
    """Go through everything that the distribution refers to."""
    yield Resource(
        Part.ORIGIN_ACCESS,
        "bucket",
        name_of(wanted.bucket, "bucket"),
        {
            "Name": name_of(wanted.bucket, "bucket"),
            "Description": wanted.comment,
            "SigningProtocol": "sigv4",
            "SigningBehavior": "always",
            "OriginAccessControlOriginType": "s3",
        },
        "the distribution signs each of its requests to the bucket, whatever a viewer sent",
    )
    yield Resource(
        Part.FUNCTION,
        "forbidden",
        name_of(wanted.bucket, "forbidden"),
        {"Comment": wanted.comment, "Runtime": FUNCTION_RUNTIME, "Code": FUNCTION_CODE},
        "answers 403 at the edge to every path that is not served, so that nothing else is ever "
        "fetched from the bucket; a distribution has no setting that does",
    )
    for behaviour in wanted.behaviours:
        yield _cache_policy(wanted, behaviour)
        yield _headers_policy(wanted, behaviour)
    for key in wanted.keys:
        label = f"key-{fingerprint(key)}"
        name = name_of(wanted.bucket, label)
        yield Resource(
            Part.PUBLIC_KEY,
            label,
            name,
            {"Name": name, "EncodedKey": key.strip() + "\n", "Comment": wanted.comment},
            "checks what was signed with the private key that belongs to it",
        )
    if wanted.signed:
        yield _key_group(wanted)


def _cache_policy(wanted: DesiredDistribution, behaviour: Behaviour) -> Resource:
    query: dict[str, _Json] = {"QueryStringBehavior": "none", "QueryStrings": None}
    if behaviour.query_strings:
        query = {
            "QueryStringBehavior": "whitelist",
            "QueryStrings": list(behaviour.query_strings),
        }
    name = name_of(wanted.bucket, behaviour.label)
    return Resource(
        Part.CACHE_POLICY,
        behaviour.label,
        name,
        {
            "Name": name,
            "Comment": wanted.comment,
            "MinTTL": behaviour.min_ttl,
            "DefaultTTL": behaviour.default_ttl,
            "MaxTTL": behaviour.max_ttl,
            "ParametersInCacheKeyAndForwardedToOrigin": {
                "EnableAcceptEncodingGzip": behaviour.compress,
                "EnableAcceptEncodingBrotli": behaviour.compress,
                "HeadersConfig": {"HeaderBehavior": "none", "Headers": None},
                "CookiesConfig": {"CookieBehavior": "none", "Cookies": None},
                "QueryStringsConfig": query,
            },
        },
        f"how long {behaviour.path_pattern} is kept, and what makes another copy of it: "
        + (", ".join(behaviour.query_strings) or "nothing"),
    )


def _headers_policy(wanted: DesiredDistribution, behaviour: Behaviour) -> Resource:
    name = name_of(wanted.bucket, behaviour.label)
    return Resource(
        Part.HEADERS_POLICY,
        behaviour.label,
        name,
        {
            "Name": name,
            "Comment": wanted.comment,
            "SecurityHeadersConfig": _security(wanted.headers),
            "CorsConfig": _cors(behaviour),
        },
        "nothing that was uploaded acts as a page of this host"
        + (", and pages of CORS_ORIGINS may read it" if behaviour.cors_origins else ""),
    )


def _security(headers: Mapping[str, str]) -> dict[str, _Json]:
    return {
        "ContentSecurityPolicy": {
            "ContentSecurityPolicy": headers["Content-Security-Policy"],
            "Override": True,
        },
        "ContentTypeOptions": {"Override": True},
        "FrameOptions": {"FrameOption": headers["X-Frame-Options"], "Override": True},
        "ReferrerPolicy": {"ReferrerPolicy": headers["Referrer-Policy"], "Override": True},
        "StrictTransportSecurity": {
            "AccessControlMaxAgeSec": int(
                headers["Strict-Transport-Security"].removeprefix("max-age=")
            ),
            "IncludeSubdomains": False,
            "Preload": False,
            "Override": True,
        },
    }


def _cors(behaviour: Behaviour) -> dict[str, _Json] | None:
    if not behaviour.cors_origins:
        return None
    return {
        "AccessControlAllowOrigins": list(behaviour.cors_origins),
        "AccessControlAllowMethods": list(METHODS),
        # One is required; it is what a page may send without asking (Fetch, "CORS-safelisted
        # request-header").
        "AccessControlAllowHeaders": ["Range"],
        "AccessControlAllowCredentials": behaviour.cors_credentials,
        "AccessControlExposeHeaders": list(EXPOSED_HEADERS),
        "OriginOverride": True,
    }


def _key_group(wanted: DesiredDistribution) -> Resource:
    name = name_of(wanted.bucket, "signers")
    known = [wanted.key_pair_id] if wanted.key_pair_id else []
    made = [Ref(Part.PUBLIC_KEY, f"key-{fingerprint(key)}") for key in wanted.keys]
    return Resource(
        Part.KEY_GROUP,
        "signers",
        name,
        {"Name": name, "Comment": wanted.comment, "Items": [*made, *known]},
        "what has an owner is served to whoever has a link that one of these keys verifies",
    )
