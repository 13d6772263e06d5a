"""What has to be right before anything is read: the settings, who asks, and the bucket's place."""

from collections.abc import Iterator

from gridboss_assets.buckets.audit.evidence import Reached
from gridboss_assets.buckets.audit.names import APPLY, Check, passed
from gridboss_assets.buckets.desired import DesiredBucket
from gridboss_assets.buckets.operator import Operator
from gridboss_assets.buckets.sides import is_plain_loopback
from gridboss_assets.errors import AssetsError, ConfigurationError, OperationFailed
from gridboss_assets.findings import Finding, Status
from gridboss_config import Settings

_NOBODY_ELSE = "Use an operator's profile (--profile), never the application's keys."


def unusable(error: ConfigurationError) -> Finding:
    """Report settings that don't say which bucket is meant."""
    return Finding(
        Check.SETTINGS,
        Status.FAIL,
        error.detail or str(error),
        "Set what is named, in the environment or in .env.",
    )


def usable(settings: Settings) -> Finding:
    """Judge settings that name a bucket."""
    endpoint = settings.s3_endpoint
    if endpoint and endpoint.startswith("http:") and not is_plain_loopback(endpoint):
        return Finding(
            Check.SETTINGS,
            Status.FAIL,
            "S3_ENDPOINT is plain http: files, links and forms can be read on the way, and used.",
            "Give S3_ENDPOINT as an https URL.",
        )
    where = f"at {endpoint}" if endpoint else "on AWS"
    return passed(
        Check.SETTINGS, f"Bucket {settings.s3_bucket}, region {settings.s3_region}, {where}."
    )


def caller(acting: Operator, wanted: DesiredBucket, named: tuple[str, ...]) -> Finding:
    """Judge who asks; ``named`` are the operators of the command line."""
    principals = wanted.principals
    if principals is None:
        return passed(
            Check.OPERATOR,
            f"Asking with the operator's credentials; {wanted.provider.name} has no ARNs to tell.",
        )
    try:
        arn = acting.caller(named).arn
    except (ConfigurationError, OperationFailed) as error:
        return Finding(Check.OPERATOR, Status.WARN, str(error))
    if arn == principals.application:
        return Finding(
            Check.OPERATOR,
            Status.WARN,
            f"You are the application itself, {arn}, which may not even read what is checked here.",
            _NOBODY_ELSE,
        )
    if arn not in principals.admitted:
        return Finding(
            Check.OPERATOR,
            Status.WARN,
            f"You are {arn}, whom the settings don't name: the desired policy denies you.",
            "Add yourself to S3_OPERATOR_ARNS, or audit as one of those who are named.",
        )
    return passed(Check.OPERATOR, f"You are {arn}; the application is {principals.application}.")


def nobody(error: AssetsError) -> Finding:
    """Report that nobody can tell who asks, or whom the bucket is for."""
    detail = error.detail if isinstance(error, ConfigurationError) else None
    return Finding(Check.OPERATOR, Status.UNKNOWN, detail or str(error), _NOBODY_ELSE)


def place(wanted: DesiredBucket, found: Reached) -> Iterator[Finding]:
    """Judge whether the bucket is there, and where."""
    if found.exists:
        yield passed(Check.BUCKET, f"{wanted.bucket} is there, and these credentials reach it.")
    elif found.trouble:
        yield Finding(
            Check.BUCKET,
            Status.UNKNOWN,
            found.trouble,
            "Either it belongs to somebody else (choose another S3_BUCKET), or its policy or your "
            "permissions shut you out: audit as somebody whom S3_OPERATOR_ARNS names."
            if found.refused
            else "See that the server runs and that S3_ENDPOINT is right.",
        )
    else:
        yield Finding(Check.BUCKET, Status.FAIL, f"There is no bucket {wanted.bucket}.", APPLY)
    if _is_elsewhere(wanted, found):
        yield Finding(
            Check.REGION,
            Status.FAIL,
            f"The bucket is in {found.region}, not in {wanted.region}. Links and forms that are "
            "signed for the wrong region don't work.",
            f"Set S3_REGION={found.region}, or choose another S3_BUCKET.",
        )
    elif found.exists:
        yield passed(
            Check.REGION,
            f"The bucket is in {wanted.region}."
            if found.region == wanted.region
            else f"Signatures for {wanted.region} are accepted.",
        )


def is_usable(wanted: DesiredBucket, found: Reached) -> bool:
    """Tell whether the bucket can be read any further."""
    return found.exists and not _is_elsewhere(wanted, found)


def _is_elsewhere(wanted: DesiredBucket, found: Reached) -> bool:
    # Other servers name whatever region their settings happen to hold.
    return wanted.provider.iam and found.region not in {None, wanted.region}


def not_tried(what: str, why: str = "") -> Finding:
    """Report in one finding what was left out because of those before it."""
    return Finding(
        Check.NOT_TRIED,
        Status.UNKNOWN,
        f"{why} Not tried: {what}." if why else f"Not tried, for what is wrong above: {what}.",
        "Mend that first and run the command again.",
    )
