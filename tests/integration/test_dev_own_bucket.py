"""`gridboss-assets dev` with S3_ENABLED=true: the bucket of the settings, and no server of ours."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests
from tests.integration.test_dev_command import PROGRAM, DevCommand, bare_environment, descendants

from gridboss_assets.dev.seaweed import SeaweedFS

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SECRET = "a-secret-of-at-least-thirty-two-bytes"
CSV = b"driver,points\nAda,25\n"


@pytest.fixture
def dev(seaweed: SeaweedFS, bucket: str, tmp_path: Path) -> Iterator[DevCommand]:
    """Run the command on a bucket of another server."""
    settings = {
        "S3_ENABLED": "true",
        "S3_REGION": "us-east-1",
        "S3_BUCKET": bucket,
        "S3_ENDPOINT": seaweed.endpoint,
        "S3_ACCESS_KEY": seaweed.access_key,
        "S3_SECRET_KEY": seaweed.secret_key,
        "JWT_SECRET": SECRET,
    }
    with DevCommand(tmp_path, **settings) as command:
        yield command


def token(directory: Path) -> str:
    """Ask the command line for an access token."""
    return subprocess.run(  # noqa: S603 - the program under test
        [PROGRAM, "token", "--sub", "driver-7"],
        cwd=directory,
        env=bare_environment(directory) | {"JWT_SECRET": SECRET},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()


def test_it_uses_that_bucket_and_starts_no_server(
    dev: DevCommand, seaweed: SeaweedFS, bucket: str, tmp_path: Path
) -> None:
    assert (dev.s3, dev.bucket) == (seaweed.endpoint, bucket)
    assert descendants(dev.process.pid) == []
    assert not (tmp_path / ".dev").exists()


def test_an_upload_with_a_token_lands_in_that_bucket(
    dev: DevCommand, s3_client: "S3Client", bucket: str, tmp_path: Path
) -> None:
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {token(tmp_path)}"
    with session:
        signed = session.post(
            f"{dev.url}/uploads/sign",
            json={"kind": "export", "filename": "points.csv", "contentType": "text/csv"},
            timeout=30,
        ).json()
        requests.post(
            signed["url"], data=signed["fields"], files={"file": CSV}, timeout=30
        ).raise_for_status()
        session.post(
            f"{dev.url}/uploads/complete", json={"objectKey": signed["objectKey"]}, timeout=30
        ).raise_for_status()
    found = s3_client.get_object(Bucket=bucket, Key=signed["objectKey"])
    assert found["Body"].read() == CSV


def test_the_page_asks_for_a_token_there(dev: DevCommand) -> None:
    assert requests.get(f"{dev.url}/page/config.json", timeout=30).json()["signIn"] is True


def test_it_leaves_the_rules_of_that_bucket_alone_and_says_what_they_need(dev: DevCommand) -> None:
    assert "CORS rules must let in" in dev.errors()
    assert dev.url in dev.errors()
