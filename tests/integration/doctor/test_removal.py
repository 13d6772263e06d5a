"""`doctor --live` leaves nothing behind: not after Ctrl-C, not after a failure in the middle."""

import signal
from typing import TYPE_CHECKING

import pytest
from tests.support.doctor import Doctor, keys
from tests.support.proxy import S3Proxy, matching
from tests.support.proxy_http import Answer

from gridboss_assets.doctor.probes import puts

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SECONDS = 60


def interrupt(
    doctor: Doctor, proxy: S3Proxy, where: str, number: signal.Signals
) -> tuple[int, str, str]:
    """Send a signal while a PUT whose key contains ``where`` is on its way; return the ending."""
    hold = proxy.hold(matching("PUT", where))
    with doctor.start("--live", "--json") as process:
        hold.wait(SECONDS)
        process.send_signal(number)
        hold.finish(SECONDS)  # S3 stores it, though nobody listens any more
        out, err = process.communicate(timeout=SECONDS)
    return process.returncode, out, err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_run_that_is_stopped_removes_what_it_wrote(
    doctor: Doctor,
    proxy: S3Proxy,
    s3_client: "S3Client",
    bucket: str,
    number: signal.Signals,
) -> None:
    status, out, err = interrupt(doctor, proxy, "if-none-match-taken", number)
    assert (status, out) == (2, "")
    assert "Removing what was written" in err
    assert err.splitlines()[-1].startswith("Stopped")
    assert "Traceback" not in err
    assert keys(s3_client, bucket) == []


def test_a_run_that_is_stopped_names_what_it_could_not_remove(
    doctor: Doctor, proxy: S3Proxy, s3_client: "S3Client", bucket: str
) -> None:
    proxy.fail(matching("DELETE"), 403, "AccessDenied", times=None)
    status, out, err = interrupt(doctor, proxy, "-sample", signal.SIGINT)
    assert (status, out) == (2, "")
    left = keys(s3_client, bucket)
    assert left
    assert all(key in err for key in left)
    assert "pending/" in err


def test_a_second_signal_cuts_the_removal_short_and_names_what_is_left(
    doctor: Doctor, proxy: S3Proxy, s3_client: "S3Client", bucket: str
) -> None:
    writing, removing = proxy.hold(matching("PUT", "-put-longer")), proxy.hold(matching("DELETE"))
    with doctor.start("--live") as process:
        writing.wait(SECONDS)
        process.send_signal(signal.SIGINT)
        removing.wait(SECONDS)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=SECONDS)
        writing.finish(SECONDS)
        removing.finish(SECONDS)
    assert (process.returncode, out) == (2, "")
    left = keys(s3_client, bucket)
    assert left
    assert all(key in err for key in left)
    assert "Traceback" not in err


def test_a_failure_in_the_middle_removes_what_was_written(
    doctor: Doctor,
    s3_client: "S3Client",
    bucket: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(puts, "smuggled", fail)
    with pytest.raises(RuntimeError, match="a fault of ours"):
        doctor("--live")
    assert keys(s3_client, bucket) == []


def test_a_server_that_goes_away_leaves_its_objects_named(
    doctor: Doctor, proxy: S3Proxy, s3_client: "S3Client", bucket: str
) -> None:
    gone = False

    def after(request: object) -> bool:
        nonlocal gone
        gone = gone or "-checksum-wrong" in getattr(request, "path", "")
        return gone

    proxy.drop(after)
    run = doctor("--live")
    assert run.status == 1
    assert run.named("fail") == {"removing"}
    assert "stopped answering" in run.one("not tried")["detail"]
    left = keys(s3_client, bucket)
    assert left
    assert set(left) <= set(run.report["left"])
    assert "form" in run.results()  # what was found out before counts
    assert "get" not in run.results()


def test_what_may_not_be_deleted_fails_and_is_named(
    doctor: Doctor, proxy: S3Proxy, s3_client: "S3Client", bucket: str
) -> None:
    proxy.fail(matching("DELETE", "-form?"), 403, "AccessDenied", times=None)
    run = doctor("--live")
    (left,) = keys(s3_client, bucket)
    assert left.endswith("-form")
    assert run.report["left"] == [left]
    assert (run.status, run.named("fail")) == (1, {"removing"})
    assert left in run.one("removing")["detail"]
    assert "s3:DeleteObject" in run.one("removing")["remedy"]
    assert left in run.err


def test_a_deletion_that_is_said_to_be_done_and_is_not_is_noticed(
    doctor: Doctor, proxy: S3Proxy, s3_client: "S3Client", bucket: str
) -> None:
    proxy.reply(matching("DELETE", "-form?"), Answer(204, [], b""))
    run = doctor("--live")
    assert (run.status, run.report["left"]) == (1, keys(s3_client, bucket))


def test_without_a_list_every_deletion_that_failed_is_named(
    doctor: Doctor, proxy: S3Proxy, s3_client: "S3Client", bucket: str
) -> None:
    proxy.fail(matching("DELETE", "-form?"), 403, "AccessDenied", times=None)
    proxy.fail(matching("GET", "max-keys=1000"), 403, "AccessDenied", times=None)
    run = doctor("--live")
    assert (run.status, run.report["left"]) == (1, keys(s3_client, bucket))


def test_a_deletion_that_fails_once_is_tried_again(
    doctor: Doctor, proxy: S3Proxy, s3_client: "S3Client", bucket: str
) -> None:
    proxy.fail(matching("DELETE", "-form?"), 503, "SlowDown", times=1)
    run = doctor("--live")
    assert (run.status, run.report["left"]) == (0, [])
    assert keys(s3_client, bucket) == []


def test_old_versions_that_stay_are_spoken_of(
    doctor: Doctor, s3_client: "S3Client", bucket: str
) -> None:
    s3_client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    run = doctor("--live")
    assert run.status == 0
    assert "old versions" in run.one("removing")["detail"]
    assert keys(s3_client, bucket) == []
    # The bucket can only be deleted without them.
    for page in s3_client.get_paginator("list_object_versions").paginate(Bucket=bucket):
        for each in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
            s3_client.delete_object(Bucket=bucket, Key=each["Key"], VersionId=each["VersionId"])
