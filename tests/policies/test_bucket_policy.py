"""Whom the bucket policy lets do what, by an evaluator of policies that others wrote.

In the tables, ``no`` is what nothing allows, and ``DENY`` is what the policy itself denies, so that
nobody else's Allow opens it.
"""

from itertools import product

import pytest
from tests.support.policy_evaluator import (
    ADMINISTRATOR,
    Answer,
    Caller,
    Policy,
    as_anonymous,
    as_role_session,
    as_root,
    as_service,
    as_user,
    evaluate,
    explain,
)

from gridboss_assets.buckets.policies import Cdn, bucket_policy, iam_policy
from gridboss_assets.buckets.principals import principals
from gridboss_assets.storage.providers import AWS, CEPH, Provider

ACCOUNT = "123456789012"
STRANGERS = "210987654321"
BUCKET = "gridboss-assets"
ARN = f"arn:aws:s3:::{BUCKET}"
IAM = f"arn:aws:iam::{ACCOUNT}"
DISTRIBUTION = f"arn:aws:cloudfront::{ACCOUNT}:distribution/EDFDVBD6EXAMPLE"
ANOTHER = f"arn:aws:cloudfront::{ACCOUNT}:distribution/E2ANOTHERONE"

USER = f"{IAM}:user/apps/gridboss-assets"
ROLE = f"{IAM}:role/apps/gridboss-assets"
OPERATOR = f"{IAM}:user/operator"
SSO = f"{IAM}:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Admin_0123456789abcdef"

APPLICATIONS = {
    "user": (USER, as_user(USER, iam_policy(BUCKET))),
    "role": (ROLE, as_role_session(ROLE, "i-0123456789abcdef0", iam_policy(BUCKET))),
}

WORDS = {"yes": "Allowed", "no": "ImplicitlyDenied", "DENY": "ExplicitlyDenied"}
CALLS = {
    "s3:GetObject": f"{ARN}/avatars/a.png",
    "s3:PutObject": f"{ARN}/avatars/a.png",
    "s3:ListBucket": ARN,
    "s3:PutBucketPolicy": ARN,
    "s3:DeleteBucket": ARN,
}
# Who asks:                                 get   put   list  policy delete
TABLE = {
    "the application":                     "yes   yes   yes   no     no",
    "an operator":                         "yes   yes   yes   yes    yes",
    "an operator by single sign-on":       "yes   yes   yes   yes    yes",
    "the account's root":                  "yes   yes   yes   yes    yes",
    "the account's other administrator":   "DENY  DENY  DENY  DENY   DENY",
    "a session called as the application": "DENY  DENY  DENY  DENY   DENY",
    "another account's root":              "DENY  DENY  DENY  DENY   DENY",
    "another account's user so called":    "DENY  DENY  DENY  DENY   DENY",
    "another account's role so called":    "DENY  DENY  DENY  DENY   DENY",
    "nobody in particular":                "DENY  DENY  DENY  DENY   DENY",
    "the CDN":                             "yes   no    no    no     no",
    "another CDN":                         "no    no    no    no     no",
    "another service of AWS":              "no    no    no    no     no",
}  # fmt: skip
CALLERS = {
    "an operator": as_user(OPERATOR, ADMINISTRATOR),
    "an operator by single sign-on": as_role_session(SSO, "ann@example.com", ADMINISTRATOR),
    "the account's root": as_root(ACCOUNT),
    "the account's other administrator": as_user(f"{IAM}:user/other", ADMINISTRATOR),
    "a session called as the application": as_role_session(
        f"{IAM}:role/other", "gridboss-assets", ADMINISTRATOR
    ),
    "another account's root": as_root(STRANGERS),
    "another account's user so called": as_user(USER.replace(ACCOUNT, STRANGERS), ADMINISTRATOR),
    "another account's role so called": as_role_session(
        ROLE.replace(ACCOUNT, STRANGERS), "session", ADMINISTRATOR
    ),
    "nobody in particular": as_anonymous(),
    "the CDN": as_service("cloudfront.amazonaws.com", DISTRIBUTION),
    "another CDN": as_service("cloudfront.amazonaws.com", ANOTHER),
    "another service of AWS": as_service("logging.s3.amazonaws.com", ARN, ACCOUNT),
}

Answers = dict[tuple[str, str, bool, str], Answer]


def policy_for(application: str, cdn: Cdn | None = None) -> Policy:
    """Write the bucket policy of this account's bucket."""
    return bucket_policy(BUCKET, principals(application, (OPERATOR, SSO), ACCOUNT), cdn=cdn)


def caller(name: str, form: str) -> Caller:
    """Find a row's caller; ``form`` says what the application is."""
    return APPLICATIONS[form][1] if name == "the application" else CALLERS[name]


@pytest.fixture(scope="module")
def answers() -> Answers:
    """Ask everything that the table asks, over TLS and not, at once."""
    cells = list(product(APPLICATIONS, TABLE, [True, False], CALLS))
    policies = {
        form: policy_for(arn, Cdn(DISTRIBUTION, signed=False))
        for form, (arn, _) in APPLICATIONS.items()
    }
    asked = [
        caller(who, form).asks(
            action, CALLS[action], of=ACCOUNT, policy=policies[form], secure=secure
        )
        for form, who, secure, action in cells
    ]
    return dict(zip(cells, explain(asked), strict=True))


