"""Before anything is signed: names, connections, certificates, the clock, strangers."""

import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from gridboss_assets.doctor.http import Answer, Trouble, Unreachable, proxy_for
from gridboss_assets.doctor.target import Target, host_of
from gridboss_assets.findings import Finding, Status
from gridboss_assets.signing import BucketLocation
from gridboss_assets.storage.providers import BucketFeature, Provider
from gridboss_config.values import is_loopback

# S3 API Reference, "Error responses", RequestTimeTooSkewed; the User Guide names 15 minutes.
MAX_SKEW_SECONDS = 900
# A link that lives for a minute would be born expired, or not be valid yet.
_NOTED_SKEW_SECONDS = 60
_SHOWN_ADDRESSES = 4


@dataclass(frozen=True)
class Reached:
    """What a stranger's request to the bucket came back with, and how far apart the clocks are."""

    answer: Answer
    skew: float | None
    """Seconds by which this machine's clock is ahead; None where the answer has no date."""


@dataclass
class Network:
    """How the places of a target were reached; the findings say it to people."""

    findings: list[Finding] = field(default_factory=list)
    reached: dict[str, Reached] = field(default_factory=dict)


def examine(target: Target) -> Network:
    """Look every place up, connect to it as a stranger, and compare the clocks."""
    network = Network()
    for setting, place in target.locations.items():
        outside = setting == "S3_PUBLIC_ENDPOINT"
        looked_up = look_up(setting, place, timeout=target.http.timeout)
        network.findings.append(_softened(looked_up) if outside else looked_up)
        if looked_up.status is not Status.PASS:
            continue
        try:
            network.reached[setting] = _reach(target, place)
        except Unreachable as error:
            finding = _not_reached(setting, place, error)
            network.findings.append(_softened(finding) if outside else finding)
        else:
            network.findings.append(encryption(setting, place))
    return network


def _softened(finding: Finding) -> Finding:
    """Judge nothing by it: browsers may stand where this machine does not."""
    if finding.status is not Status.FAIL:
        return finding
    return Finding(
        finding.check,
        Status.UNKNOWN,
        f"{finding.detail} Browsers may reach it all the same.",
        "Run the command where browsers are, or check S3_PUBLIC_ENDPOINT.",
    )


def look_up(setting: str, place: BucketLocation, *, timeout: float) -> Finding:
    """Resolve the host name of a place."""
    host = host_of(place)
    if proxy_for(place.base_url):
        return Finding("dns", Status.PASS, f"{host} is left to the proxy of the environment.")
    found: list[str] = []
    failed: list[OSError] = []

    def resolve() -> None:
        try:
            addresses = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
            found.extend(dict.fromkeys(str(address[4][0]) for address in addresses))
        except (OSError, UnicodeError) as error:
            failed.append(error if isinstance(error, OSError) else OSError(str(error)))

    # getaddrinfo(3) knows no time-out, and a resolver that is not there takes its time.
    thread = threading.Thread(target=resolve, daemon=True)
    thread.start()
    thread.join(timeout)
    if found:
        more = ", …" if len(found) > _SHOWN_ADDRESSES else ""
        shown = ", ".join(found[:_SHOWN_ADDRESSES])
        return Finding("dns", Status.PASS, f"{host} is {shown}{more}.")
    if not failed:
        why = f"gave no answer within {timeout:g} s"
    elif isinstance(failed[0], socket.gaierror) and failed[0].errno == socket.EAI_AGAIN:
        why = "could not be asked just now"
    else:
        why = "knows no such name"
    return Finding("dns", Status.FAIL, f"{host}: the resolver {why}.", _name_advice(setting, place))


def _name_advice(setting: str, place: BucketLocation) -> str:
    host = host_of(place)
    if host.endswith((".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu")):
        return f"See that S3_REGION ({place.region}) is a region of AWS, and that DNS works here."
    if host.startswith(f"{place.bucket}."):
        return (
            f"Set S3_ADDRESSING_STYLE=path, or have {host} resolve; and check the host name in "
            f"{setting}."
        )
    return f"Check the host name in {setting}, and that DNS works on this machine."


def _reach(target: Target, place: BucketLocation) -> Reached:
    before = time.time()
    answer = target.http.send("GET", place.form_url)
    middle = (before + time.time()) / 2
    try:
        sent = parsedate_to_datetime(answer.headers.get("date", ""))
    except ValueError:
        return Reached(answer, None)
    if sent.tzinfo is None:
        sent = sent.replace(tzinfo=UTC)
    # The header has whole seconds, cut off.
    return Reached(answer, middle - sent.timestamp() - 0.5)


