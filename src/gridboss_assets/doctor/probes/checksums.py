"""Checksums: whether the server compares them, and takes them as the SDK sends them.

S3 User Guide, "Checking object integrity in Amazon S3". The SDK sends one with each PUT by
default: in a trailer, which servers have stored as a part of the file before.
"""

import hashlib
import zlib
from base64 import b64encode
from io import BytesIO

from botocore.exceptions import BotoCoreError, ClientError

from gridboss_assets.doctor.probes.base import (
    Need,
    Observation,
    Probe,
    Result,
    Subject,
    kept_out,
    works,
)
from gridboss_assets.doctor.probes.bench import CONTENT_TYPE, DATA, Bench
from gridboss_assets.storage.client import make_client


def _right(bench: Bench) -> Observation:
    key = bench.key("checksum")
    crc32 = b64encode(zlib.crc32(DATA).to_bytes(4, "big")).decode()
    answer = bench.put(key, headers={"x-amz-checksum-crc32": crc32})
    if not answer.ok:
        return works(answer, fine=False, otherwise="")
    return works(answer, fine=bench.read(key).body == DATA, otherwise="it was not stored as sent")


def _wrong(bench: Bench) -> Observation:
    key = bench.key("checksum-wrong")
    sha256 = b64encode(hashlib.sha256(b"something else").digest()).decode()
    answer = bench.put(key, headers={"x-amz-checksum-sha256": sha256})
    return kept_out(bench, answer, key)


def _sdk(bench: Bench) -> Observation:
    key = bench.key("checksum-sdk")
    target, bucket = bench.target, bench.place.bucket
    client = make_client(
        target.inner.region,
        lambda: target.credentials,
        endpoint=target.settings.s3_endpoint,
        addressing_style=target.settings.s3_addressing_style,
        checksums=True,
    )
    try:
        client.put_object(Bucket=bucket, Key=key, Body=BytesIO(DATA), ContentType=CONTENT_TYPE)
        read = client.get_object(Bucket=bucket, Key=key)["Body"].read()
    except ClientError as error:
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        said = f"{status} {error.response.get('Error', {}).get('Code', '')}".rstrip()
        result = Result.UNKNOWN if status >= 500 and status != 501 else Result.NOT_OFFERED  # noqa: PLR2004
        return Observation(result, said)
    except BotoCoreError as error:
        return Observation(Result.NOT_OFFERED, type(error).__name__)
    finally:
        client.close()
    if read != DATA:
        return Observation(Result.NOT_ENFORCED, "what was stored is not what was sent")
    return Observation(Result.WORKS, "stored and read back")


CHECKSUMS = Subject(
    "checksums",
    Probe(
        "checksum",
        "a PUT with its right x-amz-checksum-crc32 is stored",
        Need.FALLBACK,
        "S3_CHECKSUMS has to be when_required, which is what auto takes away from AWS.",
        _right,
    ),
    (
        Probe(
            "checksum-wrong",
            "a PUT with a wrong x-amz-checksum-sha256 is refused",
            Need.FALLBACK,
            "Damage on the way to the server goes unnoticed there. What is inspected is what was "
            "stored, so a damaged file is refused by the inspection or served as it is.",
            _wrong,
        ),
        Probe(
            "checksum-sdk",
            "the SDK's own checksums are taken",
            Need.FALLBACK,
            "S3_CHECKSUMS has to be when_required, which is what auto takes away from AWS.",
            _sdk,
        ),
    ),
)
