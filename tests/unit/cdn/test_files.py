"""The distribution as files: the formats' own names, the same as apply makes, and who may read."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from cfnlint.api import ManualArgs, lint
from tests.unit.buckets.conftest import PRINCIPALS
from tests.unit.buckets.test_terraform import ARGUMENTS, OF_TERRAFORM, check, resources
from tests.unit.cdn.conftest import OWN_HOST, key_pair, settings

from gridboss_assets.buckets.desired import DesiredBucket, desired
from gridboss_assets.buckets.iac.cloudformation import cloudformation
from gridboss_assets.buckets.iac.terraform import terraform
from gridboss_assets.cdn import resources as api
from gridboss_assets.cdn.configuration import pieces
from gridboss_assets.cdn.desired import DesiredDistribution, distribution
from gridboss_assets.cdn.parts import Part, Ref
from gridboss_assets.kinds import AVATAR, DEFAULT_KINDS, EXPORT, Kinds
from gridboss_assets.storage.providers import AWS

KEY: dict[str, Any] = {"cdn_public_key": key_pair("one")[1]}
ODD = Kinds(replace(AVATAR, prefix="${aws:username}/%{if}/$${a}/"), EXPORT)
VARIANTS: Mapping[str, tuple[dict[str, Any], Kinds]] = {
    "plain": ({}, DEFAULT_KINDS),
    "a key": (KEY, DEFAULT_KINDS),
    "a key and a name": (KEY | OWN_HOST, DEFAULT_KINDS),
    "a known key": ({"cdn_key_pair_id": "K2JCJMDEHXQW5F", "cors_origins": ()}, DEFAULT_KINDS),
    "cookies for no page": (KEY | {"cors_origins": ("*",)}, DEFAULT_KINDS),
    "odd prefixes": (KEY, ODD),
}
EACH = pytest.mark.parametrize(("changes", "kinds"), VARIANTS.values(), ids=list(VARIANTS))
Both = tuple[DesiredBucket, DesiredDistribution]

# What Terraform calls otherwise than the API, without underscores.
TERRAFORM_NAMES = {"originid": "id", "orderedcachebehavior": "cachebehaviors"}
TERRAFORM_LISTS = {"origin": "origins", "functionassociation": "functionassociations"}
KINDS_OF = {
    "origin_access_control": Part.ORIGIN_ACCESS,
    "function": Part.FUNCTION,
    "cache_policy": Part.CACHE_POLICY,
    "response_headers_policy": Part.HEADERS_POLICY,
    "public_key": Part.PUBLIC_KEY,
    "key_group": Part.KEY_GROUP,
}


def both(kinds: Kinds = DEFAULT_KINDS, **changes: Any) -> Both:
    """Return what a bucket and its distribution should be."""
    given = settings(**changes)
    return desired(given, PRINCIPALS, provider=AWS, kinds=kinds), distribution(given, kinds)


def expected(cdn: DesiredDistribution) -> dict[str, Any]:
    """Say what apply would send, by names that tell neither case nor format apart."""
    found = {key(each.ref): plain(each.value) for each in api.resources(cdn)}
    whole: dict[str, Any] = {"cachebehaviors": [], "origins": [], "aliases": []}
    for piece in pieces(cdn):
        place = piece.place.lower()
        if place in whole and isinstance(whole[place], list):
            whole[place].append(plain(piece.value))
        else:
            whole[place] = plain(piece.value)
    behaviours = [*whole["cachebehaviors"], whole["defaultcachebehavior"]]
    for behaviour in behaviours:
        methods = behaviour.pop("allowedmethods")
        behaviour["allowedmethods"] = methods["items"]
        behaviour["cachedmethods"] = methods["cachedmethods"]
        if "trustedkeygroups" in behaviour:
            behaviour["trustedkeygroups"] = behaviour["trustedkeygroups"]["items"]
    return {**found, "cdn": {name: each for name, each in whole.items() if each}}


def key(ref: Ref) -> str:
    """Name a resource."""
    return f"{ref.part.name}.{ref.label}".replace("_", "").lower()


def plain(value: Any) -> Any:
    """Leave out what says nothing, and how names are written."""
    if isinstance(value, dict):
        inner = {name.replace("_", "").lower(): plain(each) for name, each in value.items()}
        return {name: each for name, each in inner.items() if each not in (None, "", [], {}, False)}
    return [plain(each) for each in value] if isinstance(value, list) else value


def from_terraform(document: dict[str, Any]) -> dict[str, Any]:
    """Read the distribution back from Terraform's configuration."""
    found = {}
    for kind, label, body in resources(document):
        short = kind.removeprefix("aws_cloudfront_")
        if short == "distribution":
            whole = plain(terraform_value(body))
            del whole["restrictions"]
            found["cdn"] = whole
        elif short in KINDS_OF:
            found[key(Ref(KINDS_OF[short], label))] = plain(terraform_value(body))
    for name, each in found.items():
        if name.startswith("function"):
            assert each.pop("publish") is True
    return found


