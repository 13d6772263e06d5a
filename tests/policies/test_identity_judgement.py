"""What the audit calls "more than it needs", by an evaluator of policies that others wrote."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.policies.calls import ACCOUNT, ARN, BUCKET, EVERYTHING, KEY, NEEDED, OBJECT, USER, Call
from tests.support.policy_evaluator import Caller, Policy, as_user, evaluate

from gridboss_assets.buckets.audit.identity.access import access_findings
from gridboss_assets.buckets.audit.identity.grants import Grants, excesses
from gridboss_assets.buckets.audit.identity.reading import Document, Identity
from gridboss_assets.buckets.audit.identity.wanted import Wanted
from gridboss_assets.buckets.policies import iam_policy
from gridboss_assets.findings import Status
from gridboss_assets.kinds import DEFAULT_KINDS

DESIRED = iam_policy(BUCKET)
FOREIGN = sorted(set(EVERYTHING) - set(NEEDED.values()))
OTHER = "arn:aws:s3:::another-bucket/avatars/a.png"
SECOND = f"{ARN}-2/avatars/a.png"
OBJECTS = ["s3:PutObject", "s3:GetObject", "s3:DeleteObject"]


def allow(action: Any, resource: Any, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def document(*statements: dict[str, Any]) -> Policy:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def goes_beyond(policy: Policy) -> bool:
    return bool(excesses(policy, Grants.of(DESIRED), {}, partition="aws"))


def bearer(policy: Policy) -> Caller:
    """Give the application's user, with the name that ``aws:username`` stands for."""
    user = as_user(USER, policy)
    return Caller(user.principal, {**user.context, "aws:username": "x"}, user.identity_policies)


def allowed(asked: list[tuple[Policy, Call]]) -> list[bool]:
    """Say for each policy and call whether the policy allows it, all at once."""
    requests = [bearer(policy).asks(action, on, of=ACCOUNT) for policy, (action, on) in asked]
    return [result == "Allowed" for result in evaluate(requests)]


