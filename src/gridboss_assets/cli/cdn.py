"""``gridboss-assets cdn``: the CloudFront distribution before the bucket, and its caches."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from gridboss_assets.cli.changes import change_data, change_line, notes_data
from gridboss_assets.cli.operator import Profile, operator
from gridboss_assets.cli.report import AsJson, ask, console, print_json, progress
from gridboss_assets.errors import AssetsError, CdnDenied, ConfigurationError, OperationFailed

if TYPE_CHECKING:
    from rich.console import Console

    from gridboss_assets.cdn.aws import Distribution
    from gridboss_assets.cdn.plan import CdnPlan
    from gridboss_assets.cdn.state import CdnState

cdn = typer.Typer(
    name="cdn",
    help="Set up a CloudFront distribution with an operator's own credentials, and clear it.",
    no_args_is_help=True,
)

RetireKeys = Annotated[
    list[str] | None,
    typer.Option(
        "--retire-key",
        metavar="ID",
        help="Delete this public key, so that links signed with it open nothing any more; give it "
        "again for more.",
    ),
]


@cdn.command("plan")
def plan(
    *, profile: Profile = None, retire_key: RetireKeys = None, as_json: AsJson = False
) -> None:
    """Show what `cdn apply` would change, each line with its reason; changes nothing.

    Exit status: 0 the distribution is as desired, 1 it differs, 2 it could not be told.
    """
    _, state, planned = _planned(profile, retire_key)
    if as_json:
        print_json(_as_json(planned, state))
    else:
        _print_plan(planned, console())
    raise typer.Exit(planned.exit_status)


@cdn.command("apply")
def apply(
    *,
    profile: Profile = None,
    retire_key: RetireKeys = None,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask before changing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make the distribution what it should be: shows the plan, asks, executes that very plan.

    Then it prints the settings that the application needs. It can be run again at any time: where
    it stops half-way, what was done stays and the next run does the rest. Exit status: 0 the
    distribution is as desired, 1 you said no, 2 it failed.
    """
    from gridboss_assets.cdn.handover import next_steps, settings_of  # noqa: PLC0415 - fast --help

    target, state, planned = _planned(profile, retire_key)
    # Standard output is for the settings, so that it can be led into a file.
    _print_plan(planned, console(stderr=True))
    if not planned.is_empty:
        ask(f"Change CloudFront so for {planned.bucket}?", yes=yes)
    done = _execute(target, planned, state)
    state = target.read() if done else state
    standing = state.distribution
    if standing is None:  # somebody deleted it in this very moment
        raise OperationFailed("The distribution is gone again. Run the command again.")
    settings = settings_of(target.wanted, state, standing)
    steps = list(next_steps(target.wanted, state, standing))
    if as_json:
        print_json(
            {"bucket": planned.bucket, "done": done, "settings": dict(settings), "next": steps}
        )
        return
    for name, value in settings.items():
        typer.echo(f"{name}={value}")
    progress("\nNext:")
    for step in steps:
        progress(f"- {step}")


@cdn.command("invalidate")
def invalidate(
    keys: Annotated[list[str], typer.Argument(metavar="KEY…", help="Object keys.")],
    *,
    profile: Profile = None,
    wait: Annotated[
        bool, typer.Option("--wait", help="End once every edge has forgotten them.")
    ] = False,
) -> None:
    """Have every edge forget objects, and print the ID of the invalidation.

    It takes a minute or so. Whoever runs it needs cloudfront:CreateInvalidation, and with --wait
    cloudfront:GetInvalidation.
    """
    from gridboss_assets.invalidation import CloudFrontInvalidator  # noqa: PLC0415 - fast --help

    paths = _paths(keys)
    acting = operator(profile)
    distribution = acting.settings.cdn_distribution_id
    if distribution is None:
        raise ConfigurationError(
            "CDN_DISTRIBUTION_ID must say which distribution this is about; `gridboss-assets cdn "
            "apply` tells it."
        )
    invalidator = CloudFrontInvalidator(distribution, acting.credentials)
    try:
        begun = invalidator.invalidate(paths)
        typer.echo(begun)
        if wait:
            progress(f"Waiting for {distribution} to forget {len(paths)} paths …")
            if not invalidator.wait(begun):
                raise OperationFailed(
                    f"The invalidation {begun} is still under way. It ends by itself; `aws "
                    f"cloudfront wait invalidation-completed --distribution-id {distribution} "
                    f"--id {begun}` waits on."
                )
    except CdnDenied as error:
        raise ConfigurationError(f"CloudFront refused it: {error.detail or error}.") from error


