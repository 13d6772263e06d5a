"""`gridboss-assets doctor` without a way to the bucket, or with a wrong clock: one message."""

import pytest
from tests.support.doctor import Doctor, signed_listing
from tests.support.proxy import S3Proxy
from tests.support.proxy_http import Answer

from gridboss_assets.dev.seaweed import SeaweedFS

# The checks with the application's keys, in order.
WITH_KEYS = {"credentials", "region", "bucket", "reading", "least privilege", "cors"}


def page(status: int = 200) -> Answer:
    """Return what a website or a console answers."""
    return Answer(status, [("Content-Type", "text/html")], b"<html>Welcome</html>")


def test_a_name_that_does_not_resolve_is_one_message(doctor: Doctor) -> None:
    run = doctor(S3_ENDPOINT="https://no-such-host.invalid")
    assert (run.status, run.named("fail")) == (1, {"dns"})
    assert "no-such-host.invalid" in run.one("dns")["detail"]
    assert run.named("unknown") == {"not tried"}
    assert not run.named("pass") & WITH_KEYS


@pytest.mark.parametrize("options", [(), ("--live",)], ids=["plain", "live"])
def test_a_server_that_is_down_is_one_message(
    doctor: Doctor, proxy: S3Proxy, options: tuple[str, ...]
) -> None:
    with proxy.down():
        run = doctor(*options)
    assert (run.status, run.named("fail")) == (1, {"connection"})
    assert "S3_ENDPOINT" in run.one("connection")["remedy"]
    assert run.named("unknown") == {"not tried"}
    assert not run.named("pass", "warn") & WITH_KEYS


def test_a_server_that_keeps_silent_is_waited_for_no_longer_than_said(
    doctor: Doctor, proxy: S3Proxy
) -> None:
    proxy.delay(lambda _: True, 1)
    run = doctor("--timeout", "0.2")
    assert (run.status, run.named("fail")) == (1, {"connection"})
    assert "0.2 s" in run.one("connection")["detail"]


def test_a_server_that_goes_away_in_the_middle_leaves_the_rest_unknown(
    doctor: Doctor, proxy: S3Proxy
) -> None:
    proxy.drop(signed_listing())
    run = doctor()
    assert (run.status, run.named("fail")) == (2, set())
    assert run.one("credentials")["status"] == "unknown"
    assert not run.named("pass") & WITH_KEYS


@pytest.mark.parametrize("status", [200, 404])
def test_a_website_is_not_taken_for_an_s3_server(
    doctor: Doctor, proxy: S3Proxy, status: int
) -> None:
    proxy.reply(lambda _: True, page(status))
    run = doctor()
    assert run.status == 1
    assert "no S3 server" in run.one("bucket")["detail"]
    assert "S3_ENDPOINT" in run.one("bucket")["remedy"]
    assert not run.named("pass") & WITH_KEYS


def test_a_public_endpoint_out_of_reach_leaves_cors_unknown(
    doctor: Doctor, seaweed: SeaweedFS
) -> None:
    with S3Proxy(seaweed.endpoint) as edge, edge.down():
        run = doctor(S3_PUBLIC_ENDPOINT=edge.endpoint)
    assert (run.status, run.named("fail")) == (2, set())
    assert "S3_PUBLIC_ENDPOINT" in run.one("connection")["remedy"]
    assert run.of("cors") == []
    assert "CORS" in run.one("not tried")["detail"]
    assert run.one("bucket")["status"] == "pass"


def test_a_public_endpoint_whose_name_is_not_known_here_leaves_cors_unknown(doctor: Doctor) -> None:
    run = doctor(S3_PUBLIC_ENDPOINT="https://files.example.invalid")
    assert (run.status, run.named("fail")) == (2, set())
    assert [each["status"] for each in run.of("dns")] == ["pass", "unknown"]
    assert run.of("cors") == []


def test_browsers_preflights_go_to_the_public_endpoint(
    doctor: Doctor, proxy: S3Proxy, seaweed: SeaweedFS
) -> None:
    with S3Proxy(seaweed.endpoint) as edge:
        assert doctor(S3_PUBLIC_ENDPOINT=edge.endpoint).status == 0
        assert "OPTIONS" in {each.method for each in edge.requests}
    assert "OPTIONS" not in {each.method for each in proxy.requests}


YEARS_AGO = "Wed, 01 Jan 2020 00:00:00 GMT"


def test_a_wrong_clock_fails(doctor: Doctor, proxy: S3Proxy) -> None:
    proxy.answer_with(date=YEARS_AGO)
    run = doctor()
    assert (run.status, run.named("fail")) == (1, {"clock"})
    assert "NTP" in run.one("clock")["remedy"]


def test_keys_are_not_blamed_for_a_wrong_clock(doctor: Doctor, proxy: S3Proxy) -> None:
    proxy.answer_with(date=YEARS_AGO)
    proxy.fail(signed_listing(), 403, "AccessDenied", times=None)
    run = doctor()
    assert (run.status, run.named("fail")) == (1, {"clock"})
    assert run.of("credentials") == run.of("bucket") == []


def test_a_server_without_a_date_leaves_the_clock_unknown(doctor: Doctor, proxy: S3Proxy) -> None:
    proxy.answer_with(date=None)
    run = doctor()
    assert (run.status, run.one("clock")["status"]) == (2, "unknown")