def terraform_value(value: Any) -> Any:
    if isinstance(value, str):
        reference = re.fullmatch(r"\$\{aws_cloudfront_(\w+)\.([\w-]+)\.(id|arn)\}", value)
        if reference:
            return Ref(KINDS_OF[reference[1]], reference[2])
        return value.replace("$${", "${").replace("%%{", "%{")
    if isinstance(value, list):
        return [terraform_value(each) for each in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"items"}:
        return terraform_value(value["items"])
    result = {}
    for name, inner in value.items():
        short = name.replace("_", "")
        short = TERRAFORM_LISTS.get(short, TERRAFORM_NAMES.get(short, short))
        result[short] = terraform_value(inner)
    return result


def from_cloudformation(template: dict[str, Any]) -> dict[str, Any]:
    """Read the distribution back from a template; references by logical ID."""
    found = {}
    for name, resource in template["Resources"].items():
        kind = resource["Type"].removeprefix("AWS::CloudFront::")
        body = dict(resource["Properties"])
        if kind == "Function":
            assert body.pop("AutoPublish") is True
            assert body.keys() == {"Name", "FunctionCode", "FunctionConfig"}
            found[name] = {"Code": body["FunctionCode"], **body["FunctionConfig"]}
        elif kind != resource["Type"]:
            (found[name],) = body.values()
    return found


@EACH
def test_terraform_makes_just_what_apply_would(changes: dict[str, Any], kinds: Kinds) -> None:
    bucket, cdn = both(kinds, **changes)
    wanted = expected(cdn)
    function = Ref(Part.FUNCTION, "forbidden")  # the API has its name beside the configuration
    wanted[key(function)]["name"] = next(e.name for e in api.resources(cdn) if e.ref == function)
    made = from_terraform(json.loads(json.dumps(terraform(bucket, cdn))))
    if cdn.host is None:
        assert made["cdn"].pop("viewercertificate") == {"cloudfrontdefaultcertificate": True}
    assert made == wanted


@EACH
def test_every_argument_is_the_providers(changes: dict[str, Any], kinds: Kinds) -> None:
    found = 0
    for kind, _, body in resources(terraform(*both(kinds, **changes))):
        arguments = {name: value for name, value in body.items() if name not in OF_TERRAFORM}
        check(arguments, ARGUMENTS["resources"][kind], kind)
        found += kind.startswith("aws_cloudfront_")
    assert found >= 5


@EACH
def test_cloudformation_makes_just_what_apply_would(changes: dict[str, Any], kinds: Kinds) -> None:
    bucket, cdn = both(kinds, **changes)
    wanted = expected(cdn)
    made = plain(from_cloudformation(cloudformation(bucket, cdn)))
    refs = {logical(e.ref): e.ref for e in api.resources(cdn)}
    for name, ref in refs.items():
        config = made[name.lower()]
        if ref.part is Part.PUBLIC_KEY:
            assert config.pop("callerreference")
        assert unreferred(config, refs) == wanted[key(ref)]
    whole = unreferred(made["cdndistribution"], refs)
    whole["isipv6enabled"] = whole.pop("ipv6enabled")
    assert whole == wanted["cdn"]


