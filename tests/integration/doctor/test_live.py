"""`gridboss-assets doctor --live` on a server that enforces what is signed: SeaweedFS."""

from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import pytest
from tests.support.doctor import Doctor, keys
from tests.support.proxy import S3Proxy

from gridboss_assets.dev.seaweed import SeaweedFS
from gridboss_assets.doctor.probes import SUBJECTS

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PROBES = {each.name for one in SUBJECTS for each in (one.baseline, *one.probes)}
GOOD = {"works", "enforced"}


@pytest.mark.parametrize("method", ["post", "put"])
def test_seaweedfs_enforces_everything(
    doctor: Doctor, s3_client: "S3Client", bucket: str, method: str
) -> None:
    run = doctor("--live", S3_UPLOAD_METHOD=method)
    assert run.status == 0
    assert run.results().keys() == PROBES
    assert run.but_for(*GOOD) == {"plain-http": "not enforced"}  # http, on this machine alone
    assert run.advice() == {
        "S3_UPLOAD_METHOD": "post",
        "S3_CHECKSUMS": "when_supported",
        "S3_PROVIDER": "seaweedfs",
    }
    assert run.report["notes"] == run.report["left"] == []
    assert keys(s3_client, bucket) == []


def test_the_program_prints_the_table_and_the_settings(doctor: Doctor) -> None:
    run = doctor.program("--live")
    assert run.status == 0
    lines = run.out.splitlines()
    for words in (
        "an unsigned x-amz-copy-source is refused",
        "S3_UPLOAD_METHOD  post",
        "S3_CHECKSUMS      when_supported  auto (when_required)",
    ):
        assert any(line.startswith(words) for line in lines), words
    assert "Trying signed PUTs …" in run.err


def test_nothing_but_its_own_prefix_is_written_or_removed(
    doctor: Doctor, proxy: S3Proxy, s3_client: "S3Client", bucket: str
) -> None:
    standing = ["avatars/a.png", "pending/avatars/a.png", "pending/doctor-notes.txt"]
    for key in standing:
        s3_client.put_object(Bucket=bucket, Key=key, Body=b"somebody's")
    assert doctor("--live").status == 0
    assert keys(s3_client, bucket) == standing
    written = {
        unquote(urlsplit(each.path).path)
        for each in proxy.requests
        if each.method in {"PUT", "DELETE"}
    }
    assert {path.rpartition("/")[0].partition("-")[0] for path in written} == {
        f"/{bucket}/pending/doctor".partition("-")[0]
    }
    assert len({path.rpartition("/")[0] for path in written}) == 1


def test_it_asks_for_nothing_that_the_application_may_not_do(
    doctor: Doctor, proxy: S3Proxy, bucket: str
) -> None:
    """But for two reads of what it should not be able to read, and the tags of its own object."""
    doctor("--live")
    asked = set()
    for each in proxy.requests:
        parts = urlsplit(each.path)
        names = {pair.partition("=")[0] for pair in parts.query.split("&")}
        named = {name for name in names if not name.startswith("X-Amz-") and name}
        what = "object" if parts.path.startswith(f"/{bucket}/pending/") else parts.path
        asked.add((each.method, what, *sorted(named & {"list-type", "policy", "tagging"})))
    assert asked == {
        ("GET", "/"),
        ("GET", f"/{bucket}/"),
        ("GET", f"/{bucket}/", "list-type"),
        ("GET", f"/{bucket}/", "policy"),
        ("OPTIONS", f"/{bucket}/"),
        ("POST", f"/{bucket}/"),
        ("GET", "object"),
        ("PUT", "object"),
        ("DELETE", "object"),
        ("GET", "object", "tagging"),
    }


def test_a_public_endpoint_is_what_is_probed(
    doctor: Doctor, proxy: S3Proxy, seaweed: SeaweedFS
) -> None:
    with S3Proxy(seaweed.endpoint) as edge:
        assert doctor("--live", S3_PUBLIC_ENDPOINT=edge.endpoint).status == 0
        assert "POST" in {each.method for each in edge.requests}
    assert "POST" not in {each.method for each in proxy.requests}


def test_without_a_public_endpoint_in_reach_the_services_own_is_probed(
    doctor: Doctor, seaweed: SeaweedFS
) -> None:
    with S3Proxy(seaweed.endpoint) as edge, edge.down():
        run = doctor("--live", S3_PUBLIC_ENDPOINT=edge.endpoint)
    assert (run.status, run.named("fail")) == (2, set())
    assert run.results().keys() == PROBES
