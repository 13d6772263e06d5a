"""What the commands of an operator share: their options, and the settings that they need."""

from typing import TYPE_CHECKING, Annotated

import typer

from gridboss_assets.errors import ConfigurationError

if TYPE_CHECKING:
    from gridboss_assets.buckets.desired import DesiredBucket
    from gridboss_assets.buckets.operator import Operator
    from gridboss_config import Settings

Profile = Annotated[
    str | None,
    typer.Option(
        help="Profile of the AWS configuration files whose credentials act. "
        "Default: AWS's own search, AWS_PROFILE included."
    ),
]
OperatorArns = Annotated[
    list[str] | None,
    typer.Option(
        "--operator-arn",
        help="ARN of a user or role that the bucket policy admits besides the application and the "
        "account's root; give it again for more. Default: S3_OPERATOR_ARNS, else you.",
    ),
]


def bucket_settings() -> "Settings":
    """Read the settings of a bucket; raises Misconfigured or ConfigurationError.

    The application's keys may be missing: whoever sets a bucket up need not have them.
    """
    from gridboss_assets.web.startup import described  # noqa: PLC0415 - keeps --help fast
    from gridboss_config import Settings  # noqa: PLC0415

    with described():
        settings = Settings(s3_enabled=False)
    missing = [name for name in ("s3_bucket", "s3_region") if not getattr(settings, name)]
    if missing:
        raise ConfigurationError(
            f"{' and '.join(name.upper() for name in missing)} must say which bucket this is "
            "about: set it in the environment or in .env."
        )
    return settings


def checked_arns(arns: list[str] | None) -> tuple[str, ...]:
    """Check what --operator-arn gives; raises ConfigurationError."""
    from pydantic_core import PydanticCustomError  # noqa: PLC0415 - keeps --help fast

    from gridboss_config.values import operator_arn  # noqa: PLC0415

    try:
        return tuple(operator_arn(arn) for arn in arns or [])
    except PydanticCustomError as error:
        raise ConfigurationError(f"--operator-arn: {error.message()}") from None


def operator(profile: str | None) -> "Operator":
    """Return the operator of these settings."""
    from gridboss_assets.buckets.operator import Operator  # noqa: PLC0415 - keeps --help fast

    return Operator(bucket_settings(), profile=profile)


def desired_bucket(acting: "Operator", arns: list[str] | None) -> "DesiredBucket":
    """Say what the bucket of an operator's settings should be."""
    from gridboss_assets.buckets.desired import desired  # noqa: PLC0415 - keeps --help fast

    named = checked_arns(arns)
    return desired(acting.settings, acting.principals(named), provider=acting.provider)


def desired_on_paper(profile: str | None, arns: list[str] | None) -> "DesiredBucket":
    """Say the same, asking nobody where the settings name everything."""
    from gridboss_assets.buckets.desired import desired  # noqa: PLC0415 - keeps --help fast
    from gridboss_assets.buckets.operator import account_from  # noqa: PLC0415
    from gridboss_assets.storage.providers import GENERIC, provider_of  # noqa: PLC0415

    settings = bucket_settings()
    provider = provider_of(settings.s3_endpoint, settings.s3_provider)
    if provider is not GENERIC and not provider.principals_in_policies:
        return desired(settings, None, provider=provider)
    on_paper = account_from(settings, checked_arns(arns))
    if provider is GENERIC or on_paper is None:
        return desired_bucket(operator(profile), arns)
    return desired(settings, on_paper, provider=provider)
