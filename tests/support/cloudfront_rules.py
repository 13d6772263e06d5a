"""The rules of CloudFront's that a plan can break, and the defaults that it answers with."""

from typing import Any

from gridboss_assets.cdn.configuration import CACHING_DISABLED

Json = dict[str, Any]
Stored = dict[str, dict[str, Json]]


class Refused(Exception):
    """What CloudFront answers with an error."""

    def __init__(self, code: str, status: int = 400) -> None:
        super().__init__(code)
        self.code, self.status = code, status


def check_distribution(config: Json, id_: str | None, stored: Stored, functions: Json) -> None:
    """Refuse a configuration as CloudFront does. ``id_`` is None for a new one."""
    others = {i: each["config"] for i, each in stored["Distribution"].items() if i != id_}
    if (
        id_
        and config["CallerReference"] != stored["Distribution"][id_]["config"]["CallerReference"]
    ):
        raise Refused("IllegalUpdate")
    aliases = set(config.get("Aliases", {}).get("Items", ()))
    taken = [each.get("Aliases", {}).get("Items", ()) for each in others.values()]
    if any(aliases & set(each) for each in taken):
        raise Refused("CNAMEAlreadyExists", 409)
    certificate = config.get("ViewerCertificate", {})
    if aliases and not certificate.get("ACMCertificateArn"):
        raise Refused("InvalidViewerCertificate")
    origins = {each["Id"] for each in config["Origins"]["Items"]}
    for origin in config["Origins"]["Items"]:
        access = origin.get("OriginAccessControlId")
        if access and access not in stored["OriginAccessControl"]:
            raise Refused("InvalidOriginAccessControl")
        if ("S3OriginConfig" in origin) == ("CustomOriginConfig" in origin):
            raise Refused("InvalidArgument")
    ordered = config.get("CacheBehaviors", {}).get("Items", [])
    patterns = [each["PathPattern"] for each in ordered]
    if len(set(patterns)) != len(patterns):
        raise Refused("InvalidArgument")
    for behaviour in (config["DefaultCacheBehavior"], *ordered):
        _check_behaviour(behaviour, origins, stored, functions)


def _check_behaviour(behaviour: Json, origins: set[str], stored: Stored, functions: Json) -> None:
    if behaviour["TargetOriginId"] not in origins:
        raise Refused("NoSuchOrigin", 404)
    policy = behaviour.get("CachePolicyId")
    if bool(policy) == ("ForwardedValues" in behaviour):
        raise Refused("InvalidArgument")
    if policy and policy not in {CACHING_DISABLED, *stored["CachePolicy"]}:
        raise Refused("NoSuchCachePolicy", 404)
    headers = behaviour.get("ResponseHeadersPolicyId")
    if headers and headers not in stored["ResponseHeadersPolicy"]:
        raise Refused("NoSuchResponseHeadersPolicy", 404)
    groups = behaviour.get("TrustedKeyGroups", {"Enabled": False, "Quantity": 0})
    if any(each not in stored["KeyGroup"] for each in groups.get("Items", ())):
        raise Refused("TrustedKeyGroupDoesNotExist")
    if groups["Enabled"] != bool(groups["Quantity"]):
        raise Refused("InvalidArgument")
    for each in behaviour.get("FunctionAssociations", {}).get("Items", ()):
        name = each["FunctionARN"].rpartition("/")[2]
        if "LIVE" not in functions.get(name, {}):
            raise Refused("InvalidFunctionAssociation")


def counted(value: Any) -> None:
    """Refuse a ``Quantity`` that is not that of ``Items``."""
    if isinstance(value, dict):
        if "Quantity" in value and value["Quantity"] != len(value.get("Items", ())):
            raise Refused("InconsistentQuantities")
        for inner in value.values():
            counted(inner)
    elif isinstance(value, list):
        for inner in value:
            counted(inner)


def filled(config: Json) -> Json:
    """Add what CloudFront answers where nobody said anything."""
    none: Json = {"Quantity": 0}
    behaviour: Json = {
        "TrustedSigners": {"Enabled": False, **none},
        "TrustedKeyGroups": {"Enabled": False, **none},
        "SmoothStreaming": False,
        "LambdaFunctionAssociations": none,
        "FunctionAssociations": none,
        "FieldLevelEncryptionId": "",
        "GrpcConfig": {"Enabled": False},
    }
    certificate = {
        "CloudFrontDefaultCertificate": True,
        "SSLSupportMethod": "vip",
        "MinimumProtocolVersion": "TLSv1",
        "CertificateSource": "cloudfront",
    }
    given = config.get("ViewerCertificate", {})
    if given.get("ACMCertificateArn"):
        certificate = {
            **given,
            "Certificate": given["ACMCertificateArn"],
            "CertificateSource": "acm",
        }
    origins = [
        {
            "OriginPath": "",
            "CustomHeaders": none,
            "ConnectionAttempts": 3,
            "ConnectionTimeout": 10,
            "OriginShield": {"Enabled": False},
            "OriginAccessControlId": "",
            **each,
        }
        for each in config["Origins"]["Items"]
    ]
    ordered = config.get("CacheBehaviors", none)
    behaviours = [behaviour | each for each in ordered.get("Items", [])]
    logging = {"Enabled": False, "IncludeCookies": False, "Bucket": "", "Prefix": ""}
    return {
        "Aliases": none,
        "DefaultRootObject": "",
        "OriginGroups": none,
        "CustomErrorResponses": none,
        "Logging": logging,
        "PriceClass": "PriceClass_All",
        "Restrictions": {"GeoRestriction": {"RestrictionType": "none", **none}},
        "WebACLId": "",
        "HttpVersion": "http2",
        "IsIPV6Enabled": True,
        **config,
        "ViewerCertificate": certificate,
        "Origins": {"Quantity": len(origins), "Items": origins},
        "DefaultCacheBehavior": behaviour | config["DefaultCacheBehavior"],
        "CacheBehaviors": {"Quantity": len(behaviours)}
        | ({"Items": behaviours} if behaviours else {}),
    }
