"""Terraform's configuration: known arguments, the right order, and no secret in a state."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.unit.buckets.conftest import NAME, PRINCIPALS, wanted
from tests.unit.buckets.from_terraform import from_terraform
from tests.unit.buckets.read_back import assert_makes
from tests.unit.buckets.variants import EACH, EVERYTHING, ROLE, Variant
from tests.unit.cdn.conftest import key_pair

from gridboss_assets.buckets.desired import Item
from gridboss_assets.buckets.iac.terraform import is_ours, terraform
from gridboss_assets.cdn.desired import distribution
from gridboss_assets.cdn.keys import fingerprint
from gridboss_assets.errors import ConfigurationError
from gridboss_assets.storage.providers import PROVIDERS, BucketFeature
from gridboss_config import Settings

ROOT = Path(__file__).parents[3]
DOCUMENTATION = (ROOT / "docs/infrastructure-as-code.md").read_text(encoding="utf-8")
ARGUMENTS: Any = json.loads(
    (ROOT / "tests/fixtures/terraform/arguments.json").read_text(encoding="utf-8")
)
TYPES = {"string": str, "boolean": bool, "number": int, "string[]": list, "map(string)": dict}
# Terraform's own, for every resource, and the name that it reads over ("Meta-Arguments",
# "JSON Configuration Syntax").
OF_TERRAFORM = {"depends_on", "lifecycle", "//"}


def resources(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for kind, labels in document["resource"].items():
        for label, body in labels.items():
            yield kind, label, body


def check(body: Any, known: dict[str, Any], place: str) -> None:
    """Compare a block with the provider's names: none unknown, none missing, types that fit."""
    assert isinstance(body, dict), place
    assert body.keys() <= known.keys(), place
    assert {name for name, each in known.items() if each["required"]} <= body.keys(), place
    for name, value in body.items():
        here = f"{place}.{name}"
        if "arguments" in known[name]:
            blocks = value if isinstance(value, list) else [value]
            assert known[name]["many"] or len(blocks) == 1, here
            for block in blocks:
                check(block, known[name]["arguments"], here)
        else:
            assert type(value) is TYPES[known[name]["type"]], here


@EACH
def test_every_argument_is_the_providers_and_none_that_it_needs_is_missing(
    variant: Variant,
) -> None:
    for kind, _, body in resources(terraform(variant())):
        arguments = {name: value for name, value in body.items() if name not in OF_TERRAFORM}
        check(arguments, ARGUMENTS["resources"][kind], kind)


def test_the_provider_is_at_least_the_one_whose_arguments_are_known() -> None:
    required = terraform(wanted())["terraform"]["required_providers"]["aws"]
    assert required["source"] == ARGUMENTS["provider"].partition("/")[2]
    assert required["version"] == "~> " + ARGUMENTS["version"].rpartition(".")[0]


@EACH
def test_the_configuration_makes_just_what_apply_would(variant: Variant) -> None:
    assert_makes(from_terraform(terraform(variant())), variant())


@EACH
def test_a_reference_leads_to_a_resource_of_the_file(variant: Variant) -> None:
    document = terraform(variant())
    known = {f"{kind}.{label}" for kind, label, _ in resources(document)}
    depended = [each for _, _, body in resources(document) for each in body.get("depends_on", [])]
    referred = re.findall(r"(?<!\$)\$\{(\w+\.\w+)\.\w+\}", json.dumps(document))
    assert referred
    assert {*depended, *referred} <= known


@EACH
def test_the_policy_which_may_shut_somebody_out_comes_last(variant: Variant) -> None:
    document = terraform(variant())
    policy = document["resource"]["aws_s3_bucket_policy"]["assets"]
    sides = {f"{kind}.assets" for kind, _, _ in resources(document) if "_s3_bucket_" in kind}
    assert {*policy["depends_on"], "aws_s3_bucket_policy.assets"} == sides


