"""Reads: links work as signed, and nobody reads without one.

S3 API Reference, "GetObject", and "Authenticating Requests: Using Query Parameters".
"""

from gridboss_assets.doctor.probes.base import (
    Need,
    Observation,
    Probe,
    Result,
    Subject,
    refused,
    works,
)
from gridboss_assets.doctor.probes.bench import DATA, Bench
from gridboss_assets.doctor.probes.forms import altered

_PARTIAL_CONTENT = 206
_SAVE_AS = 'attachment; filename="season.csv"'


def _link(bench: Bench) -> Observation:
    answer = bench.get(bench.sample())
    return works(answer, fine=answer.body == DATA, otherwise="other bytes came than were stored")


def _range(bench: Bench) -> Observation:
    url = bench.url("GET", bench.sample())
    answer = bench.send("GET", url, headers={"Range": "bytes=2-5"})
    if answer.status == _PARTIAL_CONTENT:
        return works(answer, fine=answer.body == DATA[2:6], otherwise="other bytes were sent")
    if answer.ok:
        return Observation(Result.NOT_OFFERED, f"it was answered {answer}, with the whole file")
    return works(answer, fine=False, otherwise="")


def _disposition(bench: Bench) -> Observation:
    answer = bench.get(bench.sample(), response_content_disposition=_SAVE_AS)
    fine = answer.headers.get("content-disposition") == _SAVE_AS
    if answer.ok and not fine:
        return Observation(Result.NOT_OFFERED, f"it was answered {answer}, without it")
    return works(answer, fine=fine, otherwise="")


def _stranger(bench: Bench) -> Observation:
    return refused(bench.send("GET", bench.plain_url(bench.sample())))


def _listing(bench: Bench) -> Observation:
    return refused(bench.send("GET", f"{bench.plain_url('')}?list-type=2&prefix={bench.prefix}"))


def _other_key(bench: Bench) -> Observation:
    other = bench.key("get-other")
    bench.put(other)
    url = bench.url("GET", bench.sample())
    return refused(bench.send("GET", url.replace(f"/{bench.sample()}?", f"/{other}?")))


def _forged(bench: Bench) -> Observation:
    return refused(bench.send("GET", altered(bench.url("GET", bench.sample()))))


def _expired(bench: Bench) -> Observation:
    return refused(bench.send("GET", bench.url("GET", bench.sample(), age=600, expires_in=60)))


_READABLE = "Files are not private here: "

READS = Subject(
    "reads",
    Probe(
        "get",
        "a signed link reads the file",
        Need.PRIVACY,
        "Links don't work here, so nobody sees a file.",
        _link,
    ),
    (
        Probe(
            "get-range",
            "a Range is answered with that part alone",
            Need.FALLBACK,
            "Downloads that broke off start again from the beginning.",
            _range,
        ),
        Probe(
            "get-disposition",
            "a link's response-content-disposition is honoured",
            Need.FALLBACK,
            "Files are saved under the name that was stored with them. Nothing else hinges on it.",
            _disposition,
        ),
        Probe(
            "get-anonymous",
            "a file can't be read without a signature",
            Need.PRIVACY,
            _READABLE + "close the bucket (`gridboss-assets bucket apply`, or the provider's own "
            "switch).",
            _stranger,
        ),
        Probe(
            "list-anonymous",
            "the keys can't be listed without a signature",
            Need.PRIVACY,
            _READABLE + "close the bucket (`gridboss-assets bucket apply`, or the provider's own "
            "switch).",
            _listing,
        ),
        Probe(
            "get-key",
            "a link for another file is refused",
            Need.PRIVACY,
            _READABLE + "a link to one file opens every other. Use another storage.",
            _other_key,
        ),
        Probe(
            "get-signature",
            "a forged link is refused",
            Need.PRIVACY,
            _READABLE + "signatures are not checked. Use another storage.",
            _forged,
        ),
        Probe(
            "get-expired",
            "an expired link is refused",
            Need.PRIVACY,
            _READABLE + "a link that leaked is good for ever. Use another storage.",
            _expired,
        ),
    ),
)