def _paths(keys: list[str]) -> list[str]:
    """Check keys, and write them as CloudFront has them; raises InvalidObjectKey."""
    from gridboss_assets.invalidation import MAX_PATHS, path_of  # noqa: PLC0415 - fast --help
    from gridboss_assets.keys import PENDING_PREFIX, parse  # noqa: PLC0415
    from gridboss_assets.kinds import DEFAULT_KINDS  # noqa: PLC0415

    pending = next((key for key in keys if key.startswith(PENDING_PREFIX)), None)
    if pending is not None:
        raise ConfigurationError(
            f"{pending}: pending uploads are never served, so no edge has them. Leave `pending/` "
            "out to name the object itself."
        )
    if len(keys) > MAX_PATHS:
        raise ConfigurationError(
            f"CloudFront takes {MAX_PATHS} keys at once, and these are {len(keys)}. Give them in "
            "several runs, with --wait."
        )
    found = [parse(key, DEFAULT_KINDS) for key in dict.fromkeys(keys)]
    return [path_of(key.key, every_query=not key.kind.is_public) for key in found]


def _planned(
    profile: str | None, retire: list[str] | None
) -> tuple["Distribution", "CdnState", "CdnPlan"]:
    from gridboss_assets.cdn.aws import Distribution  # noqa: PLC0415 - keeps --help fast
    from gridboss_assets.cdn.desired import distribution  # noqa: PLC0415
    from gridboss_assets.cdn.plan import plan as difference  # noqa: PLC0415

    acting = operator(profile)
    wanted = distribution(acting.settings)
    target = Distribution(acting.cloudfront, wanted, acting.settings.cdn_distribution_id)
    progress(f"Reading CloudFront for {wanted.bucket} …")
    state = target.read()
    return target, state, difference(wanted, state, retire=retire or ())


def _execute(target: "Distribution", planned: "CdnPlan", state: "CdnState") -> list[str]:
    # What somebody else changed while this one was thinking CloudFront itself refuses to change:
    # each write names the version that was read.
    done: list[str] = []
    try:
        for step in target.apply(planned, state):
            progress(f"  done: {step}")
            done.append(step)
    except AssetsError as error:
        left = [step.title for step in planned.steps[len(done) :]]
        raise OperationFailed(
            f"{error} Done: {', '.join(done) or 'nothing'}. Not done: {', '.join(left)}. What is "
            "done stays; run the command again for the rest."
        ) from error
    return done


# --- how a plan is shown ---------------------------------------------------------------------


def _print_plan(planned: "CdnPlan", out: "Console") -> None:
    for step in planned.steps:
        out.print(step.title, style="bold", soft_wrap=True)
        for change in step.changes:
            out.print(change_line(change), soft_wrap=True)
    for note in planned.kept:
        out.print(
            f"= {note.subject}: {note.text} is not ours and stays", style="dim", soft_wrap=True
        )
    for note in planned.notes:
        out.print(f"  note, {note.subject}: {note.text}", soft_wrap=True)
    if planned.is_empty:
        out.print(f"The distribution of {planned.bucket} is as desired.")


def _as_json(planned: "CdnPlan", state: "CdnState") -> dict[str, Any]:
    return {
        "status": planned.exit_status,
        "bucket": planned.bucket,
        "distribution": state.distribution.id if state.distribution else None,
        "steps": [
            {"resource": step.title, "changes": [change_data(change) for change in step.changes]}
            for step in planned.steps
        ],
        "kept": notes_data(planned.kept),
        "notes": notes_data(planned.notes),
    }