def test_rules_about_versions_wait_for_versioning() -> None:
    lifecycle = "aws_s3_bucket_lifecycle_configuration"
    versioned = terraform(wanted(s3_versioning=True))["resource"]
    assert versioned[lifecycle]["assets"]["depends_on"] == ["aws_s3_bucket_versioning.assets"]
    assert "depends_on" not in terraform(wanted())["resource"][lifecycle]["assets"]


def test_only_the_region_and_the_account_of_the_settings_will_do() -> None:
    document = terraform(wanted(s3_region="eu-west-1"))
    assert document["provider"] == {
        "aws": {"region": "eu-west-1", "allowed_account_ids": ["123456789012"]}
    }


def test_no_access_key_can_get_into_the_state() -> None:
    document = terraform(wanted())
    assert "aws_iam_access_key" not in document["resource"]
    user = document["resource"]["aws_iam_user"]["application"]
    assert "`gridboss-assets iam rotate gridboss-assets`" in user["//"]
    assert document["output"]["application"]["description"] == user["//"]


def test_of_a_role_it_has_the_policy_alone() -> None:
    iam = [kind for kind in terraform(wanted(principals=ROLE))["resource"] if "_iam_" in kind]
    assert iam == ["aws_iam_role_policy"]


def test_nothing_in_the_settings_is_read_as_a_template() -> None:
    document = terraform(wanted(cors_origins=("https://${x}.example", "https://%{x}.example")))
    (rule,) = document["resource"]["aws_s3_bucket_cors_configuration"]["assets"]["cors_rule"]
    assert rule["allowed_origins"] == ["https://$${x}.example", "https://%%{x}.example"]


def test_the_documentation_imports_every_resource() -> None:
    shown = re.findall(r"^terraform import (\S+) \S+$", DOCUMENTATION, re.MULTILINE)
    key = f"key-{fingerprint(key_pair('one')[1])}"
    shown = [each.replace("key-FINGERPRINT", key) for each in shown]
    every = [terraform(wanted(principals=each, **EVERYTHING)) for each in (PRINCIPALS, ROLE)]
    given: Any = {"s3_bucket": NAME, "s3_region": "us-east-1", "cdn_public_key": key_pair("one")[1]}
    cdn = distribution(Settings(_env_file=None, **given))
    every.append(terraform(wanted(), cdn))
    assert set(shown) == {f"{kind}.{label}" for made in every for kind, label, _ in resources(made)}


def test_a_rule_with_a_part_that_has_no_name_is_refused_whole() -> None:
    rule = {"ID": "gridboss-cold", "Status": "Enabled", "Transitions": [{"Days": 1}]}
    item = Item(BucketFeature.LIFECYCLE, "gridboss-cold", rule, "")
    state = replace(wanted(), items=(*wanted().items, item))
    with pytest.raises(LookupError, match=r"lifecycle\.Rules\.Transitions"):
        terraform(state)


@pytest.mark.parametrize("provider", [p for p in PROVIDERS if not p.iam], ids=lambda p: p.id)
def test_another_provider_is_refused_with_what_to_do_instead(provider: Any) -> None:
    with pytest.raises(ConfigurationError, match="gridboss-assets bucket apply"):
        terraform(wanted(provider, None))


def test_a_stand_in_of_aws_on_this_machine_makes_no_files() -> None:
    with pytest.raises(ConfigurationError, match="not TLS"):
        terraform(wanted(s3_endpoint="http://localhost:5000", s3_provider="aws"))


def test_without_an_application_there_is_nothing_to_write() -> None:
    with pytest.raises(ConfigurationError, match="S3_PRINCIPAL_ARN"):
        terraform(wanted(principals=None))


def test_it_knows_its_own_files() -> None:
    written = json.loads(json.dumps(terraform(wanted(**EVERYTHING))))
    assert is_ours(written)
    others: tuple[Any, ...] = (None, [], {}, {"//": "Mine."}, {"//": None})
    assert not any(is_ours(other) for other in others)
