"""``gridboss-assets iac``: the desired state as files for Terraform and CloudFormation."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gridboss_assets.cli.operator import OperatorArns, Profile, bucket_settings, desired_on_paper
from gridboss_assets.cli.report import print_json, progress
from gridboss_assets.errors import ConfigurationError

if TYPE_CHECKING:
    from gridboss_assets.buckets.desired import DesiredBucket
    from gridboss_assets.cdn.desired import DesiredDistribution

iac = typer.Typer(
    name="iac",
    help="Write bucket, CDN and application as files for Terraform or CloudFormation.",
    no_args_is_help=True,
)

Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", help="Write this file instead of standard output."),
]
Force = Annotated[
    bool, typer.Option("--force", help="Overwrite FILE even if something else wrote it.")
]
WithCdn = Annotated[
    bool | None,
    typer.Option(
        "--cdn/--no-cdn",
        help="Whether the file holds the CloudFront distribution too. Default: if CDN_BASE_URL is "
        "set.",
        show_default=False,
    ),
]


@iac.command("terraform")
def terraform(
    *,
    profile: Profile = None,
    operator_arn: OperatorArns = None,
    cdn: WithCdn = None,
    out: Out = None,
    force: Force = False,
) -> None:
    """Write what `bucket apply` and `cdn apply` would make as Terraform's JSON syntax.

    Its place is a file `main.tf.json` in a folder of its own. It asks nobody where
    S3_PRINCIPAL_ARN and the operators are named, and holds no access key.
    """
    from gridboss_assets.buckets.iac.terraform import is_ours  # noqa: PLC0415 - keeps --help fast
    from gridboss_assets.buckets.iac.terraform import terraform as written  # noqa: PLC0415

    _deliver(written(*_wanted(profile, operator_arn, cdn=cdn)), out, is_ours, force=force)


@iac.command("cloudformation")
def cloudformation(
    *,
    profile: Profile = None,
    operator_arn: OperatorArns = None,
    cdn: WithCdn = None,
    out: Out = None,
    force: Force = False,
) -> None:
    """Write what `bucket apply` and `cdn apply` would make as a CloudFormation template in JSON.

    It asks nobody where S3_PRINCIPAL_ARN and the operators are named, and holds no access key.
    """
    from gridboss_assets.buckets.iac.cloudformation import (  # noqa: PLC0415 - keeps --help fast
        cloudformation as written,
    )
    from gridboss_assets.buckets.iac.cloudformation import is_ours  # noqa: PLC0415

    _deliver(written(*_wanted(profile, operator_arn, cdn=cdn)), out, is_ours, force=force)


def _wanted(
    profile: str | None, operator_arn: list[str] | None, *, cdn: bool | None
) -> tuple["DesiredBucket", "DesiredDistribution | None"]:
    from gridboss_assets.buckets.iac.source import refuse_others  # noqa: PLC0415
    from gridboss_assets.storage.providers import provider_of  # noqa: PLC0415

    settings = bucket_settings()
    # Before anybody's credentials are looked for, which another provider's settings don't need.
    refuse_others(provider_of(settings.s3_endpoint, settings.s3_provider))
    wanted = desired_on_paper(profile, operator_arn)
    made = None
    notes = list(wanted.notes)
    if settings.cdn_base_url is not None if cdn is None else cdn:
        from gridboss_assets.cdn.desired import distribution  # noqa: PLC0415 - few have one
        from gridboss_assets.cdn.notes import notes_on_settings  # noqa: PLC0415

        made = distribution(settings)
        notes += notes_on_settings(made)
    for note in notes:
        progress(f"note, {note.subject}: {note.text}")
    return wanted, made


def _deliver(
    document: dict[str, Any], out: Path | None, is_ours: Callable[[Any], bool], *, force: bool
) -> None:
    if out is None:
        print_json(document)
        return
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    try:
        if not force and out.exists() and not is_ours(_read(out)):
            raise ConfigurationError(
                f"{out} was not written by this command, so it stays as it is. Name another file "
                "with --out, or say --force to overwrite it."
            )
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{out} can't be written: {error.strerror}.") from error
    progress(f"Written: {out}")


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError:  # neither JSON nor even text
        return None
