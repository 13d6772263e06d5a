"""Time our signatures beside botocore's, on the same inputs.

Both sides sign with a real clock. Rounds alternate between the two, so that whatever slows the
machine down for a while slows both. Before anything is measured, the two sides have to agree byte
for byte at one frozen second. The figures are medians in microseconds for one signature; nothing
is asserted about them.
"""

import argparse
import json
import platform
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

import botocore
from tests.support import botocore_oracle

from gridboss_assets.models import Credentials
from gridboss_assets.signing import locate_bucket, presign_post, presign_url

BUCKET, REGION = "gridboss-prod-assets", "eu-west-1"
CREDENTIALS = Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
# Many keys, for a service signs for a new one in every request.
KEYS = [f"pending/avatars/driver-{n}/{n:032x}.png" for n in range(64)]
FIELDS = {"Content-Type": "image/png", "x-amz-meta-filename": "me%20and%20my%20car.png"}
SIZE_RANGE = (1, 2 * 1024 * 1024)
HEADERS = {
    "content-type": "image/png",
    "content-length": "81234",
    "if-none-match": "*",
    "x-amz-meta-filename": "me%20and%20my%20car.png",
}
PUT_PARAMS = {
    "ContentType": "image/png",
    "ContentLength": 81_234,
    "IfNoneMatch": "*",
    "Metadata": {"filename": "me%20and%20my%20car.png"},
}
TTL = 600

# Ours sign this often in a round for each time of botocore's: rounds long enough to time, and of
# about the same length on either side.
CALLS_OF_OURS = 16


@dataclass(frozen=True, slots=True)
class Case:
    """One kind of signature, made by both sides from a key and, for ours, the time."""

    name: str
    ours: Callable[[str, float], object]
    botocore: Callable[[str], object]
    target: float | None


@dataclass(frozen=True, slots=True)
class Result:
    """Medians for one signature, in microseconds."""

    name: str
    ours_us: float
    botocore_us: float
    ratio: float
    target: float | None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of this sub-command."""
    parser.add_argument(
        "--rounds", type=_positive, default=60, help="rounds of either side (default 60)"
    )
    parser.add_argument("--json", action="store_true", help="print the results as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Check that both sides agree, measure, and print."""
    cases = _cases()
    now = time.time()
    for case in cases:
        with botocore_oracle.botocore_clock(now):
            if any(case.ours(key, now) != case.botocore(key) for key in KEYS):
                sys.stderr.write(f"{case.name}: the two sides disagree; nothing was measured\n")
                return 1
    results = [_measure(case, arguments.rounds) for case in cases]
    if arguments.json:
        report = {
            "rounds": arguments.rounds,
            "python": platform.python_version(),
            "botocore": botocore.__version__,
            "results": [asdict(result) for result in results],
        }
        sys.stdout.write(json.dumps(report, indent=2) + "\n")
    else:
        sys.stdout.write(_table(results, arguments.rounds))
    return 0


def _cases() -> list[Case]:
    location = locate_bucket(BUCKET, REGION)
    s3 = botocore_oracle.client(CREDENTIALS, REGION, None, "virtual")
    conditions = [{name: value} for name, value in FIELDS.items()]
    size_condition = ["content-length-range", *SIZE_RANGE]

    def our_post(key: str, now: float) -> object:
        form = presign_post(
            location,
            CREDENTIALS,
            key=key,
            fields=FIELDS,
            size_range=SIZE_RANGE,
            expires_in=TTL,
            now=now,
        )
        return {"url": form.url, "fields": form.fields}

    def botocore_post(key: str) -> object:
        return s3.generate_presigned_post(
            BUCKET, key, Fields=FIELDS, Conditions=[*conditions, size_condition], ExpiresIn=TTL
        )

    def our_get(key: str, now: float) -> object:
        return presign_url("GET", location, CREDENTIALS, key=key, expires_in=TTL, now=now)

    def botocore_get(key: str) -> object:
        return s3.generate_presigned_url(
            "get_object", Params={"Bucket": BUCKET, "Key": key}, ExpiresIn=TTL
        )

    def our_put(key: str, now: float) -> object:
        return presign_url(
            "PUT", location, CREDENTIALS, key=key, headers=HEADERS, expires_in=TTL, now=now
        )

    def botocore_put(key: str) -> object:
        params = {"Bucket": BUCKET, "Key": key, **PUT_PARAMS}
        return s3.generate_presigned_url("put_object", Params=params, ExpiresIn=TTL)

    return [
        Case("POST form", our_post, botocore_post, target=7),
        Case("GET URL", our_get, botocore_get, target=12),
        Case("PUT URL, 4 headers", our_put, botocore_put, target=None),
    ]


def _measure(case: Case, rounds: int) -> Result:
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(rounds):
        start = time.perf_counter()
        for _ in range(CALLS_OF_OURS):
            for key in KEYS:
                case.ours(key, time.time())
        between = time.perf_counter()
        for key in KEYS:
            case.botocore(key)
        end = time.perf_counter()
        ours.append((between - start) / (CALLS_OF_OURS * len(KEYS)))
        theirs.append((end - between) / len(KEYS))
    our_median, their_median = statistics.median(ours), statistics.median(theirs)
    return Result(
        name=case.name,
        ours_us=round(our_median * 1e6, 2),
        botocore_us=round(their_median * 1e6, 2),
        ratio=round(their_median / our_median, 1),
        target=case.target,
    )


def _table(results: list[Result], rounds: int) -> str:
    versions = f"Python {platform.python_version()}, botocore {botocore.__version__}"
    lines = [
        f"Median of {rounds} alternating rounds, microseconds for one signature; {versions}",
        f"{'':<20}{'ours':>10}{'botocore':>12}{'ratio':>10}{'target':>10}",
    ]
    for result in results:
        target = "" if result.target is None else f"{result.target:.1f}x"
        lines.append(
            f"{result.name:<20}{result.ours_us:>10.2f}{result.botocore_us:>12.2f}"
            f"{result.ratio:>9.1f}x{target:>10}"
        )
    return "\n".join(lines) + "\n"


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("give a number from 1 on")
    return number
