"""The S3 client is made from what it is given, and from nothing that lies around."""

from pathlib import Path

import pytest

from gridboss_assets import Credentials
from gridboss_assets.storage.client import make_client


@pytest.fixture
def files_of_a_developer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config").write_text(
        "[default]\nregion = eu-north-1\nendpoint_url = http://127.0.0.1:1\n"
        "s3 =\n  addressing_style = path\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_PROFILE", "not-there")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "another-key")


@pytest.mark.usefixtures("files_of_a_developer")
def test_profiles_and_variables_of_a_developer_have_no_say() -> None:
    client = make_client(
        "us-east-1",
        lambda: Credentials("own-key", "own-secret"),
        endpoint=None,
        addressing_style="auto",
        checksums=True,
    )
    url = client.generate_presigned_url("get_object", Params={"Bucket": "test-assets", "Key": "a"})
    assert url.startswith("https://test-assets.s3.us-east-1.amazonaws.com/a?")
    assert "own-key" in url


def test_credentials_are_asked_for_at_every_request() -> None:
    keys = iter(["first", "second", "third"])
    client = make_client(
        "us-east-1",
        lambda: Credentials(next(keys), "secret"),
        endpoint=None,
        addressing_style="auto",
        checksums=True,
    )
    params = {"Bucket": "test-assets", "Key": "a"}
    urls = [client.generate_presigned_url("get_object", Params=params) for _ in range(2)]
    assert "second" in urls[0]
    assert "third" in urls[1]
