"""Applied to CloudFront: nothing is left to do, whatever was there, and whatever broke off."""

from typing import Any

import boto3
import pytest
from moto import mock_aws
from tests.support.cloudfront_account import CloudFront
from tests.support.cloudfront_rules import Refused
from tests.unit.cdn.conftest import OWN_HOST, key_pair, wanted

from gridboss_assets.cdn.aws import Distribution
from gridboss_assets.cdn.keys import material
from gridboss_assets.cdn.parts import Part
from gridboss_assets.cdn.plan import CdnPlan, plan
from gridboss_assets.cdn.resources import resources
from gridboss_assets.cdn.state import CdnState, Standing
from gridboss_assets.errors import ConfigurationError, OperationFailed

KEY: dict[str, Any] = {"cdn_public_key": key_pair("one")[1]}
VARIANTS: list[dict[str, Any]] = [
    {},
    KEY,
    OWN_HOST,
    KEY | OWN_HOST,
    KEY | {"cors_origins": ()},
    KEY | {"cors_origins": ("*",)},
    KEY | {"s3_bucket": "assets.example.com"},
]
EACH = pytest.mark.parametrize("changes", VARIANTS, ids=lambda c: ", ".join(c) or "plain")
WRITES = (
    "CreateOriginAccessControl",
    "CreateFunction",
    "PublishFunction",
    "CreateCachePolicy",
    "CreateResponseHeadersPolicy",
    "CreatePublicKey",
    "CreateKeyGroup",
    "CreateDistribution",
)


def run(cloudfront: CloudFront, retire: tuple[str, ...] = (), **changes: Any) -> CdnPlan:
    """Plan and apply."""
    target = Distribution(
        cloudfront.client(), wanted(**changes), changes.get("cdn_distribution_id")
    )
    state = target.read()
    planned = plan(target.wanted, state, retire=retire)
    assert list(target.apply(planned, state)) == [step.title for step in planned.steps]
    return planned


def left(cloudfront: CloudFront, **changes: Any) -> CdnPlan:
    """Plan alone."""
    target = Distribution(
        cloudfront.client(), wanted(**changes), changes.get("cdn_distribution_id")
    )
    return plan(target.wanted, target.read())


def config(cloudfront: CloudFront) -> dict[str, Any]:
    """Return the only distribution's configuration, as CloudFront has it."""
    (found,) = cloudfront.stored["Distribution"].values()
    return dict(found["config"])


@EACH
def test_after_apply_nothing_is_left_to_do(changes: dict[str, Any]) -> None:
    cloudfront = CloudFront()
    assert run(cloudfront, **changes).exit_status == 1
    assert left(cloudfront, **changes).steps == ()


@pytest.mark.parametrize("first", VARIANTS[:6], ids=lambda c: ", ".join(c) or "plain")
@pytest.mark.parametrize("second", VARIANTS[:6], ids=lambda c: ", ".join(c) or "plain")
def test_from_any_settings_to_any_others(first: dict[str, Any], second: dict[str, Any]) -> None:
    cloudfront = CloudFront()
    run(cloudfront, **first)
    run(cloudfront, **second)
    assert left(cloudfront, **second).steps == ()
    assert len(cloudfront.stored["Distribution"]) == 1


@pytest.mark.parametrize("operation", WRITES)
def test_after_a_crash_at_any_call_the_next_run_does_the_rest(operation: str) -> None:
    cloudfront = CloudFront()
    cloudfront.fail = {operation: Refused("ServiceUnavailable", 400)}
    with pytest.raises(OperationFailed, match="ServiceUnavailable"):
        run(cloudfront, **KEY)
    cloudfront.fail = {}
    run(cloudfront, **KEY)
    assert left(cloudfront, **KEY).steps == ()
    assert {kind: len(stored) for kind, stored in cloudfront.stored.items()} == {
        "OriginAccessControl": 1,
        "CachePolicy": 2,
        "ResponseHeadersPolicy": 2,
        "KeyGroup": 1,
        "PublicKey": 1,
        "Distribution": 1,
    }