@pytest.mark.parametrize("form", APPLICATIONS)
@pytest.mark.parametrize("who", TABLE)
def test_over_tls_each_caller_may_do_just_what_the_table_says(
    who: str, form: str, answers: Answers
) -> None:
    got = {action: answers[form, who, True, action] for action in CALLS}
    wanted = [WORDS[word] for word in TABLE[who].split()]
    assert [answer.result for answer in got.values()] == wanted, got
    for answer in got.values():
        denied = answer.result == "ExplicitlyDenied"
        assert not denied or answer.decided_by == ("resource DenyOtherPrincipals",)


@pytest.mark.parametrize("form", APPLICATIONS)
@pytest.mark.parametrize("who", TABLE)
def test_without_tls_nobody_may_do_anything(who: str, form: str, answers: Answers) -> None:
    for action in CALLS:
        answer = answers[form, who, False, action]
        assert answer.result == "ExplicitlyDenied", action
        assert "resource DenyInsecureTransport" in answer.decided_by, action


READS = ("avatars/a.png", "exports/a.csv", "pending/avatars/a.png", "avatars-old/a.png")


@pytest.mark.parametrize(
    ("cdn", "source", "read"),
    [
        pytest.param(None, DISTRIBUTION, set(), id="without a CDN nothing"),
        pytest.param(
            Cdn(DISTRIBUTION, signed=False),
            DISTRIBUTION,
            {"avatars/a.png"},
            id="without a key group what any caller may see",
        ),
        pytest.param(
            Cdn(DISTRIBUTION, signed=True),
            DISTRIBUTION,
            {"avatars/a.png", "exports/a.csv"},
            id="with a key group what has an owner too",
        ),
        pytest.param(Cdn(DISTRIBUTION, signed=True), ANOTHER, set(), id="another one nothing"),
        pytest.param(
            Cdn(DISTRIBUTION, signed=True),
            DISTRIBUTION.replace(ACCOUNT, STRANGERS),
            set(),
            id="another account's nothing",
        ),
    ],
)
def test_a_distribution_reads_what_it_may_serve_and_does_nothing_else(
    cdn: Cdn | None, source: str, read: set[str]
) -> None:
    calls = [("s3:GetObject", f"/{key}") for key in READS]
    calls += [("s3:PutObject", "/avatars/a.png"), ("s3:DeleteObject", "/avatars/a.png")]
    calls += [("s3:GetObjectVersion", "/avatars/a.png"), ("s3:ListBucket", "")]
    distribution = as_service("cloudfront.amazonaws.com", source)
    policy = policy_for(USER, cdn)
    got = evaluate(
        [distribution.asks(act, ARN + at, of=ACCOUNT, policy=policy) for act, at in calls]
    )
    wanted = ["Allowed" if at[1:] in read else "ImplicitlyDenied" for _, at in calls[: len(READS)]]
    assert got == wanted + ["ImplicitlyDenied"] * (len(calls) - len(READS))


LOGS = {
    "Sid": "LetALogIn",
    "Effect": "Allow",
    "Principal": {"Service": "logging.s3.amazonaws.com"},
    "Action": "s3:PutObject",
    "Resource": f"{ARN}/logs/*",
    "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
}
PUBLIC = {
    "Sid": "LetEverybodyIn",
    "Effect": "Allow",
    "Principal": "*",
    "Action": "s3:PutObject",
    "Resource": f"{ARN}/*",
}
SHARED = {**PUBLIC, "Sid": "LetAnAccountIn", "Principal": {"AWS": STRANGERS}}


@pytest.mark.parametrize(
    ("who", "added", "result"),
    [
        ("another service of AWS", LOGS, "Allowed"),
        ("the CDN", LOGS, "ImplicitlyDenied"),
        ("nobody in particular", PUBLIC, "ExplicitlyDenied"),
        ("another account's root", PUBLIC, "ExplicitlyDenied"),
        ("another account's root", SHARED, "ExplicitlyDenied"),
        ("another account's user so called", SHARED, "ExplicitlyDenied"),
    ],
    ids=lambda value: value.get("Sid") if isinstance(value, dict) else None,
)
def test_what_somebody_adds_to_the_policy_opens_it_to_services_alone(
    who: str, added: Policy, result: str
) -> None:
    policy = policy_for(USER)
    policy["Statement"].append(added)
    asked = CALLERS[who].asks("s3:PutObject", f"{ARN}/logs/a", of=ACCOUNT, policy=policy)
    assert evaluate([asked]) == [result]


@pytest.mark.parametrize(
    ("provider", "secure", "result"),
    [
        pytest.param(AWS, True, "Allowed", id="AWS, by TLS"),
        pytest.param(AWS, False, "ExplicitlyDenied", id="AWS, not by TLS"),
        pytest.param(CEPH, True, "Allowed", id="Ceph, by TLS"),
        pytest.param(CEPH, False, "ExplicitlyDenied", id="Ceph, said not to be by TLS"),
        pytest.param(CEPH, None, "ExplicitlyDenied", id="Ceph, which then says nothing"),
    ],
)
def test_where_callers_can_not_be_told_apart_tls_is_asked_for_all_the_same(
    *, provider: Provider, secure: bool | None, result: str
) -> None:
    policy = bucket_policy(BUCKET, None, provider=provider)
    asked = as_root(ACCOUNT).asks(
        "s3:GetObject", f"{ARN}/avatars/a.png", of=ACCOUNT, policy=policy, secure=secure
    )
    assert evaluate([asked]) == [result]