def _not_reached(setting: str, place: BucketLocation, error: Unreachable) -> Finding:
    advice = f"Check the host and the port in {setting}, and that the server runs."
    if error.trouble is Trouble.ISSUER:
        advice = (
            "Give the server a certificate that browsers trust. For a certificate authority of "
            "your own, set AWS_CA_BUNDLE to the file with its certificate; browsers must know it "
            "too."
        )
    elif error.trouble is Trouble.CERTIFICATE:
        advice = f"Renew the server's certificate, for the host name in {setting}."
    elif error.trouble is Trouble.BUNDLE:
        advice = "Correct AWS_CA_BUNDLE, or leave it empty."
    elif error.trouble is Trouble.NOT_TLS:
        advice = f"See that {setting} has the port of https, or write http:// if it is no TLS."
    elif error.trouble is Trouble.PROXY:
        advice = "Mend HTTPS_PROXY and HTTP_PROXY, or name the host in NO_PROXY."
    elif error.trouble is Trouble.TIMEOUT:
        advice += " A firewall may swallow the packets."
    elif place.base_url.endswith("amazonaws.com"):
        advice = "See that this machine may open connections to port 443 of other machines."
    check = "tls" if error.trouble in _TLS_TROUBLES else "connection"
    return Finding(check, Status.FAIL, f"{place.base_url} is not reached: {error}.", advice)


_TLS_TROUBLES = {Trouble.ISSUER, Trouble.CERTIFICATE, Trouble.BUNDLE, Trouble.NOT_TLS}


def encryption(setting: str, place: BucketLocation) -> Finding:
    """Judge whether a place that was reached is reached over TLS."""
    if place.base_url.startswith("https://"):
        return Finding("tls", Status.PASS, f"{place.base_url} has a certificate that is trusted.")
    if is_loopback(host_of(place)):
        return Finding(
            "tls",
            Status.WARN,
            f"{place.base_url} is not encrypted, which is fine on this machine alone.",
        )
    return Finding(
        "tls",
        Status.FAIL,
        f"{place.base_url} is not encrypted: files, links and forms can be read on the way, and "
        "used.",
        f"Give {setting} as an https URL.",
    )


def clock(skew: float | None) -> Finding:
    """Judge how far this machine's clock is ahead of the server's, in seconds."""
    if skew is None:
        return Finding("clock", Status.UNKNOWN, "The server's answers carry no Date.")
    way = "ahead of" if skew > 0 else "behind"
    apart = f"This machine's clock is {abs(skew):.0f} s {way} the server's"
    if abs(skew) >= MAX_SKEW_SECONDS:
        return Finding(
            "clock",
            Status.FAIL,
            f"{apart} ({datetime.now(UTC):%Y-%m-%d %H:%M} UTC here). Servers refuse signatures "
            "beyond 15 minutes.",
            "Set the clock, and keep it right with NTP (chrony, systemd-timesyncd).",
        )
    if abs(skew) > _NOTED_SKEW_SECONDS:
        return Finding(
            "clock",
            Status.WARN,
            f"{apart}: links live that much shorter, or are not valid yet when they are opened.",
            "Keep the clock right with NTP (chrony, systemd-timesyncd).",
        )
    return Finding("clock", Status.PASS, "This machine and the server agree about the time.")


def strangers(answer: Answer, provider: Provider) -> Iterator[Finding]:
    """Judge what somebody without a signature got who asked for the list of keys."""
    if answer.ok and b"<ListBucketResult" in answer.body:
        yield Finding(
            "public access",
            Status.FAIL,
            "Anybody may list the bucket's keys, without a signature.",
            provider.lacks.get(
                BucketFeature.PUBLIC_ACCESS_BLOCK,
                "Close the bucket: `gridboss-assets bucket apply` does, where the provider can.",
            ),
        )
    elif answer.ok:
        yield Finding(
            "public access",
            Status.FAIL,
            "What answers there is no S3 server: it shows a page to whoever asks.",
            "Give S3_ENDPOINT the address of the S3 API, not that of a console or a website.",
        )
    else:
        yield Finding(
            "public access", Status.PASS, f"A request without a signature is refused ({answer})."
        )
