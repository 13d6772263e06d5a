"""`gridboss-assets doctor --live` where a provider lacks something, or the server is in trouble."""

from typing import TYPE_CHECKING

from tests.support.doctor import Doctor, keys
from tests.support.proxy import S3Proxy, matching
from tests.support.proxy_http import Answer

from gridboss_assets.doctor.probes import SUBJECTS
from gridboss_assets.doctor.probes.bench import DATA

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PROBES = {each.name for one in SUBJECTS for each in (one.baseline, *one.probes)}
FORMS = {name for name in PROBES if name.startswith("form-")}
GOOD = {"works", "enforced"}


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
    assert run.but_for(*GOOD, "not enforced") == {"put-longer": "could not tell"}
    assert "500 InternalError" in run.one("put-longer")["detail"]


def test_an_answer_that_is_lost_leaves_that_probe_unknown(doctor: Doctor, proxy: S3Proxy) -> None:
    proxy.drop(matching("PUT", "-put-metadata"))
    run = doctor("--live", S3_UPLOAD_METHOD="put")
    assert run.status == 2
    assert run.but_for(*GOOD, "not enforced") == {"put-unsigned-metadata": "could not tell"}


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
