"""``gridboss-assets iam``: what the application may do, and the keys with which it does it.

The JSON of ``--json`` is described in ``iam_report.py``.
"""

from pathlib import Path
from typing import Annotated

import typer

from gridboss_assets.cli import iam_report as report
from gridboss_assets.cli import iam_steps as steps
from gridboss_assets.cli.iam_report import Outcome
from gridboss_assets.cli.operator import Profile, bucket_settings
from gridboss_assets.cli.report import AsJson, ask, print_json, progress
from gridboss_assets.errors import ConfigurationError

iam = typer.Typer(
    name="iam",
    help="The application's permissions and keys, with an operator's own credentials.",
    no_args_is_help=True,
)

Name = Annotated[str, typer.Argument(help="Name of the application's IAM user.", metavar="NAME")]
With = Annotated[
    list[str] | None,
    typer.Option(
        "--with",
        metavar="STATEMENT",
        help="An optional statement beyond the policy's two: kms, cdn-invalidation or multipart; "
        "give it again for more. Adds to S3_IAM_STATEMENTS.",
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        help="Write the key's .env lines into this new file, which you alone can read, instead of "
        "standard output.",
    ),
]
Yes = Annotated[bool, typer.Option("--yes", help="Don't ask before changing.")]


@iam.command("policy")
def policy(*, with_: With = None) -> None:
    """Print the application's IAM policy as JSON, for a user or a role; asks nobody.

    Standard error says which optional statements are off, and what does not work without them.
    """
    from gridboss_assets.buckets import application, elsewhere  # noqa: PLC0415 - keeps --help fast
    from gridboss_assets.storage.providers import provider_of  # noqa: PLC0415

    settings = bucket_settings()
    provider = provider_of(settings.s3_endpoint, settings.s3_provider)
    elsewhere.require_policies(provider, settings.s3_bucket)
    chosen = application.chosen_statements(settings, with_ or ())
    print_json(application.application_policy(settings, provider, chosen))
    report.tell_off(application.statements_off(chosen))


@iam.command("create-user")
def create_user(  # noqa: PLR0913 - one an option
    name: Name,
    *,
    path: Annotated[
        str | None, typer.Option(help="Path of a new user, such as /apps/. Default: /")
    ] = None,
    with_: With = None,
    tag: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE",
            help="A tag of a new user besides S3_TAGS; give it again for more.",
        ),
    ] = None,
    no_key: Annotated[
        bool, typer.Option("--no-key", help="Make no key: the user and its policy alone.")
    ] = False,
    out: Out = None,
    profile: Profile = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Create the application's IAM user, its policy and a key, which is printed once as .env lines.

    It says what it will do, and asks. Where it stopped half-way, run it again: it does the rest.

    A user that has a key is not touched, for `iam rotate` makes the next one; with --no-key the
    policy of such a user is put in step. A user with other permissions or a password is refused.

    Exit status: 0 done, 1 nothing done: the user has a key, or you said no; 2 it failed.
    """
    from gridboss_assets.buckets import application, user_plans  # noqa: PLC0415 - fast --help

    if no_key and out:
        raise ConfigurationError("--out is for a key, and --no-key makes none.")
    name, path = application.checked_name(name), application.checked_path(path)
    acting, users = steps.acting_on_users(profile)
    settings, account = acting.settings, acting.account
    steps.check_account(settings, account)
    tags = application.checked_tags(settings, tag or ())
    chosen = application.chosen_statements(settings, with_ or ())
    wanted = application.application_policy(settings, acting.provider, chosen, account=account)
    user = users.read(name)
    planned = user_plans.creation(user, wanted, path=path, key=not no_key)
    difference = user_plans.policy_difference(user.policy if user else None, wanted)
    outcome = Outcome.of(name, user)
    if planned.taken:
        report.tell_taken(outcome)
        if difference:
            report.tell_differs(name)
        steps.finish(outcome, 1, as_json=as_json)
    report.tell_plan(f"{name} in account {account}", planned, users.policy, difference)
    report.tell_off(application.statements_off(chosen))
    if planned.is_empty:
        steps.finish(outcome, 0, as_json=as_json)
    ask("Do that?", yes=yes)

    def prepare() -> None:
        if planned.creates:
            outcome.arn = users.create(name, path or "/", tags)
            outcome.did("user")
        if planned.changes_policy:
            users.put_policy(name, wanted)
            outcome.did("policy")

    if planned.makes_key:
        made = steps.issue(users, settings, outcome, prepare=prepare, out=out, as_json=as_json)
        report.tell_where_it_belongs(made)
    else:
        with steps.half_way(outcome):
            prepare()
        outcome.show(as_json=as_json)
    report.tell_settings(settings, outcome.arn or "", chosen)


@iam.command("rotate")
def rotate(  # noqa: PLR0913 - one an option
    name: Name,
    *,
    retire: Annotated[
        str | None,
        typer.Option(
            metavar="KEY_ID",
            help="Make no key but end this one: an active key is switched off, one that is off "
            "already is deleted.",
        ),
    ] = None,
    delete: Annotated[
        bool, typer.Option("--delete", help="With --retire: delete an active key at once.")
    ] = False,
    out: Out = None,
    profile: Profile = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Make the second of a user's two keys, print it once, and later retire the first.

    Both keys work side by side: put the new one into the secret store, deploy, and then run it
    with --retire for the old one. The only active key is never retired. Keys alone are changed;
    where the user's policy is not as desired, it says so.

    Exit status: 0 done, 1 nothing done: there are two keys already, or you said no; 2 it failed.
    """
    from gridboss_assets.buckets import application, user_plans  # noqa: PLC0415 - fast --help

    if delete and retire is None:
        raise ConfigurationError("--delete goes with --retire KEY_ID.")
    if retire is not None and out:
        raise ConfigurationError("--out is for a new key, and --retire makes none.")
    name = application.checked_name(name)
    acting, users = steps.acting_on_users(profile)
    user = steps.existing(users, name, acting.settings)
    if retire is not None:
        retired = steps.retire(users, user, retire, delete=delete, yes=yes)
        steps.finish(retired, 0, as_json=as_json)
    steps.compare(user, acting)
    outcome = Outcome.of(name, user)
    if not user_plans.has_room(user):
        report.tell_keys(user.keys)
        progress(
            f"{name} has two keys already, and IAM allows no third. Retire one first: "
            f"`gridboss-assets iam rotate {name} --retire {user_plans.to_retire(user).id}`"
        )
        steps.finish(outcome, 1, as_json=as_json)
    made = steps.issue(users, acting.settings, outcome, out=out, as_json=as_json)
    report.tell_where_it_belongs(made)
    progress("Next: deploy with the new key, and ask `gridboss-assets doctor` whether it works.")
    for key in user.keys:
        then = "is active; once nothing uses it" if key.active else "is off; to delete it"
        progress(f"{key.id} {then}: `gridboss-assets iam rotate {name} --retire {key.id}`")
