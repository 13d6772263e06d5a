"""What a probe is: data that says what is asked, what hinges on it, and how it is found out."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from gridboss_assets.doctor.http import Answer
from gridboss_assets.doctor.probes.bench import Bench


class Result(StrEnum):
    """What was found out about an endpoint."""

    ENFORCED = "enforced"
    """What must be refused is refused, and nothing came of it."""
    WORKS = "works"
    """What is to be possible is possible."""
    IGNORED = "without effect"
    """It is not refused, but nothing came of it."""
    NOT_ENFORCED = "not enforced"
    NOT_OFFERED = "not offered"
    UNKNOWN = "could not tell"


class Need(StrEnum):
    """What hinges on a probe."""

    FORM = "forms"
    """The safety of POST forms: it matters where uploads go that way."""
    PUT = "PUTs"
    """The safety of signed PUTs, likewise."""
    PRIVACY = "privacy"
    """That nobody reads what they have no link to: it always matters."""
    WRITES = "writes"
    """What the service takes the provider's word for: it matters where the row promises it."""
    FALLBACK = "fallback"
    """The product does without."""


@dataclass(frozen=True, slots=True)
class Observation:
    """What one probe saw; ``detail`` is a clause such as ``403 AccessDenied``."""

    result: Result
    detail: str
    harmless: bool = False
    """Whether it costs nothing here, whatever hinges on it elsewhere."""


@dataclass(frozen=True, slots=True)
class Probe:
    """One question to an endpoint. ``name`` is stable: scripts may rely on it."""

    name: str
    asks: str
    """What holds where the answer is yes, in a few words."""
    need: Need
    lacking: str
    """What it means where the answer is no, and what to do."""
    run: Callable[[Bench], Observation]


@dataclass(frozen=True, slots=True)
class Subject:
    """Probes that mean something only where their ``baseline`` works.

    A refusal proves nothing at a server that refuses the unaltered request too.
    """

    title: str
    baseline: Probe
    probes: tuple[Probe, ...]


def is_refusal(answer: Answer) -> bool:
    """Tell a refusal for the request's own sake from trouble and from absence."""
    return 400 <= answer.status < 500 and answer.status not in {404, 405, 408, 429}  # noqa: PLR2004


def is_absent(answer: Answer) -> bool:
    """Tell whether the server says that it has no such thing."""
    return answer.status in {405, 501} or answer.code in {"NotImplemented", "MethodNotAllowed"}


def refused(answer: Answer) -> Observation:
    """Judge a request that must be refused and can have no effect, such as a read."""
    if answer.ok:
        return Observation(Result.NOT_ENFORCED, f"it was answered {answer}")
    if is_refusal(answer):
        return Observation(Result.ENFORCED, str(answer))
    return Observation(Result.UNKNOWN, f"it was answered {answer}")


def kept_out(bench: Bench, answer: Answer, key: str) -> Observation:
    """Judge a write that must be refused: by its answer, and by what stands at its key."""
    standing = bench.read(key)
    if standing.ok:
        return Observation(Result.NOT_ENFORCED, f"it was answered {answer}, and stored")
    if answer.ok:
        return Observation(Result.UNKNOWN, f"it was answered {answer}, but nothing was stored")
    return refused(answer)


def smuggled(answer: Answer, stored: Answer, *, arrived: bool) -> Observation:
    """Judge an upload with something added that was not signed, by whether it arrived."""
    if stored.ok and arrived:
        return Observation(Result.NOT_ENFORCED, f"it was answered {answer}, and had its effect")
    if stored.ok:
        return Observation(Result.IGNORED, f"it was answered {answer}, without effect")
    if answer.ok:
        return Observation(Result.UNKNOWN, f"it was answered {answer}, but nothing was stored")
    return refused(answer)


def hidden(bench: Bench, key: str, answer: Answer) -> Observation:
    """Judge an upload that asked to be public, by what a stranger gets of it."""
    stranger = bench.send("GET", bench.plain_url(key))
    if stranger.ok:
        return Observation(Result.NOT_ENFORCED, f"it was answered {answer}; anybody can read it")
    if answer.ok:
        return Observation(Result.ENFORCED, f"{answer}, but strangers get {stranger}")
    return refused(answer)


def works(answer: Answer, *, fine: bool, otherwise: str) -> Observation:
    """Judge something that is to be possible; ``fine`` is whether it came out as it should."""
    if answer.ok:
        if fine:
            return Observation(Result.WORKS, str(answer))
        return Observation(Result.NOT_ENFORCED, otherwise)
    if is_absent(answer) or is_refusal(answer):
        return Observation(Result.NOT_OFFERED, str(answer))
    return Observation(Result.UNKNOWN, f"it was answered {answer}")
