"""Complete many hostile pictures at once, and watch the service's memory and health.

A served API with its sandbox, and SeaweedFS as the bucket. Every picture is at the limit of what is
accepted: 30 megapixels of JPEG and PNG, 12 of WebP, each in a small file. What is printed: the most
memory that all processes of the service held together, with shared pages counted once (PSS) and in
each process (RSS), how the calls were answered, and how long ``/healthz`` took meanwhile.
"""

import argparse
import json
import multiprocessing
import statistics
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from io import BytesIO
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jwt
import requests
from PIL import Image
from tests.support.s3server import client_for

from benchmarks._serving import JWT_SECRET, serving
from gridboss_assets.dev.bucket import prepare_bucket
from gridboss_assets.dev.seaweed import SeaweedFS

if TYPE_CHECKING:
    from multiprocessing.queues import Queue

BUCKET = "test-inspect-load"
TARGETS = {"memory_mb": 600, "healthz_ms": 100}
_MB = 1_000_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of this sub-command."""
    parser.add_argument("--calls", type=int, default=64, help="calls at once (default 64)")
    parser.add_argument("--json", action="store_true", help="print the results as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Start everything, call, watch and print."""
    with tempfile.TemporaryDirectory() as folder:
        server = SeaweedFS(Path(folder), access_key="bench", secret_key="bench-secret")  # noqa: S106
        with server:
            prepare_bucket(client_for(server), BUCKET, origins=["http://127.0.0.1:8000"])
            environment = {
                "S3_BUCKET": BUCKET,
                "S3_REGION": "us-east-1",
                "S3_ENDPOINT": server.endpoint,
                "S3_ACCESS_KEY": server.access_key,
                "S3_SECRET_KEY": server.secret_key,
            }
            with serving("service", environment) as (port, pid):
                report = _attack(f"http://127.0.0.1:{port}", pid, arguments.calls)
    if arguments.json:
        sys.stdout.write(json.dumps(report, indent=2) + "\n")
    else:
        for name, value in report.items():
            target = f"   (target: under {TARGETS[name]})" if name in TARGETS else ""
            sys.stdout.write(f"{name:<18}{value}{target}\n")
    return 0


def _attack(url: str, pid: int, calls: int) -> dict[str, Any]:
    claims = {"sub": "driver-7", "type": "access", "exp": int(time.time()) + 3600}
    session = {"Authorization": f"Bearer {jwt.encode(claims, JWT_SECRET, 'HS256')}"}
    pictures = _pictures()
    keys = [_upload(url, session, *pictures[n % len(pictures)]) for n in range(calls)]
    # The first call starts the sandbox, which is no part of the load.
    _complete(url, session, _upload(url, session, "image/png", _small()))
    # Watched from a process of its own: threads that wait for answers would hold up the clock.
    apart = multiprocessing.get_context("spawn")
    done, found = apart.Event(), apart.Queue()
    watch = apart.Process(target=_watch_health, args=(url, done, found))
    watch.start()
    found.get()  # it is watching
    with ThreadPoolExecutor(calls + 1) as pool:
        memory = pool.submit(_watch_memory, pid, done)
        started = time.perf_counter()
        answers = Counter(pool.map(lambda key: _complete(url, session, key), keys))
        seconds = time.perf_counter() - started
        done.set()
    latencies = found.get()
    watch.join()
    return {
        "answers": dict(answers),
        "seconds": round(seconds, 1),
        "memory_mb": round(memory.result()[0] / _MB),
        "memory_rss_mb": round(memory.result()[1] / _MB),
        "healthz_ms": round(max(latencies) * 1000, 1),
        "healthz_median_ms": round(statistics.median(latencies) * 1000, 1),
    }


def _pictures() -> list[tuple[str, bytes]]:
    made = []
    for content_type, size in (
        ("image/jpeg", (6000, 5000)),
        ("image/png", (6000, 5000)),
        ("image/webp", (4000, 3000)),
    ):
        out = BytesIO()
        mode = "RGBA" if content_type != "image/jpeg" else "RGB"
        Image.new(mode, size, (180, 30, 60, 128)[: len(mode)]).save(
            out, content_type.removeprefix("image/").upper()
        )
        made.append((content_type, out.getvalue()))
    return made


def _small() -> bytes:
    out = BytesIO()
    Image.new("RGB", (8, 8)).save(out, "PNG")
    return out.getvalue()


def _upload(url: str, headers: dict[str, str], content_type: str, data: bytes) -> str:
    body = {"kind": "avatar", "filename": "a", "contentType": content_type}
    signed = requests.post(f"{url}/uploads/sign", json=body, headers=headers, timeout=30).json()
    sent = requests.post(signed["url"], data=signed["fields"], files={"file": data}, timeout=30)
    sent.raise_for_status()
    key: str = signed["objectKey"]
    return key


def _complete(url: str, headers: dict[str, str], key: str) -> str:
    answer = requests.post(
        f"{url}/uploads/complete", json={"objectKey": key}, headers=headers, timeout=300
    )
    return "200" if answer.ok else f"{answer.status_code} {answer.json()['detail']['error']}"


def _watch_memory(pid: int, done: Event) -> tuple[int, int]:
    most_pss = most_rss = 0
    while not done.wait(0.02):
        family = _family(pid)
        most_pss = max(most_pss, sum(_kib(each, "smaps_rollup", "Pss:") for each in family) * 1024)
        most_rss = max(most_rss, sum(_kib(each, "status", "VmRSS:") for each in family) * 1024)
    return most_pss, most_rss


def _family(pid: int) -> list[int]:
    found = [pid]
    for parent in found:
        with suppress(OSError):
            for task in Path(f"/proc/{parent}/task").iterdir():
                found += map(int, (task / "children").read_text().split())
    return found


def _kib(pid: int, file: str, name: str) -> int:
    with suppress(OSError, StopIteration):
        lines = Path(f"/proc/{pid}/{file}").read_text().splitlines()
        return int(next(line for line in lines if line.startswith(name)).split()[1])
    return 0


def _watch_health(url: str, done: Event, found: "Queue[Any]") -> None:
    latencies = []
    with requests.Session() as session:
        found.put("watching")
        while not done.wait(0.02):
            started = time.perf_counter()
            session.get(f"{url}/healthz", timeout=30)
            latencies.append(time.perf_counter() - started)
    found.put(latencies)
