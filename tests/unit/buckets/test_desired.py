"""The desired state says what the specification says, and nothing that a provider lacks."""

import pytest
from pydantic import SecretStr
from tests.unit.buckets.conftest import APPLICATION, NAME, OPERATOR, wanted

from gridboss_assets import S3Storage, Uploads
from gridboss_assets.buckets.plan import BucketState, plan
from gridboss_assets.buckets.policies import INSECURE, OTHERS
from gridboss_assets.buckets.shapes import to_document
from gridboss_assets.errors import ConfigurationError
from gridboss_assets.storage.providers import (
    CEPH,
    CLOUDFLARE_R2,
    PROVIDERS,
    BucketFeature,
    Provider,
)
from gridboss_config import Settings

LIFECYCLE = BucketFeature.LIFECYCLE
BY_ID = {provider.id: provider for provider in PROVIDERS}


def test_pending_uploads_and_unfinished_multipart_uploads_expire_after_a_day() -> None:
    rules = {name: item.value for name, item in wanted().of(LIFECYCLE).items()}
    assert rules["gridboss-pending"]["Filter"] == {"Prefix": "pending/"}
    assert rules["gridboss-pending"]["Expiration"] == {"Days": 1}
    multipart = rules["gridboss-unfinished-multipart"]
    assert multipart["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}
    assert multipart["Filter"] == {"Prefix": ""}
    assert len(rules) == 2


def test_with_versions_a_deletion_under_pending_is_final_after_a_day() -> None:
    rules = {n: i.value for n, i in wanted(s3_versioning=True).of(LIFECYCLE).items()}
    assert rules["gridboss-pending"]["NoncurrentVersionExpiration"] == {"NoncurrentDays": 1}
    assert rules["gridboss-pending-markers"]["Expiration"] == {"ExpiredObjectDeleteMarker": True}


@pytest.mark.parametrize("prefix", ["avatars", "exports"])
def test_with_versions_other_prefixes_keep_them_for_the_days_that_are_set(prefix: str) -> None:
    rules = wanted(s3_versioning=True, s3_noncurrent_days=7).of(LIFECYCLE)
    rule = rules[f"gridboss-noncurrent-{prefix}"].value
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 7}
    assert rule["Filter"] == {"Prefix": f"{prefix}/"}


def test_cors_lets_the_origins_send_what_the_client_sends() -> None:
    rule = wanted(cors_origins=("https://a.example",)).of(BucketFeature.CORS)["gridboss-uploads"]
    assert rule.value["AllowedOrigins"] == ["https://a.example"]
    assert sorted(rule.value["AllowedMethods"]) == ["GET", "HEAD", "POST", "PUT"]
    assert rule.value["AllowedHeaders"] == ["content-type", "if-none-match", "x-amz-*"]
    assert rule.value["ExposeHeaders"] == ["ETag"]


def test_where_wildcards_are_not_known_to_work_cors_names_each_header_of_a_signed_put() -> None:
    rule = wanted(provider=CLOUDFLARE_R2).of(BucketFeature.CORS)["gridboss-uploads"].value
    settings = Settings(
        _env_file=None,
        s3_enabled=True,
        s3_endpoint="https://account.r2.cloudflarestorage.com",
        s3_region="auto",
        s3_bucket=NAME,
        s3_access_key=SecretStr("key"),
        s3_secret_key=SecretStr("secret"),
    )
    uploads = Uploads(S3Storage.from_settings(settings))
    signed = uploads.sign("avatar", filename="a.png", content_type="image/png", size=1)
    assert set(map(str.lower, signed.headers)) <= set(rule["AllowedHeaders"])


def test_without_origins_there_is_no_cors_and_a_note_says_so() -> None:
    state = wanted(cors_origins=())
    assert not state.of(BucketFeature.CORS)
    assert any("CORS_ORIGINS is empty" in note.text for note in state.notes)


