"""`gridboss-assets doctor --live` on a server that enforces nothing: moto.

It takes forgeries, expired forms and files of any size. What is "not enforced" has to be found out
here, or a row that says "enforced" elsewhere would mean nothing.
"""

import pytest
from tests.support.doctor import Doctor, keys
from tests.support.proxy import S3Proxy, matching
from tests.support.proxy_http import Answer, Request

from gridboss_assets.dev.bucket import connect
from gridboss_assets.doctor.probes import SUBJECTS
from gridboss_assets.doctor.probes.bench import DATA

PROBES = {each.name for one in SUBJECTS for each in (one.baseline, *one.probes)}
FORMS = {name for name in PROBES if name.startswith("form-")}
PUTS = {name for name in PROBES if name.startswith("put-")}
UNSIGNED = {name for name in PUTS if name.startswith("put-unsigned-")}

# What moto enforces all the same: conditions, and that a bucket's objects are private.
MOTO_ENFORCES = {"if-none-match-taken", "if-match-put", "if-match-delete", "get-anonymous"}


@pytest.mark.parametrize("method", ["post", "put"])
def test_what_moto_takes_is_found_out(gullible: Doctor, moto: str, method: str) -> None:
    run = gullible("--live", S3_UPLOAD_METHOD=method)
    assert run.status == 1
    found = run.results()
    assert {name for name in PROBES if found[name] == "not enforced"} == (
        FORMS
        | PUTS
        | {"list-anonymous", "get-key", "get-signature", "get-expired"}
        | {"checksum-wrong", "copy-if-match", "plain-http"}
    )
    assert {name for name in PROBES if found[name] == "enforced"} == MOTO_ENFORCES
    assert run.advice()["S3_UPLOAD_METHOD"] is None
    assert run.advice()["S3_CHECKSUMS"] == "when_required"
    graver, lighter = (FORMS, PUTS) if method == "post" else (PUTS, FORMS)
    assert run.named("fail") >= graver - {"form-empty"}
    assert run.named("fail") & lighter == set()
    assert keys(connect(moto, "any-key", "any-secret"), "test-lenient") == []


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("put-unsigned-metadata", "x-amz-meta-doctor"),
        ("put-unsigned-copy-source", "x-amz-copy-source"),
        ("put-unsigned-tagging", "x-amz-tagging"),
    ],
)
def test_a_header_that_is_taken_without_effect_is_told_from_one_with(
    gullible: Doctor, lenient: S3Proxy, name: str, header: str
) -> None:
    lenient.strip(matching("PUT"), header)
    run = gullible("--live")
    assert run.results()[name] == "without effect"
    assert {found for probe, found in run.results().items() if probe in UNSIGNED - {name}} == {
        "not enforced"
    }


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("if-none-match-taken", "if-none-match"),
        ("if-match-put", "if-match"),
        ("if-match-delete", "if-match"),
    ],
)
def test_a_condition_that_is_taken_and_not_kept_is_found_out(
    gullible: Doctor, lenient: S3Proxy, name: str, header: str
) -> None:
    lenient.strip(lambda _: True, header)
    run = gullible("--live")
    assert run.results()[name] == "not enforced"
    assert (name in run.named("fail")) is (name == "if-none-match-taken")


def test_a_file_that_strangers_can_read_is_found_out(doctor: Doctor, proxy: S3Proxy) -> None:
    def of_a_stranger(request: Request) -> bool:
        return "/pending/doctor-" in request.path and "X-Amz-" not in request.path

    proxy.reply(of_a_stranger, Answer(200, [], DATA))
    run = doctor("--live")
    assert run.status == 1
    public = {"get-anonymous", "form-acl", "put-unsigned-acl"}
    assert {name for name in public if run.results()[name] == "not enforced"} == public


def test_what_is_stored_otherwise_than_signed_is_found_out(
    gullible: Doctor, lenient: S3Proxy
) -> None:
    lenient.strip(matching("PUT"), "x-amz-meta-filename")
    run = gullible("--live")
    assert run.results()["put"] == "not enforced"
    assert PUTS & run.results().keys() == set()  # they would prove nothing


def test_other_bytes_than_stored_are_found_out(doctor: Doctor, proxy: S3Proxy) -> None:
    def link(request: Request) -> bool:
        return request.method == "GET" and "-sample?" in request.path

    proxy.reply(link, Answer(200, [("Content-Type", "text/csv")], b"something else"))
    run = doctor("--live")
    assert (run.status, run.results()["get"]) == (1, "not enforced")
    assert "get-range" not in run.results()
