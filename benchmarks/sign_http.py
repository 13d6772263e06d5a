"""Time ``POST /uploads/sign`` as it is served, beside less and beside the usual.

- service: ``gridboss-assets serve`` with one worker, sign-in, request ID and log line on.
- bare: a Starlette handler that builds and signs the same whole policy, with the same signer, and
  does nothing else: no sign-in, no checks, no log.
- plain: a FastAPI endpoint that calls boto3's ``generate_presigned_post``, and nothing else.

Each runs in a process of its own under uvicorn. Rounds alternate between the three, so that
whatever slows the machine down for a while slows all of them. The figures are medians; nothing is
asserted about them.
"""

import argparse
import json
import platform
import statistics
import sys
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass

import jwt

from benchmarks._load import Request, requests_per_second
from benchmarks._serving import JWT_SECRET, serving
from benchmarks._sign_servers import ACCESS_KEY, BUCKET, REGION, SECRET_KEY

BODY = json.dumps({"kind": "avatar", "filename": "me.png", "content_type": "image/png"}).encode()
BUCKET_SETTINGS = {
    "S3_BUCKET": BUCKET,
    "S3_REGION": REGION,
    "S3_ACCESS_KEY": ACCESS_KEY,
    "S3_SECRET_KEY": SECRET_KEY,
}

SERVERS = {
    "service": "service",
    "bare": "benchmarks._sign_servers:bare",
    "plain": "benchmarks._sign_servers:plain",
}
TARGETS = {"bare": 0.5, "plain": 1.7}


@dataclass(frozen=True, slots=True)
class Result:
    """Median requests a second of one server; ``service_ratio``: the service's over its own."""

    name: str
    per_second: float
    service_ratio: float
    target: float | None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of this sub-command."""
    parser.add_argument("--rounds", type=int, default=15, help="rounds of each (default 15)")
    parser.add_argument(
        "--seconds", type=float, default=1.0, help="length of one round (default 1)"
    )
    parser.add_argument(
        "--connections", type=int, default=16, help="connections at once (default 16)"
    )
    parser.add_argument("--json", action="store_true", help="print the results as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Start the three servers, measure them in turn, and print."""
    claims = {"sub": "driver-7", "type": "access", "exp": int(time.time()) + 3600}
    headers = (("Authorization", f"Bearer {jwt.encode(claims, JWT_SECRET, 'HS256')}"),)
    with ExitStack() as stack:
        requests = {}
        for name, application in SERVERS.items():
            port, _ = stack.enter_context(serving(application, BUCKET_SETTINGS))
            requests[name] = Request(port, "/uploads/sign", BODY, headers)
        for request in requests.values():
            requests_per_second(request, connections=arguments.connections, seconds=0.5)
        rates: dict[str, list[float]] = {name: [] for name in requests}
        for _ in range(arguments.rounds):
            for name, request in requests.items():
                rates[name].append(
                    requests_per_second(
                        request, connections=arguments.connections, seconds=arguments.seconds
                    )
                )
    medians = {name: statistics.median(values) for name, values in rates.items()}
    results = [
        Result(name, round(median), round(medians["service"] / median, 3), TARGETS.get(name))
        for name, median in medians.items()
    ]
    if arguments.json:
        report = {
            "rounds": arguments.rounds,
            "connections": arguments.connections,
            "python": platform.python_version(),
            "results": [asdict(result) for result in results],
        }
        sys.stdout.write(json.dumps(report, indent=2) + "\n")
    else:
        sys.stdout.write(_table(results, arguments))
    return 0


def _table(results: list[Result], arguments: argparse.Namespace) -> str:
    lines = [
        (
            f"Median of {arguments.rounds} alternating rounds of {arguments.seconds:g} s, "
            f"{arguments.connections} connections, one worker each; "
            f"Python {platform.python_version()}"
        ),
        f"{'':<10}{'requests/s':>12}{'service is':>14}{'target':>10}",
    ]
    for result in results:
        target = "" if result.target is None else f"{result.target:.2f}x"
        lines.append(
            f"{result.name:<10}{result.per_second:>12.0f}{result.service_ratio:>13.2f}x{target:>10}"
        )
    return "\n".join(lines) + "\n"
