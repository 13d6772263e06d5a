"""The checks of the application's identity, put together: START HERE."""

from collections.abc import Iterator
from datetime import datetime

from gridboss_assets.buckets.application import application_policy, policy_name
from gridboss_assets.buckets.audit.identity.access import access_findings
from gridboss_assets.buckets.audit.identity.access_keys import key_findings, owner_findings
from gridboss_assets.buckets.audit.identity.permissions import OPTIONAL, excess_findings
from gridboss_assets.buckets.audit.identity.reading import (
    NO_USERS,
    Identity,
    Kind,
    Subject,
    key_owner,
    read_identity,
)
from gridboss_assets.buckets.audit.identity.trust import trust_findings
from gridboss_assets.buckets.audit.identity.wanted import Wanted
from gridboss_assets.buckets.desired import DesiredBucket
from gridboss_assets.buckets.elsewhere import keys_elsewhere
from gridboss_assets.buckets.operator import Operator
from gridboss_assets.buckets.policies import OPTIONAL_STATEMENTS
from gridboss_assets.buckets.principals import account_of, name_of
from gridboss_assets.errors import AssetsError, ConfigurationError
from gridboss_assets.findings import Finding, Status

IDENTITY = "application identity"
ALONE = "application alone"

_AGAIN = "Mend that and run the audit again."
_NAME_IT = (
    "Set S3_PRINCIPAL_ARN to the ARN of the application's IAM user or role; `gridboss-assets iam "
    "create-user NAME` makes a user and says its ARN."
)


def identity_findings(acting: Operator, wanted: DesiredBucket, *, now: datetime) -> list[Finding]:
    """Check the application's IAM user or role: that it can do what it should, and no more.

    ``now`` is an aware time. What lies behind the first thing that is wrong (no such user, say) is
    left out. Nothing is raised for what IAM refuses: the finding names the missing permission.
    """
    if not wanted.provider.iam:
        elsewhere = keys_elsewhere(wanted.provider, wanted.bucket)
        return [
            Finding(
                IDENTITY,
                Status.UNAVAILABLE,
                f"{wanted.provider.name} has no AWS IAM, so what the application's keys may do is "
                "not seen from here.",
                f"See that they open {wanted.bucket} alone. {elsewhere}",
            )
        ]
    key = acting.settings.s3_access_key.get_secret_value()
    if acting.settings.s3_principal_arn is None and not key:
        detail = "Neither S3_PRINCIPAL_ARN nor S3_ACCESS_KEY says who the application is."
        return [Finding(IDENTITY, Status.UNKNOWN, detail, _NAME_IT)]
    try:
        if acting.settings.s3_principal_arn is None and key_owner(acting.iam, key)[1] == NO_USERS:
            return [_root(key)]
        arn, account = acting.application(), acting.account
    except AssetsError as error:
        return [Finding(IDENTITY, Status.UNKNOWN, str(error), _NAME_IT)]
    if account_of(arn) != account:
        return [
            Finding(
                IDENTITY,
                Status.UNKNOWN,
                f"{arn} is of account {account_of(arn)}, but these credentials are of {account}.",
                f"Run the audit with a profile of account {account_of(arn)} (--profile).",
            )
        ]
    return list(_checked(acting, wanted, arn, now))


def _root(key: str) -> Finding:
    return Finding(
        IDENTITY,
        Status.FAIL,
        f"S3_ACCESS_KEY {key} is no user's: it is the account's root user's, who may do anything.",
        "Make the application a user: `gridboss-assets iam create-user NAME`. Then sign in as the "
        "root user and delete that key.",
    )


def _checked(acting: Operator, wanted: DesiredBucket, arn: str, now: datetime) -> Iterator[Finding]:
    kind, name = _kind_and_name(arn)
    identity = read_identity(acting.iam, kind, name)
    if identity is None:
        yield Finding(
            IDENTITY,
            Status.FAIL,
            f"There is no IAM {kind} {name} in account {account_of(arn)}.",
            _NAME_IT,
        )
        return
    yield _known(identity, arn)
    yield _alone(acting, wanted, arn)
    try:
        should = _should(acting, wanted, arn)
    except AssetsError as error:
        yield Finding(OPTIONAL, Status.UNKNOWN, f"What it should be allowed: {error}", _AGAIN)
    else:
        yield from access_findings(identity, arn, should)
        yield from excess_findings(identity, arn, should)
        yield from _without_key(wanted)
    if kind == "role":
        yield from _trust(identity, arn)
    else:
        yield _password(identity)
        yield _groups(identity)
        yield from key_findings(identity, _services(wanted), now)
    configured = acting.settings.s3_access_key.get_secret_value()
    yield from owner_findings(identity, configured, lambda key: key_owner(acting.iam, key))


def _kind_and_name(arn: str) -> tuple[Kind, str]:
    kind, name = name_of(arn)
    return ("role" if kind == "role" else "user"), name


