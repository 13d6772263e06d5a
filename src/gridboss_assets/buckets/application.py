"""What the application may do, from the settings: its IAM policy, names, and tags; pure."""

import re
from collections.abc import Mapping, Sequence

import boto3
from pydantic import TypeAdapter, ValidationError

from gridboss_assets.buckets import policies
from gridboss_assets.buckets.policies import OPTIONAL_STATEMENTS, OptionalStatement
from gridboss_assets.buckets.principals import account_of
from gridboss_assets.errors import ConfigurationError
from gridboss_assets.storage.providers import Provider
from gridboss_config import Settings
from gridboss_config.values import Tags

# IAM API Reference, "CreateUser", UserName and Path.
_USER_NAME = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)
_PATH = re.compile(r"/|/[\x21-\x7e]{1,510}/")
_NEEDS_AWS = {"kms": "AWS KMS", "cdn-invalidation": "CloudFront"}
_TAGS: TypeAdapter[dict[str, str]] = TypeAdapter(Tags)


def policy_name(bucket: str) -> str:
    """Return the name of the user's inline policy.

    The bucket's name is in it, so that a user of another bucket is never taken for this one's.
    """
    return f"gridboss-assets-{bucket}"


def chosen_statements(settings: Settings, more: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the optional statements of S3_IAM_STATEMENTS and of the command line, each once."""
    return tuple(dict.fromkeys([*settings.s3_iam_statements, *more]))


def statements_off(chosen: Sequence[str]) -> list[OptionalStatement]:
    """Return the optional statements that were not chosen."""
    return [each for name, each in OPTIONAL_STATEMENTS.items() if name not in chosen]


def application_policy(
    settings: Settings,
    provider: Provider,
    chosen: Sequence[str],
    *,
    account: str | None = None,
) -> policies.Statement:
    """Write the application's policy, as JSON data.

    ``account`` is the account's number, by default that of S3_PRINCIPAL_ARN; only the statement
    about a CDN needs one. Raises ConfigurationError where a statement can't be had, or where what
    it is about is not configured.
    """
    for name in chosen:
        if name in _NEEDS_AWS and not provider.iam:
            raise ConfigurationError(
                f"{provider.name} has no {_NEEDS_AWS[name]}, so there is no statement {name}. "
                "Leave it out of --with and of S3_IAM_STATEMENTS."
            )
    partition = _partition(settings, provider)
    if account is None and settings.s3_principal_arn is not None:
        account = account_of(settings.s3_principal_arn)
    distribution = None
    if "cdn-invalidation" in chosen:
        needed = {"CDN_DISTRIBUTION_ID": settings.cdn_distribution_id, "S3_PRINCIPAL_ARN": account}
        missing = [name for name, value in needed.items() if value is None]
        if missing:
            raise ConfigurationError(
                "The statement cdn-invalidation names one distribution of the application's "
                f"account: set {' and '.join(missing)}."
            )
        distribution = (
            f"arn:{partition}:cloudfront::{account}:distribution/{settings.cdn_distribution_id}"
        )
    return policies.iam_policy(
        settings.s3_bucket,
        partition=partition,
        optional=chosen,
        kms_key_arn=settings.s3_kms_key_arn,
        distribution_arn=distribution,
    )


def _partition(settings: Settings, provider: Provider) -> str:
    """Return ``aws``, ``aws-cn`` or another; botocore knows it from the region, offline."""
    if settings.s3_principal_arn is not None:
        return settings.s3_principal_arn.split(":")[1]
    if not provider.iam:
        return "aws"
    return boto3.Session().get_partition_for_region(settings.s3_region)


def checked_name(name: str) -> str:
    """Return the name of an IAM user, or raise ConfigurationError with the form it should have."""
    if not _USER_NAME.fullmatch(name):
        raise ConfigurationError(
            f"{name!r} can't name an IAM user: a name has 1 to 64 letters, digits and `_+=,.@-`."
        )
    return name


def checked_path(path: str | None) -> str | None:
    """Return a user's path, or raise ConfigurationError."""
    if path is not None and not _PATH.fullmatch(path):
        raise ConfigurationError(
            f"--path {path!r}: a path is `/`, or begins and ends with it, such as `/apps/`."
        )
    return path


def checked_tags(settings: Settings, more: Sequence[str]) -> Mapping[str, str]:
    """Return S3_TAGS and the command line's, which win; raises ConfigurationError."""
    tags = dict(settings.s3_tags)
    try:
        for text in more:
            tags |= _TAGS.validate_python(text)
        return _TAGS.validate_python(tags)
    except ValidationError as error:
        raise ConfigurationError(f"--tag: {error.errors()[0]['msg']}") from None
