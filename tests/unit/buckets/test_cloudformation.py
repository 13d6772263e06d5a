"""CloudFormation's template: cfn-lint finds nothing, and it makes what the plan wants."""

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from cfnlint.api import ManualArgs, lint
from cfnlint.schema import PROVIDER_SCHEMA_MANAGER
from tests.unit.buckets.conftest import NAME, OPERATOR, wanted
from tests.unit.buckets.from_cloudformation import from_cloudformation
from tests.unit.buckets.read_back import assert_makes
from tests.unit.buckets.variants import EACH, EVERYTHING, ROLE, USER_WITH_A_PATH, Variant

from gridboss_assets.buckets.aws import Bucket
from gridboss_assets.buckets.desired import DesiredBucket, Item
from gridboss_assets.buckets.iac.cloudformation import cloudformation, is_ours
from gridboss_assets.buckets.plan import Plan, Step, plan
from gridboss_assets.buckets.shapes import to_items
from gridboss_assets.errors import ConfigurationError
from gridboss_assets.storage.providers import AWS, PROVIDERS, BucketFeature

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# What moto 5.2 makes of an AWS::S3::Bucket; it reads over the other properties, and over the
# types AWS::S3::BucketPolicy and AWS::IAM::UserPolicy.
KNOWN_TO_MOTO = {BucketFeature.ENCRYPTION, BucketFeature.TAGS}

Deployed = tuple[DesiredBucket, dict[str, Any], Bucket]


@EACH
def test_cfn_lint_finds_nothing_not_even_for_your_information(variant: Variant) -> None:
    state = variant()
    regions = [state.region, "us-east-1"]  # the second is cfn-lint's own default
    config = ManualArgs(include_checks=["I"], regions=regions)
    found = lint(json.dumps(cloudformation(state)), config=config)
    assert [f"{match.rule.id}: {match.message}" for match in found] == []


def test_cfn_lint_finds_what_is_wrong() -> None:
    template = cloudformation(wanted())
    rule = template["Resources"]["AssetsBucket"]["Properties"]["LifecycleConfiguration"]["Rules"][0]
    rule["ExpirationInDay"] = rule.pop("ExpirationInDays")
    found = lint(json.dumps(template), config=ManualArgs(include_checks=["I"]))
    assert any("ExpirationInDay" in match.message for match in found)


@EACH
def test_the_template_makes_just_what_apply_would(variant: Variant) -> None:
    assert_makes(from_cloudformation(cloudformation(variant())), variant())


@pytest.fixture
def deployed(s3: "S3Client") -> Deployed:
    """Deploy a template on moto."""
    state = wanted(principals=USER_WITH_A_PATH, s3_tags=EVERYTHING["s3_tags"], s3_versioning=True)
    template = cloudformation(state)
    stacks = boto3.client(
        "cloudformation", "us-east-1", aws_access_key_id="k", aws_secret_access_key="s"
    )
    with pytest.warns(UserWarning, match="not supported by moto"):
        stacks.create_stack(StackName="test-assets", TemplateBody=json.dumps(template))
    return state, template, Bucket(s3, NAME, "us-east-1", AWS)


def test_deployed_it_leaves_nothing_to_do_of_what_moto_knows(
    deployed: Deployed,
) -> None:
    state, _, bucket = deployed
    left = {step.feature for step in plan(state, bucket.read()).steps}
    assert left == {item.feature for item in state.items} - KNOWN_TO_MOTO
    iam = boto3.client("iam", aws_access_key_id="k", aws_secret_access_key="s")
    assert iam.get_user(UserName="gridboss")["User"]["Arn"] == USER_WITH_A_PATH.application


def test_with_the_rest_of_the_template_it_leaves_nothing_at_all(
    deployed: Deployed,
) -> None:
    """The test itself sets what moto reads over, from the template's own words."""
    state, template, bucket = deployed
    sides = from_cloudformation(template).sides
    steps = [
        Step(each, (), to_items(each, side))
        for each, side in sides.items()
        if each not in KNOWN_TO_MOTO
    ]
    rest = Plan(NAME, "us-east-1", creates=False, steps=tuple(steps), kept=(), notes=(), unknown=())
    assert len(list(bucket.apply(rest))) == len(steps)
    planned = plan(state, bucket.read())
    assert (planned.is_empty, planned.kept, planned.unknown) == (True, (), ())


