"""``gridboss-assets iam``: what the application may do."""

from typing import Annotated

import typer

from gridboss_assets.cli.operator import bucket_settings
from gridboss_assets.cli.report import print_json, progress
from gridboss_assets.errors import ConfigurationError

iam = typer.Typer(name="iam", help="The permissions of the application.", no_args_is_help=True)


@iam.callback()
def group() -> None:
    """Give the application the permissions that it needs, and no more."""


@iam.command("policy")
def policy(
    *,
    with_: Annotated[
        list[str] | None,
        typer.Option(
            "--with",
            help="An optional statement besides those of S3_IAM_STATEMENTS: kms, cdn-invalidation "
            "or multipart; give it again for more.",
        ),
    ] = None,
) -> None:
    """Print the application's IAM policy as JSON; asks nobody.

    What each optional statement is for, and what happens without it, stands on standard error.
    """
    from gridboss_assets.buckets import policies  # noqa: PLC0415 - keeps --help fast
    from gridboss_assets.storage.providers import BucketFeature, provider_of  # noqa: PLC0415

    settings = bucket_settings()
    provider = provider_of(settings.s3_endpoint, settings.s3_provider)
    if provider.id in {"r2", "b2"}:
        raise ConfigurationError(provider.lacks[BucketFeature.POLICY])
    arn = settings.s3_principal_arn
    partition, account = (arn.split(":")[1], arn.split(":")[4]) if arn else ("aws", None)
    named = (*settings.s3_iam_statements, *(with_ or []))
    distribution = settings.cdn_distribution_id
    if distribution and account:
        distribution = f"arn:{partition}:cloudfront::{account}:distribution/{distribution}"
    elif "cdn-invalidation" in named and account is None:
        raise ConfigurationError(
            "The statement cdn-invalidation names a distribution of the application's account: "
            "set S3_PRINCIPAL_ARN."
        )
    print_json(
        policies.iam_policy(
            settings.s3_bucket,
            partition=partition,
            optional=named,
            kms_key_arn=settings.s3_kms_key_arn,
            distribution_arn=distribution,
        )
    )
    for optional in policies.OPTIONAL_STATEMENTS.values():
        if optional.name not in named:
            progress(f"Without {optional.name}: {optional.purpose} {optional.without}")