def test_encryption_is_sse_s3_or_the_key_that_is_named() -> None:
    plain = wanted().of(BucketFeature.ENCRYPTION)["default encryption"].value
    key = "arn:aws:kms:us-east-1:123456789012:key/abc"
    managed = wanted(s3_kms_key_arn=key).of(BucketFeature.ENCRYPTION)["default encryption"].value
    assert plain == {"SSEAlgorithm": "AES256"}
    assert (managed["SSEAlgorithm"], managed["KMSMasterKeyID"]) == ("aws:kms", key)


def test_a_key_without_its_statement_is_told() -> None:
    key = "arn:aws:kms:us-east-1:123456789012:key/abc"
    assert any(note.subject == "kms" for note in wanted(s3_kms_key_arn=key).notes)
    told = wanted(s3_kms_key_arn=key, s3_iam_statements=("kms",)).notes
    assert not any(note.subject == "kms" for note in told)


def test_the_policy_admits_the_application_the_operators_and_the_root() -> None:
    statement = wanted().of(BucketFeature.POLICY)[OTHERS].value
    assert statement["Condition"]["ArnNotEquals"]["aws:PrincipalArn"] == [
        APPLICATION,
        "arn:aws:iam::123456789012:root",
        OPERATOR,
    ]


def test_plain_http_on_this_machine_is_not_denied_and_a_note_says_so() -> None:
    local = wanted(BY_ID["seaweedfs"], None, s3_endpoint="http://127.0.0.1:8333")
    remote = wanted(BY_ID["seaweedfs"], None, s3_endpoint="http://storage.example")
    assert INSECURE not in local.of(BucketFeature.POLICY)
    assert any(note.subject == INSECURE for note in local.notes)
    assert INSECURE in remote.of(BucketFeature.POLICY)


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda p: p.id)
def test_nothing_is_wanted_that_the_provider_lacks_and_each_lack_is_told(
    provider: Provider,
) -> None:
    state = wanted(provider, None, s3_tags={"app": "x"})
    assert {item.feature for item in state.items}.isdisjoint(provider.lacks)
    assert {note.text for note in state.notes} >= set(provider.lacks.values())


@pytest.mark.parametrize("endpoint", [None, "https://s.example", "http://127.0.0.1:8333"])
@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda p: p.id)
def test_each_side_is_written_as_it_is_wanted(provider: Provider, endpoint: str | None) -> None:
    state = wanted(provider, None, s3_endpoint=endpoint, s3_versioning=True, s3_tags={"app": "x"})
    steps = plan(state, BucketState(exists=False, sides={})).steps
    written = {step.feature: to_document(step.feature, step.target) for step in steps}
    documents = {feature: state.document(feature) for feature in BucketFeature}
    assert {feature: document for feature, document in documents.items() if document} == written


def test_where_versions_are_always_kept_they_expire_without_asking() -> None:
    state = wanted(BY_ID["b2"], None)
    assert state.versioned
    assert "NoncurrentVersionExpiration" in state.of(LIFECYCLE)["gridboss-pending"].value
    assert not state.of(BucketFeature.VERSIONING)


def test_a_kms_key_is_refused_where_there_is_no_kms() -> None:
    key = "arn:aws:kms:us-east-1:123456789012:key/abc"
    with pytest.raises(ConfigurationError, match="has no AWS KMS"):
        wanted(BY_ID["b2"], None, s3_kms_key_arn=key)


def test_where_switches_of_the_access_block_do_harm_the_others_alone_are_on() -> None:
    (item,) = wanted(CEPH, None).of(BucketFeature.PUBLIC_ACCESS_BLOCK).values()
    assert [name for name, on in item.value.items() if on] == ["IgnorePublicAcls"]
    assert "Ceph refuses uploads" in item.reason


def test_where_the_server_may_not_know_of_tls_a_note_says_so() -> None:
    cautions = [note.text for note in wanted(CEPH, None).notes if note.subject == INSECURE]
    assert len(cautions) == 1
    assert "rgw_trust_forwarded_https" in cautions[0]
    plain = wanted(CEPH, None, s3_endpoint="http://127.0.0.1:8080")
    assert CEPH.policy_gap not in [note.text for note in plain.notes]
