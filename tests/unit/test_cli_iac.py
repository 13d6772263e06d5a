"""``gridboss-assets iac``: one document on standard output or in a file, and nobody is asked."""

import json
from pathlib import Path

import pytest

from gridboss_assets.cli import main as cli
from gridboss_config import Settings

APPLICATION = "arn:aws:iam::123456789012:user/apps/gridboss"
OPERATOR = "arn:aws:iam::123456789012:role/team/admin"
BOTH = pytest.mark.parametrize("tool", ["terraform", "cloudformation"])


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Set what a deployment on AWS needs, and no credentials at all."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    for name in ("PROFILE", "ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN"):
        monkeypatch.delenv(f"AWS_{name}", raising=False)
    for name in ("CONFIG_FILE", "SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(f"AWS_{name}", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("S3_BUCKET", "test-assets")
    monkeypatch.setenv("S3_REGION", "eu-west-1")
    monkeypatch.setenv("S3_PRINCIPAL_ARN", APPLICATION)
    monkeypatch.setenv("S3_OPERATOR_ARNS", OPERATOR)
    monkeypatch.setenv("CORS_ORIGINS", "https://app.example")


class Run:
    """Runs the command line and keeps what it said."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch, self._capsys = monkeypatch, capsys

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        self._monkeypatch.setattr("sys.argv", ["gridboss-assets", "iac", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = self._capsys.readouterr()
        return int(ended.value.code or 0), out, err


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    return Run(monkeypatch, capsys)


def test_terraform_is_one_document_on_standard_output(run: Run) -> None:
    code, out, err = run("terraform")
    document = json.loads(out)
    assert (code, err) == (0, "")
    assert document["resource"]["aws_s3_bucket"]["assets"]["bucket"] == "test-assets"
    assert document["resource"]["aws_iam_user"]["application"]["path"] == "/apps/"
    assert OPERATOR in document["resource"]["aws_s3_bucket_policy"]["assets"]["policy"]


def test_cloudformation_is_one_document_on_standard_output(run: Run) -> None:
    code, out, err = run("cloudformation")
    resources = json.loads(out)["Resources"]
    assert (code, err) == (0, "")
    assert resources["AssetsBucket"]["Properties"]["BucketName"] == "test-assets"
    assert OPERATOR in json.dumps(resources["AssetsBucketPolicy"])


@BOTH
def test_an_operator_of_the_command_line_is_admitted(run: Run, tool: str) -> None:
    other = "arn:aws:iam::123456789012:user/ci"
    assert other in run(tool, "--operator-arn", other)[1]


@BOTH
def test_what_a_person_should_know_stands_beside_the_document(
    run: Run, tool: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CORS_ORIGINS")
    code, out, err = run(tool)
    assert code == 0
    assert json.loads(out)
    assert err.startswith("note, CORS: CORS_ORIGINS is empty")


@BOTH
def test_the_secrets_of_the_settings_stand_nowhere(
    run: Run, tool: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("S3_ACCESS_KEY", "S3_SECRET_KEY", "S3_SESSION_TOKEN"):
        monkeypatch.setenv(name, f"the-value-of-{name}")
    assert "the-value-of" not in "".join(run(tool)[1:])


@BOTH
def test_a_file_has_what_standard_output_would_have(run: Run, tool: str, tmp_path: Path) -> None:
    _, shown, _ = run(tool)
    code, out, err = run(tool, "--out", "main.tf.json")
    assert (code, out) == (0, "")
    assert "main.tf.json" in err
    assert (tmp_path / "main.tf.json").read_text(encoding="utf-8") == shown


@BOTH
def test_its_own_file_is_written_anew(
    run: Run, tool: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(tool, "--out", "file.json")
    monkeypatch.setenv("CORS_ORIGINS", "https://other.example")
    assert run(tool, "--out", "file.json")[0] == 0
    assert "https://other.example" in (tmp_path / "file.json").read_text(encoding="utf-8")


@BOTH
@pytest.mark.parametrize("content", ['{"resource": {}}', "[]", "# no JSON", b"\xff\xfe\x00", ""])
def test_a_file_of_somebody_elses_stays_unless_forced(
    run: Run, tool: str, tmp_path: Path, content: str | bytes
) -> None:
    file = tmp_path / "main.tf.json"
    before = content if isinstance(content, bytes) else content.encode()
    file.write_bytes(before)
    code, out, err = run(tool, "--out", str(file))
    assert (code, out) == (2, "")
    assert "--force" in err
    assert file.read_bytes() == before
    assert run(tool, "--out", str(file), "--force")[0] == 0
    assert json.loads(file.read_text(encoding="utf-8"))


def test_the_other_tools_file_stays_too(run: Run) -> None:
    run("terraform", "--out", "file.json")
    code, _, err = run("cloudformation", "--out", "file.json")
    assert (code, "--force" in err) == (2, True)


@BOTH
@pytest.mark.parametrize("out", [".", "none/main.tf.json"])
def test_a_place_that_takes_no_file_is_one_message(run: Run, tool: str, out: str) -> None:
    code, _, err = run(tool, "--out", out)
    assert code == 2
    assert err.startswith(f"gridboss-assets: {out} can't be written: ")


@BOTH
@pytest.mark.parametrize(
    "elsewhere",
    [
        {"S3_PROVIDER": "r2"},
        {"S3_ENDPOINT": "https://storage.example"},
        {"S3_ENDPOINT": "https://s3.eu-central-003.backblazeb2.com"},
    ],
    ids=str,
)
def test_another_provider_is_refused_before_anybody_is_asked(
    run: Run, tool: str, elsewhere: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in elsewhere.items():
        monkeypatch.setenv(name, value)
    code, out, err = run(tool)
    assert (code, out) == (2, "")
    assert "`gridboss-assets bucket apply`" in err


@BOTH
def test_without_operators_it_needs_credentials_to_know_who_you_are(
    run: Run, tool: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("S3_OPERATOR_ARNS")
    code, out, err = run(tool)
    assert (code, out) == (2, "")
    assert "credentials" in err


@BOTH
def test_a_statement_without_what_it_is_about_is_refused(
    run: Run, tool: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("S3_IAM_STATEMENTS", "kms")
    code, out, err = run(tool, "--out", "main.tf.json")
    assert (code, out) == (2, "")
    assert "S3_KMS_KEY_ARN" in err
    assert not Path("main.tf.json").exists()


@BOTH
@pytest.mark.parametrize(
    ("base", "flags", "written"),
    [
        ("", [], False),
        ("https://d111111abcdef8.cloudfront.net", [], True),
        ("https://d111111abcdef8.cloudfront.net", ["--no-cdn"], False),
        ("", ["--cdn"], True),
    ],
    ids=["no base URL", "base URL", "not wanted", "wanted"],
)
def test_the_distribution_is_written_where_a_base_url_or_a_flag_asks_for_it(  # noqa: PLR0913
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    tool: str,
    base: str,
    flags: list[str],
    *,
    written: bool,
) -> None:
    monkeypatch.setenv("CDN_BASE_URL", base)
    code, out, err = run(tool, *flags)
    assert code == 0
    assert ("cloudfront-js-2.0" in out) is written
    assert ("note, key: There is no key" in err) is written


@BOTH
def test_a_host_name_without_a_certificate_makes_no_file(
    run: Run, tool: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CDN_BASE_URL", "https://cdn.example.com")
    code, out, err = run(tool)
    assert (code, out) == (2, "")
    assert "CDN_CERTIFICATE_ARN is missing" in err
