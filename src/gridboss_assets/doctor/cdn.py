"""Does the CDN refuse what it has to refuse? Asked as a stranger asks, without writing anything.

What an edge answers to a missing or wrong signature: CloudFront Developer Guide, "Use signed URLs".
"""

import secrets
import time
from collections.abc import Iterator

from gridboss_assets.doctor.http import Http, Unreachable
from gridboss_assets.findings import Finding, Status
from gridboss_assets.keys import PENDING_PREFIX
from gridboss_assets.kinds import DEFAULT_KINDS
from gridboss_assets.signing import CloudFrontSigner
from gridboss_config import Settings

_FORBIDDEN = 403
_APPLY = (
    "Run `gridboss-assets cdn plan`, which shows how the distribution differs, and `cdn apply`."
)


def examine(settings: Settings, http: Http) -> Iterator[Finding]:
    """Check the distribution at ``CDN_BASE_URL``; nothing where there is none."""
    if settings.cdn_base_url is None:
        return
    try:
        yield from _refusals(settings.cdn_base_url, http)
        yield from _signature(settings, http)
    except Unreachable as error:
        yield Finding(
            "cdn",
            Status.FAIL,
            f"{settings.cdn_base_url} can't be reached: {error}.",
            "Mend CDN_BASE_URL, or the DNS record of its host. A new distribution takes some "
            "minutes before it answers.",
        )


def _refusals(base_url: str, http: Http) -> Iterator[Finding]:
    """Ask for what nobody may read. The names exist nowhere, so only an edge's own word counts."""
    name = f"doctor-{secrets.token_hex(8)}"
    private = [k.prefix + name for k in DEFAULT_KINDS.values() if not k.is_public]
    for path in (name, PENDING_PREFIX + name, *private):
        answer = http.send("GET", f"{base_url}/{path}")
        if answer.status != _FORBIDDEN:
            yield Finding(
                "cdn",
                Status.FAIL,
                f"{base_url} answers {answer} to /{path.removesuffix(name)}…, which it has to "
                "refuse with 403.",
                _APPLY,
            )
            return
    yield Finding(
        "cdn",
        Status.PASS,
        f"{base_url} refuses what is pending, what is not signed, and what it does not serve.",
    )


def _signature(settings: Settings, http: Http) -> Iterator[Finding]:
    """Ask for an object that nobody has: who lets our signature in asks the bucket, which says so.

    The answers of S3, errors among them, have an ``x-amz-request-id`` that an edge passes on.
    """
    key_pair_id, base_url = settings.cdn_key_pair_id, settings.cdn_base_url
    if settings.cdn_private_key is None or key_pair_id is None:
        return
    signer = CloudFrontSigner(key_pair_id, settings.cdn_private_key.get_secret_value())
    for kind in DEFAULT_KINDS.values():
        if kind.is_public:
            continue
        url = f"{base_url}/{kind.prefix}doctor-{secrets.token_hex(8)}"
        answer = http.send("GET", signer.sign_url(url, expires_at=int(time.time()) + 900))
        if answer.status == _FORBIDDEN and "x-amz-request-id" not in answer.headers:
            yield Finding(
                "cdn signature",
                Status.FAIL,
                f"{base_url} refuses what is signed with CDN_PRIVATE_KEY as {key_pair_id} "
                f"({answer}).",
                "See that CDN_KEY_PAIR_ID is the ID of that key's public half, and that "
                f"/{kind.prefix} has it in its key group. {_APPLY}",
            )
            return
    yield Finding("cdn signature", Status.PASS, f"{base_url} lets in what {key_pair_id} signed.")