# What goes beyond, and a call that it allows and the desired policy does not.
MORE: list[tuple[dict[str, Any], Call]] = [
    (allow("*", "*"), ("iam:CreateAccessKey", USER)),
    (allow("s3:*", f"{ARN}/*"), ("s3:PutObjectAcl", OBJECT)),
    (allow("S3:getobject*", f"{ARN}/*"), ("s3:GetObjectAcl", OBJECT)),
    (allow("s3:GetObject??l", f"{ARN}/*"), ("s3:GetObjectAcl", OBJECT)),
    (allow("s3:getObjectACL", f"{ARN}/*"), ("s3:GetObjectAcl", OBJECT)),
    (allow("s3:GetObject", "*"), ("s3:GetObject", OTHER)),
    (allow("s3:GetObject", "arn:aws:s3:::*"), ("s3:GetObject", OTHER)),
    (allow("s3:GetObject", f"{ARN}*"), ("s3:GetObject", SECOND)),
    (allow("s3:GetObject", f"{ARN}?2/*"), ("s3:GetObject", SECOND)),
    (allow("s3:GetObject", f"{ARN[:-1]}?/*"), ("s3:GetObject", f"{ARN[:-1]}x/avatars/a.png")),
    (allow("s3:GetObject", [f"{ARN}/*", f"{ARN}-2/*"]), ("s3:GetObject", SECOND)),
    (allow(["s3:GetObject", "s3:DeleteBucket"], [ARN, f"{ARN}/*"]), ("s3:DeleteBucket", ARN)),
    (allow("s3:ListBucket", f"{ARN}*"), ("s3:ListBucket", f"{ARN}-2")),
    (allow("s3:ListAllMyBuckets", "*"), ("s3:ListAllMyBuckets", "*")),
    (allow("s3:AbortMultipartUpload", f"{ARN}/*"), ("s3:AbortMultipartUpload", OBJECT)),
    (
        {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"},
        ("s3:DeleteBucket", ARN),
    ),
    (
        {"Effect": "Allow", "NotAction": "s3:GetObject", "Resource": f"{ARN}/*"},
        ("s3:PutObjectAcl", OBJECT),
    ),
    (
        {"Effect": "Allow", "Action": "s3:GetObject", "NotResource": f"{ARN}/*"},
        ("s3:GetObject", OTHER),
    ),
    (
        allow("s3:GetObject", "*", Condition={"Bool": {"aws:PrincipalIsAWSService": "false"}}),
        ("s3:GetObject", OTHER),
    ),
    (allow("s3:GetObject", "arn:aws:s3:::${aws:username}*"), ("s3:GetObject", "arn:aws:s3:::xy/a")),
    (allow("kms:Decrypt", KEY), ("kms:Decrypt", KEY)),
]


def test_what_goes_beyond_lets_a_call_through_that_should_not_be() -> None:
    beyond = [goes_beyond(document(statement)) for statement, _ in MORE]
    wrong = [statement for (statement, _), more in zip(MORE, beyond, strict=True) if not more]
    assert wrong == []
    key_policy_leaves_it_to_iam = {"kms:Decrypt"}  # without one the evaluator refuses everybody
    witnesses = [each for each in MORE if each[1][0] not in key_policy_leaves_it_to_iam]
    assert all(allowed([(document(statement), call) for statement, call in witnesses]))
    assert not any(allowed([(DESIRED, call) for _, call in witnesses]))


# What is as narrow as it should be, or narrower.
NO_MORE: list[dict[str, Any]] = [
    *DESIRED["Statement"],
    allow("S3:PUTOBJECT", f"{ARN}/*"),
    allow("s3:GetObject", f"{ARN}/avatars/*"),
    allow("s3:GetObject", [f"{ARN}/a?atars/*.png", f"{ARN}/exports/*"]),
    allow("s3:GetObject", f"arn:*:s3:::{BUCKET}/*"),
    allow("s3:GetObject", f"{ARN}/${{aws:username}}/*"),
    allow([*OBJECTS, "s3:ListBucket"], [ARN, f"{ARN}/*"]),
    allow("s3:ListBucket", ARN, Condition={"StringLike": {"s3:prefix": "avatars/*"}}),
    {"Effect": "Deny", "Action": "s3:*", "Resource": "*"},
    {"Effect": "Deny", "NotAction": "s3:GetObject", "NotResource": f"{ARN}/*"},
]


def test_what_is_no_more_lets_nothing_through_that_should_not_be() -> None:
    wrong = [statement for statement in NO_MORE if goes_beyond(document(statement))]
    assert wrong == []
    asked = [(document(statement), call) for statement in NO_MORE for call in FOREIGN]
    assert [a for a, through in zip(asked, allowed(asked), strict=True) if through] == []


@pytest.mark.parametrize("pattern", ["s3:GetObjec?", "s3:*etObject"])
def test_an_action_with_a_wildcard_goes_beyond_even_where_it_fits_one_action_today(
    pattern: str,
) -> None:
    assert goes_beyond(document(allow(pattern, f"{ARN}/*")))


# --- random policies -------------------------------------------------------------------------

_GOOD_ACTIONS = st.sampled_from([*OBJECTS, "s3:ListBucket", "S3:Getobject", "s3:PUTOBJECT"])
_WIDE = """
    s3:* * s3:Get* s3:GetObject?* s3:*Object s3:GetObjectAcl s3:?utObject s3:DeleteBucket s3:List*
    s3:*Bucket iam:* s3:PutObjectA?l
"""
_BAD_ACTIONS = st.sampled_from(_WIDE.split())
_GOOD_RESOURCES = st.sampled_from(
    f"{ARN} {ARN}/* {ARN}/avatars/* {ARN}/?* {ARN}/${{aws:username}}* {ARN}/pending/* "
    f"{ARN}/exports/* arn:*:s3:::{BUCKET}/* {ARN}/*/*.png {ARN}/a*".split()
)
_BAD_RESOURCES = st.sampled_from(
    f"* {ARN}* {ARN}-2/* {ARN}-? {ARN}?2* arn:aws:s3:::* arn:aws:s3:::*/* arn:aws:s3:::*{BUCKET}/* "
    f"arn:aws:s3:::*/{BUCKET}/* {ARN}${{aws:username}}* arn:aws:s3:::another-bucket* "
    f"arn:aws:s3:::?y-{BUCKET}/* arn:*:s3:::*/avatars/*".split()
)


def _mostly(good: st.SearchStrategy[str], bad: st.SearchStrategy[str]) -> Any:
    return st.lists(
        st.sampled_from([good] * 11 + [bad]).flatmap(lambda s: s), min_size=1, max_size=4
    )


_ELEMENTS = {
    "Action": _mostly(_GOOD_ACTIONS, _BAD_ACTIONS),
    "Resource": _mostly(_GOOD_RESOURCES, _BAD_RESOURCES),
}


@st.composite
def _statements(draw: st.DrawFn) -> dict[str, Any]:
    effect = draw(st.sampled_from(["Allow"] * 9 + ["Deny"]))
    negated = draw(st.sampled_from([*[None] * 18, *_ELEMENTS]))
    values = {name: draw(values) for name, values in _ELEMENTS.items()}
    return {"Effect": effect} | {
        f"Not{name}" if name == negated else name: value for name, value in values.items()
    }


_POLICIES = st.lists(_statements(), min_size=1, max_size=3).map(lambda s: document(*s))
# The evaluator is another program, which takes a second to begin and then is quick.
_BATCHES = st.lists(_POLICIES, min_size=24, max_size=24, unique_by=str)
_QUICKLY = settings(
    max_examples=2,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # to shrink a batch takes minutes
    suppress_health_check=list(HealthCheck),
)
_NEAR = [call for call in FOREIGN if call[1].startswith("arn:aws:s3") and "Bucket" not in call[0]]
_BUCKETS = [("s3:ListBucket", f"{ARN}-2"), ("s3:DeleteBucket", ARN), ("iam:GetUser", USER)]
_ELSEWHERE = [*_NEAR, *_BUCKETS]


@_QUICKLY
@given(_BATCHES)
def test_where_a_random_policy_goes_not_beyond_nothing_foreign_is_allowed(
    policies: list[Policy],
) -> None:
    asked = [(each, call) for each in policies if not goes_beyond(each) for call in _ELSEWHERE]
    assert [a for a, through in zip(asked, allowed(asked), strict=True) if through] == []


_KEYS = ["pending/avatars", "avatars", "pending/exports", "exports"]
_NEEDED_CALLS = [
    *((action, f"{ARN}/{key}/driver-7/0123456789abcdef") for action in OBJECTS for key in _KEYS),
    ("s3:ListBucket", ARN),
]


@_QUICKLY
@given(_BATCHES)
def test_what_a_random_policy_lacks_is_what_the_evaluator_refuses(policies: list[Policy]) -> None:
    # To the check a policy variable is unknown, so here it is a text.
    plain = [json.loads(json.dumps(each).replace("${aws:username}", "x")) for each in policies]
    answers = iter(allowed([(each, call) for each in plain for call in _NEEDED_CALLS]))
    for policy in plain:
        refused = {action for action, _ in _NEEDED_CALLS if not next(answers)}
        assert _lacked(policy) == refused, policy


def _lacked(policy: Policy) -> set[str]:
    wanted = Wanted(DESIRED, {}, "ours", DEFAULT_KINDS)
    identity = Identity("user", "gridboss-assets", USER, documents=(Document("ours", policy),))
    found = [f.detail for f in access_findings(identity, USER, wanted) if f.status is Status.FAIL]
    return {action for action, _ in _NEEDED_CALLS if f"{action} on" in " ".join(found)}
