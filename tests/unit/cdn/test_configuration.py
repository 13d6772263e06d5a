"""The distribution in CloudFront's own words: what it does, sentence by sentence."""

from typing import Any

import pytest
from tests.unit.cdn.conftest import CERTIFICATE, OWN_HOST, key_pair, wanted

from gridboss_assets.cdn.configuration import CACHING_DISABLED, pieces
from gridboss_assets.cdn.naming import MAX_NAME, name_of
from gridboss_assets.cdn.parts import Part, Ref, Resource
from gridboss_assets.cdn.resources import resources

EVERYTHING: dict[str, Any] = {"cdn_public_key": key_pair("one")[1], **OWN_HOST}
QUERY = "QueryStringsConfig"
KEY = "ParametersInCacheKeyAndForwardedToOrigin"


def piece(name: str, **changes: Any) -> Any:
    """Return one piece of the configuration, with a key and a host name of one's own."""
    (found,) = [
        each.value for each in pieces(wanted(**(EVERYTHING | changes))) if each.name == name
    ]
    return found


def resource(part: Part, label: str, **changes: Any) -> Resource:
    """Return one of the resources beside it."""
    found = {each.ref: each for each in resources(wanted(**(EVERYTHING | changes)))}
    return found[Ref(part, label)]


def behaviours(**changes: Any) -> list[Any]:
    """Return all behaviours, the default one included."""
    return [
        each.value
        for each in pieces(wanted(**(EVERYTHING | changes)))
        if each.place in {"CacheBehaviors", "DefaultCacheBehavior"}
    ]


def test_the_one_origin_is_signed_for_always_and_by_the_distribution_itself() -> None:
    origins = [each.value for each in pieces(wanted(**EVERYTHING)) if each.place == "Origins"]
    assert [each["DomainName"] for each in origins] == ["test-assets.s3.eu-west-1.amazonaws.com"]
    assert origins[0]["OriginAccessControlId"] == Ref(Part.ORIGIN_ACCESS, "bucket")
    control = resource(Part.ORIGIN_ACCESS, "bucket").value
    assert (control["SigningBehavior"], control["SigningProtocol"]) == ("always", "sigv4")
    assert control["OriginAccessControlOriginType"] == "s3"


def test_what_fits_no_pattern_is_answered_403_before_anything_is_fetched() -> None:
    default = piece("everything else")
    assert default["CachePolicyId"] == CACHING_DISABLED
    assert default["FunctionAssociations"] == [
        {"EventType": "viewer-request", "FunctionARN": Ref(Part.FUNCTION, "forbidden")}
    ]
    assert "statusCode: 403" in resource(Part.FUNCTION, "forbidden").value["Code"]


def test_no_other_behaviour_runs_code() -> None:
    assert [bool(each["FunctionAssociations"]) for each in behaviours()] == [True, False, False]
    assert not any(each["LambdaFunctionAssociations"] for each in behaviours())


def test_avatars_need_no_signature_and_exports_do() -> None:
    assert piece("avatars/*")["TrustedKeyGroups"] == {"Enabled": False, "Items": []}
    assert piece("exports/*")["TrustedKeyGroups"] == {
        "Enabled": True,
        "Items": [Ref(Part.KEY_GROUP, "signers")],
    }


def test_only_reading_over_https_is_let_through() -> None:
    for each in behaviours():
        assert each["ViewerProtocolPolicy"] == "https-only"
        assert set(each["AllowedMethods"]["Items"]) == {"GET", "HEAD"}


def test_no_origin_request_policy_lets_more_of_a_request_through() -> None:
    assert [each["OriginRequestPolicyId"] for each in behaviours()] == [None, None, None]


def test_avatars_are_kept_a_day_and_nothing_of_a_request_makes_another_copy() -> None:
    policy = resource(Part.CACHE_POLICY, "avatars").value
    assert {policy[name] for name in ("MinTTL", "DefaultTTL", "MaxTTL")} == {86_400}
    assert policy[KEY][QUERY] == {"QueryStringBehavior": "none", "QueryStrings": None}
    assert policy[KEY]["HeadersConfig"]["HeaderBehavior"] == "none"
    assert policy[KEY]["CookiesConfig"]["CookieBehavior"] == "none"
    assert policy[KEY]["EnableAcceptEncodingGzip"] is False


def test_exports_are_kept_three_hours_and_take_the_disposition_alone() -> None:
    policy = resource(Part.CACHE_POLICY, "exports").value
    assert {policy[name] for name in ("MinTTL", "DefaultTTL", "MaxTTL")} == {10_800}
    assert policy[KEY][QUERY] == {
        "QueryStringBehavior": "whitelist",
        "QueryStrings": ["response-content-disposition"],
    }


def test_the_content_type_of_an_answer_can_be_changed_by_nobody() -> None:
    assert "response-content-type" not in repr(list(resources(wanted(**EVERYTHING))))


def test_every_served_answer_has_the_security_headers_whatever_the_object_says() -> None:
    for label in ("avatars", "exports"):
        security = resource(Part.HEADERS_POLICY, label).value["SecurityHeadersConfig"]
        assert all(each["Override"] for each in security.values())
        assert "sandbox" in security["ContentSecurityPolicy"]["ContentSecurityPolicy"]
        assert security.keys() == {
            "ContentSecurityPolicy",
            "ContentTypeOptions",
            "FrameOptions",
            "ReferrerPolicy",
            "StrictTransportSecurity",
        }
        assert piece(f"{label}/*")["ResponseHeadersPolicyId"] == Ref(Part.HEADERS_POLICY, label)


def test_pages_of_the_origins_may_read_answers() -> None:
    cors = resource(Part.HEADERS_POLICY, "exports").value["CorsConfig"]
    assert cors["AccessControlAllowOrigins"] == ["https://a.example"]
    assert (cors["AccessControlAllowCredentials"], cors["OriginOverride"]) == (True, True)
    assert resource(Part.HEADERS_POLICY, "avatars", cors_origins=()).value["CorsConfig"] is None


def test_a_host_name_of_ones_own_has_its_certificate_and_tls_1_2() -> None:
    assert piece("cdn.example.com") == "cdn.example.com"
    assert piece("certificate") == {
        "ACMCertificateArn": CERTIFICATE,
        "SSLSupportMethod": "sni-only",
        "MinimumProtocolVersion": "TLSv1.2_2021",
        "CloudFrontDefaultCertificate": False,
    }


def test_without_one_neither_a_name_nor_a_certificate_is_asked_for() -> None:
    places = {each.place for each in pieces(wanted())}
    assert not places & {"Aliases", "ViewerCertificate"}


def test_http_2_and_3_and_ipv6_are_on() -> None:
    assert (piece("HTTP versions"), piece("IPv6"), piece("enabled")) == ("http2and3", True, True)


def test_everything_says_why_it_is_there() -> None:
    assert all(each.reason for each in resources(wanted(**EVERYTHING)))
    assert all(each.reason for each in pieces(wanted(**EVERYTHING)))


@pytest.mark.parametrize("bucket", ["b" * 63, "a.b", "a-b", "my.very.long." + "x" * 50, "assets"])
def test_names_fit_cloudfronts_limits(bucket: str) -> None:
    name = name_of(bucket, "key-0123456789abcdef")
    assert len(name) <= MAX_NAME
    assert name.replace("-", "").isalnum()


def test_two_buckets_never_share_a_name() -> None:
    buckets = ["a.b", "a-b", "x" * 63, "x" * 62, "x" * 62 + "y"]
    assert len({name_of(bucket, "forbidden") for bucket in buckets}) == len(buckets)
