"""Time download links: in the library, by CloudFront's rules, and many in one request.

- library: ``Delivery.link`` for the bucket, with its URL stable, and for a CDN without a signature.
- CloudFront: a signed URL beside the bare operation of `cryptography` on the same policy.
- HTTP: one request for fifty links beside fifty requests for one, on connections that are kept,
  with the service as ``serve`` runs it with one worker; pictures of the bucket and of a CDN.

Rounds alternate between the two sides, so that whatever slows the machine down for a while slows
both. The figures are medians; nothing is asserted about them.
"""

import argparse
import json
import platform
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from typing import TypeVar, cast

import jwt
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from tests.support.cloudfront import KEY_PAIR_ID, key_pair

from benchmarks._load import Request, requests_per_second
from benchmarks._serving import JWT_SECRET, serving
from gridboss_assets import (
    DEFAULT_KINDS,
    Cdn,
    CloudFrontSigner,
    Credentials,
    Delivery,
    S3Storage,
)
from gridboss_assets.keys import ObjectKey

_T = TypeVar("_T")

LINKS = 50
TEXTS = [f"avatars/driver-{n}/{n:032x}.png" for n in range(LINKS)]
KEYS = [ObjectKey(text, DEFAULT_KINDS["avatar"], text.split("/")[1]) for text in TEXTS]
BASE_URL = "https://cdn.example.com"
SETTINGS = {
    "S3_BUCKET": "gridboss-prod-assets",
    "S3_REGION": "eu-west-1",
    "S3_ACCESS_KEY": "AKIAIOSFODNN7EXAMPLE",
    "S3_SECRET_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
}
CREDENTIALS = Credentials(SETTINGS["S3_ACCESS_KEY"], SETTINGS["S3_SECRET_KEY"])


@dataclass(frozen=True, slots=True)
class Result:
    """Medians of one link in microseconds.

    ``ratio``: how many times as long ours took as what stands beside it, and for many links in one
    request how many times as fast they were.
    """

    name: str
    ours_us: float
    beside_us: float | None
    ratio: float | None
    target: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of this sub-command."""
    parser.add_argument("--rounds", type=int, default=15, help="rounds of each (default 15)")
    parser.add_argument(
        "--seconds", type=float, default=0.5, help="length of one round over HTTP (default 0.5)"
    )
    parser.add_argument(
        "--connections", type=int, default=6, help="connections at once (default 6, a browser's)"
    )
    parser.add_argument("--json", action="store_true", help="print the results as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Measure in the library, then over HTTP, and print."""
    results = [*_library(arguments.rounds), *_cloudfront(arguments.rounds), *_http(arguments)]
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


def _library(rounds: int) -> list[Result]:
    storage = S3Storage(SETTINGS["S3_BUCKET"], SETTINGS["S3_REGION"], CREDENTIALS)
    cases = {
        "bucket": (Delivery(storage), "15 us"),
        "bucket, stable": (Delivery(storage, stable_urls=True), "15 us"),
        "plain CDN": (Delivery(storage, cdn=Cdn(BASE_URL)), "5 us"),
    }
    times: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(rounds * 4):
        for name, (delivery, _target) in cases.items():
            times[name].append(_each(delivery.link, KEYS * 4))
    return [
        Result(name, _us(statistics.median(times[name])), None, None, target)
        for name, (_, target) in cases.items()
    ]


def _cloudfront(rounds: int) -> list[Result]:
    return [
        _signed("CloudFront, RSA", key_pair("rsa").private, rounds, "at most 1.2x"),
        _signed("CloudFront, ECDSA", key_pair("ecdsa").private, rounds, ""),
    ]


def _signed(name: str, private: str, rounds: int, target: str) -> Result:
    signer = CloudFrontSigner(KEY_PAIR_ID, private)
    urls = [f"{BASE_URL}/{text}" for text in TEXTS]
    expires_at = int(time.time()) + 3600
    statement = '{"Resource":"%s","Condition":{"DateLessThan":{"AWS:EpochTime":%d}}}'
    policies = [b'{"Statement":[%b]}' % (statement % (url, expires_at)).encode() for url in urls]
    bare = _bare(private)
    ours: list[float] = []
    beside: list[float] = []
    for _ in range(rounds):
        ours.append(_each(lambda url: signer.sign_url(url, expires_at=expires_at), urls))
        beside.append(_each(bare, policies))
    mine, theirs = statistics.median(ours), statistics.median(beside)
    return Result(name, _us(mine), _us(theirs), round(mine / theirs, 3), target)


def _bare(private: str) -> Callable[[bytes], bytes]:
    key = serialization.load_pem_private_key(private.encode(), None)
    digest = hashes.SHA256()
    if isinstance(key, rsa.RSAPrivateKey):
        scheme = padding.PKCS1v15()
        return lambda policy: key.sign(policy, scheme, digest)
    curve_key = cast("ec.EllipticCurvePrivateKey", key)
    # As the signer does, so that a signature stays the same.
    ecdsa = ec.ECDSA(digest, deterministic_signing=True)
    return lambda policy: curve_key.sign(policy, ecdsa)


def _http(arguments: argparse.Namespace) -> list[Result]:
    claims = {"sub": "driver-7", "type": "access", "exp": int(time.time()) + 3600}
    headers = (("Authorization", f"Bearer {jwt.encode(claims, JWT_SECRET, 'HS256')}"),)
    results = []
    for name, changes in {"bucket": {}, "plain CDN": {"CDN_BASE_URL": BASE_URL}}.items():
        with ExitStack() as stack:
            port, _ = stack.enter_context(serving("service", SETTINGS | changes))

            def links_per_second(body: Mapping[str, object], links: int, port: int = port) -> float:
                request = Request(port, "/uploads/download", json.dumps(body).encode(), headers)
                rate = requests_per_second(
                    request, connections=arguments.connections, seconds=arguments.seconds
                )
                return rate * links

            many = {"objectKeys": TEXTS}
            one = {"objectKey": TEXTS[0]}
            links_per_second(many, LINKS)
            links_per_second(one, 1)
            rates: tuple[list[float], list[float]] = [], []
            for _ in range(arguments.rounds):
                rates[0].append(links_per_second(many, LINKS))
                rates[1].append(links_per_second(one, 1))
        ours, beside = (1 / statistics.median(side) for side in rates)
        results.append(
            Result(
                f"{LINKS} in one, {name}",
                _us(ours),
                _us(beside),
                round(beside / ours, 1),
                "at least 10x",
            )
        )
    return results


def _each(function: Callable[[_T], object], inputs: list[_T]) -> float:
    """Return the seconds that one call took, of a call for each input."""
    started = time.perf_counter()
    for given in inputs:
        function(given)
    return (time.perf_counter() - started) / len(inputs)


def _us(seconds: float) -> float:
    return round(seconds * 1e6, 2)


def _table(results: list[Result], arguments: argparse.Namespace) -> str:
    lines = [
        (
            f"Medians of {arguments.rounds} alternating rounds, microseconds for one link; "
            f"{arguments.connections} connections; Python {platform.python_version()}"
        ),
        f"{'':<24}{'ours':>10}{'beside':>10}{'ratio':>10}{'target':>14}",
    ]
    for result in results:
        beside = "" if result.beside_us is None else f"{result.beside_us:.2f}"
        ratio = "" if result.ratio is None else f"{result.ratio:g}x"
        lines.append(
            f"{result.name:<24}{result.ours_us:>10.2f}{beside:>10}{ratio:>10}{result.target:>14}"
        )
    return "\n".join(lines) + "\n"