def test_a_function_that_somebody_edited_is_published_anew() -> None:
    cloudfront = CloudFront()
    run(cloudfront)
    (function,) = cloudfront.functions.values()
    function["DEVELOPMENT"] = function["LIVE"] = function["LIVE"] | {"code": b"handler = null"}
    assert [step.title for step in run(cloudfront).steps] == [
        "function gridboss-test-assets-forbidden"
    ]
    assert b"403" in function["LIVE"]["code"]


def test_a_change_by_somebody_else_in_between_is_not_overwritten() -> None:
    cloudfront = CloudFront()
    run(cloudfront)
    target = Distribution(cloudfront.client(), wanted(**KEY))
    state = target.read()
    planned = plan(target.wanted, state)
    (found,) = cloudfront.stored["Distribution"].values()
    found["etag"] = "ETAG-of-another-change"
    with pytest.raises(OperationFailed, match="PreconditionFailed"):
        list(target.apply(planned, state))


def test_what_others_switched_on_stays() -> None:
    cloudfront = CloudFront()
    run(cloudfront)
    logs = {"Enabled": True, "IncludeCookies": False, "Bucket": "l.s3.amazonaws.com", "Prefix": ""}
    (found,) = cloudfront.stored["Distribution"].values()
    theirs = {"Logging": logs, "WebACLId": "arn:aws:wafv2:x", "PriceClass": "PriceClass_100"}
    found["config"] |= theirs
    planned = run(cloudfront, **KEY)
    assert {note.text for note in planned.kept} == {"access logs", "firewall (AWS WAF)"}
    assert {name: config(cloudfront)[name] for name in theirs} == theirs


def test_without_its_id_the_distribution_is_found_by_bucket_and_comment() -> None:
    cloudfront = CloudFront(page=1)
    for bucket in ("one", "two", "three"):
        run(cloudfront, s3_bucket=bucket)
    assert all(not left(cloudfront, s3_bucket=b).steps for b in ("one", "two", "three"))


def test_with_an_id_that_the_account_lacks_it_says_so() -> None:
    with pytest.raises(ConfigurationError, match="no distribution E12345678"):
        run(CloudFront(), cdn_distribution_id="E12345678")


def test_another_distribution_of_the_bucket_is_named_and_left_alone() -> None:
    cloudfront = CloudFront()
    run(cloudfront)
    (found,) = cloudfront.stored["Distribution"].items()
    found[1]["config"]["Comment"] = "made by hand"
    planned = run(cloudfront)
    assert found[0] in next(n.text for n in planned.notes if n.subject == "other distributions")
    assert found[1]["config"]["Comment"] == "made by hand"
    assert len(cloudfront.stored["Distribution"]) == 2


def test_two_distributions_that_both_could_be_it_are_refused() -> None:
    cloudfront = CloudFront()
    run(cloudfront)
    (stored,) = cloudfront.stored["Distribution"].values()
    cloudfront.stored["Distribution"]["E2"] = stored
    with pytest.raises(ConfigurationError, match=r"several distributions of the bucket: .*E2"):
        left(cloudfront)


def test_a_new_key_joins_the_group_and_the_old_one_stays_until_it_is_retired() -> None:
    cloudfront = CloudFront()
    run(cloudfront, **KEY)
    (old,) = cloudfront.stored["PublicKey"]
    new: dict[str, Any] = {"cdn_public_key": key_pair("two")[1]}
    planned = run(cloudfront, **new)
    (group,) = cloudfront.stored["KeyGroup"].values()
    fresh = next(id_ for id_ in cloudfront.stored["PublicKey"] if id_ != old)
    assert group["config"]["Items"] == [fresh, old]
    assert any(f"--retire-key {old}" in note.text for note in planned.notes)
    run(cloudfront, (old,), **new)
    (group,) = cloudfront.stored["KeyGroup"].values()
    assert (group["config"]["Items"], list(cloudfront.stored["PublicKey"])) == ([fresh], [fresh])
    assert run(cloudfront, (old,), **new).steps == ()


