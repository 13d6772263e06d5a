"""The application's access keys: how many, how old, in use for what, and is ours one of them? Pure.

The limits are those of the CIS AWS Foundations Benchmark (its numbers as of version 3.0).
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from gridboss_assets.buckets.audit.identity.reading import Identity, Subject
from gridboss_assets.buckets.users import Key
from gridboss_assets.findings import Finding, Status

MAX_AGE = timedelta(days=90)
"""CIS 1.14, "access keys are rotated every 90 days or less"."""
MAX_IDLE = timedelta(days=45)
"""CIS 1.12, "credentials unused for 45 days or greater are disabled"."""
MAX_OVERLAP = timedelta(days=7)
"""How long two keys may be active side by side (CIS 1.13, "only one active access key"): time to
deploy the second and to see that nothing uses the first."""

OWNER = "keys owner"
LISTING = "keys listing"
_TEMPORARY = "ASIA"
"""How the IDs of a session's keys begin (IAM User Guide, "Unique identifiers")."""


def key_findings(identity: Identity, services: frozenset[str], now: datetime) -> Iterator[Finding]:
    """Judge a user's keys. ``services`` are those that the application may call."""
    unread = identity.missing(Subject.KEYS)
    for each in unread:
        yield Finding(LISTING, Status.UNKNOWN, f"Its access keys: {each.why}.", each.remedy)
    if unread:
        return
    active = [key for key in identity.keys if key.active]
    shown = "; ".join(_shown(key, now) for key in identity.keys)
    yield Finding(LISTING, Status.PASS, f"{shown}." if shown else "It has no access keys.")
    yield _number(identity, active, now)
    for check in (_age, _idle, _service):
        yield check(identity, active, services, now)
    yield _inactive(identity)


def owner_findings(
    identity: Identity, configured: str, owner_of: Callable[[str], tuple[str | None, str]]
) -> Iterator[Finding]:
    """Say whether S3_ACCESS_KEY (``configured``) is an active key of the application.

    ``owner_of`` asks IAM whose another key is: the user's name, or None and why.
    """
    if not configured:
        if identity.kind == "role":
            yield Finding(OWNER, Status.PASS, "S3_ACCESS_KEY is not set: a role needs no key.")
        else:
            yield Finding(
                OWNER,
                Status.WARN,
                "S3_ACCESS_KEY is not set here, so whose key the application has is not compared.",
                "Set S3_ACCESS_KEY, without the secret, as the application has it.",
            )
    elif configured.startswith(_TEMPORARY):
        yield Finding(
            OWNER,
            Status.WARN,
            f"S3_ACCESS_KEY {configured} is a session's: it ends within hours, and IAM does not "
            "tell whose it is.",
            "For a service give a user's key, or a provider of credentials.",
        )
    elif unread := identity.missing(Subject.KEYS):
        detail = f"Whether {configured} is its key is not known: {unread[0].why}."
        yield Finding(OWNER, Status.UNKNOWN, detail, unread[0].remedy)
    else:
        yield _owned(identity, configured, owner_of)


def _owned(
    identity: Identity, configured: str, owner_of: Callable[[str], tuple[str | None, str]]
) -> Finding:
    own = next((key for key in identity.keys if key.id == configured), None)
    if own is not None and own.active:
        return Finding(OWNER, Status.PASS, f"S3_ACCESS_KEY {configured} is its key, and active.")
    rotate = f"`gridboss-assets iam rotate {identity.name}` makes a key; set both settings to it."
    if own is not None:
        return Finding(
            OWNER,
            Status.FAIL,
            f"S3_ACCESS_KEY {configured} is switched off: nothing can be uploaded or downloaded.",
            rotate,
        )
    user, why = owner_of(configured)
    whose = f"It is the user {user}'s" if user else f"Perhaps it is the account's root's ({why})"
    return Finding(
        OWNER,
        Status.FAIL,
        f"S3_ACCESS_KEY {configured} is no key of the {identity.kind} {identity.name}. {whose}.",
        rotate
        if identity.kind == "user"
        else "A role needs no key: leave S3_ACCESS_KEY and S3_SECRET_KEY empty. Or set "
        "S3_PRINCIPAL_ARN to the user whose key it is, if that is the application.",
    )


