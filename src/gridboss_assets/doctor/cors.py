"""CORS: the preflight that a browser sends before an upload, and what it reads of an answer.

Fetch Standard, "CORS-preflight fetch" and "CORS check". Chromium sends the names of
``Access-Control-Request-Headers`` in lower case, sorted, with commas and no blanks.
"""

from collections.abc import Iterator, Mapping

from gridboss_assets.doctor.http import Answer
from gridboss_assets.doctor.target import Target
from gridboss_assets.findings import Finding, Status
from gridboss_assets.kinds import AVATAR
from gridboss_assets.models import UploadTicket
from gridboss_assets.storage import Attributes
from gridboss_assets.storage.providers import BucketFeature

# Nobody can have it (RFC 2606 §2).
FOREIGN = "https://gridboss-doctor.invalid"

# Fetch Standard, "CORS-safelisted method": these need no permission in a preflight's answer.
_SAFELISTED_METHODS = {"GET", "HEAD", "POST"}


def examine(target: Target, key: str) -> Iterator[Finding]:
    """Try the origins of CORS_ORIGINS, and one that is nobody's, on what ``sign`` would give out.

    ``key`` names an object that is not there; nothing is written.
    """
    origins = target.settings.cors_origins
    ticket = target.storage.sign_upload(
        key,
        Attributes(AVATAR.content_types[0].name, {"filename": "doctor.jpg"}),
        max_size=AVATAR.max_size,
        size=1,
        expires_in=60,
    )
    if not origins:
        yield Finding(
            "cors",
            Status.WARN,
            "CORS_ORIGINS is empty: no page of another origin may call the service, and the "
            "bucket's rules were not tried.",
            "Set CORS_ORIGINS to the origins of your pages, such as https://app.example.com.",
        )
        return
    for origin in origins:
        if origin != "*":
            yield _tried(target, ticket, key, origin)
    yield _foreign(target, ticket, everybody="*" in origins)


def _tried(target: Target, ticket: UploadTicket, key: str, origin: str) -> Finding:
    answer = preflight(target, ticket, origin)
    problem = preflight_problem(answer, ticket.method, ticket.headers, origin)
    if problem:
        return Finding(
            "cors",
            Status.FAIL,
            f"A browser would not send an upload from {origin}: {problem}.",
            _remedy(target),
        )
    read = target.ask("GET", key, unsigned={"Origin": origin}, at=target.outer)
    if read.headers.get("access-control-allow-origin") not in {origin, "*"}:
        return Finding(
            "cors",
            Status.FAIL,
            f"A page of {origin} may upload by {ticket.method}, but not read what it is answered: "
            "GET has no Access-Control-Allow-Origin.",
            _remedy(target),
        )
    exposed = _names(answer.headers.get("access-control-expose-headers", "")) | _names(
        read.headers.get("access-control-expose-headers", "")
    )
    if not exposed & {"etag", "*"}:
        return Finding(
            "cors",
            Status.WARN,
            f"Pages of {origin} may upload and read, but don't see the ETag, which uploads in "
            "parts need.",
            _remedy(target),
        )
    return Finding("cors", Status.PASS, f"{origin} may {ticket.method}, GET and see the ETag.")


def preflight(target: Target, ticket: UploadTicket, origin: str) -> Answer:
    """Ask what Chromium asks before it sends the upload of ``ticket`` from a page of ``origin``."""
    headers = {
        "Accept": "*/*",
        "Access-Control-Request-Method": ticket.method,
        "Origin": origin,
        "Sec-Fetch-Dest": "empty",
        "Sec-Fetch-Mode": "cors",
        "Sec-Fetch-Site": "cross-site",
    }
    # A form's own content type is safelisted, so its preflight asks for no header; there is one
    # because the page listens to the progress (XMLHttpRequest Standard, "The send() method").
    if ticket.headers:
        headers["Access-Control-Request-Headers"] = ",".join(sorted(map(str.lower, ticket.headers)))
    return target.http.send("OPTIONS", ticket.url, headers=headers)


def preflight_problem(
    answer: Answer, method: str, headers: Mapping[str, str], origin: str
) -> str | None:
    """Say why a browser would not go on after this answer; None if it would."""
    if not answer.ok:
        return f"the preflight is answered {answer}"
    allowed = answer.headers.get("access-control-allow-origin")
    if allowed not in {origin, "*"}:
        return "the preflight's answer does not allow that origin"
    methods = _names(answer.headers.get("access-control-allow-methods", ""))
    if method not in _SAFELISTED_METHODS and not methods & {method.lower(), "*"}:
        return f"the preflight's answer does not allow {method}"
    names = _names(answer.headers.get("access-control-allow-headers", ""))
    missing = sorted(set(map(str.lower, headers)) - names)
    if missing and "*" not in names:
        return f"the preflight's answer does not allow the headers {', '.join(missing)}"
    return None


def _foreign(target: Target, ticket: UploadTicket, *, everybody: bool) -> Finding:
    answer = preflight(target, ticket, FOREIGN)
    refused = preflight_problem(answer, ticket.method, ticket.headers, FOREIGN)
    if everybody and refused:
        return Finding(
            "cors",
            Status.FAIL,
            f"CORS_ORIGINS lets every page in, but the bucket does not: {refused}.",
            "Name your origins in CORS_ORIGINS, and give the bucket rules for them.",
        )
    if refused:
        return Finding("cors", Status.PASS, f"Other origins are refused ({answer}).")
    return Finding(
        "cors",
        Status.WARN,
        "The bucket lets pages of every origin in. That opens nothing without a signature, but "
        "any page may use one that it got hold of.",
        _remedy(target),
    )


def _remedy(target: Target) -> str:
    return target.provider.lacks.get(
        BucketFeature.CORS,
        "`gridboss-assets bucket apply` gives the bucket rules for CORS_ORIGINS.",
    )


def _names(value: str) -> set[str]:
    return {name.strip().lower() for name in value.split(",") if name.strip()}
