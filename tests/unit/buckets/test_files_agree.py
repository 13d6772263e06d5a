"""Plan, Terraform and CloudFormation say the same, for whatever is set."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from tests.unit.buckets.conftest import wanted
from tests.unit.buckets.from_cloudformation import from_cloudformation
from tests.unit.buckets.from_terraform import from_terraform
from tests.unit.buckets.read_back import assert_makes
from tests.unit.buckets.variants import deployments

from gridboss_assets.buckets.desired import DesiredBucket
from gridboss_assets.buckets.iac.cloudformation import cloudformation
from gridboss_assets.buckets.iac.terraform import terraform
from gridboss_assets.storage.providers import BucketFeature

BLOCK = BucketFeature.PUBLIC_ACCESS_BLOCK
SWITCHES = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


@given(deployments())
@settings(max_examples=100)
def test_both_files_make_just_what_apply_would(state: DesiredBucket) -> None:
    for written, read in (
        (terraform(state), from_terraform),
        (cloudformation(state), from_cloudformation),
    ):
        assert_makes(read(json.loads(json.dumps(written))), state)


@pytest.mark.parametrize("switch", SWITCHES)
def test_each_switch_of_the_public_access_block_keeps_its_meaning(switch: str) -> None:
    """All four are on, so a mix-up would show in no other test."""
    value = {name: name == switch for name in SWITCHES}
    items = [
        replace(item, value=value) if item.feature is BLOCK else item for item in wanted().items
    ]
    state = replace(wanted(), items=tuple(items))
    assert from_terraform(terraform(state)).sides[BLOCK] == value
    assert from_cloudformation(cloudformation(state)).sides[BLOCK] == value