@EACH
def test_what_belongs_to_the_application_outlives_the_stack(variant: Variant) -> None:
    for resource in cloudformation(variant())["Resources"].values():
        assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_another_account_or_region_is_refused() -> None:
    (rule,) = cloudformation(wanted(s3_region="eu-west-1"))["Rules"].values()
    assert [each["Assert"] for each in rule["Assertions"]] == [
        {"Fn::Equals": [{"Ref": "AWS::AccountId"}, "123456789012"]},
        {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]},
    ]


def test_no_access_key_is_made_and_it_says_what_makes_one() -> None:
    template = cloudformation(wanted())
    assert "AWS::IAM::AccessKey" not in json.dumps(template)
    told = template["Metadata"]["Application"]
    assert "`gridboss-assets iam rotate gridboss-assets`" in told


def test_of_a_role_it_has_the_policy_alone() -> None:
    resources = cloudformation(wanted(principals=ROLE))["Resources"]
    iam = [each["Type"] for each in resources.values() if "::IAM::" in each["Type"]]
    assert iam == ["AWS::IAM::RolePolicy"]


def test_names_are_literal_so_that_a_reviewer_can_compare() -> None:
    resources = cloudformation(wanted())["Resources"]
    assert resources["AssetsBucket"]["Properties"]["BucketName"] == NAME
    policy = json.dumps(resources["AssetsBucketPolicy"]["Properties"]["PolicyDocument"])
    assert f"arn:aws:s3:::{NAME}/*" in policy
    assert OPERATOR in policy


def test_the_documentation_imports_every_resource_by_what_identifies_it() -> None:
    text = (Path(__file__).parents[3] / "docs/infrastructure-as-code.md").read_text("utf-8")
    shown = json.loads(text.partition("```json\n")[2].partition("```")[0])
    resources = cloudformation(wanted())["Resources"]
    assert {each["LogicalResourceId"]: each["ResourceType"] for each in shown} == {
        name: resource["Type"] for name, resource in resources.items()
    }
    for each in shown:
        schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", each["ResourceType"])
        identifier = {f"/properties/{name}" for name in each["ResourceIdentifier"]}
        assert identifier == set(schema.schema["primaryIdentifier"])


def test_a_rule_with_a_part_that_has_no_name_is_refused_whole() -> None:
    rule = {"ID": "gridboss-x", "Status": "Enabled", "Filter": {"And": {"Prefix": "a"}}}
    item = Item(BucketFeature.LIFECYCLE, "gridboss-x", rule, "")
    with pytest.raises(LookupError, match=r"lifecycle\.Rules\.Filter\.And"):
        cloudformation(replace(wanted(), items=(*wanted().items, item)))


def test_a_part_is_never_copied_with_names_of_the_api_in_it() -> None:
    rule = {"ID": "gridboss-x", "Status": {"Value": "Enabled"}}
    item = Item(BucketFeature.LIFECYCLE, "gridboss-x", rule, "")
    with pytest.raises(LookupError, match=r"lifecycle\.Rules\.Status"):
        cloudformation(replace(wanted(), items=(*wanted().items, item)))


@pytest.mark.parametrize("provider", [p for p in PROVIDERS if not p.iam], ids=lambda p: p.id)
def test_another_provider_is_refused_with_what_to_do_instead(provider: Any) -> None:
    with pytest.raises(ConfigurationError, match="gridboss-assets bucket apply"):
        cloudformation(wanted(provider, None))


def test_it_knows_its_own_files() -> None:
    assert is_ours(json.loads(json.dumps(cloudformation(wanted()))))
    others: tuple[Any, ...] = (
        None,
        [],
        {},
        {"Metadata": None},
        {"Metadata": {"GridBossAssets": "Mine."}},
    )
    assert not any(is_ours(other) for other in others)
