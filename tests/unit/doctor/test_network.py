"""Clocks, strangers and names, without a network."""

import threading

import pytest

from gridboss_assets.doctor.http import Answer
from gridboss_assets.doctor.network import clock, encryption, look_up, strangers
from gridboss_assets.findings import Status
from gridboss_assets.signing import locate_bucket
from gridboss_assets.storage.providers import AWS, MINIO
from gridboss_config.values import is_loopback


@pytest.mark.parametrize(
    ("skew", "status"),
    [
        (0.0, Status.PASS),
        (-59.0, Status.PASS),
        (61.0, Status.WARN),
        (-899.0, Status.WARN),
        (900.0, Status.FAIL),
        (-90_000.0, Status.FAIL),
    ],
)
def test_a_clock_is_judged_by_what_servers_refuse(skew: float, status: Status) -> None:
    finding = clock(skew)
    assert finding.status is status
    assert ("NTP" in finding.remedy) is (status is not Status.PASS)


def test_the_direction_of_a_wrong_clock_is_said() -> None:
    assert "3600 s ahead of" in clock(3600).detail
    assert "3600 s behind" in clock(-3600).detail


def test_an_answer_without_a_date_leaves_the_clock_unknown() -> None:
    assert clock(None).status is Status.UNKNOWN


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [
        (Answer(403, {}, b"<Code>AccessDenied</Code>"), Status.PASS, "403 AccessDenied"),
        (Answer(400, {}, b""), Status.PASS, "refused (400)"),
        (Answer(200, {}, b"<ListBucketResult/>"), Status.FAIL, "Anybody may list"),
        (Answer(200, {}, b"<html>"), Status.FAIL, "no S3 server"),
    ],
    ids=str,
)
def test_what_a_stranger_gets_is_judged(answer: Answer, status: Status, words: str) -> None:
    (finding,) = strangers(answer, AWS)
    assert finding.status is status
    assert words in finding.detail


def test_an_open_bucket_is_closed_by_the_providers_own_means() -> None:
    listed = Answer(200, {}, b"<ListBucketResult/>")
    assert "bucket apply" in next(strangers(listed, AWS)).remedy
    assert "mc anonymous" in next(strangers(listed, MINIO)).remedy


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("localhost", True), ("::1", True), ("10.0.0.1", False), ("s3", False)],
)
def test_loopback_is_known(host: str, *, loopback: bool) -> None:
    assert is_loopback(host) is loopback


@pytest.mark.parametrize(
    ("endpoint", "style", "advice"),
    [
        ("https://nowhere.invalid", "path", "host name in S3_ENDPOINT"),
        ("https://nowhere.invalid", "virtual", "S3_ADDRESSING_STYLE=path"),
    ],
)
def test_a_name_that_does_not_resolve_has_a_remedy_that_fits(
    endpoint: str, style: str, advice: str
) -> None:
    place = locate_bucket("my-bucket", "us-east-1", endpoint=endpoint, addressing_style=style)  # type: ignore[arg-type]
    finding = look_up("S3_ENDPOINT", place, timeout=10)
    assert finding.status is Status.FAIL
    assert "nowhere.invalid" in finding.detail
    assert advice in finding.remedy


def test_a_resolver_that_keeps_silent_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    silent = threading.Event()
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: silent.wait(30) and [])
    place = locate_bucket("my-bucket", "us-east-1")
    finding = look_up("S3_ENDPOINT", place, timeout=0.05)
    silent.set()
    assert finding.status is Status.FAIL
    assert "no answer within 0.05 s" in finding.detail
    assert "S3_REGION" in finding.remedy


def test_a_name_is_left_to_the_proxy_that_the_environment_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("https_proxy", "http://user:hidden@proxy.example.com:3128")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    place = locate_bucket("my-bucket", "us-east-1", endpoint="https://nowhere.invalid")
    finding = look_up("S3_ENDPOINT", place, timeout=1)
    assert finding.status is Status.PASS
    assert "hidden" not in finding.detail


@pytest.mark.parametrize(
    ("endpoint", "status"),
    [
        ("https://s3.example.com", Status.PASS),
        ("http://127.0.0.1:9000", Status.WARN),
        ("http://s3.example.com", Status.FAIL),
        ("http://10.0.0.1:9000", Status.FAIL),
    ],
)
def test_an_endpoint_without_tls_fails_beyond_this_machine(endpoint: str, status: Status) -> None:
    place = locate_bucket("my-bucket", "us-east-1", endpoint=endpoint)
    finding = encryption("S3_ENDPOINT", place)
    assert finding.status is status
    assert ("https" in finding.remedy) is (status is Status.FAIL)
