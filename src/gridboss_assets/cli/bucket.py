"""``gridboss-assets bucket``: what a bucket should be, what it is, and the way between."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from gridboss_assets.cli.changes import change_data, change_line, notes_data
from gridboss_assets.cli.operator import (
    OperatorArns,
    Profile,
    checked_arns,
    desired_bucket,
    desired_on_paper,
    operator,
)
from gridboss_assets.cli.report import AsJson, ask, console, print_json, progress
from gridboss_assets.errors import AssetsError, ConfigurationError, OperationFailed

if TYPE_CHECKING:
    from rich.console import Console

    from gridboss_assets.buckets.aws import Bucket
    from gridboss_assets.buckets.desired import DesiredBucket
    from gridboss_assets.buckets.operator import Operator
    from gridboss_assets.buckets.plan import Plan

bucket = typer.Typer(
    name="bucket",
    help="Set up a bucket with an operator's own credentials.",
    no_args_is_help=True,
)


@bucket.command("plan")
def plan(
    *, profile: Profile = None, operator_arn: OperatorArns = None, as_json: AsJson = False
) -> None:
    """Show what `bucket apply` would change, each line with its reason; changes nothing.

    Exit status: 0 the bucket is as desired, 1 it differs, 2 it could not be told.
    """
    _, _, planned = _planned(operator(profile), operator_arn)
    if as_json:
        print_json(_as_json(planned))
    else:
        _print_plan(planned, console())
    raise typer.Exit(planned.exit_status)


@bucket.command("apply")
def apply(
    *,
    profile: Profile = None,
    operator_arn: OperatorArns = None,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask before changing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make the bucket what it should be: shows the plan, asks, and executes that very plan.

    It can be run again at any time. Where it stops half-way, what was done stays and the next run
    does the rest. Exit status: 0 the bucket is as desired, 1 you said no, 2 it failed or could not
    be told.
    """
    from gridboss_assets.buckets.guard import refuse_lockout  # noqa: PLC0415 - keeps --help fast

    acting = operator(profile)
    wanted, target, planned = _planned(acting, operator_arn)
    # Whoever is asked sees what for: with --json the plan is progress, not the result.
    _print_plan(planned, console(stderr=as_json))
    if not planned.is_empty:
        refuse_lockout(
            planned,
            wanted,
            caller=acting.caller(checked_arns(operator_arn)).arn if wanted.principals else None,
            secure=not (acting.settings.s3_endpoint or "").startswith("http:"),
        )
        ask(f"Change {planned.bucket} so?", yes=yes)
    done = _execute(wanted, target, planned)
    if as_json:
        print_json({"bucket": planned.bucket, "done": done, "unknown": notes_data(planned.unknown)})
    raise typer.Exit(2 if planned.unknown else 0)


@bucket.command("policy")
def policy(*, profile: Profile = None, operator_arn: OperatorArns = None) -> None:
    """Print the bucket policy as JSON: the statements that `bucket apply` writes.

    Those of others that stand in a bucket's policy stay there, and are not shown. It asks nobody
    where S3_PRINCIPAL_ARN and the operators are named.
    """
    from gridboss_assets.storage.providers import BucketFeature  # noqa: PLC0415 - keeps --help fast

    wanted = desired_on_paper(profile, operator_arn)
    if BucketFeature.POLICY in wanted.provider.lacks:
        raise ConfigurationError(wanted.provider.lacks[BucketFeature.POLICY])
    document = wanted.document(BucketFeature.POLICY)
    if document is None:
        raise ConfigurationError(
            f"`bucket apply` writes no policy for {wanted.bucket}: S3_ENDPOINT is plain http on "
            f"this machine, where TLS can't be asked for, and a policy on {wanted.provider.name} "
            "can't tell callers apart."
        )
    print_json(document)


def _planned(
    acting: "Operator", arns: list[str] | None
) -> tuple["DesiredBucket", "Bucket", "Plan"]:
    from gridboss_assets.buckets.aws import Bucket  # noqa: PLC0415 - keeps --help fast
    from gridboss_assets.buckets.plan import plan as difference  # noqa: PLC0415

    wanted = desired_bucket(acting, arns)
    progress(f"Reading {wanted.bucket} on {wanted.provider.name} …")
    target = Bucket(acting.s3, wanted.bucket, wanted.region, wanted.provider)
    return wanted, target, difference(wanted, target.read())


def _execute(wanted: "DesiredBucket", target: "Bucket", planned: "Plan") -> list[str]:
    from gridboss_assets.buckets.plan import plan as difference  # noqa: PLC0415

    if planned.is_empty:
        return []
    # Somebody else may have changed the bucket while this one was thinking about the plan.
    if difference(wanted, target.read()) != planned:
        raise OperationFailed(
            f"Nothing was changed: {planned.bucket} has changed since the plan was made. Run the "
            "command again."
        )
    done: list[str] = []
    try:
        for step in target.apply(planned):
            progress(f"  done: {step}")
            done.append(step)
    except AssetsError as error:
        left = [s.feature.value for s in planned.steps if s.feature.value not in done]
        raise OperationFailed(
            f"{error} Done: {', '.join(done) or 'nothing'}. Not done: {', '.join(left)}. What is "
            "done stays; run the command again for the rest."
        ) from error
    return done


# --- how a plan is shown ---------------------------------------------------------------------


def _print_plan(planned: "Plan", out: "Console") -> None:
    if planned.creates:
        out.print(f"+ bucket {planned.bucket} in {planned.region}")
    for step in planned.steps:
        out.print(step.feature.value, style="bold")
        for change in step.changes:
            out.print(change_line(change), soft_wrap=True)
    for note in planned.kept:
        out.print(
            f"= {note.subject}: {note.text} is not ours and stays", style="dim", soft_wrap=True
        )
    for note in planned.notes:
        out.print(f"  note, {note.subject}: {note.text}", soft_wrap=True)
    for note in planned.unknown:
        out.print(f"? {note.subject}: {note.text}", style="yellow", soft_wrap=True)
    if planned.is_empty and not planned.unknown:
        out.print(f"{planned.bucket} is as desired.")


def _as_json(planned: "Plan") -> dict[str, Any]:
    return {
        "status": planned.exit_status,
        "bucket": planned.bucket,
        "region": planned.region,
        "creates": planned.creates,
        "steps": [
            {
                "feature": step.feature.value,
                "changes": [change_data(change) for change in step.changes],
            }
            for step in planned.steps
        ],
        "kept": notes_data(planned.kept),
        "notes": notes_data(planned.notes),
        "unknown": notes_data(planned.unknown),
    }
