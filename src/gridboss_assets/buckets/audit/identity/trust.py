"""Who may become the application's role, by its trust policy: pure.

IAM User Guide, "How to use trust policies with IAM roles" and "The confused deputy problem".
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gridboss_assets.buckets.audit.identity.reading import Identity
from gridboss_assets.buckets.evaluation import as_list, statements_of
from gridboss_assets.buckets.principals import account_of
from gridboss_assets.findings import Finding, Status

TRUST = "application trust"

_Json = Any

# The condition keys that say who asks, wholly or by a secret word.
_WHO = frozenset(
    {
        "aws:principalarn",
        "aws:principalaccount",
        "aws:principalorgid",
        "aws:userid",
        "aws:sourceaccount",
        "aws:sourcearn",
        "sts:externalid",
    }
)
_EXTERNAL_ID = "sts:externalid"
# Identity providers that every AWS account shares (IAM User Guide, "AWS JSON policy elements:
# Principal"): there, only the audience tells our own application from everybody else's.
_SHARED = ("cognito-identity.amazonaws.com", "accounts.google.com", "graph.facebook.com")
_SHARED_AUDIENCE = frozenset({"aud", "oaud", "app_id"})
_AMAZON = "www.amazon.com"
_NAME = "Name the one service, role or user that runs the application."
_WILD = re.compile(r"[*?]")


@dataclass(frozen=True, slots=True)
class _Judged:
    status: Status
    text: str
    remedy: str = ""


def trust_findings(identity: Identity, arn: str) -> Iterator[Finding]:
    """Say who may assume the role; a finding for each that should not, or else one."""
    judged: list[_Judged] = []
    for name, statement in statements_of(identity.trust or {}):
        if statement["Effect"] == "Allow" and _assumes(statement):
            judged += [
                _Judged(each.status, f"{each.text} ({name})", each.remedy)
                for each in _statement(statement, account_of(arn))
            ]
    bad = [each for each in judged if each.status is not Status.PASS]
    command = f"aws iam update-assume-role-policy --role-name {identity.name}"
    for each in bad:
        yield Finding(TRUST, each.status, f"{each.text}.", f"{each.remedy} Write it: `{command}`.")
    if not judged:
        yield Finding(
            TRUST,
            Status.WARN,
            "Nobody may assume the role.",
            f"Let the service that runs the application assume it: `{command}`.",
        )
    elif not bad:
        yield Finding(TRUST, Status.PASS, f"{'; '.join(each.text for each in judged)}.")


def _assumes(statement: Mapping[str, _Json]) -> bool:
    """Tell whether a statement lets anybody in, and not only tag the session, say."""
    if "NotAction" in statement:
        return True
    actions = [each.lower() for each in as_list(statement.get("Action", []))]
    return any(each.startswith("sts:assume") or _WILD.search(each) for each in actions)


def _statement(statement: Mapping[str, _Json], account: str) -> Iterator[_Judged]:
    narrowed = _narrowed(statement.get("Condition") or {})
    if "NotPrincipal" in statement:
        yield _Judged(
            Status.FAIL,
            "Everybody but those whom NotPrincipal names may assume the role",
            "Name who may, in Principal.",
        )
        return
    who = statement.get("Principal", {})
    named = {"AWS": ["*"]} if who == "*" else {kind: as_list(ids) for kind, ids in who.items()}
    for each in named.get("AWS", []):
        yield _aws(str(each), narrowed, account)
    for each in named.get("Service", []):
        yield _Judged(Status.PASS, f"The service {each} may assume the role")
    for each in named.get("Federated", []):
        yield _federated(str(each), narrowed)


def _aws(who: str, narrowed: Mapping[str, list[str]], account: str) -> _Judged:
    if who == "*":
        return _everybody(narrowed)
    whole = re.fullmatch(r"\d{12}|arn:[\w-]+:iam::\d{12}:root", who) is not None
    if not whole and not who.startswith("arn:"):
        return _Judged(
            Status.WARN,
            f"{who}, a user or role that was deleted, is named in the trust policy",
            "Take it out.",
        )
    theirs = who if who.isdigit() else account_of(who)
    if theirs != account:
        return _of_another_account(who, narrowed, whole=whole)
    if whole:
        return _Judged(
            Status.WARN,
            "Everybody in this account whom a policy of theirs lets may assume the role",
            _NAME,
        )
    return _Judged(Status.PASS, f"{who} may assume the role")


def _everybody(narrowed: Mapping[str, list[str]]) -> _Judged:
    keys = sorted(_WHO & narrowed.keys())
    if not keys:
        return _Judged(Status.FAIL, "Everybody, in every account, may assume the role", _NAME)
    text = f"Whoever fits a condition ({', '.join(keys)}) may assume the role"
    return _Judged(Status.WARN, text, _NAME)


def _of_another_account(who: str, narrowed: Mapping[str, list[str]], *, whole: bool) -> _Judged:
    if _EXTERNAL_ID in narrowed:
        return _Judged(Status.PASS, f"{who}, of another account, may assume it by an external ID")
    return _Judged(
        Status.FAIL if whole else Status.WARN,
        f"{who}, of another account, may assume the role without an external ID",
        "Ask for one in a condition (sts:ExternalId), or take that account out.",
    )


def _federated(provider: str, narrowed: Mapping[str, list[str]]) -> _Judged:
    if ":saml-provider/" in provider:
        return _Judged(
            Status.FAIL,
            f"People who sign in by {provider} may assume the role",
            "Give people a role of their own.",
        )
    host = provider.partition(":oidc-provider/")[2] or provider
    claims = {key.rpartition(":")[2] for key in narrowed if key.startswith(f"{host.lower()}:")}
    if host == _AMAZON or host in _SHARED:
        return _shared(host, claims)
    if "sub" not in claims:
        return _Judged(
            Status.FAIL,
            f"Everybody to whom {host} gives a token may assume the role",
            f"Say whose tokens count, in a condition on {host}:sub that begins with a name.",
        )
    if "aud" not in claims:
        return _Judged(
            Status.FAIL,
            f"Tokens of {host} for any audience may assume the role",
            f"Say for whom tokens are made, in a condition on {host}:aud.",
        )
    return _Judged(Status.PASS, f"Tokens of {host} with the right sub and aud may assume the role")


def _shared(host: str, claims: set[str]) -> _Judged:
    if claims & _SHARED_AUDIENCE:
        return _Judged(Status.PASS, f"Tokens of {host} for one audience may assume the role")
    key = {"graph.facebook.com": "app_id", _AMAZON: "app_id"}.get(host, "aud")
    return _Judged(
        Status.FAIL,
        f"Everybody to whom {host} gives a token, for any application, may assume the role",
        f"Say for which application, in a condition on {host}:{key}.",
    )


def _narrowed(condition: Mapping[str, _Json]) -> dict[str, list[str]]:
    """Return the condition keys, in lower case, that must have one of some certain values.

    Not those of negated operators, of ``…IfExists`` and ``ForAllValues:``, which hold where the
    key is missing, nor those where a value says nothing: it has no text, or only a wildcard after
    the first colon (``repo:*`` are all repositories).
    """
    found: dict[str, list[str]] = {}
    for operator, keys in condition.items():
        name = operator.removeprefix("ForAnyValue:")
        if name not in _POSITIVE:
            continue
        for key, values in keys.items():
            texts = [str(each) for each in as_list(values)]
            if not any(_says_nothing(name, text) for text in texts):
                found.setdefault(key.lower(), []).extend(texts)
    return found


_POSITIVE = frozenset(
    {"StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike"}
)


def _says_nothing(operator: str, text: str) -> bool:
    if operator.startswith("StringEquals"):
        return False
    return not re.sub(r"^(repo|arn|project_path):", "", text).strip("*?:/")
