"""The check before a policy is written agrees with an independent evaluator, and refuses."""

import itertools
from typing import Any

import pytest
from tests.support.policy_evaluator import as_role_session, as_root, as_user, evaluate
from tests.unit.buckets.conftest import ACCOUNT, APPLICATION, NAME, OPERATOR, wanted

from gridboss_assets.buckets.evaluation import Request, Verdict, allowances, denials
from gridboss_assets.buckets.guard import refuse_lockout
from gridboss_assets.buckets.plan import BucketState, plan
from gridboss_assets.buckets.shapes import to_items
from gridboss_assets.errors import ConfigurationError
from gridboss_assets.storage.providers import SEAWEEDFS, BucketFeature

BUCKET = f"arn:aws:s3:::{NAME}"
STRANGER = f"arn:aws:iam::{ACCOUNT}:user/stranger"
ARN, TLS = "aws:PrincipalArn", "aws:SecureTransport"

CONDITIONS: list[dict[str, Any]] = [
    {},
    {"ArnNotEquals": {ARN: [APPLICATION]}},
    {"ArnEquals": {ARN: [STRANGER]}},
    {"ArnLike": {ARN: f"arn:aws:iam::{ACCOUNT}:role/*"}},
    {"ArnNotLike": {ARN: "arn:aws:iam::*:user/*"}},
    {"StringNotEquals": {ARN: [OPERATOR, APPLICATION]}},
    {"StringEquals": {ARN: f"arn:aws:iam::{ACCOUNT}:user/*"}},
    {"StringLike": {ARN: f"*:user/{'?' * 8}"}},
    {"StringNotLike": {ARN: "*bucket-admin"}},
    {"Bool": {TLS: "false"}},
    {"BoolIfExists": {"aws:principalisawsservice": "false"}},
    {"ArnNotEquals": {ARN: [OPERATOR]}, "Bool": {TLS: "true"}},
    {"StringNotEqualsIfExists": {"aws:PrincipalAccount": ACCOUNT}},
]
SCOPES = [
    ("s3:*", [BUCKET, f"{BUCKET}/*"]),
    ("s3:Put*", f"{BUCKET}/*"),
    ("S3:PUTBUCKETPOLICY", "*"),
]
CALLERS = [
    (as_user(APPLICATION), APPLICATION),
    (as_user(STRANGER), STRANGER),
    (as_role_session(OPERATOR, "alice"), OPERATOR),
    (as_root(ACCOUNT), f"arn:aws:iam::{ACCOUNT}:root"),
]
CALLS = [("s3:PutBucketPolicy", BUCKET), ("s3:PutObject", f"{BUCKET}/avatars/a.png")]


def test_denials_are_those_of_an_independent_evaluator() -> None:
    ours, asked = [], []
    cases = itertools.product(CONDITIONS, SCOPES, CALLERS, CALLS, [True, False])
    for condition, (action, resource), (caller, arn), (call, on), secure in cases:
        statement = {"Sid": "D", "Effect": "Deny", "Principal": "*", "Action": action}
        statement |= {"Resource": resource, "Condition": condition}
        policy = {"Version": "2012-10-17", "Statement": [statement]}
        ours.append(denials(policy, Request(arn, call, on, secure)) == [("D", Verdict.YES)])
        asked.append(caller.asks(call, on, of=ACCOUNT, policy=policy, secure=secure))
    theirs = [answer == "ExplicitlyDenied" for answer in evaluate(asked)]
    assert ours == theirs
    assert 0.1 < sum(ours) / len(ours) < 0.9


