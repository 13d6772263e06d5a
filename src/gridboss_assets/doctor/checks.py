"""The examination without ``--live``: nothing is written, and one fault makes one finding."""

import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from gridboss_assets.doctor import access, configured, cors, network
from gridboss_assets.doctor.http import Unreachable
from gridboss_assets.doctor.target import Target
from gridboss_assets.findings import Finding, Status
from gridboss_assets.keys import PENDING_PREFIX
from gridboss_assets.signing import BucketLocation

Tell = Callable[[str], None]


@dataclass
class Examination:
    """What was found. ``place`` is where probes may try more; None while nothing there works."""

    findings: list[Finding] = field(default_factory=list)
    place: BucketLocation | None = None


def examine(target: Target, tell: Tell) -> Examination:
    """Check everything that can be checked without writing; ``tell`` hears of the progress.

    What can't be right because something before it is wrong is not tried, and one finding says so.
    """
    done = Examination()
    done.findings += [configured.settings(target), *configured.provider(target)]
    done.findings += configured.sign_in(target)
    tell("Looking up names and connecting …")
    net = network.examine(target)
    done.findings += net.findings
    left_out = _with_keys(target, net, done, tell)
    if left_out:
        done.findings.append(not_tried(left_out))
    return done


def _with_keys(target: Target, net: network.Network, done: Examination, tell: Tell) -> str:
    """Go on with the application's keys as far as that makes sense; return what was left out."""
    inner = net.reached.get("S3_ENDPOINT")
    if inner is None:
        return "the clock, the credentials, the bucket and CORS"
    clock = network.clock(inner.skew)
    done.findings += [clock, *network.strangers(inner.answer, target.provider)]
    tell("Asking with the application's credentials …")
    listed = list(_attempt("credentials", lambda: _listed(target)))
    works = all(finding.status is Status.PASS for finding in listed)
    if clock.status is Status.FAIL and not works:
        # A wrong clock makes every signature look wrong, so this says nothing about the keys.
        return "the credentials, the bucket and CORS"
    done.findings += listed
    if not works:
        return "the permissions and CORS"
    missing = f"{PENDING_PREFIX}doctor-{secrets.token_hex(8)}"
    done.findings += _attempt("reading", lambda: [access.reading(target, missing)])
    done.findings += _attempt("least privilege", lambda: access.excess(target))
    if target.outer != target.inner and "S3_PUBLIC_ENDPOINT" not in net.reached:
        done.place = target.inner
        return "CORS, at S3_PUBLIC_ENDPOINT"
    done.place = target.outer
    tell("Sending a browser's preflight requests …")
    done.findings += _attempt("cors", lambda: cors.examine(target, missing))
    return ""


def not_tried(what: str) -> Finding:
    """Report in one finding what was left out because of those before it."""
    return Finding(
        "not tried",
        Status.UNKNOWN,
        f"Not tried, for what is wrong above: {what}.",
        "Mend that first and run the command again.",
    )


def _listed(target: Target) -> list[Finding]:
    return access.judge(
        target.list_keys(),
        bucket=target.inner.bucket,
        region=target.inner.region,
        provider=target.provider,
    )


def _attempt(check: str, run: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    try:
        yield from run()
    except Unreachable as error:
        yield Finding(
            check, Status.UNKNOWN, f"The server stopped answering: {error}.", "Try again."
        )
