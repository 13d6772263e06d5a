"""Each check passes on a good bucket, and notices each way in which the bucket is spoiled."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.unit.buckets.audit import (  # noqa: F401 - they fill the table
    spoiled_configuration,
    spoiled_objects,
    spoiled_policy,
)
from tests.unit.buckets.audit.cases import CASES, Case
from tests.unit.buckets.audit.evidences import (
    HEAD,
    NOW,
    OWNED,
    judged,
    looked,
    sample,
    samples,
    the,
)
from tests.unit.buckets.audit.spoiled_configuration import (
    asked_by,
    cors_rule,
    lifecycle_rule,
)
from tests.unit.buckets.audit.spoiled_policy import DISTRIBUTION, allow
from tests.unit.buckets.conftest import ACCOUNT, APPLICATION, OPERATOR, wanted

from gridboss_assets.buckets.audit import CHECKS, Check, preparation
from gridboss_assets.buckets.audit.evidence import Outcome as Got
from gridboss_assets.buckets.audit.evidence import Reached, Sample, Stranger, Upload, Uploads
from gridboss_assets.findings import Finding, Status, exit_status
from gridboss_assets.storage.providers import PROVIDERS, SEAWEEDFS, Provider
from gridboss_config import Settings

PASS = Status.PASS


def passing() -> list[Finding]:
    """Return a finding of each check, on a bucket where all is well."""
    settings = Settings(_env_file=None, s3_bucket="test-assets", s3_region="us-east-1")
    return [
        preparation.usable(settings),
        *asked_by(OPERATOR),
        *preparation.place(wanted(), Reached(exists=True, region="us-east-1")),
        *judged(),
    ]


def test_every_check_passes_on_a_bucket_that_is_as_desired() -> None:
    assert [f for f in passing() if f.status is not PASS or f.remedy] == []


def test_every_check_is_made_once_but_the_one_that_says_what_was_not_made() -> None:
    assert sorted(f.check for f in passing()) == sorted(set(CHECKS) - {Check.NOT_TRIED})


@pytest.mark.parametrize("spoiled", CASES, ids=lambda c: f"{c.check}: {c.make.__name__}")
def test_a_spoiled_bucket_is_noticed_and_explained(spoiled: Case) -> None:
    found = the(spoiled.check, spoiled.make())
    assert found.status is spoiled.status, found
    text = f"{found.detail} → {found.remedy}"
    assert [words for words in spoiled.says if words not in text] == [], text


def test_every_check_has_a_case_in_which_it_does_not_pass() -> None:
    assert set(CHECKS) - {spoiled.check for spoiled in CASES} == set()


@pytest.mark.parametrize("spoiled", CASES, ids=lambda c: f"{c.check}: {c.make.__name__}")
def test_whatever_differs_or_is_unknown_has_a_remedy(spoiled: Case) -> None:
    for found in spoiled.make():
        if found.status in {Status.FAIL, Status.UNKNOWN}:
            assert found.remedy, found


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda p: p.id)
def test_what_a_provider_lacks_is_told_with_its_meaning_and_changes_no_exit_status(
    provider: Provider,
) -> None:
    want = wanted(provider, None if not provider.principals_in_policies else wanted().principals)
    found = judged(want)
    for feature, meaning in provider.lacks.items():
        assert the(feature, found) == Finding(feature, Status.UNAVAILABLE, meaning)
    assert exit_status(found) == 0, [f for f in found if f.status is Status.FAIL]


# --- what is all right, though it looks like something --------------------------------------


def assert_passes(check: str, found: list[Finding]) -> None:
    assert the(check, found).status is PASS, the(check, found)


def test_the_cdn_of_the_settings_is_admitted() -> None:
    assert_passes(Check.CDN, judged(wanted(cdn_distribution_id=DISTRIBUTION)))


def test_a_signed_cdn_may_read_what_has_an_owner() -> None:
    want = wanted(cdn_distribution_id=DISTRIBUTION, cdn_key_pair_id="K2JCJMDEXAMPLE")
    assert_passes(Check.CDN, judged(want))


def test_a_statement_for_the_application_lets_no_outsider_in() -> None:
    assert_passes(Check.STATEMENTS, judged(policy=allow({"AWS": APPLICATION})))


def test_a_cdn_and_somebody_who_was_deleted_are_no_outsiders_but_checks_of_their_own() -> None:
    edge = allow({"Service": "cloudfront.amazonaws.com"}, sid="Edge")
    assert_passes(Check.STATEMENTS, judged(policy=edge))
    assert_passes(Check.STATEMENTS, judged(policy=allow({"AWS": "AIDACKCEVSQ6C2EXAMPLE"})))


def test_a_denial_in_other_words_is_as_good() -> None:
    deny = {
        "Effect": "Deny",
        "Action": "*",
        "Resource": "*",
        "Condition": {"Bool": {"aws:SecureTransport": False}},
    }
    found = judged(policy=allow("*", sid="DenyInsecureTransport", **deny))
    assert_passes(Check.TLS, found)


def test_the_accounts_root_is_one_who_may_ask() -> None:
    assert_passes(Check.OPERATOR, asked_by(f"arn:aws:iam::{ACCOUNT}:root"))


@pytest.mark.parametrize(
    "rule",
    [
        {"AllowedOrigins": ["https://b.example"]},
        {"AllowedOrigins": ["https://b.example"], "AllowedMethods": ["PUT"]},
    ],
)
def test_a_cors_rule_for_a_page_that_is_named_is_all_right(rule: dict[str, Any]) -> None:
    assert_passes(Check.CORS_RULES, judged(cors=cors_rule(**rule)))


@pytest.mark.parametrize(
    ("prefix", "rule"),
    [
        ("logs/", {"Expiration": {"Days": 30}}),
        ("", {"Expiration": {"Days": 30}, "Status": "Disabled"}),
        ("", {"Expiration": {"ExpiredObjectDeleteMarker": True}}),
        ("pending/", {"Expiration": {"Days": 7}}),
        ("", {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}}),
    ],
)
def test_a_lifecycle_rule_that_spares_our_files_is_all_right(
    prefix: str, rule: dict[str, Any]
) -> None:
    assert_passes(Check.LIFECYCLE_RULES, judged(lifecycle=lifecycle_rule(prefix, **rule)))


def test_the_seal_of_a_job_is_not_asked_for_and_its_lack_is_told() -> None:
    found = the(Check.UNSEALED, judged())
    assert (found.status, "1 without one have no owner" in found.detail) == (PASS, True)


def test_an_object_that_went_away_meanwhile_proves_nothing() -> None:
    gone = looked(head=None, stranger=Stranger(Got.GONE, "404"))
    found = judged(samples=samples(gone))
    assert exit_status(found) == 0
    assert [f for f in found if f.status is not PASS] == []


def test_a_key_that_was_asked_for_is_as_asked() -> None:
    key = "arn:aws:kms:us-east-1:123456789012:key/abc"
    head = replace(HEAD, encryption="aws:kms:dsse", kms_key=key)
    found = judged(
        wanted(s3_kms_key_arn=key),
        samples=tuple(
            replace(s, looked=tuple(replace(each, head=head) for each in s.looked))
            for s in samples()
        ),
    )
    assert_passes(Check.OBJECT_ENCRYPTION, found)


def test_an_upload_may_be_as_old_as_the_rule_lets_it_get() -> None:
    first, *others = samples()
    young = sample("pending/", *first.looked, age=timedelta(days=3))
    uploads = Uploads((Upload("exports/z.csv", NOW - timedelta(days=3)),))
    found = judged(samples=(young, *others), uploads=uploads)
    assert_passes(Check.STALE, found)
    assert_passes(Check.MULTIPART, found)


def test_the_sample_says_how_many_were_looked_at_of_how_many() -> None:
    first, second, *others = samples()
    large = Sample("avatars/", second.listed * 1000, more=True, looked=second.looked * 100)
    found = the(Check.SAMPLE, judged(samples=(first, large, *others)))
    assert "100 of at least 1,000 objects under avatars/" in found.detail
    assert "1 of 1 objects elsewhere" in found.detail


def test_an_empty_bucket_has_nothing_to_find() -> None:
    empty = tuple(sample(s.place) for s in samples())
    found = judged(samples=empty)
    assert [f for f in found if f.status is not PASS] == []


def test_acls_of_objects_are_judged_where_they_are_on() -> None:
    found = judged(wanted(SEAWEEDFS, None), samples=samples(looked(OWNED, grants=())))
    assert "1 objects admit their owner alone" in the(Check.OBJECT_ACLS, found).detail
