"""Would this bucket policy shut somebody out? Asked before it is written.

Only the denials matter for that, and only what S3's policies are made of: principals, actions,
resources and the condition operators below (IAM User Guide, "Policy evaluation logic" and
"Condition operators"). What it does not understand it reports as ``maybe``, never as harmless.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Any

_Json = Any


class Verdict(Enum):
    """Whether a statement denies a request."""

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
    found: list[tuple[str, Verdict]] = []
    for number, statement in enumerate(_list(policy.get("Statement", [])), 1):
        if statement["Effect"] == "Deny":
            verdict = _applies(statement, request)
            if verdict is not Verdict.NO:
                found.append((statement.get("Sid") or f"statement {number}", verdict))
    return found


def _applies(statement: Mapping[str, _Json], request: Request) -> Verdict:
    if not _covers(statement, "Action", request.action) or not _covers(
        statement, "Resource", request.resource
    ):
        return Verdict.NO
    verdicts = [_names(statement, request)]
    for operator, keys in (statement.get("Condition") or {}).items():
        verdicts += [
            _holds(operator, request.context.get(key.lower()), key, _list(wanted))
            for key, wanted in keys.items()
        ]
    if Verdict.NO in verdicts:
        return Verdict.NO
    return Verdict.MAYBE if Verdict.MAYBE in verdicts else Verdict.YES


def _covers(statement: Mapping[str, _Json], name: str, value: str) -> bool:
    # Actions don't tell case apart; resources do.
    fold = name == "Action"
    if name in statement:
        return any(_like(pattern, value, fold=fold) for pattern in _list(statement[name]))
    others = _list(statement.get(f"Not{name}", []))
    return not any(_like(pattern, value, fold=fold) for pattern in others)


def _names(statement: Mapping[str, _Json], request: Request) -> Verdict:
    if "NotPrincipal" in statement:
        return Verdict.MAYBE  # it compares the session too, which is not known here
    who = statement.get("Principal")
    if who == "*":
        return Verdict.YES
    named = _list(who.get("AWS", [])) if isinstance(who, Mapping) else []
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


def _list(value: _Json) -> list[_Json]:
    return list(value) if isinstance(value, list | tuple) else [value]