def test_a_key_that_is_still_named_is_not_retired() -> None:
    cloudfront = CloudFront()
    run(cloudfront, **KEY)
    (key,) = cloudfront.stored["PublicKey"]
    with pytest.raises(ConfigurationError, match="the settings still name that key"):
        run(cloudfront, (key,), **KEY)
    with pytest.raises(ConfigurationError, match="the settings still name that key"):
        run(cloudfront, (key,), cdn_key_pair_id=key)


def test_a_key_that_cloudfront_has_already_is_used_and_not_made_again() -> None:
    cloudfront = CloudFront()
    private, public = key_pair("by hand")
    made = cloudfront.client().create_public_key(
        PublicKeyConfig={"CallerReference": "x", "Name": "by-hand", "EncodedKey": public}
    )["PublicKey"]["Id"]
    run(cloudfront, cdn_key_pair_id=made, cdn_private_key=private)
    assert list(cloudfront.stored["PublicKey"]) == [made]
    (group,) = cloudfront.stored["KeyGroup"].values()
    assert group["config"]["Items"] == [made]


def test_a_private_key_that_is_not_the_one_of_its_id_is_refused() -> None:
    cloudfront = CloudFront()
    run(cloudfront, **KEY)
    (key,) = cloudfront.stored["PublicKey"]
    with pytest.raises(ConfigurationError, match="not the private key of CDN_KEY_PAIR_ID"):
        run(cloudfront, cdn_key_pair_id=key, cdn_private_key=key_pair("two")[0])


def test_a_key_id_of_another_account_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="no public key K12345678"):
        run(CloudFront(), cdn_key_pair_id="K12345678")


def test_without_the_permission_the_call_that_is_missing_is_named() -> None:
    cloudfront = CloudFront()
    cloudfront.fail = {"ListDistributions": Refused("AccessDenied", 403)}
    with pytest.raises(OperationFailed, match="may not call ListDistributions"):
        left(cloudfront)


def test_moto_reads_from_the_wire_what_was_sent() -> None:
    """Of the calls, moto 5.2 has those for access controls, keys, key groups, distributions."""
    desired = wanted(**KEY, **OWN_HOST)
    known = {Part.ORIGIN_ACCESS, Part.PUBLIC_KEY, Part.KEY_GROUP, None}
    elsewhere = {
        each.ref: Standing(f"id-of-{each.label}", each.value, "etag")
        for each in resources(desired)
        if each.part not in known
    }
    state = CdnState(elsewhere)
    planned = plan(desired, state)
    assert {step.part for step in planned.steps} == known
    with mock_aws():
        client = boto3.client(
            "cloudfront", "us-east-1", aws_access_key_id="k", aws_secret_access_key="s"
        )
        list(Distribution(client, desired).apply(planned, state))
        (control,) = client.list_origin_access_controls()["OriginAccessControlList"]["Items"]
        (key,) = client.list_public_keys()["PublicKeyList"]["Items"]
        (group,) = client.list_key_groups()["KeyGroupList"]["Items"]
        (found,) = client.list_distributions()["DistributionList"]["Items"]
    assert (control["SigningBehavior"], control["SigningProtocol"]) == ("always", "sigv4")
    assert material(key["EncodedKey"]) == material(desired.keys[0])
    assert group["KeyGroup"]["KeyGroupConfig"]["Items"] == [key["Id"]]
    assert found["Aliases"]["Items"] == ["cdn.example.com"]
    assert found["Origins"]["Items"][0]["DomainName"] == desired.origin
    served = {each["PathPattern"]: each for each in found["CacheBehaviors"]["Items"]}
    assert served["exports/*"]["TrustedKeyGroups"]["Items"] == [group["KeyGroup"]["Id"]]
    assert served["avatars/*"]["TrustedKeyGroups"]["Enabled"] is False
    assert served["avatars/*"]["CachePolicyId"] == "id-of-avatars"
    assert {each["ViewerProtocolPolicy"] for each in served.values()} == {"https-only"}
