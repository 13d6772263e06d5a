"""``gridboss-assets bucket audit``: is the bucket what it should be, and what else is in it?"""

from datetime import UTC, datetime
from typing import Annotated

import typer

from gridboss_assets.cli.operator import (
    OperatorArns,
    Profile,
    bucket_settings,
    checked_arns,
    desired_bucket,
)
from gridboss_assets.cli.report import AsJson, finish, progress
from gridboss_assets.dev.signals import stopping_cleanly
from gridboss_assets.errors import AssetsError, ConfigurationError
from gridboss_assets.findings import Finding


def audit(
    *,
    profile: Profile = None,
    operator_arn: OperatorArns = None,
    sample: Annotated[
        int,
        typer.Option(
            min=0,
            max=10_000,
            help="How many objects to look at under each prefix; 0 looks at none.",
        ),
    ] = 100,
    as_json: AsJson = False,
) -> None:
    """Check a bucket, its policy and a sample of its objects; changes nothing.

    Each check says pass, warn, fail, not available on this provider, or unknown, and what to do.
    Exit status: 0 the bucket is as desired, 1 it differs, 2 it could not be told.
    """
    with stopping_cleanly():
        finish(_findings(profile, checked_arns(operator_arn), sample), as_json=as_json)
    progress("Stopped before the end, so there is no result.")
    raise typer.Exit(2)


def _findings(profile: str | None, arns: tuple[str, ...], sample: int) -> list[Finding]:
    from gridboss_assets.buckets import audit as rooms  # noqa: PLC0415 - keeps --help fast
    from gridboss_assets.buckets.audit import preparation  # noqa: PLC0415
    from gridboss_assets.buckets.operator import Operator  # noqa: PLC0415

    try:
        settings = bucket_settings()
    except ConfigurationError as error:
        return [preparation.unusable(error), preparation.not_tried("everything else")]
    found = [preparation.usable(settings)]
    now = datetime.now(UTC)
    try:
        acting = Operator(settings, profile=profile)
    except AssetsError as error:
        return [*found, preparation.nobody(error), preparation.not_tried("everything else")]
    try:
        wanted = desired_bucket(acting, list(arns))
    except AssetsError as error:
        found += [preparation.nobody(error), preparation.not_tried("the bucket")]
        return found + rooms.without_application(acting, now=now)
    found.append(preparation.caller(acting, wanted, arns))
    return found + rooms.audit(acting, wanted, sample=sample, now=now, tell=progress)
