"""Deployments on AWS whose files are tested: a set by name, and a strategy for many more."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from hypothesis import strategies as st
from tests.unit.buckets.conftest import ACCOUNT, NAME, OPERATOR, PRINCIPALS, wanted

from gridboss_assets.buckets.desired import DesiredBucket, desired
from gridboss_assets.buckets.principals import Principals
from gridboss_assets.kinds import AVATAR, DEFAULT_KINDS, EXPORT, Kinds
from gridboss_assets.storage.providers import AWS
from gridboss_config import Settings

KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
EVERYTHING: Mapping[str, Any] = {
    "s3_kms_key_arn": KEY,
    "s3_versioning": True,
    "s3_noncurrent_days": 7,
    "s3_tags": {"app": "gridboss", "cost centre": "a/b:c@d", "empty": ""},
    "s3_iam_statements": ("kms", "cdn-invalidation", "multipart"),
    "cdn_distribution_id": "E2QWRUHEXAMPLE",
    "cdn_key_pair_id": "K2JCJMDEXAMPLE",
    "cors_origins": ("https://a.example", "https://b.example:8443", "*"),
}
USER_WITH_A_PATH = replace(PRINCIPALS, application=f"arn:aws:iam::{ACCOUNT}:user/apps/eu/gridboss")
ROLE = replace(PRINCIPALS, application=f"arn:aws:iam::{ACCOUNT}:role/gridboss-assets")
IN_CHINA = Principals(
    f"arn:aws-cn:iam::{ACCOUNT}:role/apps/gridboss",
    (f"arn:aws-cn:iam::{ACCOUNT}:user/admin",),
    ACCOUNT,
)

Variant = Callable[[], DesiredBucket]

# Made within a test, for only there are no settings in the environment.
VARIANTS: Mapping[str, Variant] = {
    "as it is by default": wanted,
    "everything that can be set": partial(wanted, principals=USER_WITH_A_PATH, **EVERYTHING),
    "tags alone": partial(wanted, s3_tags=EVERYTHING["s3_tags"]),
    "versions alone": partial(wanted, s3_versioning=True),
    "no page of another origin": partial(wanted, cors_origins=()),
    "a role": partial(wanted, principals=ROLE, s3_region="eu-central-1"),
    "a role in China": partial(wanted, principals=IN_CHINA, s3_region="cn-north-1"),
}
EACH = pytest.mark.parametrize("variant", VARIANTS.values(), ids=list(VARIANTS))

# What a template of either format might take for its own.
_TEMPLATES = Kinds(replace(AVATAR, prefix="${aws:username}/%{if}/$${a}/"), EXPORT)
_TAG_TEXT = st.text(st.sampled_from("abcXYZ019é _.:/=+@-"), max_size=12)
_NAME = st.text(st.sampled_from("abcXYZ019_+=,.@-"), min_size=1, max_size=20)
_PATH = st.lists(_NAME, max_size=3).map(lambda parts: "".join(f"{part}/" for part in parts))
_PRINCIPAL = st.builds(
    lambda kind, path, name: f"arn:aws:iam::{ACCOUNT}:{kind}/{path}{name}",
    st.sampled_from(["user", "role"]),
    _PATH,
    _NAME,
)
_ORIGIN = st.sampled_from(["*", "https://a.example", "http://localhost:5173", "https://${b}.c"])
_TAGS = st.dictionaries(
    _TAG_TEXT.filter(lambda name: name and not name.startswith("aws:")), _TAG_TEXT, max_size=4
)


@st.composite
def deployments(draw: st.DrawFn) -> DesiredBucket:
    """Draw the desired state of any bucket on AWS."""
    key = draw(st.sampled_from([None, KEY]))
    cdn = draw(st.sampled_from([None, "E2QWRUHEXAMPLE"]))
    statements = [
        "multipart",
        *(["kms"] if key else []),
        *(["cdn-invalidation"] if cdn else []),
    ]
    settings = Settings(
        _env_file=None,
        s3_bucket=draw(st.sampled_from([NAME, "gridboss.prod.assets"])),
        s3_region=draw(st.sampled_from(["us-east-1", "eu-west-1"])),
        s3_kms_key_arn=key,
        s3_versioning=draw(st.booleans()),
        s3_noncurrent_days=draw(st.integers(1, 3650)),
        s3_tags=draw(_TAGS),
        s3_iam_statements=tuple(draw(st.lists(st.sampled_from(statements), unique=True))),
        cdn_distribution_id=cdn,
        cdn_key_pair_id=draw(st.sampled_from([None, "K2JCJMDEXAMPLE"])),
        cors_origins=tuple(draw(st.lists(_ORIGIN, unique=True, max_size=3))),
    )
    principals = Principals(draw(_PRINCIPAL), (OPERATOR,), ACCOUNT)
    kinds = draw(st.sampled_from([DEFAULT_KINDS, _TEMPLATES]))
    return desired(settings, principals, provider=AWS, kinds=kinds)
