"""Who runs a command: their session, their ARN, and the clients that act for them.

These are the operator's own credentials, found as every AWS tool finds them. The application's are
never used: they may do no more than read and write objects.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from gridboss_assets.buckets.elsewhere import require_iam
from gridboss_assets.buckets.principals import Principals, account_of, name_of, principals
from gridboss_assets.calls import NO_CREDENTIALS, explained, is_denied
from gridboss_assets.errors import ConfigurationError, OperationFailed
from gridboss_assets.models import Credentials
from gridboss_assets.storage.providers import (
    GENERIC,
    Provider,
    provider_by_answer,
    provider_of,
)
from gridboss_config import Settings

if TYPE_CHECKING:
    from mypy_boto3_cloudfront import CloudFrontClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True, slots=True)
class Caller:
    """Who signs the requests: ``arn`` as ``aws:PrincipalArn`` has it, a role's with its path."""

    arn: str
    account: str


class Operator:
    """An operator's session for one deployment's settings."""

    def __init__(self, settings: Settings, *, profile: str | None = None) -> None:
        """Find the credentials; raises ConfigurationError where there are none."""
        self.settings = settings
        with explained("looking for credentials"):
            self._session = boto3.Session(
                profile_name=profile, region_name=settings.s3_region or None
            )
            if self._session.get_credentials() is None:
                raise ConfigurationError(NO_CREDENTIALS)

    @cached_property
    def s3(self) -> "S3Client":
        """The S3 client, for ``S3_ENDPOINT`` or AWS."""
        endpoint = self.settings.s3_endpoint
        known = provider_of(endpoint, self.settings.s3_provider)
        return self._session.client(
            "s3", endpoint_url=endpoint, config=_config(self._style, checksums=known.checksums)
        )

    @cached_property
    def stranger(self) -> "S3Client":
        """A client of the same place that signs nothing, as somebody without credentials."""
        unsigned = _config(self._style, checksums=False).merge(Config(signature_version=UNSIGNED))
        return self._session.client("s3", endpoint_url=self.settings.s3_endpoint, config=unsigned)

    @property
    def _style(self) -> Literal["path", "virtual"]:
        style = self.settings.s3_addressing_style
        if style == "auto":
            return "path" if self.settings.s3_endpoint else "virtual"
        return style

    @cached_property
    def iam(self) -> "IAMClient":
        """The IAM client; raises ConfigurationError where the provider is not AWS."""
        require_iam(self.provider, self.settings.s3_bucket)
        return self._session.client("iam", config=_config("auto", checksums=True))

    @cached_property
    def cloudfront(self) -> "CloudFrontClient":
        """The CloudFront client; raises ConfigurationError where the provider is not AWS."""
        if not self.provider.iam:
            raise ConfigurationError(
                "CloudFront signs its requests to buckets on AWS alone, and these settings are for "
                f"{self.provider.name}. What another CDN has to do stands in docs/delivery.md."
            )
        return self._session.client("cloudfront", config=_config("auto", checksums=True))

    def credentials(self) -> Credentials:
        """Return what signs, as it is now."""
        found = self._session.get_credentials()
        if found is None:  # looked for when this was made
            raise ConfigurationError(NO_CREDENTIALS)
        frozen = found.get_frozen_credentials()
        return Credentials(frozen.access_key or "", frozen.secret_key or "", frozen.token)

    @cached_property
    def provider(self) -> Provider:
        """Whose storage it is: by setting, by host name, or by what the server says of itself."""
        found = provider_of(self.settings.s3_endpoint, self.settings.s3_provider)
        if found is not GENERIC:
            return found
        try:
            with explained("asking the server who it is"):
                answer: Any = self.s3.head_bucket(Bucket=self.settings.s3_bucket)
        except OperationFailed as error:
            if not isinstance(error.__cause__, ClientError):
                raise
            answer = error.__cause__.response
        return provider_by_answer(answer["ResponseMetadata"].get("HTTPHeaders", {})) or found

    @cached_property
    def account(self) -> str:
        """The account of whoever signs."""
        return self._identity.account

    def caller(self, operators: tuple[str, ...] = ()) -> Caller:
        """Say who signs: by STS and, for a role's session, by IAM, which alone knows a role's path.

        IAM is not asked where ``operators`` or S3_OPERATOR_ARNS name that role.
        """
        resource = self._identity.arn.split(":", 5)[5]
        if not resource.startswith("assumed-role/"):
            return self._identity
        name = resource.split("/")[1]
        for arn in self._named(operators):
            if account_of(arn) == self.account and name_of(arn) == ("role", name):
                return Caller(arn, self.account)
        return Caller(self._role_arn(name), self.account)

    def principals(self, operators: tuple[str, ...] = ()) -> Principals | None:
        """Say whom the bucket policy admits; None where a policy can't tell callers apart.

        ``operators`` are those of the command line; without any, and without S3_OPERATOR_ARNS,
        it is the caller.
        """
        if not self.provider.principals_in_policies:
            return None
        named = self._named(operators) or (self.caller().arn,)
        return principals(self.application(), named, self.account)

    def application(self) -> str:
        """Return the ARN that the application has: S3_PRINCIPAL_ARN, or S3_ACCESS_KEY's owner."""
        settings = self.settings
        if settings.s3_principal_arn is not None:
            return settings.s3_principal_arn
        key = settings.s3_access_key.get_secret_value()
        if key and self.provider.iam:
            with explained("asking IAM whose access key S3_ACCESS_KEY is"):
                # The key of an account's root user is no user's.
                name = self.iam.get_access_key_last_used(AccessKeyId=key).get("UserName")
                if name:
                    return self.iam.get_user(UserName=name)["User"]["Arn"]
        raise ConfigurationError(
            "Who is the application? Set S3_PRINCIPAL_ARN to the ARN of its IAM user or role; "
            "`gridboss-assets iam create-user NAME` makes a user and says its ARN."
        )

    @cached_property
    def _identity(self) -> Caller:
        with explained("asking who signs"):
            client = self._session.client("sts", config=_config("auto", checksums=True))
            answer = client.get_caller_identity()
        return Caller(answer["Arn"], answer["Account"])

    def _named(self, operators: tuple[str, ...]) -> tuple[str, ...]:
        return (*self.settings.s3_operator_arns, *operators)

    def _role_arn(self, name: str) -> str:
        try:
            with explained(f"asking IAM for the path of the role {name}"):
                return self.iam.get_role(RoleName=name)["Role"]["Arn"]
        except OperationFailed as error:
            if isinstance(error.__cause__, ClientError) and is_denied(error.__cause__):
                raise ConfigurationError(
                    f"You are a session of the role {name}, whose path only IAM knows, and you may "
                    "not call iam:GetRole. Name the role's own ARN, path included, with "
                    "--operator-arn or S3_OPERATOR_ARNS."
                ) from error
            raise


def _config(style: Literal["auto", "path", "virtual"], *, checksums: bool) -> Config:
    when: Literal["when_supported", "when_required"] = (
        "when_supported" if checksums else "when_required"
    )
    return Config(
        signature_version="s3v4" if style != "auto" else None,
        connect_timeout=5,
        read_timeout=30,
        retries={"mode": "standard", "total_max_attempts": 3},
        request_checksum_calculation=when,
        response_checksum_validation=when,
        s3={"addressing_style": style, "us_east_1_regional_endpoint": "regional"},
    )


def account_from(settings: Settings, operators: tuple[str, ...]) -> Principals | None:
    """Put the principals together from settings alone, asking nobody.

    None where an ARN is missing, so that somebody has to be asked after all.
    """
    named = (*settings.s3_operator_arns, *operators)
    if settings.s3_principal_arn is None or not named:
        return None
    return principals(settings.s3_principal_arn, named, account_of(settings.s3_principal_arn))
