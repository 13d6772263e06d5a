"""``doctor --live``: tries what an endpoint enforces, and leaves nothing behind."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from gridboss_assets.doctor import access
from gridboss_assets.doctor.capabilities import (
    GOOD,
    Advice,
    Capability,
    advise,
    contradictions,
    weigh,
)
from gridboss_assets.doctor.http import Unreachable
from gridboss_assets.doctor.probes import (
    SUBJECTS,
    Bench,
    Observation,
    Probe,
    Result,
    Subject,
    Unclear,
)
from gridboss_assets.doctor.target import Target
from gridboss_assets.findings import Finding, Status
from gridboss_assets.signing import BucketLocation

Tell = Callable[[str], None]


@dataclass
class Live:
    """What the probes found out. ``left`` names objects that could not be removed."""

    rows: list[Capability] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    advice: list[Advice] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


def probe(target: Target, place: BucketLocation, tell: Tell) -> Live:
    """Try everything at one place. However this ends, what was written is removed.

    ``tell`` hears of the progress, and of what could not be removed.
    """
    live, bench = Live(), Bench(target, place)
    with _removing(bench, live, tell):
        _run(bench, live, tell)
    live.findings.append(_removed(bench, live.left))
    if live.rows:
        live.advice = advise(
            live.rows,
            provider=target.provider,
            signs=bench.signs,
            settings=target.settings,
        )
        live.notes = contradictions(live.rows, target.provider)
    return live


@contextmanager
def _removing(bench: Bench, live: Live, tell: Tell) -> Iterator[None]:
    try:
        yield
    finally:
        tell(f"Removing what was written under {bench.prefix} …")
        live.left = list(bench.keys)  # until it is known better: this, too, may be interrupted
        try:
            live.left = bench.remove()
        finally:
            if live.left:
                tell(
                    "These objects may be left in the bucket. Remove them, or let the lifecycle "
                    "rule for pending/ do it:\n  " + "\n  ".join(live.left)
                )


def _run(bench: Bench, live: Live, tell: Tell) -> None:
    try:
        written = bench.put(bench.key("first"))
    except Unreachable as error:
        live.findings.append(_stopped(error))
        return
    if not written.ok:
        live.findings.append(
            Finding(
                "writing",
                Status.FAIL if written.status == 403 else Status.UNKNOWN,  # noqa: PLR2004
                f"Nothing can be written under {bench.prefix} ({written}), so nothing was tried.",
                "Allow s3:PutObject on the bucket's objects. "
                f"{access.allowing(bench.target.provider)} A bucket that is encrypted with a key "
                "of KMS needs the statement `kms` as well (S3_IAM_STATEMENTS).",
            )
        )
        return
    live.findings.append(Finding("writing", Status.PASS, "Objects may be written."))
    for subject in SUBJECTS:
        tell(f"Trying {subject.title} …")
        try:
            for row in _rows(bench, subject):
                live.rows.append(row)  # one by one: those before a server's end count
        except Unreachable as error:
            live.findings.append(_stopped(error))
            return


def _rows(bench: Bench, subject: Subject) -> Iterator[Capability]:
    """Try the baseline of a subject, and the rest of it where that says anything."""
    first = _row(bench, subject, subject.baseline)
    yield first
    if first.seen.result in GOOD:
        for each in subject.probes:
            yield _row(bench, subject, each)


def _row(bench: Bench, subject: Subject, question: Probe) -> Capability:
    try:
        seen = question.run(bench)
    except Unclear as error:
        seen = Observation(Result.UNKNOWN, str(error))
    except Unreachable as error:
        # One lost answer is one thing that is not known. A server that is gone ends the run: this
        # raises the same again.
        bench.get(bench.keys[0])
        seen = Observation(Result.UNKNOWN, f"no answer: {error}")
    target = bench.target
    status = weigh(
        question,
        seen,
        method=target.storage.upload_method,
        promised=target.provider.conditional_writes,
    )
    return Capability(subject.title, question, seen, status)


def _stopped(error: Unreachable) -> Finding:
    return Finding(
        "not tried",
        Status.UNKNOWN,
        f"The server stopped answering ({error}), so the rest was not tried.",
        "See that it runs, and run the command again.",
    )


def _removed(bench: Bench, left: list[str]) -> Finding:
    if left:
        return Finding(
            "removing",
            Status.FAIL,
            f"{len(left)} objects under {bench.prefix} could not be removed: {', '.join(left)}",
            f"Allow s3:DeleteObject. {access.allowing(bench.target.provider)} Remove them, or let "
            "the lifecycle rule for pending/ do it.",
        )
    if bench.versioned:
        return Finding(
            "removing",
            Status.PASS,
            "What was written is removed. The bucket keeps old versions, so these stay until its "
            "lifecycle rules expire them.",
        )
    return Finding("removing", Status.PASS, "What was written is removed.")
