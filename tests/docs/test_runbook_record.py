"""What wrangler and b2 themselves did with the runbook's commands, as it was recorded.

How, and against what: tests/fixtures/runbook/README.md.
"""

import json
from typing import Any

import pytest
from tests.docs.documents import ROOT, blocks
from tests.docs.sections import RUNBOOK, commands
from tests.docs.test_data import named

from gridboss_assets.buckets.desired import DesiredBucket, desired
from gridboss_assets.storage.providers import BACKBLAZE_B2, CLOUDFLARE_R2, BucketFeature, Provider
from gridboss_config import Settings

NAME = "gridboss-prod-assets"
ORIGIN = "https://app.example.com"
RECORD = json.loads((ROOT / "tests/fixtures/runbook/recorded.json").read_text(encoding="utf-8"))


def wanted(provider: Provider) -> DesiredBucket:
    """Say what the runbook's bucket should be."""
    settings = Settings(_env_file=None, s3_bucket=NAME, s3_region="auto", cors_origins=(ORIGIN,))
    return desired(settings, None, provider=provider)


@pytest.mark.parametrize("tool", ["wrangler", "b2"])
def test_each_command_of_another_program_was_run_by_it(tool: str) -> None:
    """Where this fails: scripts/lib/record-runbook, as tests/fixtures/runbook/README.md says."""
    found = commands(*[block for block in blocks("bash") if block.path == RUNBOOK])
    lines = [command.line for command in found if command.words[0] == tool]
    assert lines
    assert lines == [run["line"] for run in RECORD[tool]["commands"]]
    assert [run for run in RECORD[tool]["commands"] if run["status"] != 0] == []


def body(line: str) -> Any:
    """Return what wrangler sent last for the command that has these words."""
    (run,) = [run for run in RECORD["wrangler"]["commands"] if line in run["line"]]
    return run["requests"][-1]["body"]


def test_wrangler_sets_the_cors_rules_that_are_wanted() -> None:
    (rule,) = body("cors set")["rules"]
    assert rule == named("r2-cors")["rules"][0]
    (item,) = wanted(CLOUDFLARE_R2).of(BucketFeature.CORS).values()
    assert item.value == {
        "ID": rule["id"],
        "AllowedOrigins": rule["allowed"]["origins"],
        "AllowedMethods": rule["allowed"]["methods"],
        "AllowedHeaders": rule["allowed"]["headers"],
        "ExposeHeaders": rule["exposeHeaders"],
        "MaxAgeSeconds": rule["maxAgeSeconds"],
    }


def test_wrangler_adds_the_lifecycle_rules_that_are_wanted() -> None:
    day = {"condition": {"type": "Age", "maxAge": 24 * 60 * 60}}
    sent = [body(f"lifecycle add {NAME} {rule}")["rules"][-1] for rule in rules(CLOUDFLARE_R2)]
    assert sent == [
        {
            "id": rule["ID"],
            "enabled": True,
            "conditions": {"prefix": rule["Filter"]["Prefix"]} if rule["Filter"]["Prefix"] else {},
            **(
                {"deleteObjectsTransition": day}
                if rule.get("Expiration") == {"Days": 1}
                else {"abortMultipartUploadsTransition": day}
            ),
        }
        for rule in rules(CLOUDFLARE_R2).values()
    ]


def rules(provider: Provider) -> dict[str, Any]:
    """Return the lifecycle rules that are wanted, by their IDs."""
    items = wanted(provider).of(BucketFeature.LIFECYCLE)
    return {name: item.value for name, item in items.items()}


def test_wrangler_switches_the_public_address_off() -> None:
    assert body("dev-url disable") == {"enabled": False}


def test_b2_makes_a_private_encrypted_bucket_and_keys_that_may_no_more_than_they_need() -> None:
    made = RECORD["b2"]
    (encryption,) = wanted(BACKBLAZE_B2).of(BucketFeature.ENCRYPTION).values()
    assert made["bucket"]["bucketType"] == "allPrivate"
    algorithm = made["bucket"]["defaultServerSideEncryption"]["algorithm"]
    assert {"SSEAlgorithm": algorithm} == encryption.value
    keys = made["keys"]
    assert set(keys) == {"gridboss-operator", "gridboss-assets-2"}  # the first one was deleted
    assert keys["gridboss-operator"]["expires"]
    application = keys["gridboss-assets-2"]
    assert application["bucket"] == NAME
    assert not {"listAllBucketNames", "writeBuckets", "writeKeys"} & {*application["capabilities"]}
