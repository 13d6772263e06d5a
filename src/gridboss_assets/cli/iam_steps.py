"""What the commands of ``gridboss-assets iam`` are made of: who acts, on whom, a key made."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer

from gridboss_assets.cli import iam_report as report
from gridboss_assets.cli.handover import Interrupted, Signals, way_out
from gridboss_assets.cli.iam_report import Outcome
from gridboss_assets.cli.operator import bucket_settings
from gridboss_assets.cli.report import ask, progress
from gridboss_assets.dev.signals import on_signals
from gridboss_assets.errors import AssetsError, ConfigurationError, OperationFailed

if TYPE_CHECKING:
    from gridboss_assets.buckets.operator import Operator
    from gridboss_assets.buckets.users import NewKey, User, Users
    from gridboss_config import Settings


def acting_on_users(profile: str | None) -> "tuple[Operator, Users]":
    """Return the operator and the users of their account; other providers are told what to do."""
    from gridboss_assets.buckets import elsewhere  # noqa: PLC0415 - keeps --help fast
    from gridboss_assets.buckets.application import policy_name  # noqa: PLC0415
    from gridboss_assets.buckets.operator import Operator  # noqa: PLC0415
    from gridboss_assets.buckets.users import Users  # noqa: PLC0415
    from gridboss_assets.storage.providers import GENERIC, provider_of  # noqa: PLC0415

    settings = bucket_settings()
    known = provider_of(settings.s3_endpoint, settings.s3_provider)
    if known is not GENERIC:  # before credentials of AWS are looked for
        elsewhere.require_iam(known, settings.s3_bucket)
    acting = Operator(settings, profile=profile)
    elsewhere.require_iam(acting.provider, settings.s3_bucket)
    return acting, Users(acting.iam, policy_name(settings.s3_bucket))


def check_account(settings: "Settings", account: str) -> None:
    """Raise ConfigurationError where the profile is of another account than the application."""
    from gridboss_assets.buckets.principals import principals  # noqa: PLC0415 - keeps --help fast

    if settings.s3_principal_arn is not None:
        principals(settings.s3_principal_arn, (), account)


def existing(users: "Users", name: str, settings: "Settings") -> "User":
    """Return the application's user; raises ConfigurationError where it is none, or another's."""
    from gridboss_assets.buckets.principals import account_of  # noqa: PLC0415 - keeps --help fast
    from gridboss_assets.buckets.user_plans import require_application  # noqa: PLC0415

    user = users.read(name)
    if user is None:
        raise ConfigurationError(
            f"There is no IAM user {name} in this account. See that the name and --profile are "
            f"right; `gridboss-assets iam create-user {name}` makes one."
        )
    check_account(settings, account_of(user.arn))
    require_application(user, settings.s3_principal_arn)
    return user


def compare(user: "User", acting: "Operator") -> None:
    """Tell where the policy is not as desired; nothing about it keeps a key from being made."""
    from gridboss_assets.buckets import application, user_plans  # noqa: PLC0415 - fast --help
    from gridboss_assets.buckets.principals import account_of  # noqa: PLC0415

    if user.policy is None and user.others:
        progress(f"What {user.name} may do is decided by {', '.join(user.others)}: not compared.")
        return
    try:
        chosen = application.chosen_statements(acting.settings)
        wanted = application.application_policy(
            acting.settings, acting.provider, chosen, account=account_of(user.arn)
        )
    except AssetsError as error:
        progress(f"The policy of {user.name} was not compared: {error}")
        return
    if not user_plans.same_policy(user.policy, wanted):
        report.tell_differs(user.name)


def retire(users: "Users", user: "User", key_id: str, *, delete: bool, yes: bool) -> Outcome:
    """Switch a key off or delete it, after asking; raises ConfigurationError where it must stay."""
    from gridboss_assets.buckets.user_plans import retirement  # noqa: PLC0415 - keeps --help fast

    planned = retirement(user, key_id, delete=delete, now=datetime.now(UTC))
    report.tell_keys(user.keys)
    for warning in planned.warnings:
        progress(f"Warning: {warning}")
    ask(f"{'Delete' if planned.deletes else 'Deactivate'} {key_id} of {user.name}?", yes=yes)
    outcome = replace(Outcome.of(user.name, user), key=key_id)
    if planned.deletes:
        users.delete(user.name, key_id)
        outcome.did("deleted")
    else:
        users.deactivate(user.name, key_id)
        outcome.did("deactivated")
        progress(
            f"To switch it on again: aws iam update-access-key --user-name {user.name} "
            f"--access-key-id {key_id} --status Active. To delete it for good, run this again."
        )
    outcome.keys = users.keys(user.name)
    return outcome


def issue(  # noqa: PLR0913 - what is made, and where it goes
    users: "Users",
    settings: "Settings",
    outcome: Outcome,
    *,
    prepare: Callable[[], None] = lambda: None,
    out: Path | None,
    as_json: bool,
) -> Outcome:
    """Prepare the user, make a key, and print it; where it can't be printed, no key stays behind.

    Signals end it in order: while the user is prepared or the key is printed at once, and while
    IAM makes the key as soon as it is known which one.
    """
    signals, made = Signals(), outcome

    def hand_over(key: "NewKey") -> None:
        nonlocal made
        made = outcome.with_key(key, out)
        given = report.settings_of(settings, outcome.arn or "", key)
        in_json = as_json and out is None
        text = report.json_lines(made.data(given)) if in_json else report.env_lines(given)
        with signals.released():
            write(text)

    with half_way(outcome), on_signals(signals), way_out(out) as write:
        with signals.released():
            prepare()
        users.make_key(outcome.user, hand_over)
    if out is not None:
        made.show(as_json=as_json)
    return made


@contextmanager
def half_way(outcome: Outcome) -> Iterator[None]:
    """Say, where the block fails, what of it is done and stays."""
    try:
        yield
    except Interrupted:
        raise OperationFailed(f"Stopped. {_what_stays(outcome)}".strip()) from None
    except OperationFailed as error:
        raise OperationFailed(f"{error} {_what_stays(outcome)}".strip()) from error


def _what_stays(outcome: Outcome) -> str:
    if not outcome.done:
        return ""
    done = ", ".join(outcome.done)
    return f"Done: {done}. What is done stays; run the command again for the rest."


def finish(outcome: Outcome, status: int, *, as_json: bool) -> NoReturn:
    """Print the document, if it is wanted, and end the command."""
    outcome.status = status
    outcome.show(as_json=as_json)
    raise typer.Exit(status)
