"""`gridboss-assets doctor --live`: what a server enforces is found out, on both kinds of server.

SeaweedFS enforces signatures. moto takes forgeries, expired forms and files of any size: what is
"not enforced" has to be found out there.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import pytest
from moto.server import ThreadedMotoServer
from tests.support.doctor import Doctor, Run, settings_of
from tests.support.proxy import S3Proxy, matching
from tests.support.proxy_http import Answer, Request
from tests.support.s3server import ORIGIN

from gridboss_assets.dev.bucket import connect, prepare_bucket
from gridboss_assets.dev.seaweed import SeaweedFS
from gridboss_assets.doctor.probes import SUBJECTS
from gridboss_assets.doctor.probes.bench import DATA

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PROBES = {each.name for one in SUBJECTS for each in (one.baseline, *one.probes)}
GOOD = {"works", "enforced"}
FORMS = {name for name in PROBES if name.startswith("form-")}
PUTS = {name for name in PROBES if name.startswith("put-")}
UNSIGNED = {name for name in PUTS if name.startswith("put-unsigned-")}

# What moto enforces all the same: conditions, and that a bucket's objects are private.
MOTO_ENFORCES = {"if-none-match-taken", "if-match-put", "if-match-delete", "get-anonymous"}


@pytest.fixture
def proxy(seaweed: SeaweedFS) -> Iterator[S3Proxy]:
    """Stand in front of the real server, and misbehave when told to."""
    with S3Proxy(seaweed.endpoint) as proxy:
        yield proxy


@pytest.fixture
def doctor(seaweed: SeaweedFS, bucket: str, proxy: S3Proxy, tmp_path: Path) -> Doctor:
    """Run the command on an empty bucket of SeaweedFS, through the proxy."""
    settings = settings_of(proxy.endpoint, bucket, seaweed.access_key, seaweed.secret_key)
    return Doctor(tmp_path, settings)


@pytest.fixture(scope="module")
def moto() -> Iterator[str]:
    """Serve moto with the bucket `test-lenient`."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        endpoint = f"http://127.0.0.1:{server.get_host_and_port()[1]}"
        client = connect(endpoint, "any-key", "any-secret")
        prepare_bucket(client, "test-lenient", origins=[ORIGIN])
        yield endpoint
    finally:
        server.stop()


@pytest.fixture
def lenient(moto: str) -> Iterator[S3Proxy]:
    """Stand in front of moto, which looks at no signature, so that requests may be changed."""
    with S3Proxy(moto) as proxy:
        yield proxy


@pytest.fixture
def gullible(lenient: S3Proxy, tmp_path: Path) -> Doctor:
    """Run the command on moto."""
    return Doctor(tmp_path, settings_of(lenient.endpoint, "test-lenient", "any-key", "any-secret"))


def keys(client: "S3Client", bucket: str) -> list[str]:
    """List what stands in a bucket."""
    return [each["Key"] for each in client.list_objects_v2(Bucket=bucket).get("Contents", [])]


def but_for(run: Run, *results: str) -> dict[str, str]:
    """Return the probes that ended otherwise."""
    return {name: result for name, result in run.results().items() if result not in results}


# --- a server that enforces -------------------------------------------------------------------


@pytest.mark.parametrize("method", ["post", "put"])
def test_seaweedfs_enforces_everything(
    doctor: Doctor, s3_client: "S3Client", bucket: str, method: str
) -> None:
    run = doctor("--live", S3_UPLOAD_METHOD=method)
    assert run.status == 0
    assert run.results().keys() == PROBES
    assert but_for(run, *GOOD) == {"plain-http": "not enforced"}  # http, on this machine alone
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


# --- a server that enforces nothing -----------------------------------------------------------


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


# --- what providers lack ----------------------------------------------------------------------


def test_a_provider_without_forms_is_given_puts(doctor: Doctor, proxy: S3Proxy) -> None:
    proxy.refuse_forms()
    run = doctor("--live")
    assert (run.status, run.results()["form"]) == (1, "not offered")
    assert FORMS & run.results().keys() == set()
    assert run.advice()["S3_UPLOAD_METHOD"] == "put"
    run = doctor("--live", S3_PROVIDER="r2")
    assert (run.status, run.named("fail", "unknown")) == (0, set())
    assert run.one("form")["status"] == "not available"
    assert run.report["notes"] == []


def test_a_row_that_promises_what_is_not_there_is_noted(doctor: Doctor, proxy: S3Proxy) -> None:
    proxy.refuse_forms()
    (note,) = doctor("--live", S3_PROVIDER="minio").report["notes"]
    assert note == "MinIO is said to have POST forms; here it was otherwise."


