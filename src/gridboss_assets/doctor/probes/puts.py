"""Signed PUTs: the length, the type and the life hold, and no header is smuggled in.

S3 API Reference, "Authenticating Requests: Using Query Parameters (AWS Signature Version 4)": any
``x-amz-*`` header of a request must be signed. A server that does not ask for it copies another
object of the bucket to whoever adds ``x-amz-copy-source`` to a signed PUT.
"""

from collections.abc import Mapping

from gridboss_assets.doctor.probes.base import (
    Need,
    Observation,
    Probe,
    Result,
    Subject,
    hidden,
    kept_out,
    smuggled,
    works,
)
from gridboss_assets.doctor.probes.bench import CONTENT_TYPE, DATA, FILENAME, Bench
from gridboss_assets.doctor.probes.forms import altered

_UNSAFE = "Uploads by PUT are not safe here: "
_SIGNED = {"content-type": CONTENT_TYPE, **FILENAME}
_OTHER_FILE = b"somebody else's file\n"


def _valid(bench: Bench) -> Observation:
    key = bench.key("put")
    answer = bench.put(key)
    if not answer.ok:
        return works(answer, fine=False, otherwise="")
    stored = bench.read(key)
    fine = stored.body == DATA and all(stored.headers.get(n) == v for n, v in _SIGNED.items())
    return works(answer, fine=fine, otherwise="not stored with the bytes and headers as signed")


def _send(  # noqa: PLR0913 - each is one thing to alter
    bench: Bench,
    name: str,
    *,
    body: bytes = DATA,
    headers: Mapping[str, str] = _SIGNED,
    forge: bool = False,
    age: float = 0,
) -> Observation:
    """Send something other than what was signed: for DATA with the usual headers."""
    key = bench.key(name)
    signed = {**_SIGNED, "content-length": str(len(DATA))}
    url = bench.url("PUT", key, headers=signed, age=age, expires_in=60)
    answer = bench.send("PUT", altered(url) if forge else url, headers=headers, body=body)
    return kept_out(bench, answer, key)


def _metadata(bench: Bench) -> Observation:
    key = bench.key("put-metadata")
    answer = bench.put(key, unsigned={"x-amz-meta-doctor": "added"})
    stored = bench.read(key)
    return smuggled(answer, stored, arrived="x-amz-meta-doctor" in stored.headers)


def _copy_source(bench: Bench) -> Observation:
    source, key = bench.key("put-source"), bench.key("put-copied")
    if not bench.put(source, _OTHER_FILE).ok:
        return Observation(Result.UNKNOWN, "there was no object to copy")
    answer = bench.put(key, unsigned={"x-amz-copy-source": f"{bench.place.bucket}/{source}"})
    stored = bench.read(key)
    return smuggled(answer, stored, arrived=_OTHER_FILE in stored.body)


def _tagging(bench: Bench) -> Observation:
    key = bench.key("put-tagged")
    answer = bench.put(key, unsigned={"x-amz-tagging": "doctor=added"})
    stored = bench.read(key)
    tags = bench.get(key, tagging="")
    if stored.ok and not tags.ok:
        return Observation(
            Result.NOT_ENFORCED,
            f"it was answered {answer} and stored; its tags may not be read ({tags})",
        )
    return smuggled(answer, stored, arrived=b"<Key>doctor</Key>" in tags.body)


def _acl(bench: Bench) -> Observation:
    key = bench.key("put-public")
    answer = bench.put(key, unsigned={"x-amz-acl": "public-read"})
    return hidden(bench, key, answer)


PUTS = Subject(
    "signed PUTs",
    Probe(
        "put",
        "a signed PUT is stored as signed",
        Need.PUT,
        "Uploads can't go by PUT here.",
        _valid,
    ),
    (
        Probe(
            "put-longer",
            "a longer file than signed is refused",
            Need.PUT,
            _UNSAFE + "anybody who may upload can fill the bucket.",
            lambda bench: _send(bench, "put-longer", body=DATA + b"x"),
        ),
        Probe(
            "put-shorter",
            "a shorter file than signed is refused",
            Need.PUT,
            _UNSAFE + "the signed length does not hold.",
            lambda bench: _send(bench, "put-shorter", body=DATA[:-1]),
        ),
        Probe(
            "put-content-type",
            "another content type than signed is refused",
            Need.PUT,
            _UNSAFE + "the signed content type does not hold.",
            lambda bench: _send(
                bench, "put-type", headers={**_SIGNED, "content-type": "text/html"}
            ),
        ),
        Probe(
            "put-signature",
            "a forged PUT is refused",
            Need.PUT,
            _UNSAFE + "anybody can write, signed or not.",
            lambda bench: _send(bench, "put-forged", forge=True),
        ),
        Probe(
            "put-expired",
            "an expired PUT is refused",
            Need.PUT,
            _UNSAFE + "a signed PUT that leaked is good for ever.",
            lambda bench: _send(bench, "put-expired", age=600),
        ),
        Probe(
            "put-unsigned-metadata",
            "an unsigned x-amz-meta-* is refused",
            Need.PUT,
            "Nothing of a pending object's metadata is believed or kept, but a server that takes "
            "this header unsigned may take others.",
            _metadata,
        ),
        Probe(
            "put-unsigned-copy-source",
            "an unsigned x-amz-copy-source is refused",
            Need.PUT,
            _UNSAFE + "whoever may upload can read every file of the bucket.",
            _copy_source,
        ),
        Probe(
            "put-unsigned-tagging",
            "an unsigned x-amz-tagging is refused",
            Need.PUT,
            _UNSAFE + "whoever may upload sets tags, which lifecycle rules and policies may go by.",
            _tagging,
        ),
        Probe(
            "put-unsigned-acl",
            "an unsigned x-amz-acl can't make a file public",
            Need.PUT,
            _UNSAFE + "whoever may upload can publish files that were never inspected.",
            _acl,
        ),
    ),
)
