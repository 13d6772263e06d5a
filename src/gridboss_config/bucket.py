"""What the commands that set a bucket up and audit it need to know."""

from pydantic import Field, field_validator

from gridboss_config.base import BaseGroup
from gridboss_config.values import (
    KmsKeyArn,
    Names,
    OperatorArns,
    PrincipalArn,
    Tags,
    problem,
)

# The named statements that an application's IAM policy may have beyond the two that it needs.
IAM_STATEMENTS = frozenset({"kms", "cdn-invalidation", "multipart"})


class BucketSettings(BaseGroup):
    """Who may use the bucket, how it is encrypted, and what it keeps."""

    s3_principal_arn: PrincipalArn | None = Field(
        None,
        description="ARN of the IAM user or role that the application is, such as "
        "`arn:aws:iam::123456789012:user/gridboss-assets`. This key and those down to "
        "`S3_IAM_STATEMENTS` are read by the commands that set up and audit the bucket.",
    )
    s3_operator_arns: OperatorArns = Field(
        (),
        description="ARNs of the users and roles who administer the bucket, separated by commas. "
        "Its policy denies everybody but these, the application and the account's root. Empty "
        "means whoever runs the command.",
    )
    s3_kms_key_arn: KmsKeyArn | None = Field(
        None,
        description="ARN of the KMS key that encrypts the bucket (SSE-KMS). Empty means SSE-S3.",
    )
    s3_versioning: bool = Field(
        default=False,
        description="Whether the bucket keeps old versions of objects. A deletion is then final "
        "only when the version has expired.",
    )
    s3_noncurrent_days: int = Field(
        30,
        ge=1,
        description="Days after which a version that was replaced or deleted expires, where "
        "versions are kept. Under `pending/` it is always one day.",
    )
    s3_tags: Tags = Field(
        {},
        description="Tags of the bucket, and of the application's IAM user, as `name=value` "
        "separated by commas.",
    )
    s3_iam_statements: Names = Field(
        (),
        description="What the application may do beyond reading, writing, deleting and listing "
        "its objects, separated by commas: `kms`, `cdn-invalidation`, `multipart`.",
    )

    @field_validator("s3_iam_statements")
    @classmethod
    def _known_statements(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not set(value) <= IAM_STATEMENTS:
            raise problem(f"give some of {', '.join(sorted(IAM_STATEMENTS))}, or leave it empty")
        return value
