"""Data in the documents is usable as it stands: JSON, settings, and what a bucket is given."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from tests.docs.documents import ROOT, Block, blocks, documents
from tests.docs.environment import environment

from gridboss_assets.buckets.desired import desired
from gridboss_assets.buckets.principals import Principals
from gridboss_assets.inspection.configured import inspection_of
from gridboss_assets.reports import default_reports
from gridboss_assets.storage.providers import AWS, BucketFeature
from gridboss_config import Settings

LANGUAGES = {"bash", "ini", "js", "json", "python", "text", "tsx"}


def named(name: str) -> Any:
    """Return the JSON block that a comment calls so."""
    (block,) = [block for block in blocks("json") if name in block.setup]
    return json.loads(block.text)


def test_every_block_says_what_it_is() -> None:
    assert [str(block) for block in blocks() if block.language not in LANGUAGES] == []


def test_no_block_escapes_the_eye_of_these_tests() -> None:
    fences = [len(re.findall(r"^\s*```", p.read_text(), re.MULTILINE)) for p in documents()]
    assert sum(fences) == 2 * len(blocks())


@pytest.mark.parametrize("block", blocks("json"), ids=str)
def test_json_parses(block: Block) -> None:
    json.loads(block.text)


@pytest.mark.parametrize("block", blocks("ini"), ids=str)
def test_settings_are_accepted(block: Block, tmp_path: Path) -> None:
    file = tmp_path / "env"
    file.write_text(block.text, encoding="utf-8")
    names = re.findall(r"^(\w+)=", block.text, re.MULTILINE)
    assert set(names) <= {name.upper() for name in Settings.model_fields}
    with environment(frozenset()):
        settings = Settings(_env_file=file)
    # Text that was not read would leave every default in place.
    assert set(names) <= {name.upper() for name in settings.model_fields_set}
    inspection_of(settings)


def test_the_season_that_is_posted_makes_both_reports() -> None:
    posted = {"season": named("posted-season")}
    table: Any = default_reports()["standings"].prepare(posted, "csv").rows
    assert [row[:5] for row in table] == [
        (1, "Łukasz Borowieński", None, "", 11),
        (2, "Zoë Fontanelle", 17, "Kestrel Works", 11),
    ]
    race: Any = default_reports()["race-results"].prepare(posted, "csv").rows
    assert [row[0] for row in race] == [1, None]


def test_the_policy_of_the_application_allows_just_what_it_needs() -> None:
    scoped, listing = named("iam-policy")["Statement"]
    assert (scoped["Sid"], scoped["Resource"][-2:]) == ("AllowScopedObjectAccess", "/*")
    assert scoped["Action"] == ["s3:PutObject", "s3:GetObject", "s3:DeleteObject"]
    assert (listing["Sid"], listing["Action"]) == ("AllowListing", "s3:ListBucket")


def test_the_documents_of_a_bucket_are_what_the_commands_set() -> None:
    account, name = "123456789012", "gridboss-prod-assets"
    application = f"arn:aws:iam::{account}:user/gridboss-assets"
    operator = f"arn:aws:iam::{account}:role/bucket-admin"
    settings = Settings(
        _env_file=None,
        s3_bucket=name,
        s3_region="eu-west-1",
        cors_origins=("https://app.example.com",),
    )
    wanted = desired(settings, Principals(application, (operator,), account), provider=AWS)
    for document, key, feature in [
        ("bucket-policy", "Statement", BucketFeature.POLICY),
        ("cors", "CORSRules", BucketFeature.CORS),
        ("lifecycle", "Rules", BucketFeature.LIFECYCLE),
    ]:
        assert named(document)[key] == [item.value for item in wanted.of(feature).values()]
    assert named("iam-policy") == wanted.iam_policy()


def test_the_readme_names_two_commands_first_and_no_others() -> None:
    readme = [block for block in blocks() if block.path == ROOT / "README.md"]
    assert [block.text for block in readme[:2]] == ["scripts/dev\n", "scripts/test\n"]
    assert [block.text for block in readme if block.language == "bash"][2:] == []
    assert all(block.line < 30 for block in readme[:2])
