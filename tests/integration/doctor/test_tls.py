"""`gridboss-assets doctor` over TLS: certificates are explained, and plain http is refused."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.doctor import Doctor, settings_of
from tests.support.proxy import S3Proxy

from gridboss_assets.dev.seaweed import SeaweedFS


@pytest.fixture
def secure(seaweed: SeaweedFS, certificate: tuple[Path, Path]) -> Iterator[S3Proxy]:
    """Stand in front of the real server and speak TLS."""
    with S3Proxy(seaweed.endpoint, certificate=certificate) as proxy:
        yield proxy


@pytest.fixture
def doctor(seaweed: SeaweedFS, bucket: str, secure: S3Proxy, tmp_path: Path) -> Doctor:
    """Run the command on a bucket over TLS."""
    settings = settings_of(secure.endpoint, bucket, seaweed.access_key, seaweed.secret_key)
    return Doctor(tmp_path, settings)


def test_a_certificate_of_nobody_known_fails_with_what_to_do(doctor: Doctor) -> None:
    run = doctor()
    assert (run.status, run.named("fail")) == (1, {"tls"})
    assert "nobody whom this machine trusts" in run.one("tls")["detail"]
    assert "AWS_CA_BUNDLE" in run.one("tls")["remedy"]
    assert run.named("unknown") == {"not tried"}


def test_a_certificate_of_an_authority_of_ones_own_passes(
    doctor: Doctor, certificate: tuple[Path, Path]
) -> None:
    run = doctor(AWS_CA_BUNDLE=str(certificate[0]))
    assert (run.status, run.one("tls")["status"]) == (0, "pass")


def test_a_bundle_that_cannot_be_read_is_named(doctor: Doctor, tmp_path: Path) -> None:
    run = doctor(AWS_CA_BUNDLE=str(tmp_path / "missing.pem"))
    assert (run.status, run.named("fail")) == (1, {"tls"})
    assert "AWS_CA_BUNDLE" in run.one("tls")["remedy"]


def test_https_at_a_port_of_http_is_told_apart(doctor: Doctor, seaweed: SeaweedFS) -> None:
    run = doctor(S3_ENDPOINT=f"https://localhost:{seaweed.port}")
    assert (run.status, run.named("fail")) == (1, {"tls"})
    assert "http://" in run.one("tls")["remedy"]


def test_everything_is_enforced_over_tls(doctor: Doctor, certificate: tuple[Path, Path]) -> None:
    """The SDK sends its checksums in a trailer over TLS, and in a header without."""
    run = doctor("--live", AWS_CA_BUNDLE=str(certificate[0]))
    assert run.status == 0
    assert set(run.results().values()) == {"works", "enforced"}