@pytest.mark.parametrize(
    "change",
    [
        {"Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}},
        {"Condition": {"StringNotEquals": {ARN: "${aws:username}"}}},
        {"Condition": {"ForAnyValue:StringEquals": {ARN: "x"}}},
        {"NotPrincipal": {"AWS": APPLICATION}},
    ],
)
def test_what_it_does_not_understand_may_deny(change: dict[str, Any]) -> None:
    statement = {"Sid": "D", "Effect": "Deny", "Action": "s3:*", "Resource": "*"} | change
    if "NotPrincipal" not in change:
        statement["Principal"] = "*"
    found = denials({"Statement": statement}, Request(APPLICATION, "s3:PutObject", f"{BUCKET}/a"))
    assert found == [("D", Verdict.MAYBE)]


# A statement without a principal is an identity's own.
BEARERS: list[dict[str, Any]] = [
    {"Action": "s3:PutObject", "Resource": f"{BUCKET}/*"},
    {"Action": "S3:put*", "Resource": f"{BUCKET}/avatars/?.png"},
    {"NotAction": ["s3:Get*", "s3:PutBucketPolicy"], "Resource": "*"},
    {"Action": "*", "NotResource": [f"{BUCKET}/avatars/*"]},
    {"Action": ["s3:GetObject", "s3:PutBucketPolicy"], "Resource": [BUCKET, f"{BUCKET}-2"]},
    {"Action": "s3:*", "Resource": "*", "Condition": {"StringEquals": {ARN: STRANGER}}},
]


def test_allowances_are_those_of_an_independent_evaluator() -> None:
    ours, asked = [], []
    for bearer, (call, on) in itertools.product(BEARERS, CALLS):
        policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **bearer}]}
        found = allowances(policy, Request(APPLICATION, call, on))
        ours.append(found == [("statement 1", Verdict.YES)])
        asked.append(as_user(APPLICATION, policy).asks(call, on, of=ACCOUNT))
    theirs = [answer == "Allowed" for answer in evaluate(asked)]
    assert ours == theirs
    assert len(set(theirs)) == 2


def test_an_allowance_denies_nothing_and_a_denial_allows_nothing() -> None:
    request = Request(APPLICATION, "s3:PutObject", f"{BUCKET}/a")
    everything = {"Action": "*", "Resource": "*"}
    assert denials({"Statement": {"Effect": "Allow", **everything}}, request) == []
    assert allowances({"Statement": {"Effect": "Deny", **everything}}, request) == []


@pytest.mark.parametrize(
    ("element", "resource", "expected"),
    [
        ("Resource", f"{BUCKET}/${{aws:username}}/*", Verdict.MAYBE),
        ("Resource", [f"{BUCKET}/${{aws:username}}/*", f"{BUCKET}/*"], Verdict.YES),
        ("Resource", f"{BUCKET}-2/${{aws:username}}/*", None),
        ("NotResource", f"{BUCKET}/${{aws:username}}/*", Verdict.MAYBE),
        ("NotResource", [f"{BUCKET}/${{aws:username}}/*", f"{BUCKET}/*"], None),
        ("NotResource", f"{BUCKET}-2/${{aws:username}}/*", Verdict.YES),
    ],
)
def test_a_policy_variable_in_a_resource_may_stand_for_anything(
    element: str, resource: Any, expected: Verdict | None
) -> None:
    statement = {"Sid": "D", "Effect": "Deny", "Action": "s3:*", element: resource}
    found = denials({"Statement": statement}, Request(APPLICATION, "s3:PutObject", f"{BUCKET}/a/b"))
    assert found == ([("D", expected)] if expected else [])


def planned(*theirs: dict[str, Any], provider: Any = None, **changes: Any) -> Any:
    want = wanted(provider, None, **changes) if provider else wanted(**changes)
    items = to_items(BucketFeature.POLICY, {"Statement": list(theirs)} if theirs else None)
    return plan(want, BucketState(exists=True, sides={BucketFeature.POLICY: items})), want


def test_a_policy_that_shuts_out_its_own_caller_is_refused() -> None:
    found, want = planned()
    with pytest.raises(ConfigurationError, match=r"Nothing was changed.*--operator-arn"):
        refuse_lockout(found, want, caller=STRANGER, secure=True)
    refuse_lockout(found, want, caller=OPERATOR, secure=True)


def test_a_policy_that_shuts_out_the_application_is_refused() -> None:
    theirs = {"Sid": "Freeze", "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject"}
    found, want = planned(theirs | {"Resource": f"{BUCKET}/*"})
    with pytest.raises(ConfigurationError, match=r"the application.*Freeze"):
        refuse_lockout(found, want, caller=OPERATOR, secure=True)


def test_a_denial_of_plain_http_is_refused_over_plain_http() -> None:
    found, want = planned(provider=SEAWEEDFS, s3_endpoint="http://storage.example")
    with pytest.raises(ConfigurationError, match="https"):
        refuse_lockout(found, want, caller=None, secure=False)
    refuse_lockout(found, want, caller=None, secure=True)