def logical(ref: Ref) -> str:
    stem = {
        Part.ORIGIN_ACCESS: "CdnOriginAccess",
        Part.FUNCTION: "CdnFunction",
        Part.CACHE_POLICY: "CdnCachePolicy",
        Part.HEADERS_POLICY: "CdnHeadersPolicy",
        Part.PUBLIC_KEY: "Cdn",
        Part.KEY_GROUP: "CdnKeyGroup",
    }[ref.part]
    return stem + "".join(word.capitalize() for word in re.findall(r"[a-zA-Z0-9]+", ref.label))


def unreferred(value: Any, refs: Mapping[str, Ref]) -> Any:
    """Put back what references stand for, and take the lists of headers out of their wrapping."""
    if isinstance(value, dict):
        if value.keys() == {"ref"}:
            return refs[value["ref"]]
        if value.keys() == {"fn::getatt"}:
            return refs[value["fn::getatt"][0]]
        if value.keys() == {"items"}:
            return value["items"]
        return {name: unreferred(inner, refs) for name, inner in value.items()}
    return [unreferred(each, refs) for each in value] if isinstance(value, list) else value


@EACH
def test_cfn_lint_finds_nothing(changes: dict[str, Any], kinds: Kinds) -> None:
    bucket, cdn = both(kinds, **changes)
    config = ManualArgs(include_checks=["I"], regions=["eu-west-1", "us-east-1"])
    found = lint(json.dumps(cloudformation(bucket, cdn)), config=config)
    assert [f"{match.rule.id}: {match.message}" for match in found] == []


def test_the_bucket_admits_the_distribution_of_the_file_and_no_other() -> None:
    for changes in (KEY, KEY | {"cdn_distribution_id": "E2QWRUHEXAMPLE"}):
        bucket, cdn = both(**changes)
        configuration, template = terraform(bucket, cdn), cloudformation(bucket, cdn)
        policy = configuration["resource"]["aws_s3_bucket_policy"]["assets"]["policy"]
        statement = json.loads(policy)["Statement"][-1]
        assert statement["Condition"] == {
            "StringEquals": {"AWS:SourceArn": "${aws_cloudfront_distribution.cdn.arn}"}
        }
        assert statement["Resource"] == [
            f"arn:aws:s3:::test-assets/{each.path_pattern}" for each in cdn.behaviours
        ]
        attached = template["Resources"]["AssetsBucketPolicy"]["Properties"]["PolicyDocument"]
        assert "/${CdnDistribution}" in json.dumps(attached["Statement"][-1]["Condition"])
        assert "E2QWRUHEXAMPLE" not in json.dumps([configuration, template])


def test_the_application_may_invalidate_in_the_distribution_of_the_file() -> None:
    bucket, cdn = both(s3_iam_statements=("cdn-invalidation",))
    user = terraform(bucket, cdn)["resource"]["aws_iam_user_policy"]["application"]
    statement = json.loads(user["policy"])["Statement"][-1]
    assert statement["Resource"] == "${aws_cloudfront_distribution.cdn.arn}"
    policy = cloudformation(bucket, cdn)["Resources"]["ApplicationPolicy"]["Properties"]
    assert "Fn::Sub" in policy["PolicyDocument"]["Statement"][-1]["Resource"]


def test_the_key_that_the_file_makes_is_not_named_twice() -> None:
    """Once it is made its ID stands in CDN_KEY_PAIR_ID."""
    before = terraform(*both(**KEY))
    after = terraform(*both(**KEY, cdn_key_pair_id="K2JCJMDEHXQW5F"))
    assert before == after


def test_no_private_key_stands_in_a_file() -> None:
    private = key_pair("one")[0]
    files = [
        write(*both(cdn_key_pair_id="K2JCJMDEHXQW5F", cdn_private_key=private))
        for write in (terraform, cloudformation)
    ]
    assert "PRIVATE" not in json.dumps(files)
    assert "PUBLIC KEY" in json.dumps(files)


def test_without_a_distribution_the_files_are_as_they_were() -> None:
    bucket, _ = both(cdn_distribution_id="E2QWRUHEXAMPLE")
    assert "cloudfront_" not in json.dumps(terraform(bucket))
    assert "AWS::CloudFront" not in json.dumps(cloudformation(bucket))
