"""What the probes' observations amount to: how grave each is, and which settings follow. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from gridboss_assets.doctor.probes import Need, Observation, Probe, Result
from gridboss_assets.findings import Finding, Status
from gridboss_assets.storage.providers import GENERIC, Provider, provider_by_answer
from gridboss_config import Settings

Method = Literal["POST", "PUT"]

_UNSIGNED = frozenset(
    f"put-unsigned-{header}" for header in ("metadata", "copy-source", "tagging", "acl")
)
GOOD = frozenset({Result.WORKS, Result.ENFORCED})
_SAFE = GOOD | {Result.IGNORED}


@dataclass(frozen=True, slots=True)
class Capability:
    """One row of the table: a probe, and what it saw here."""

    subject: str
    probe: Probe
    seen: Observation
    status: Status

    @property
    def means(self) -> str:
        """What follows from it, in sentences; empty where all is well."""
        if self.status is Status.PASS:
            return ""
        if self.seen.result is Result.IGNORED:
            return "It should be refused, but nothing came of it."
        if self.seen.result is Result.UNKNOWN:
            return ""
        return self.probe.lacking

    @property
    def finding(self) -> Finding:
        """The same as a finding."""
        detail = f"{self.probe.asks}: {self.seen.result.value} ({self.seen.detail})"
        return Finding(self.probe.name, self.status, detail[0].upper() + detail[1:], self.means)


def weigh(probe: Probe, seen: Observation, *, method: Method, promised: bool) -> Status:
    """Say how grave an observation is where uploads go by ``method``.

    ``promised``: whether the provider's row has conditional writes, so that the service counts on
    them.
    """
    if seen.result in GOOD:
        return Status.PASS
    if seen.result is Result.IGNORED or seen.harmless:
        return Status.WARN
    unused = {"POST": Need.PUT, "PUT": Need.FORM}[method]
    if seen.result is Result.UNKNOWN:
        return Status.WARN if probe.need is unused else Status.UNKNOWN
    absent = seen.result is Result.NOT_OFFERED
    grave = {
        Need.FORM: method == "POST",
        Need.PUT: method == "PUT",
        Need.PRIVACY: True,
        # Absent, it is noticed by its 501; but a browser's own PUT has no second try.
        Need.WRITES: promised and (method == "PUT" or not absent),
        Need.FALLBACK: False,
    }[probe.need]
    if grave:
        return Status.FAIL
    return Status.UNAVAILABLE if absent else Status.WARN


@dataclass(frozen=True, slots=True)
class Advice:
    """A setting that follows from what was seen. ``value`` is None where none would be right."""

    setting: str
    value: str | None
    current: str
    why: str


def advise(
    rows: Sequence[Capability], *, provider: Provider, signs: Mapping[str, str], settings: Settings
) -> list[Advice]:
    """Work out the settings that fit what was seen; ``signs`` are headers of the answers."""
    method, checksums = str(settings.s3_upload_method), str(settings.s3_checksums)
    if method == "auto":
        method += f" ({'post' if provider.form_uploads else 'put'})"
    if checksums == "auto":
        checksums += f" ({'when_supported' if provider.checksums else 'when_required'})"
    advice = [_method(rows, method), _checksums(rows, checksums)]
    found = provider_by_answer(signs)
    # A proxy in front may write a header of its own, so the row has to fit what was seen as well.
    if (
        found
        and settings.s3_provider == "auto"
        and provider is GENERIC
        and not contradictions(rows, found)
    ):
        why = f"The server's answers are those of {found.name}, and what was seen fits."
        advice.append(Advice("S3_PROVIDER", found.id, "auto", why))
    return advice


def contradictions(rows: Sequence[Capability], provider: Provider) -> list[str]:
    """Say where a provider's row and what was seen differ."""
    claims = [
        ("POST forms", provider.form_uploads, _offered(rows, "form")),
        ("If-None-Match on PUT", provider.conditional_writes, _offered(rows, "if-none-match")),
    ]
    notes = [
        f"{provider.name} is said to {'have' if claimed else 'lack'} {what}; here it was otherwise."
        for what, claimed, seen in claims
        if seen is not None and seen is not claimed
    ]
    taken = any(
        row.probe.name in _UNSIGNED and row.seen.result is Result.NOT_ENFORCED for row in rows
    )
    # That it refuses more than its row says is no trouble: releases get better.
    if taken and provider.refuses_unsigned_headers:
        notes.append(
            f"{provider.name} is said to refuse x-amz-* headers that a PUT did not sign; here it "
            "took some."
        )
    return notes


def _method(rows: Sequence[Capability], current: str) -> Advice:
    forms, puts = _safe(rows, Need.FORM), _safe(rows, Need.PUT)
    if forms:
        why = "Forms are enforced. They pin more than a PUT does."
        return Advice("S3_UPLOAD_METHOD", "post", current, why)
    if forms is None:
        why = "It could not be told whether forms are enforced; see above."
        return Advice("S3_UPLOAD_METHOD", None, current, why)
    if puts:
        why = "Forms are not enforced or not offered; signed PUTs are enforced."
        return Advice("S3_UPLOAD_METHOD", "put", current, why)
    if puts is None:
        why = "Forms are not enforced or not offered, and about PUTs it could not be told."
        return Advice("S3_UPLOAD_METHOD", None, current, why)
    return Advice(
        "S3_UPLOAD_METHOD",
        None,
        current,
        "Neither forms nor signed PUTs are enforced: do not take uploads from people you don't "
        "trust with this storage.",
    )


def _checksums(rows: Sequence[Capability], current: str) -> Advice:
    seen = {row.probe.name: row.seen.result for row in rows}
    results = [seen.get(name) for name in ("checksum", "checksum-wrong", "checksum-sdk")]
    if all(result in GOOD for result in results):
        why = "The server takes the SDK's checksums and refuses wrong ones."
        return Advice("S3_CHECKSUMS", "when_supported", current, why)
    if Result.UNKNOWN in results or results[0] is None:
        why = "It could not be told whether checksums are compared; this works anywhere."
    else:
        why = "Checksums are not taken or not compared here."
    return Advice("S3_CHECKSUMS", "when_required", current, why)


def _safe(rows: Iterable[Capability], need: Need) -> bool | None:
    """Tell whether everything that a method's safety needs is there; None: it is not known."""
    results = [row.seen.result for row in rows if row.probe.need is need]
    if not results:
        return None
    if any(result not in _SAFE and result is not Result.UNKNOWN for result in results):
        return False
    return None if Result.UNKNOWN in results else True


def _offered(rows: Iterable[Capability], name: str) -> bool | None:
    for row in rows:
        if row.probe.name == name and row.seen.result is not Result.UNKNOWN:
            return row.seen.result is not Result.NOT_OFFERED
    return None
