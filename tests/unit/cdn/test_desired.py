"""The desired distribution as data: each rule of what an edge may serve, and to whom."""

from dataclasses import replace
from typing import Any

import pytest
from tests.unit.cdn.conftest import CERTIFICATE, OWN_HOST, key_pair, settings, wanted

from gridboss_assets.buckets import policies
from gridboss_assets.buckets.policies import Cdn
from gridboss_assets.buckets.principals import Principals
from gridboss_assets.cdn.desired import DISPOSITION, Behaviour, distribution
from gridboss_assets.errors import ConfigurationError
from gridboss_assets.kinds import AVATAR, EXPORT, Kinds

DAY = 86_400
KEY: dict[str, Any] = {"cdn_public_key": key_pair("one")[1]}


def behaviours(**changes: object) -> dict[str, Behaviour]:
    return {each.path_pattern: each for each in wanted(**changes).behaviours}


def test_without_a_key_only_what_everybody_may_read_is_served() -> None:
    assert set(behaviours()) == {"avatars/*"}


@pytest.mark.parametrize(
    "key",
    [
        KEY,
        {"cdn_key_pair_id": "K2JCJMDEHXQW5F"},
        {"cdn_key_pair_id": "K2JCJMDEHXQW5F", "cdn_private_key": key_pair("one")[0]},
    ],
    ids=["public key", "ID", "private key"],
)
def test_with_any_form_of_a_key_exports_are_served_and_need_a_signature(
    key: dict[str, str],
) -> None:
    assert {p: b.signed for p, b in behaviours(**key).items()} == {
        "avatars/*": False,
        "exports/*": True,
    }


def test_nothing_pending_is_ever_served() -> None:
    assert not any("pending/x".startswith(p.rstrip("*")) for p in behaviours(**KEY))


def test_avatars_are_cached_a_day_whatever_the_query_says() -> None:
    avatars = behaviours()["avatars/*"]
    assert avatars.query_strings == ()
    assert (avatars.min_ttl, avatars.default_ttl, avatars.max_ttl) == (DAY, DAY, DAY)


def test_exports_are_cached_three_hours_although_they_are_private() -> None:
    exports = behaviours(**KEY)["exports/*"]
    assert "private" in EXPORT.cache_control
    assert (exports.min_ttl, exports.default_ttl, exports.max_ttl) == (10800, 10800, 10800)


def test_the_disposition_is_the_only_parameter_that_an_export_takes() -> None:
    assert behaviours(**KEY)["exports/*"].query_strings == (DISPOSITION,)


def test_text_is_compressed_and_pictures_are_not() -> None:
    assert {p: b.compress for p, b in behaviours(**KEY).items()} == {
        "avatars/*": False,
        "exports/*": True,
    }


def test_pages_of_the_origins_read_answers_and_send_cookies_only_where_they_are_asked_for() -> None:
    found = behaviours(**KEY, cors_origins=("https://a.example", "https://b.example"))
    assert {b.cors_origins for b in found.values()} == {("https://a.example", "https://b.example")}
    assert {p: b.cors_credentials for p, b in found.items()} == {
        "avatars/*": False,
        "exports/*": True,
    }


def test_with_a_wildcard_origin_no_page_sends_cookies() -> None:
    exports = behaviours(**KEY, cors_origins=("https://a.example", "*"))["exports/*"]
    assert (exports.cors_origins, exports.cors_credentials) == (("*",), False)


def test_the_origin_is_the_buckets_regional_host() -> None:
    assert wanted().origin == "test-assets.s3.eu-west-1.amazonaws.com"


def test_a_bucket_with_dots_has_its_name_in_the_origin_too() -> None:
    dotted = wanted(s3_bucket="assets.example.com").origin
    assert dotted == "assets.example.com.s3.eu-west-1.amazonaws.com"


def test_a_host_name_of_ones_own_comes_with_its_certificate() -> None:
    own = wanted(**OWN_HOST)
    assert (own.host, own.certificate_arn) == ("cdn.example.com", CERTIFICATE)


@pytest.mark.parametrize(
    "base", [None, "https://d111111abcdef8.cloudfront.net", "http://127.0.0.1:8080"]
)
def test_cloudfronts_own_name_needs_no_certificate(base: str | None) -> None:
    without = wanted(cdn_base_url=base)
    assert (without.host, without.certificate_arn) == (None, None)


def test_a_host_name_without_a_certificate_is_refused_with_what_to_do() -> None:
    with pytest.raises(ConfigurationError, match=r"CDN_CERTIFICATE_ARN is missing.*us-east-1"):
        wanted(cdn_base_url="https://cdn.example.com")


@pytest.mark.parametrize("base", [None, "https://d111111abcdef8.cloudfront.net"])
def test_a_certificate_without_a_host_name_is_refused_with_what_to_do(base: str | None) -> None:
    with pytest.raises(ConfigurationError, match="CDN_CERTIFICATE_ARN needs a host name"):
        wanted(cdn_base_url=base, cdn_certificate_arn=CERTIFICATE)


def test_the_public_half_of_the_private_key_is_the_same_key() -> None:
    private, public = key_pair("one")
    both = wanted(cdn_key_pair_id="K12345678", cdn_private_key=private, cdn_public_key=public)
    assert len(both.keys) == 1


def test_while_a_key_is_replaced_there_are_two_and_the_new_one_is_first() -> None:
    new = key_pair("new")[1]
    keys = wanted(
        cdn_key_pair_id="K12345678", cdn_private_key=key_pair("old")[0], cdn_public_key=new
    ).keys
    assert (len(keys), keys[0]) == (2, settings(cdn_public_key=new).cdn_public_key)


def test_no_private_key_stands_in_the_data() -> None:
    private = key_pair("one")[0]
    data = repr(wanted(cdn_key_pair_id="K12345678", cdn_private_key=private))
    assert "PRIVATE" not in data
    assert private.splitlines()[1] not in data


@pytest.mark.parametrize("signed", [False, True])
def test_the_bucket_policy_admits_it_to_just_what_it_serves(*, signed: bool) -> None:
    """Kinds of one's own included."""
    logos = replace(AVATAR, name="logo", prefix="media/logos/", cache_control="public, max-age=60")
    notes = replace(EXPORT, name="note", prefix="notes/")
    kinds = Kinds(AVATAR, EXPORT, logos, notes)
    found = distribution(settings(**(KEY if signed else {})), kinds).behaviours
    principals = Principals("arn:aws:iam::123456789012:user/app", (), "123456789012")
    cdn = Cdn("arn:aws:cloudfront::123456789012:distribution/E123", signed=signed)
    allowed = policies.allow_cdn("test-assets", principals, cdn, kinds)["Resource"]
    assert allowed == [f"arn:aws:s3:::test-assets/{each.path_pattern}" for each in found]
    assert {b.path_pattern: b.max_ttl for b in found}["media/logos/*"] == 60
