"""What the application's IAM policy allows, by an evaluator of policies that others wrote."""

from collections.abc import Callable

import pytest
from tests.policies.calls import (
    ACCOUNT,
    BUCKET,
    DISTRIBUTION,
    EVERYTHING,
    IAM,
    KEY,
    NEEDED,
    OPTIONAL,
    ROLE,
    USER,
    Call,
)
from tests.support.policy_evaluator import (
    ADMINISTRATOR,
    Caller,
    Policy,
    as_role_session,
    as_user,
    evaluate,
)

from gridboss_assets.buckets.policies import OPTIONAL_STATEMENTS, iam_policy


def _left_to_iam(action: str) -> Policy:
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": f"{IAM}:root"}, "Action": action}
            | ({"Resource": "*"} if action == "kms:*" else {})
        ],
    }


# Keys and roles must first leave it to their account's IAM policies who may use them: AWS's default
# policy of a key does, and so does a role whose trust policy names the account.
RESOURCE_POLICIES = {"kms": _left_to_iam("kms:*"), "sts": _left_to_iam("sts:AssumeRole")}


def allowed(caller: Caller) -> set[Call]:
    """Ask for everything, and return what is allowed."""
    asked = [
        caller.asks(action, on, of=ACCOUNT, policy=RESOURCE_POLICIES.get(action.split(":")[0]))
        for action, on in EVERYTHING
    ]
    return {
        call
        for call, result in zip(EVERYTHING, evaluate(asked), strict=True)
        if result == "Allowed"
    }


def policy_with(*optional: str) -> Policy:
    """Write the policy with some of the optional statements."""
    return iam_policy(BUCKET, optional=optional, kms_key_arn=KEY, distribution_arn=DISTRIBUTION)


def as_the_user(policy: Policy) -> Caller:
    return as_user(USER, policy)


def as_the_role(policy: Policy) -> Caller:
    return as_role_session(ROLE, "i-0123456789abcdef0", policy)


def test_the_harness_can_allow_everything_that_is_asked_for() -> None:
    assert allowed(as_user(USER, ADMINISTRATOR)) == set(EVERYTHING)


@pytest.mark.parametrize("caller", [as_the_user, as_the_role])
def test_what_the_product_calls_is_allowed_and_nothing_else(
    caller: Callable[[Policy], Caller],
) -> None:
    assert allowed(caller(policy_with())) == set(NEEDED.values())


@pytest.mark.parametrize("name", OPTIONAL)
def test_an_optional_statement_adds_just_its_own(name: str) -> None:
    assert allowed(as_the_user(policy_with(name))) == set(NEEDED.values()) | OPTIONAL[name]


def test_all_optional_statements_together_add_what_each_adds() -> None:
    assert OPTIONAL.keys() == OPTIONAL_STATEMENTS.keys()
    wanted = set(NEEDED.values()).union(*OPTIONAL.values())
    assert allowed(as_the_user(policy_with(*OPTIONAL))) == wanted


@pytest.mark.parametrize("partition", ["aws-cn", "aws-us-gov"])
def test_in_another_partition_the_same_is_allowed_there(partition: str) -> None:
    policy = iam_policy(BUCKET, partition=partition)
    caller = as_user(USER.replace("arn:aws:", f"arn:{partition}:"), policy)
    calls = [(a, on.replace("arn:aws:", f"arn:{partition}:")) for a, on in NEEDED.values()]
    asked = [caller.asks(action, on, of=ACCOUNT) for action, on in calls]
    assert evaluate(asked) == ["Allowed"] * len(calls)
