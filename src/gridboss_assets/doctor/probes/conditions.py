"""Conditional writes: of many writers one wins, and nothing is removed by mistake.

S3 User Guide, "How to prevent object overwrites with conditional writes"; RFC 9110 §13.1.
"""

from gridboss_assets.doctor.http import Answer
from gridboss_assets.doctor.probes.base import (
    Need,
    Observation,
    Probe,
    Result,
    Subject,
    is_absent,
    works,
)
from gridboss_assets.doctor.probes.bench import DATA, Bench, Unclear

_OTHER = b"another upload\n"
_NOBODYS_ETAG = '"00000000000000000000000000000000"'
# 409 is how AWS reports a conditional write that raced another one.
_FAILED = {409, 412}


def _free(bench: Bench) -> Observation:
    key = bench.key("if-none-match")
    answer = bench.put(key, headers={"if-none-match": "*"})
    if not answer.ok:
        return works(answer, fine=False, otherwise="")
    return works(answer, fine=bench.read(key).body == DATA, otherwise="it was not stored as sent")


def _taken(bench: Bench) -> Observation:
    key = _standing(bench, "if-none-match-taken")
    answer = bench.put(key, _OTHER, headers={"if-none-match": "*"})
    return _held(answer, unchanged=bench.read(key).body == DATA)


def _put(bench: Bench) -> Observation:
    key = _standing(bench, "if-match-put")
    answer = bench.put(key, _OTHER, headers={"if-match": _NOBODYS_ETAG})
    return _held(answer, unchanged=bench.read(key).body == DATA)


def _delete(bench: Bench) -> Observation:
    key = _standing(bench, "if-match-delete")
    condition = {"if-match": _NOBODYS_ETAG}
    answer = bench.send("DELETE", bench.url("DELETE", key, headers=condition), headers=condition)
    return _held(answer, unchanged=bench.read(key).ok)


def _copy(bench: Bench) -> Observation:
    source, key = bench.sample(), bench.key("copy-if-match")
    headers = {
        "x-amz-copy-source": f"{bench.place.bucket}/{source}",
        "x-amz-copy-source-if-match": _NOBODYS_ETAG,
    }
    answer = bench.put(key, b"", headers=headers)
    return _held(answer, unchanged=not bench.read(key).ok)


def _standing(bench: Bench, name: str) -> str:
    key = bench.key(name)
    answer = bench.put(key)
    if not answer.ok:
        raise Unclear(f"no object could be written: {answer}")
    return key


def _held(answer: Answer, *, unchanged: bool) -> Observation:
    """Judge a request whose condition is not met."""
    if not unchanged:
        return Observation(Result.NOT_ENFORCED, f"it was answered {answer}, and done")
    if answer.status in _FAILED:
        return Observation(Result.ENFORCED, str(answer))
    if is_absent(answer) or answer.status == 400:  # noqa: PLR2004 - the condition is not known there
        return Observation(Result.NOT_OFFERED, str(answer))
    return Observation(Result.UNKNOWN, f"it was answered {answer}, but nothing was done")


CONDITIONS = Subject(
    "conditional writes",
    Probe(
        "if-none-match",
        "a PUT with If-None-Match: * is stored where nothing stands",
        Need.WRITES,
        "A HEAD comes first instead: of two `complete` calls in the same moment both may write. "
        "An upload by PUT carries this condition, unless S3_PROVIDER names one without it.",
        _free,
    ),
    (
        Probe(
            "if-none-match-taken",
            "a PUT with If-None-Match: * is refused where something stands",
            Need.WRITES,
            "The condition is taken and not kept, which the service can't notice: a sealed object "
            "may be overwritten. Use another storage, or a newer release of this one.",
            _taken,
        ),
        Probe(
            "if-match-put",
            "a PUT with another ETag in If-Match is refused",
            Need.FALLBACK,
            "Where an object is sealed in place, one that was written in that moment is lost.",
            _put,
        ),
        Probe(
            "if-match-delete",
            "a DELETE with another ETag in If-Match is refused",
            Need.FALLBACK,
            "A refusal may also remove an upload that arrived in that moment; the person gets 404 "
            "and uploads again.",
            _delete,
        ),
        Probe(
            "copy-if-match",
            "a copy with another ETag in x-amz-copy-source-if-match is refused",
            Need.FALLBACK,
            "Nothing hinges on it: the service makes no copies on the server.",
            _copy,
        ),
    ),
)
