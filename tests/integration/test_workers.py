"""Workers on a real Redis and a real S3 server: whatever breaks off, every job ends, and once."""

import os
import signal
from typing import TYPE_CHECKING

import pytest
from tests.support.proxy import S3Proxy, matching
from tests.support.workers import Plant, is_alive, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_s3 import S3Client

    from gridboss_assets.dev.seaweed import SeaweedFS


@pytest.fixture
def proxy(seaweed: "SeaweedFS") -> "Iterator[S3Proxy]":
    with S3Proxy(seaweed.endpoint) as proxy:
        yield proxy


def test_two_processes_do_all_jobs(plant: Plant) -> None:
    """One whose message was lost among them. What they keep and say holds no link, no password."""
    jobs = [plant.request()]
    with plant.redis.client() as client:
        client.delete(*client.keys("gridboss-assets:queue*"))
    with plant.workers(processes=2, threads=2) as workers:
        jobs += [plant.request(rows=n) for n in range(10)]
        done = [plant.ended(job) for job in jobs]
        with plant.redis.client() as client:
            kept = {key.decode(): client.dump(key) for key in client.scan_iter("*")}
    assert {job.state for job in done} == {"done"}
    assert plant.objects() == plant.keys(*jobs)
    assert {key.partition(":")[0] for key in kept} == {"gridboss-assets"}
    assert b"X-Amz" not in b"".join(filter(None, kept.values()))
    assert plant.redis.password not in workers.log.read_text()


def test_a_killed_process_loses_no_job(plant: Plant) -> None:
    """Its job is taken up by another process, and it is replaced."""
    with plant.workers(processes=2) as workers:
        held = plant.held()
        victim = held.wait()
        others = [plant.request() for _ in range(5)]
        os.kill(victim, signal.SIGKILL)
        assert held.wait() != victim
        held.let_go()
        done = plant.ended(held.job)
        assert (done.state, done.attempt, done.failures) == ("done", 2, 1)
        assert {plant.ended(job).state for job in others} == {"done"}
        wait_for(lambda: len(workers.children()) == 2, "another process")
        assert victim not in workers.children()
    assert plant.objects() == plant.keys(held.job, *others)


def test_no_process_outlives_its_supervisor(plant: Plant) -> None:
    """Not even when the supervisor is killed; the job is given back, and nobody's fault."""
    with plant.workers("--grace", "0", processes=2) as workers:
        held = plant.held(streams=True)
        held.wait()
        children = workers.children()
        workers.signal(signal.SIGKILL)
        workers.wait()
        wait_for(lambda: not any(map(is_alive, children)), "the end of the children")
    given_back = plant.exports.get(held.job.id)
    assert (given_back.state, given_back.failures) == ("queued", 0)


def test_jobs_go_on_after_redis_was_restarted(plant: Plant) -> None:
    with plant.workers(processes=2):
        held = plant.held()
        held.wait()
        others = [plant.request() for _ in range(3)]
        plant.redis.stop()
        plant.redis.start()
        held.let_go()
        jobs = [held.job, *others, plant.request()]
        assert {plant.ended(job).state for job in jobs} == {"done"}
    assert plant.objects() == plant.keys(*jobs)


def test_a_job_outlives_redis_being_away(plant: Plant) -> None:
    """The rows are all written while there is no Redis; the end is told when it is back."""
    with plant.workers():
        held = plant.held()
        held.wait()
        plant.redis.stop()
        held.let_go()
        wait_for(plant.objects, "the object")
        plant.redis.start()
        done = plant.ended(held.job)
        assert done.state == "done"
    assert plant.objects() == plant.keys(held.job)


def test_a_cancelled_export_stops(plant: Plant) -> None:
    with plant.workers():
        held = plant.held(streams=True)
        held.wait()
        assert plant.exports.cancel(held.job.id).state == "cancelled"
        # The one thread is free again.
        assert plant.ended(plant.request()).state == "done"
    assert plant.keys(held.job)[0] not in plant.objects()


def test_sigterm_gives_an_export_to_another_worker(plant: Plant) -> None:
    with plant.workers("--grace", "0") as first:
        held = plant.held(streams=True)
        one = held.wait()
        with plant.workers():
            first.signal(signal.SIGTERM)
            assert first.wait() == 0
            assert held.wait() != one
            held.let_go()
            done = plant.ended(held.job)
    assert (done.state, done.failures) == ("done", 0)
    assert plant.objects() == plant.keys(held.job)


def test_sigterm_gives_back_even_an_export_that_is_stuck(plant: Plant) -> None:
    """Its report waits for something and is never asked how far it is."""
    with plant.workers("--grace", "0") as first:
        held = plant.held()
        held.wait()
        first.signal(signal.SIGTERM)
        assert first.wait() == 0
        assert plant.exports.get(held.job.id).state == "queued"


def test_exports_that_end_in_time_are_not_interrupted(plant: Plant) -> None:
    with plant.workers("--grace", "60") as workers:
        held = plant.held()
        held.wait()
        workers.signal(signal.SIGTERM)
        wait_for(lambda: "ending" in workers.log.read_text(), "the signal")
        held.let_go()
        assert workers.wait() == 0
        done = plant.exports.get(held.job.id)
    assert (done.state, done.attempt) == ("done", 1)


def test_a_second_signal_ends_at_once(plant: Plant) -> None:
    with plant.workers("--grace", "600") as workers:
        held = plant.held()
        held.wait()
        workers.signal(signal.SIGINT)
        wait_for(lambda: "ending" in workers.log.read_text(), "the signal")
        workers.signal(signal.SIGINT)
        assert workers.wait() == 0
        assert plant.exports.get(held.job.id).state == "queued"


def test_parts_that_a_killed_process_had_sent_are_removed(
    plant: Plant, proxy: S3Proxy, s3_client: "S3Client"
) -> None:
    """Its successor finds the upload in the job's state, and aborts it."""
    bucket = plant.settings.s3_bucket
    # Of a provider whose completion holds the condition, so that parts are sent.
    with plant.workers(S3_ENDPOINT=proxy.endpoint, S3_PROVIDER="r2") as workers:
        second_part = proxy.hold(matching("PUT", "partNumber=2"))
        job = plant.request(rows=300, width=100_000)
        second_part.wait()
        os.kill(workers.children()[0], signal.SIGKILL)
        left = s3_client.list_multipart_uploads(Bucket=bucket)["Uploads"]
        assert plant.exports.get(job.id).uploads == tuple(each["UploadId"] for each in left)
        second_part.drop()
        done = plant.ended(job)
    assert (done.state, done.attempt, done.uploads) == ("done", 2, ())
    assert "Uploads" not in s3_client.list_multipart_uploads(Bucket=bucket)
    assert plant.objects() == plant.keys(job)


def test_an_object_whose_writer_was_killed_is_not_written_again(
    plant: Plant, proxy: S3Proxy
) -> None:
    """It stands at the job's own key, sealed, so the job is done."""
    with plant.workers(S3_ENDPOINT=proxy.endpoint) as workers:
        written = proxy.hold(matching("PUT", "exports/"), when="after")
        job = plant.request()
        written.wait()
        os.kill(workers.children()[0], signal.SIGKILL)
        written.drop()
        done = plant.ended(job)
        puts = [each for each in proxy.requests if each.method == "PUT"]
    assert (done.state, done.attempt, len(puts)) == ("done", 2, 1)
    assert plant.objects() == plant.keys(job)
