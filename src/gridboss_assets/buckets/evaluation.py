"""Which statements of a policy apply to a request: would it shut somebody out, does it let them in?

Only what S3's policies are made of is understood: principals, actions, resources and the condition
operators below (IAM User Guide, "Policy evaluation logic" and "Condition operators"). What it does
not understand it reports as ``maybe``, never as harmless.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Any

_Json = Any


class Verdict(Enum):
    """Whether a statement applies to a request."""

    YES = "yes"
    NO = "no"
    MAYBE = "maybe"


@dataclass(frozen=True, slots=True)
class Request:
    """One call by somebody: ``principal`` is the ARN of a user, a role or an account's root."""

    principal: str
    action: str
    resource: str
    secure: bool = True

    @property
    def context(self) -> dict[str, str]:
        """The condition keys that are known beforehand."""
        account = self.principal.split(":")[4]
        return {
            "aws:principalarn": self.principal,
            "aws:principalaccount": account,
            "aws:principalisawsservice": "false",
            "aws:securetransport": "true" if self.secure else "false",
        }


def denials(policy: Mapping[str, _Json], request: Request) -> list[tuple[str, Verdict]]:
    """Name the statements that deny the request, or may."""
    return _applying(policy, "Deny", request)


def allowances(policy: Mapping[str, _Json], request: Request) -> list[tuple[str, Verdict]]:
    """Name the statements that allow the request, or may."""
    return _applying(policy, "Allow", request)


def statements_of(policy: Mapping[str, _Json]) -> list[tuple[str, Mapping[str, _Json]]]:
    """Return a policy's statements, each with its name: its Sid, else its number from 1."""
    listed = enumerate(as_list(policy.get("Statement", [])), 1)
    return [(each.get("Sid") or f"statement {number}", each) for number, each in listed]


def _applying(
    policy: Mapping[str, _Json], effect: str, request: Request
) -> list[tuple[str, Verdict]]:
    found = [
        (name, _applies(statement, request))
        for name, statement in statements_of(policy)
        if statement["Effect"] == effect
    ]
    return [(name, verdict) for name, verdict in found if verdict is not Verdict.NO]


def _applies(statement: Mapping[str, _Json], request: Request) -> Verdict:
    verdicts = [
        _covers(statement, "Action", request.action),
        _covers(statement, "Resource", request.resource),
        _names(statement, request),
    ]
    for operator, keys in (statement.get("Condition") or {}).items():
        verdicts += [
            _holds(operator, request.context.get(key.lower()), key, as_list(wanted))
            for key, wanted in keys.items()
        ]
    if Verdict.NO in verdicts:
        return Verdict.NO
    return Verdict.MAYBE if Verdict.MAYBE in verdicts else Verdict.YES


def _covers(statement: Mapping[str, _Json], name: str, value: str) -> Verdict:
    # Actions don't tell case apart; resources do.
    fold = name == "Action"
    if name in statement:
        return _matches(as_list(statement[name]), value, fold=fold)
    others = _matches(as_list(statement.get(f"Not{name}", [])), value, fold=fold)
    return {Verdict.YES: Verdict.NO, Verdict.NO: Verdict.YES}.get(others, others)


def _matches(patterns: list[str], value: str, *, fold: bool) -> Verdict:
    plain = [pattern for pattern in patterns if not _VARIABLE.search(pattern)]
    if any(_like(pattern, value, fold=fold) for pattern in plain):
        return Verdict.YES
    # What a policy variable such as ${aws:username} stands for is not known here.
    loose = [_VARIABLE.sub("*", pattern) for pattern in patterns if pattern not in plain]
    return Verdict.MAYBE if any(_like(each, value, fold=fold) for each in loose) else Verdict.NO


def _names(statement: Mapping[str, _Json], request: Request) -> Verdict:
    if "Principal" not in statement and "NotPrincipal" not in statement:
        return Verdict.YES  # an identity's own policy, which applies to its bearer
    if "NotPrincipal" in statement:
        return Verdict.MAYBE  # it compares the session too, which is not known here
    who = statement.get("Principal")
    if who == "*":
        return Verdict.YES
    named = as_list(who.get("AWS", [])) if isinstance(who, Mapping) else []
    account = request.principal.split(":")[4]
    mine = {"*", account, request.principal, request.principal.rsplit(":", 1)[0] + ":root"}
    if mine & set(named):
        return Verdict.YES
    # A session's ARN may be ours, and an ID stands for a user or role that was deleted.
    unclear = any(":assumed-role/" in each or not each.startswith("arn:") for each in named)
    return Verdict.MAYBE if unclear else Verdict.NO


def _holds(operator: str, value: str | None, key: str, wanted: list[_Json]) -> Verdict:
    name, if_exists, _ = operator.partition("IfExists")
    if key.lower() not in _KNOWN or any("${" in str(each) for each in wanted):
        return Verdict.MAYBE
    if name == "Null":
        return _verdict((value is None) == (_text(wanted[0]) == "true"))
    negated = "Not" in name
    test = _TESTS.get(name.replace("Not", "", 1))
    if test is None:
        return Verdict.MAYBE
    if value is None:
        return _verdict(negated or bool(if_exists))
    return _verdict(any(test(_text(each), value) for each in wanted) is not negated)


def _text(value: _Json) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _verdict(holds: bool) -> Verdict:  # noqa: FBT001 - it is the value itself
    return Verdict.YES if holds else Verdict.NO


def _like(pattern: str, value: str, *, fold: bool = False) -> bool:
    return (
        _wildcard(pattern.lower() if fold else pattern).fullmatch(value.lower() if fold else value)
        is not None
    )


_VARIABLE = re.compile(r"\$\{[^}]*\}")


@lru_cache(maxsize=256)
def _wildcard(pattern: str) -> re.Pattern[str]:
    parts = re.split(r"([*?])", pattern)
    return re.compile("".join({"*": ".*", "?": "."}.get(p, re.escape(p)) for p in parts), re.DOTALL)


_KNOWN = frozenset(
    {
        "aws:principalarn",
        "aws:principalaccount",
        "aws:principalisawsservice",
        "aws:securetransport",
    }
)


def _arn_like(pattern: str, value: str) -> bool:
    """Compare two ARNs part by part: no wildcard reaches over a colon."""
    parts, values = pattern.split(":", 5), value.split(":", 5)
    return len(parts) == len(values) and all(map(_like, parts, values))


def _fold_equals(pattern: str, value: str) -> bool:
    return pattern.lower() == value.lower()


# For ARNs, Equals and Like are the same (IAM User Guide, "ARN condition operators").
_TESTS = {
    "StringEquals": str.__eq__,
    "StringEqualsIgnoreCase": _fold_equals,
    "StringLike": _like,
    "ArnEquals": _arn_like,
    "ArnLike": _arn_like,
    "Bool": _fold_equals,
}


def as_list(value: _Json) -> list[_Json]:
    """Return what a policy may give as one value or as a list of them, as a list."""
    return list(value) if isinstance(value, list | tuple) else [value]