def _should(acting: Operator, wanted: DesiredBucket, arn: str) -> Wanted:
    """Write what it should be allowed, as `iam create-user` does."""
    account, optional = account_of(arn), {}
    for name in OPTIONAL_STATEMENTS:
        try:
            policy = application_policy(acting.settings, wanted.provider, [name], account=account)
        except ConfigurationError:
            continue  # what it is about is not configured, so this is more than it needs anyway
        optional[name] = policy
    return Wanted(
        application_policy(
            acting.settings, wanted.provider, wanted.iam_statements, account=account
        ),
        optional,
        policy_name(wanted.bucket),
        wanted.kinds,
    )


def _services(wanted: DesiredBucket) -> frozenset[str]:
    """Return the services of AWS that it may call."""
    optional = {"kms": "kms", "cdn-invalidation": "cloudfront"}
    return frozenset({"s3", *(optional.get(name, "s3") for name in wanted.iam_statements)})


def _known(identity: Identity, arn: str) -> Finding:
    unread = identity.missing(Subject.IDENTITY)
    if unread:
        return Finding(
            IDENTITY,
            Status.UNKNOWN,
            f"Whether {arn} exists is not known: {unread[0].why}.",
            unread[0].remedy,
        )
    if identity.arn != arn:
        return Finding(
            IDENTITY,
            Status.FAIL,
            f"S3_PRINCIPAL_ARN is {arn}, but IAM calls that {identity.kind} {identity.arn}: the "
            "bucket policy would not know it.",
            f"Set S3_PRINCIPAL_ARN={identity.arn} and run `gridboss-assets bucket apply`.",
        )
    return Finding(IDENTITY, Status.PASS, f"The application is {arn}.")


def _alone(acting: Operator, wanted: DesiredBucket, arn: str) -> Finding:
    named = wanted.principals.operators if wanted.principals else ()
    operators = {*acting.settings.s3_operator_arns, *named}
    why = ""
    try:
        caller = acting.caller().arn
    except AssetsError as error:
        caller, why = "", str(error)
    if arn == caller:
        return Finding(
            ALONE,
            Status.FAIL,
            f"These credentials, which read the configuration, are the application's own: {arn}.",
            "Give the application a user or role for itself alone: `gridboss-assets iam "
            "create-user NAME`; and run the audit as an operator (--profile).",
        )
    if arn in operators:
        return Finding(
            ALONE,
            Status.FAIL,
            f"{arn} is named as an operator of the bucket too.",
            "Take it out of S3_OPERATOR_ARNS and --operator-arn, or give the application a user "
            "or role for itself alone: `gridboss-assets iam create-user NAME`.",
        )
    if not caller:
        return Finding(ALONE, Status.UNKNOWN, f"Who runs the audit is not known: {why}", _AGAIN)
    return Finding(ALONE, Status.PASS, "No operator acts as the application.")


def _without_key(wanted: DesiredBucket) -> Iterator[Finding]:
    if wanted.kms_key_arn and "kms" not in wanted.iam_statements:
        yield Finding(
            OPTIONAL,
            Status.WARN,
            "S3_KMS_KEY_ARN is set, and S3_IAM_STATEMENTS does not name kms. "
            f"{OPTIONAL_STATEMENTS['kms'].without}",
            "Add kms to S3_IAM_STATEMENTS, unless the key's own policy admits the application.",
        )


def _trust(identity: Identity, arn: str) -> Iterator[Finding]:
    unread = identity.missing(Subject.IDENTITY)
    if not unread:
        yield from trust_findings(identity, arn)
    for each in unread:
        yield Finding(
            "application trust",
            Status.UNKNOWN,
            f"Who may assume the role: {each.why}.",
            each.remedy,
        )


def _password(identity: Identity) -> Finding:
    name = "application password"
    for each in identity.missing(Subject.PASSWORD):
        return Finding(
            name, Status.UNKNOWN, f"Whether it has one is not known: {each.why}.", each.remedy
        )
    if identity.password:
        return Finding(
            name,
            Status.FAIL,
            "The user has a password for the console, so a person may act as the application.",
            f"`aws iam delete-login-profile --user-name {identity.name}`.",
        )
    return Finding(name, Status.PASS, "It has no password for the console.")


def _groups(identity: Identity) -> Finding:
    name = "application groups"
    for each in identity.missing(Subject.GROUPS):
        return Finding(name, Status.UNKNOWN, f"Its groups: {each.why}.", each.remedy)
    if identity.groups:
        return Finding(
            name,
            Status.WARN,
            f"The user is in {', '.join(identity.groups)}: a change of the group changes what the "
            "application may do.",
            f"`aws iam remove-user-from-group --user-name {identity.name} --group-name "
            f"{identity.groups[0]}`, once its own policy allows what it needs.",
        )
    return Finding(name, Status.PASS, "It is in no group.")