def _number(identity: Identity, active: list[Key], now: datetime) -> Finding:
    name = "keys number"
    if not active:
        return Finding(
            name,
            Status.WARN,
            "It has no active access key, so the application can't sign anything.",
            f"`gridboss-assets iam rotate {identity.name}` makes one.",
        )
    if len(active) == 1:
        return Finding(name, Status.PASS, "One access key is active.")
    overlap = now - active[-1].created
    if overlap <= MAX_OVERLAP:
        return Finding(name, Status.PASS, "Two access keys are active: a rotation is under way.")
    return Finding(
        name,
        Status.WARN,
        f"Two access keys have been active for {overlap.days} days; each opens the bucket.",
        f"Finish the rotation once {active[-1].id} is deployed: `gridboss-assets iam rotate "
        f"{identity.name} --retire {active[0].id}`.",
    )


def _age(identity: Identity, active: list[Key], _: object, now: datetime) -> Finding:
    old = [key for key in active if now - key.created > MAX_AGE]
    if not old:
        return Finding("keys age", Status.PASS, f"No active key is over {MAX_AGE.days} days old.")
    return Finding(
        "keys age",
        Status.WARN,
        f"Over {MAX_AGE.days} days old: {_each(old, lambda k: now - k.created)}.",
        f"`gridboss-assets iam rotate {identity.name}` makes the next key.",
    )


def _idle(identity: Identity, active: list[Key], _: object, now: datetime) -> Finding:
    idle = [key for key in active if now - (key.last_used or key.created) > MAX_IDLE]
    if not idle:
        return Finding("keys unused", Status.PASS, "No active key lies about unused.")
    return Finding(
        "keys unused",
        Status.WARN,
        f"Active, but not used for {MAX_IDLE.days} days: "
        f"{_each(idle, lambda key: now - (key.last_used or key.created))}.",
        f"If nothing needs it: `gridboss-assets iam rotate {identity.name} --retire {idle[0].id}`.",
    )


def _service(
    identity: Identity, active: list[Key], services: frozenset[str], _: datetime
) -> Finding:
    name = "keys service"
    found = [k for k in active if k.service is not None and k.service.lower() not in services]
    if not found:
        return Finding(name, Status.PASS, "No key was last used for anything but this.")
    used = ", ".join(f"{key.id} for {key.service}" for key in found)
    return Finding(
        name,
        Status.WARN,
        f"Last used for something else: {used}. Somebody tries the key elsewhere.",
        f"Find out who (CloudTrail names the key). If it leaked: `gridboss-assets iam rotate "
        f"{identity.name}`, and then with `--retire {found[0].id} --delete`.",
    )


def _inactive(identity: Identity) -> Finding:
    off = [key for key in identity.keys if not key.active]
    if not off:
        return Finding("keys inactive", Status.PASS, "No key that is switched off is kept.")
    return Finding(
        "keys inactive",
        Status.WARN,
        f"Switched off, and can be switched on again: {', '.join(key.id for key in off)}.",
        f"`gridboss-assets iam rotate {identity.name} --retire {off[0].id}` deletes it.",
    )


def _each(keys: list[Key], since: Callable[[Key], timedelta]) -> str:
    return ", ".join(f"{key.id} ({since(key).days} days)" for key in keys)


def _shown(key: Key, now: datetime) -> str:
    status = "active" if key.active else "switched off"
    age = f"{(now - key.created).days} days old"
    if key.last_used is None:
        return f"{key.id} is {status}, {age}, never used"
    used = f"{(now - key.last_used).days} days ago"
    return f"{key.id} is {status}, {age}, last used {used} ({key.service})"
