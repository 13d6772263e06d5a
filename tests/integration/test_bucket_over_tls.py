"""`gridboss-assets bucket` on a real server over TLS: the policy that it writes shuts http out."""

import json
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
import requests
from botocore.config import Config
from botocore.exceptions import ClientError
from tests.support.proxy import S3Proxy
from tests.support.s3server import ORIGIN, assert_disposable

from gridboss_assets.cli import main as cli
from gridboss_assets.dev.seaweed import SeaweedFS
from gridboss_assets.models import Credentials
from gridboss_assets.signing import locate_bucket, presign_post, presign_url
from gridboss_config import Settings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

KEY = "pending/avatars/driver-7/a.png"
DATA = b"a small picture"


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, certificate: tuple[Path, Path]
) -> Iterator[SeaweedFS]:
    """Run a server that speaks plain http at one port and TLS at another."""
    with SeaweedFS(
        tmp_path_factory.mktemp("secure"),
        access_key="test-operator",
        secret_key=secrets.token_urlsafe(30),
        certificate=certificate,
    ) as server:
        yield server


@dataclass
class Deployment:
    """A bucket on that server, the command that sets it up, and everybody's requests."""

    server: SeaweedFS
    bucket: str
    authority: Path
    directory: Path
    capsys: pytest.CaptureFixture[str]

    def run(self, *arguments: str, endpoint: str = "", **changes: str) -> tuple[int, str, str]:
        """Run `gridboss-assets bucket` as the operator, over TLS unless told otherwise."""
        endpoint = endpoint or self.server.secure_endpoint
        assert_disposable(endpoint, self.bucket)
        given = {
            "AWS_ACCESS_KEY_ID": self.server.access_key,
            "AWS_SECRET_ACCESS_KEY": self.server.secret_key,
            "AWS_CONFIG_FILE": str(self.directory / "none"),
            "AWS_SHARED_CREDENTIALS_FILE": str(self.directory / "none"),
            "AWS_CA_BUNDLE": str(self.authority),
            "NO_PROXY": "127.0.0.1,localhost",
            "S3_BUCKET": self.bucket,
            "S3_REGION": "us-east-1",
            "S3_ENDPOINT": endpoint,
            "CORS_ORIGINS": ORIGIN,
        }
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(self.directory)
            for name in (*Settings.model_fields, "aws_profile", "aws_session_token"):
                patch.delenv(name.upper(), raising=False)
            for name, value in {**given, **changes}.items():
                patch.setenv(name, value)
            patch.setattr(sys, "argv", ["gridboss-assets", "bucket", *arguments])
            with pytest.raises(SystemExit) as ended:
                cli.main()
        out, err = self.capsys.readouterr()
        assert self.server.secret_key not in out + err
        return int(ended.value.code or 0), out, err

    def client(self, endpoint: str) -> "S3Client":
        """Return a client with the owner's keys."""
        return boto3.client(
            "s3",
            endpoint_url=endpoint,
            region_name="us-east-1",
            aws_access_key_id=self.server.access_key,
            aws_secret_access_key=self.server.secret_key,
            verify=str(self.authority),
            config=Config(
                s3={"addressing_style": "path"},
                retries={"total_max_attempts": 1},
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )

    @property
    def secure(self) -> "S3Client":
        """The owner over TLS."""
        return self.client(self.server.secure_endpoint)

    @property
    def plain(self) -> "S3Client":
        """The owner over plain http."""
        return self.client(self.server.endpoint)

    def send(self, method: str, endpoint: str, body: bytes | None = None) -> requests.Response:
        """Send a request as a browser does, with nothing but a link."""
        url = presign_url(
            method,  # type: ignore[arg-type] # the tests below name it
            self._location(endpoint),
            self._credentials,
            key=KEY,
            expires_in=60,
            now=time.time(),
        )
        return requests.request(method, url, data=body, verify=str(self.authority), timeout=30)

    def send_form(self, endpoint: str) -> requests.Response:
        """Send a file as a browser's form does."""
        form = presign_post(
            self._location(endpoint),
            self._credentials,
            key=KEY,
            fields={"Content-Type": "image/png"},
            size_range=(1, 1000),
            expires_in=60,
            now=time.time(),
        )
        return requests.post(
            form.url,
            data=form.fields,
            files={"file": DATA},
            verify=str(self.authority),
            timeout=30,
        )

    def _location(self, endpoint: str) -> Any:
        return locate_bucket(self.bucket, "us-east-1", endpoint=endpoint)

    @property
    def _credentials(self) -> Credentials:
        return Credentials(self.server.access_key, self.server.secret_key)


@pytest.fixture
def deployment(
    server: SeaweedFS,
    certificate: tuple[Path, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Deployment]:
    """Give a bucket of a test's own; it is removed afterwards, over TLS, as nothing else can."""
    made = Deployment(server, f"test-{secrets.token_hex(8)}", certificate[0], tmp_path, capsys)
    yield made
    for page in made.secure.get_paginator("list_objects_v2").paginate(Bucket=made.bucket):
        for item in page.get("Contents", []):
            made.secure.delete_object(Bucket=made.bucket, Key=item["Key"])
    made.secure.delete_bucket(Bucket=made.bucket)


@pytest.fixture
def applied(deployment: Deployment) -> Deployment:
    """Have the command make the bucket and set it up."""
    code, _, err = deployment.run("apply", "--yes")
    assert (code, "done: bucket policy" in err) == (0, True)
    return deployment


def refusal(call: Callable[..., Any], bucket: str) -> tuple[int, str]:
    """Return status and code of a refused call."""
    with pytest.raises(ClientError) as refused:
        call(Bucket=bucket)
    answer: Any = refused.value.response
    return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"]


def test_links_work_over_tls_and_are_refused_over_http(applied: Deployment) -> None:
    secure, plain = applied.server.secure_endpoint, applied.server.endpoint
    assert applied.send("PUT", plain, DATA).status_code == 403
    assert applied.send("PUT", secure, DATA).status_code == 200
    assert applied.send("GET", secure).content == DATA
    refused = applied.send("GET", plain)
    assert (refused.status_code, DATA in refused.content) == (403, False)


def test_a_form_works_over_tls(applied: Deployment) -> None:
    assert applied.send_form(applied.server.secure_endpoint).status_code == 204
    assert applied.send("GET", applied.server.secure_endpoint).content == DATA


def test_a_form_over_http_is_taken_all_the_same_as_the_plan_says(applied: Deployment) -> None:
    """SeaweedFS asks no bucket policy about forms; what came so can't be read over http either."""
    assert applied.send_form(applied.server.endpoint).status_code == 204
    assert applied.send("GET", applied.server.endpoint).status_code == 403
    assert "A form over plain http is taken" in applied.run("plan")[1]


def test_http_shuts_out_even_the_owner_who_mends_it_over_tls(applied: Deployment) -> None:
    plain, denied = applied.plain, (403, "AccessDenied")
    assert refusal(plain.delete_bucket_policy, applied.bucket) == denied
    assert refusal(plain.get_bucket_policy, applied.bucket) == denied
    applied.secure.delete_bucket_policy(Bucket=applied.bucket)
    assert plain.list_objects_v2(Bucket=applied.bucket)["KeyCount"] == 0
    assert applied.run("apply", "--yes")[0] == 0
    assert refusal(plain.list_objects_v2, applied.bucket) == denied


def test_over_http_the_command_says_that_the_policy_shuts_it_out(applied: Deployment) -> None:
    code, out, err = applied.run("plan", endpoint=applied.server.endpoint)
    assert (code, out) == (2, "")
    assert "may not reach it" in err


def test_an_applied_bucket_is_as_desired_and_stays_so(applied: Deployment) -> None:
    before = applied.secure.get_bucket_policy(Bucket=applied.bucket)["Policy"]
    for command in (["plan"], ["apply", "--yes"]):
        code, out, _ = applied.run(*command)
        assert (code, out.splitlines()[-1]) == (0, f"{applied.bucket} is as desired.")
    assert applied.secure.get_bucket_policy(Bucket=applied.bucket)["Policy"] == before


def test_the_policy_that_is_printed_is_the_one_that_stands(applied: Deployment) -> None:
    code, printed, _ = applied.run("policy", S3_PROVIDER="seaweedfs")
    standing = json.loads(applied.secure.get_bucket_policy(Bucket=applied.bucket)["Policy"])
    assert (code, json.loads(printed)) == (0, standing)


@pytest.mark.parametrize("side", ["encryption", "lifecycle", "cors", "policy"])
def test_a_run_that_failed_half_way_is_finished_by_the_next(
    deployment: Deployment, certificate: tuple[Path, Path], side: str
) -> None:
    with S3Proxy(deployment.server.secure_endpoint, certificate=certificate) as proxy:
        # Whether a call failed at the server or its connection broke off is all the same.
        proxy.fail(
            lambda request: request.method == "PUT" and request.path.endswith(f"?{side}"),
            403,
            "AccessDenied",
        )
        through = proxy.endpoint
        code, _, err = deployment.run("apply", "--yes", endpoint=through)
        assert (code, "run the command again for the rest" in err) == (2, True)
        done = [each.partition("done: ")[2] for each in err.splitlines() if "  done: " in each]
        code, _, err = deployment.run("apply", "--yes", endpoint=through)
        assert code == 0
        assert not [each for each in done if f"done: {each}\n" in err]
        proxy.clear()
        assert deployment.run("apply", "--yes", endpoint=through)[0] == 0
        assert {r.method for r in proxy.requests} <= {"GET", "HEAD"}
    statements = json.loads(deployment.secure.get_bucket_policy(Bucket=deployment.bucket)["Policy"])
    assert [each["Sid"] for each in statements["Statement"]] == ["DenyInsecureTransport"]
