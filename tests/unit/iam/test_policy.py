"""``iam policy`` prints the policy, and where there is no IAM it is told how keys are made."""

import json

import pytest
from tests.unit.iam.conftest import BUCKET, NAME, Stage

KEY = "arn:aws:kms:us-east-1:123456789012:key/abc"
TWO = ["AllowScopedObjectAccess", "AllowListing"]


def sids(out: str) -> list[str]:
    return [statement["Sid"] for statement in json.loads(out)["Statement"]]


@pytest.fixture(autouse=True)
def _no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")


def test_it_is_the_two_statements_of_the_specification_and_asks_nobody(run: Stage) -> None:
    code, out, _ = run("policy")
    scoped, listing = json.loads(out)["Statement"]
    assert code == 0
    assert scoped["Action"] == ["s3:PutObject", "s3:GetObject", "s3:DeleteObject"]
    assert scoped["Resource"] == f"arn:aws:s3:::{BUCKET}/*"
    assert (listing["Action"], listing["Resource"]) == ("s3:ListBucket", f"arn:aws:s3:::{BUCKET}")
    assert sids(out) == TWO
    assert run.calls == []


def test_what_is_off_is_told_with_what_does_not_work_without_it(run: Stage) -> None:
    _, out, err = run("policy", "--with", "multipart")
    assert sids(out) == [*TWO, "AllowMultipartCleanup"]
    assert "Off: kms. For:" in err
    assert "Without cdn-invalidation: An edge may serve a deleted object" in err
    assert "Off: multipart" not in err


def test_statements_of_the_settings_and_of_the_command_add_up(
    run: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("S3_IAM_STATEMENTS", "kms")
    monkeypatch.setenv("S3_KMS_KEY_ARN", KEY)
    _, out, _ = run("policy", "--with", "multipart", "--with", "kms")
    assert sids(out) == [*TWO, "AllowEncryptionKey", "AllowMultipartCleanup"]


def test_the_distribution_is_named_with_the_applications_account(
    run: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CDN_DISTRIBUTION_ID", "E2QWRUHEXAMPLE")
    code, _, err = run("policy", "--with", "cdn-invalidation")
    assert (code, "S3_PRINCIPAL_ARN" in err) == (2, True)
    monkeypatch.setenv("S3_PRINCIPAL_ARN", "arn:aws:iam::999999999999:role/app")
    _, out, _ = run("policy", "--with", "cdn-invalidation")
    distribution = "arn:aws:cloudfront::999999999999:distribution/E2QWRUHEXAMPLE"
    assert json.loads(out)["Statement"][2]["Resource"] == distribution


@pytest.mark.parametrize(
    ("name", "setting"), [("kms", "S3_KMS_KEY_ARN"), ("cdn-invalidation", "CDN_DISTRIBUTION_ID")]
)
def test_a_statement_about_nothing_names_the_setting_that_is_missing(
    run: Stage, name: str, setting: str
) -> None:
    code, out, err = run("policy", "--with", name)
    assert (code, out) == (2, "")
    assert setting in err


def test_a_statement_that_does_not_exist_is_told_which_do(run: Stage) -> None:
    code, out, err = run("policy", "--with", "admin")
    assert (code, out) == (2, "")
    assert "kms, cdn-invalidation, multipart" in err


@pytest.mark.parametrize(
    ("region", "partition"), [("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")]
)
def test_the_partition_is_that_of_the_region(
    run: Stage, monkeypatch: pytest.MonkeyPatch, region: str, partition: str
) -> None:
    monkeypatch.setenv("S3_REGION", region)
    _, out, _ = run("policy")
    assert f"arn:{partition}:s3:::{BUCKET}/*" in out


@pytest.mark.parametrize("provider", ["minio", "seaweedfs", "ceph"])
def test_it_is_the_same_on_servers_of_ones_own(
    run: Stage, monkeypatch: pytest.MonkeyPatch, provider: str
) -> None:
    _, on_aws, _ = run("policy")
    monkeypatch.setenv("S3_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("S3_PROVIDER", provider)
    assert run("policy")[:2] == (0, on_aws)


@pytest.mark.parametrize("name", ["kms", "cdn-invalidation"])
def test_what_only_aws_has_is_refused_elsewhere(
    run: Stage, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("S3_PROVIDER", "minio")
    code, _, err = run("policy", "--with", name)
    assert code == 2
    assert "MinIO has no" in err


@pytest.mark.parametrize(
    ("endpoint", "words"),
    [
        ("https://abc.r2.cloudflarestorage.com", ["API tokens", "Object Read & Write", BUCKET]),
        (
            "https://s3.eu-central-003.backblazeb2.com",
            ["application keys", "listBuckets,listFiles,readFiles,writeFiles,deleteFiles", BUCKET],
        ),
    ],
)
def test_a_provider_without_policies_is_told_what_to_give_a_key(
    run: Stage, monkeypatch: pytest.MonkeyPatch, endpoint: str, words: list[str]
) -> None:
    monkeypatch.setenv("S3_ENDPOINT", endpoint)
    code, out, err = run("policy")
    assert (code, out) == (2, "")
    assert [word for word in words if word not in err] == []


@pytest.mark.parametrize(
    ("provider", "words"),
    [
        ("minio", "mc admin policy attach ALIAS test-assets --user KEY"),
        ("r2", "Object Read & Write"),
        ("b2", "b2 key create --bucket test-assets"),
        ("seaweedfs", "s3.configure -user NAME"),
        ("ceph", "radosgw-admin user create"),
    ],
)
@pytest.mark.parametrize("command", ["create-user", "rotate"])
def test_other_providers_are_told_how_keys_are_made_there(
    run: Stage, monkeypatch: pytest.MonkeyPatch, provider: str, words: str, command: str
) -> None:
    monkeypatch.setenv("S3_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("S3_PROVIDER", provider)
    code, _, err = run(command, NAME)
    assert (code, run.calls) == (2, [])
    assert words in err
