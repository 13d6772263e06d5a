"""Exports in a real bucket: in parts, at once, broken off in the middle, and killed."""

import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from tests.support.proxy import S3Proxy, matching
from tests.support.proxy_http import Request

from gridboss_assets import Credentials, S3Storage, Uploads
from gridboss_assets.errors import ObjectExists, PreconditionFailed, StorageUnavailable
from gridboss_assets.exports import write_export
from gridboss_assets.storage import Attributes

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from gridboss_assets.dev.seaweed import SeaweedFS

ID = "9f86d081884c7d659a2feaa0c55ad015"
KEY = f"exports/driver-7/{ID}.json"
MIB = 1024 * 1024
SIZE = 33 * MIB
PARTS = 3


def rows(size: int = SIZE) -> Iterator[tuple[str]]:
    """Give rows that make a little more than ``size`` bytes of JSON."""
    text = "x" * 65536
    return ((text,) for _ in range(max(1, size // len(text))))


@pytest.fixture
def proxy(seaweed: "SeaweedFS") -> Iterator[S3Proxy]:
    """Stand between the product and the server."""
    with S3Proxy(seaweed.endpoint) as proxy:
        yield proxy


@contextmanager
def connected(
    seaweed: "SeaweedFS", bucket: str, proxy: S3Proxy, provider: str
) -> Iterator[S3Storage]:
    storage = S3Storage(
        bucket,
        "us-east-1",
        Credentials(seaweed.access_key, seaweed.secret_key),
        endpoint=proxy.endpoint,
        provider=provider,
        checksums="when_required",
    )
    yield storage
    storage.close()


@pytest.fixture
def storage(seaweed: "SeaweedFS", bucket: str, proxy: S3Proxy) -> Iterator[S3Storage]:
    """Give a bucket whose conditional writes are sent in parts, as on AWS."""
    with connected(seaweed, bucket, proxy, "aws") as storage:
        yield storage


@pytest.fixture
def careful(seaweed: "SeaweedFS", bucket: str, proxy: S3Proxy) -> Iterator[S3Storage]:
    """Give the same bucket as one of a server that does not hold the condition of parts."""
    with connected(seaweed, bucket, proxy, "seaweedfs") as storage:
        yield storage


def export(storage: S3Storage, source: Any = None, **how: Any) -> Any:
    given: dict[str, Any] = {"owner": "driver-7", "id": ID, "columns": ["n"]}
    return write_export(
        rows() if source is None else source,
        format="json",
        filename="laps.json",
        storage=storage,
        **given | how,
    )


def calls(proxy: S3Proxy) -> list[str]:
    """Name what was asked of the bucket, in order, with what was not granted."""
    return [_call(each.method, each.path, each.status) for each in proxy.requests]


def _call(method: str, path: str, status: int | None) -> str:
    kinds = {"uploads": "create", "partNumber": "part", "uploadId": "complete"}
    query = path.partition("?")[2]
    word = next((word for name, word in kinds.items() if name in query), "object")
    if method == "DELETE" and word == "complete":
        word = "abort"
    return f"{method} {word}" + (f" {status}" if status is None or status >= 400 else "")


def unfinished(client: "S3Client", bucket: str) -> list[Any]:
    return list(client.list_multipart_uploads(Bucket=bucket).get("Uploads", []))


def is_part(number: int) -> Any:
    def matches(request: Request) -> bool:
        return request.method == "PUT" and f"partNumber={number}&" in request.path + "&"

    return matches


WHOLE = ["HEAD object 404", "POST create", *["PUT part"] * PARTS, "POST complete"]


def test_a_large_export_goes_in_parts_and_is_sealed(storage: S3Storage, proxy: S3Proxy) -> None:
    written = export(storage)
    assert calls(proxy) == WHOLE
    head = storage.head(written.object_key)
    assert head.size == written.content_length > 2 * 16 * MIB
    assert head.attributes.cache_control == "private, max-age=10800"
    assert str(head.attributes.content_disposition).startswith('attachment; filename="laps.json"')
    sealed = Uploads(storage).complete(KEY)
    assert (sealed.sha256, sealed.filename) == (written.sha256, "laps.json")


def test_all_parts_but_the_last_are_of_one_size(storage: S3Storage, proxy: S3Proxy) -> None:
    export(storage)
    sizes = [each.headers["content-length"] for each in proxy.requests if "partNumber" in each.path]
    assert sizes[:-1] == [str(16 * MIB)] * (PARTS - 1)


def test_the_upload_is_told_before_its_first_part(storage: S3Storage, proxy: S3Proxy) -> None:
    told: list[tuple[str | None, int]] = []

    def tell(upload_id: str | None) -> None:
        told.append((upload_id, calls(proxy).count("PUT part")))

    export(storage, on_multipart=tell)
    (begun, before), (ended, after) = told
    assert begun
    assert (before, ended, after) == (0, None, PARTS)


def test_a_small_export_is_one_request(storage: S3Storage, proxy: S3Proxy) -> None:
    export(storage, rows(1024))
    assert calls(proxy) == ["HEAD object 404", "PUT object"]


@pytest.mark.parametrize("number", [1, 2, PARTS])
def test_a_part_that_breaks_off_leaves_nothing(
    storage: S3Storage, proxy: S3Proxy, s3_client: "S3Client", number: int
) -> None:
    told: list[bool] = []
    proxy.drop(is_part(number))
    with pytest.raises(StorageUnavailable):
        export(storage, on_multipart=lambda upload: told.append(bool(upload)))
    assert calls(proxy)[-1] == "DELETE abort"
    assert told == [True, False]
    assert storage.list_keys("") == []
    assert unfinished(s3_client, storage.bucket) == []


def test_after_a_failure_the_same_id_can_be_written(storage: S3Storage, proxy: S3Proxy) -> None:
    proxy.drop(is_part(2))
    with pytest.raises(StorageUnavailable):
        export(storage)
    proxy.clear()
    assert export(storage).content_length == storage.head(KEY).size


def test_a_part_that_fails_once_is_sent_again(storage: S3Storage, proxy: S3Proxy) -> None:
    proxy.fail(is_part(2), 503, "SlowDown")
    written = export(storage)
    assert "PUT part 503" in calls(proxy)
    assert storage.head(KEY).size == written.content_length


def test_a_completion_whose_answer_was_lost_is_the_export(
    storage: S3Storage, proxy: S3Proxy
) -> None:
    held = proxy.hold(matching("POST", "uploadId="), when="after")
    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(export, storage)
        held.wait()
        held.drop()
        written = writing.result()
    assert calls(proxy)[-3:] == ["POST complete 412", "DELETE abort", "HEAD object"]
    assert storage.head(KEY).attributes.metadata["sha256"] == written.sha256


def test_what_came_first_stays(storage: S3Storage, proxy: S3Proxy, s3_client: "S3Client") -> None:
    held = proxy.hold(matching("POST", "uploadId="))
    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(export, storage, id=None, owner=None, key="exports/laps.json")
        held.wait()
        s3_client.put_object(Bucket=storage.bucket, Key="exports/laps.json", Body=b"first")
        held.release()
        with pytest.raises(ObjectExists):
            writing.result()
    with storage.open("exports/laps.json") as reader:
        assert b"".join(reader.chunks()) == b"first"
    assert unfinished(s3_client, storage.bucket) == []


def test_a_write_in_place_of_another_is_conditional_at_its_end(
    storage: S3Storage, proxy: S3Proxy, s3_client: "S3Client"
) -> None:
    """As an upload of more than 16 MiB is sealed in place."""
    first = s3_client.put_object(Bucket=storage.bucket, Key=KEY, Body=b"first")["ETag"]
    s3_client.put_object(Bucket=storage.bucket, Key=KEY, Body=b"newer")
    with pytest.raises(PreconditionFailed):
        storage.put(KEY, BytesIO(b"x" * 17 * MIB), Attributes("text/csv"), only_if_etag=first)
    assert calls(proxy)[-2:] == ["POST complete 412", "DELETE abort"]


@pytest.mark.parametrize("size", [SIZE, 1024])
def test_twice_the_same_id_at_once_is_one_object_and_one_answer(
    careful: S3Storage, proxy: S3Proxy, size: int
) -> None:
    proxy.gather(matching("HEAD"), 2)
    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(lambda _: export(careful, rows(size)), range(2))
    assert one == other
    assert calls(proxy).count("PUT object") == 1
    assert careful.list_keys("") == [KEY]


def test_where_parts_hold_no_condition_one_request_does(careful: S3Storage, proxy: S3Proxy) -> None:
    export(careful)
    assert calls(proxy) == ["HEAD object 404", "PUT object"]


def test_beyond_one_request_the_key_is_looked_at_right_before_the_end(
    careful: S3Storage, proxy: S3Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gridboss_assets.storage.multipart.SINGLE_PUT_BYTES", 20 * MIB)
    export(careful)
    assert calls(proxy) == [*WHOLE[:-1], "HEAD object 404", WHOLE[-1]]


def test_without_conditions_the_key_is_looked_at_before_and_right_before_the_end(
    seaweed: "SeaweedFS", bucket: str, proxy: S3Proxy
) -> None:
    proxy.refuse_headers()
    with connected(seaweed, bucket, proxy, "b2") as storage:
        export(storage)
    assert calls(proxy) == ["HEAD object 404", *WHOLE[:-1], "HEAD object 404", WHOLE[-1]]


def test_an_object_that_comes_meanwhile_is_noticed_without_conditions(
    seaweed: "SeaweedFS", bucket: str, proxy: S3Proxy, s3_client: "S3Client"
) -> None:
    proxy.refuse_headers()
    held = proxy.hold(is_part(2))
    with connected(seaweed, bucket, proxy, "b2") as storage, ThreadPoolExecutor(1) as pool:
        writing = pool.submit(export, storage)
        held.wait()
        s3_client.put_object(Bucket=bucket, Key=KEY, Body=b"first")
        held.release()
        with pytest.raises(ObjectExists):
            writing.result()
    assert unfinished(s3_client, bucket) == []


def test_a_server_that_knows_no_conditions_is_noticed_at_the_end(
    storage: S3Storage, proxy: S3Proxy, s3_client: "S3Client"
) -> None:
    proxy.refuse_headers()
    written = export(storage)
    assert "POST complete 501" in calls(proxy)
    assert storage.head(KEY).size == written.content_length
    assert unfinished(s3_client, storage.bucket) == []


def test_an_upload_of_more_than_16_mib_is_sealed_in_parts_and_once(
    storage: S3Storage, proxy: S3Proxy
) -> None:
    uploads = Uploads(storage)
    signed = uploads.sign("export", filename="a.json", content_type="application/json")
    data = b'["' + b"x" * 17 * MIB + b'"]'
    pending = Attributes("application/json", {"filename": "a.json"})
    storage.put(f"pending/{signed.object_key}", BytesIO(data), pending)
    proxy.clear()
    sealed = [uploads.complete(signed.object_key) for _ in range(2)]
    assert {each.sha256 for each in sealed} == {hashlib.sha256(data).hexdigest()}
    assert calls(proxy).count("POST complete") == 1
    assert storage.list_keys("") == [signed.object_key]


KILLED = """
import sys
from gridboss_assets import Credentials, S3Storage
from gridboss_assets.exports import write_export
endpoint, bucket, access_key, secret_key, key_id = sys.argv[1:]
storage = S3Storage(
    bucket, "us-east-1", Credentials(access_key, secret_key), endpoint=endpoint, provider="aws",
    checksums="when_required",
)
rows = (("x" * 65536,) for _ in range(33 * 16))
write_export(
    rows, format="json", filename="a.json", columns=["n"], owner="driver-7", id=key_id,
    storage=storage, on_multipart=lambda upload_id: print(upload_id, flush=True),
)
"""


def test_a_process_that_is_killed_leaves_no_key_and_its_upload_can_be_aborted(
    seaweed: "SeaweedFS", storage: S3Storage, proxy: S3Proxy, s3_client: "S3Client"
) -> None:
    held = proxy.hold(is_part(2))
    arguments = [proxy.endpoint, storage.bucket, seaweed.access_key, seaweed.secret_key, ID]
    with subprocess.Popen(  # noqa: S603 - our own code
        [sys.executable, "-c", KILLED, *arguments], stdout=subprocess.PIPE, text=True
    ) as process:
        held.wait()
        os.kill(process.pid, signal.SIGKILL)
        assert process.stdout is not None
        upload_id = process.stdout.readline().strip()
    held.drop()
    assert storage.list_keys("") == []
    assert [each["UploadId"] for each in unfinished(s3_client, storage.bucket)] == [upload_id]
    assert storage.abort_multipart(KEY, upload_id)
    assert unfinished(s3_client, storage.bucket) == []
    assert export(storage).content_length == storage.head(KEY).size


def test_an_interrupt_in_the_middle_aborts_the_upload(
    storage: S3Storage, s3_client: "S3Client"
) -> None:
    """Such as a worker's time limit, which is no Exception."""

    class TimeLimitExceeded(BaseException):
        pass

    told: list[bool] = []

    def tell(upload_id: str | None) -> None:
        told.append(bool(upload_id))
        if upload_id:
            raise TimeLimitExceeded

    with pytest.raises(TimeLimitExceeded):
        export(storage, on_multipart=tell)
    assert told == [True, False]
    assert unfinished(s3_client, storage.bucket) == []