def test_a_provider_without_conditions_costs_nothing_but_the_window(
    doctor: Doctor, proxy: S3Proxy
) -> None:
    proxy.refuse_forms()
    proxy.refuse_headers()
    run = doctor("--live", S3_PROVIDER="b2")
    assert (run.status, run.named("fail", "unknown")) == (0, set())
    assert run.results()["if-none-match"] == "not offered"
    assert "if-none-match-taken" not in run.results()
    assert "HEAD" in run.one("if-none-match")["remedy"]


def test_a_browsers_put_whose_condition_is_refused_fails(doctor: Doctor, proxy: S3Proxy) -> None:
    proxy.refuse_headers()
    assert doctor("--live").one("if-none-match")["status"] == "not available"
    assert doctor("--live", S3_UPLOAD_METHOD="put").one("if-none-match")["status"] == "fail"


def test_checksums_that_are_refused_are_not_to_be_sent(doctor: Doctor, proxy: S3Proxy) -> None:
    proxy.refuse_headers(["x-amz-checksum-crc32", "x-amz-sdk-checksum-algorithm", "x-amz-trailer"])
    run = doctor("--live")
    assert run.results()["checksum"] == "not offered"
    assert run.advice()["S3_CHECKSUMS"] == "when_required"
    proxy.clear()
    proxy.refuse_headers(["x-amz-sdk-checksum-algorithm", "x-amz-trailer"])
    run = doctor("--live")
    assert (run.status, run.results()["checksum-sdk"]) == (0, "not offered")
    assert run.advice()["S3_CHECKSUMS"] == "when_required"


def test_checksums_that_are_stored_as_a_part_of_the_file_are_found_out(
    doctor: Doctor, proxy: S3Proxy
) -> None:
    framed = b"13\r\n" + DATA + b"\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n"
    proxy.reply(matching("GET", "-checksum-sdk"), Answer(200, [], framed))
    run = doctor("--live")
    assert (run.status, run.results()["checksum-sdk"]) == (0, "not enforced")
    assert run.advice()["S3_CHECKSUMS"] == "when_required"


def test_ranges_and_names_of_downloads_are_missed_softly(
    gullible: Doctor, lenient: S3Proxy
) -> None:
    lenient.strip(matching("GET"), "range")
    lenient.answer_with(content_disposition=None)
    run = gullible("--live")
    softly = ("get-range", "get-disposition")
    assert [run.results()[name] for name in softly] == ["not offered"] * 2
    assert {run.one(name)["status"] for name in softly} == {"not available"}


# --- trouble ----------------------------------------------------------------------------------


def test_a_server_that_is_busy_in_between_leaves_that_probe_unknown(
    doctor: Doctor, proxy: S3Proxy, s3_client: "S3Client", bucket: str
) -> None:
    proxy.fail(matching("PUT", "-put-longer"), 503, "SlowDown", times=None)
    run = doctor("--live", S3_UPLOAD_METHOD="put")
    assert (run.status, run.results()["put-longer"]) == (2, "could not tell")
    assert run.results().keys() == PROBES
    assert keys(s3_client, bucket) == []


def test_what_came_of_a_write_has_to_be_seen(doctor: Doctor, proxy: S3Proxy) -> None:
    proxy.fail(matching("GET", "-put-longer"), 500, "InternalError", times=None)
    run = doctor("--live", S3_UPLOAD_METHOD="put")
    assert run.status == 2
    assert but_for(run, *GOOD, "not enforced") == {"put-longer": "could not tell"}
    assert "500 InternalError" in run.one("put-longer")["detail"]


def test_an_answer_that_is_lost_leaves_that_probe_unknown(doctor: Doctor, proxy: S3Proxy) -> None:
    proxy.drop(matching("PUT", "-put-metadata"))
    run = doctor("--live", S3_UPLOAD_METHOD="put")
    assert run.status == 2
    assert but_for(run, *GOOD, "not enforced") == {"put-unsigned-metadata": "could not tell"}


def test_a_refusal_of_every_write_is_one_message(
    doctor: Doctor, proxy: S3Proxy, s3_client: "S3Client", bucket: str
) -> None:
    proxy.fail(matching("PUT"), 403, "AccessDenied", times=None)
    run = doctor("--live")
    assert (run.status, run.named("fail")) == (1, {"writing"})
    assert "s3:PutObject" in run.one("writing")["remedy"]
    assert run.report["capabilities"] == run.report["settings"] == []
    assert keys(s3_client, bucket) == []


def test_nothing_is_tried_while_the_keys_are_wrong(doctor: Doctor, proxy: S3Proxy) -> None:
    run = doctor("--live", S3_SECRET_KEY="not-the-secret-of-this-key")
    assert (run.status, run.named("fail")) == (1, {"credentials"})
    assert "--live" in " ".join(each["detail"] for each in run.of("not tried"))
    assert {each.method for each in proxy.requests} == {"GET"}
