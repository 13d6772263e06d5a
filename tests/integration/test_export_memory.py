"""A large export needs little memory, wherever its rows come from."""

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from gridboss_assets.dev.seaweed import SeaweedFS

MIB = 1024 * 1024

# The peak before counts as the idle process: everything is imported, and a small export was made.
EXPORT = """
import json, resource, sys
from gridboss_assets import Credentials, S3Storage
from gridboss_assets.exports import write_export

endpoint, bucket, access_key, secret_key, provider, format = sys.argv[1:]
storage = S3Storage(
    bucket, "us-east-1", Credentials(access_key, secret_key), endpoint=endpoint, provider=provider,
    checksums="when_required",
)

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

def export(rows):
    return write_export(
        ((f"driver-{n % 40}", n, n * 0.001, "x" * 400) for n in range(rows)),
        format=format, filename="a", columns=["driver", "lap", "seconds", "note"], storage=storage,
    )

export(10)
idle = peak()
written = export(150_000)
print(json.dumps([written.content_length, peak() - idle]))
"""


@pytest.mark.parametrize("provider", ["aws", "seaweedfs"])
def test_an_export_of_60_mib_needs_at_most_64_more(
    seaweed: "SeaweedFS", bucket: str, provider: str
) -> None:
    arguments = [seaweed.endpoint, bucket, seaweed.access_key, seaweed.secret_key, provider, "csv"]
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", EXPORT, *arguments], capture_output=True, text=True, check=True
    )
    size, grown = json.loads(done.stdout)
    assert size > 60 * MIB
    assert grown < 64 * MIB, f"{grown / MIB:.0f} MiB"
