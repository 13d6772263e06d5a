"""Every setting, with what is required and what is refused.

Each field checks itself against the fields above it, so pydantic collects *every* problem and the
process stops once, with one message that names them all.
"""

import re
from functools import lru_cache
from typing import Annotated, Any, Literal, Self
from urllib.parse import SplitResult, urlsplit

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_core import InitErrorDetails, PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from gridboss_config.values import (
    CloudFrontId,
    KmsKeyArn,
    Names,
    OperatorArns,
    PrincipalArn,
    Tags,
)
from gridboss_config.values import problem as _problem

# The longest life of a SigV4 query signature: seven days (S3 API Reference, "Authenticating
# Requests: Using Query Parameters", X-Amz-Expires).
MAX_PRESIGN_TTL = 604_800

# S3 User Guide, "Bucket naming rules".
_BUCKET_NAME = re.compile(r"(?!xn--)(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")

# The named statements that an application's IAM policy may have beyond the two that it needs.
IAM_STATEMENTS = frozenset({"kms", "cdn-invalidation", "multipart"})

# RFC 7518 §3.2: an HS256 key has at least the size of the hash output.
MIN_JWT_SECRET_BYTES = 32


class Settings(BaseSettings):
    """The settings of one deployment, frozen. Keys are the environment's, in any case.

    Raises pydantic's ``ValidationError`` (a ``ValueError``) that names every key that is missing
    or unusable and says how to mend it; neither its text nor its details hold a value.
    """

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8",
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        alias_generator=str.upper,
        populate_by_name=True,
        validate_default=True,
    )

    app_env: Literal["production", "staging", "development", "test"] = Field(
        "production",
        description="The environment. `development` and `test` serve without sign-in when no "
        "JWT key is set.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="How much is logged, as JSON lines on standard error."
    )

    s3_enabled: bool = Field(
        default=False,
        description="Switches uploads on for this environment. The keys below marked "
        "*required* are then checked at start.",
    )
    s3_region: str = Field("", description="Region of the bucket, such as `us-east-1`. *Required.*")
    s3_bucket: str = Field("", description="The bucket's name, without `s3://`. *Required.*")
    s3_endpoint: str | None = Field(
        None,
        description="Custom endpoint of an S3-compatible provider, such as "
        "`http://localhost:9000`. Empty means AWS.",
    )
    s3_public_endpoint: str | None = Field(
        None,
        description="The endpoint as browsers see it, where it differs from `S3_ENDPOINT` "
        "(containers often see another host name). Links and forms are signed for it.",
    )
    s3_access_key: SecretStr = Field(
        SecretStr(""), description="Access key ID of the application's IAM user. *Required.*"
    )
    s3_secret_key: SecretStr = Field(
        SecretStr(""), description="Secret access key of the same user. *Required.*"
    )
    s3_session_token: SecretStr | None = Field(
        None, description="Session token, for temporary credentials."
    )
    s3_presign_ttl: int = Field(
        3600,
        description="Life of a signed URL in seconds, 1 to 604800. Upload forms live at most an "
        "hour whatever it says.",
    )
    s3_upload_method: Literal["auto", "post", "put"] = Field(
        "auto",
        description="How browsers upload: a signed POST form or a signed PUT. `auto` takes POST, "
        "and PUT for Cloudflare R2 and Backblaze B2, which refuse forms.",
    )
    s3_addressing_style: Literal["auto", "path", "virtual"] = Field(
        "auto",
        description="Where the bucket's name stands in a URL. `auto` takes the host name on AWS "
        "and the path on custom endpoints.",
    )
    s3_provider: Literal["auto", "aws", "minio", "r2", "b2", "seaweedfs", "ceph"] = Field(
        "auto",
        description="Whose storage it is. `auto` knows AWS, Cloudflare R2 and Backblaze B2 by "
        "their host names and takes any other endpoint for a full S3 server.",
    )
    s3_checksums: Literal["auto", "when_supported", "when_required"] = Field(
        "auto",
        description="When requests carry the SDK's checksums. `auto` takes `when_supported` on "
        "AWS and `when_required` elsewhere.",
    )

    s3_principal_arn: PrincipalArn | None = Field(
        None,
        description="ARN of the IAM user or role that the application is, such as "
        "`arn:aws:iam::123456789012:user/gridboss-assets`. This key and those down to "
        "`CDN_KEY_PAIR_ID` are read by the commands that set up and audit the bucket.",
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
    cdn_distribution_id: CloudFrontId | None = Field(
        None,
        description="ID of the CloudFront distribution that the bucket policy admits to "
        "`avatars/`.",
    )
    cdn_key_pair_id: CloudFrontId | None = Field(
        None,
        description="ID of the public key with which the distribution checks signed URLs. With "
        "it the bucket policy admits the distribution to `exports/` too.",
    )

    inspection: Literal["sandbox", "in_process"] = Field(
        "sandbox",
        description="Where files are inspected: in confined processes, or in the process of the "
        "service itself.",
    )
    inspection_workers: int | None = Field(
        None,
        ge=1,
        description="How many files are inspected at once, each in a process of its own. Empty "
        "means one for each core, at least 2 and at most 4.",
    )
    inspection_policy: Annotated[dict[str, str], NoDecode] = Field(
        {},
        description="What is refused, warned about or accepted where the defaults don't fit, as "
        "`name=value` separated by commas, such as `csv_formulas=refuse,zip_office=accept`. The "
        "names stand in the table of the inspection policy.",
    )
    clamd_address: str | None = Field(
        None,
        description="A clamd that is asked about every file, such as "
        "`unix:///run/clamav/clamd.ctl` or `tcp://clamd:3310`. Empty means no antivirus.",
    )

    jwt_secret: SecretStr | None = Field(
        None,
        description="Key of HS256 access tokens, at least 32 bytes. Exactly one of this and "
        "`JWT_JWKS_URL` is needed outside development.",
    )
    jwt_jwks_url: str | None = Field(
        None, description="https URL of the issuer's key set, for RS256 and ES256 access tokens."
    )
    jwt_issuer: str | None = Field(
        None, description="Required `iss` of a token. *Required with* `JWT_JWKS_URL`."
    )
    jwt_audience: str | None = Field(
        None, description="Required `aud` of a token. *Required with* `JWT_JWKS_URL`."
    )
    jwt_access_claim: str = Field(
        "type=access",
        description="Claim and value that tell an access token from others, as `name=value`. "
        "Empty switches the test off.",
    )

    cors_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Origins whose pages may call the API, separated by commas, such as "
        "`https://app.example.com`.",
    )
    rate_limit_per_minute: int = Field(
        1200,
        ge=0,
        description="Requests a minute that one caller may make for one action, counted in each "
        "process. 0 switches the limit off.",
    )

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise _without_values(error) from None

    @field_validator("*", mode="before")
    @classmethod
    def _strip(cls, value: object, info: ValidationInfo) -> object:
        if not isinstance(value, str):
            return value
        # A value pasted into a dashboard often brings a blank or a line end along.
        value = value.strip()
        if value or info.field_name == "jwt_access_claim":
            return value
        # Compose and dashboards pass variables that nobody set as empty ones.
        return cls.model_fields[str(info.field_name)].default

    @field_validator(
        "app_env",
        "s3_upload_method",
        "s3_addressing_style",
        "s3_provider",
        "s3_checksums",
        mode="before",
    )
    @classmethod
    def _lower(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @field_validator("s3_region", "s3_bucket", "s3_access_key", "s3_secret_key")
    @classmethod
    def _required_when_enabled(cls, value: str | SecretStr, info: ValidationInfo) -> object:
        if info.data.get("s3_enabled") and not _plain(value):
            raise _problem("it is missing: S3_ENABLED=true needs it")
        return value

    @field_validator("s3_bucket")
    @classmethod
    def _bucket_name(cls, value: str) -> str:
        if value.startswith("s3://"):
            raise _problem("give the bucket's name alone, without `s3://`")
        if value and not _BUCKET_NAME.fullmatch(value):
            raise _problem("a bucket's name has 3 to 63 of a-z, 0-9, `.` and `-`, and no path")
        return value

    @field_validator("s3_region")
    @classmethod
    def _region_name(cls, value: str) -> str:
        if value and not re.fullmatch(r"[a-z0-9-]{1,64}", value):
            raise _problem("a region looks like `us-east-1` (or `auto` on Cloudflare R2)")
        return value

    @field_validator("s3_endpoint", "s3_public_endpoint")
    @classmethod
    def _http_url(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = _split(value)
        if parts is None or parts.scheme not in {"http", "https"}:
            raise _problem("give an http(s) URL such as `http://localhost:9000`, or leave it empty")
        if parts.username is not None or parts.query or parts.fragment:
            raise _problem("give the URL without user, password, query or fragment")
        return value.rstrip("/")

    @field_validator("s3_presign_ttl")
    @classmethod
    def _ttl(cls, value: int) -> int:
        if not 1 <= value <= MAX_PRESIGN_TTL:
            raise _problem(f"give whole seconds from 1 to {MAX_PRESIGN_TTL} (seven days)")
        return value

    @field_validator("inspection_policy", mode="before")
    @classmethod
    def _split_policy(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        pairs = [part.partition("=") for part in value.split(",") if part.strip()]
        if not all(name.strip() and choice.strip() for name, _, choice in pairs):
            raise _problem("give `name=value`, separated by commas, or leave it empty")
        return {name.strip().lower(): choice.strip().lower() for name, _, choice in pairs}

    @field_validator("clamd_address")
    @classmethod
    def _socket_address(cls, value: str | None) -> str | None:
        parts = urlsplit(value or "unix:///")
        if not (parts.scheme == "unix" and parts.path) and not (
            parts.scheme == "tcp" and parts.hostname
        ):
            raise _problem("give unix:///run/clamav/clamd.ctl or tcp://HOST:3310")
        return value

    @field_validator("s3_iam_statements")
    @classmethod
    def _known_statements(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not set(value) <= IAM_STATEMENTS:
            raise _problem(f"give some of {', '.join(sorted(IAM_STATEMENTS))}, or leave it empty")
        return value

    @field_validator("jwt_secret")
    @classmethod
    def _long_secret(cls, value: SecretStr | None) -> SecretStr | None:
        if value and len(value.get_secret_value().encode()) < MIN_JWT_SECRET_BYTES:
            raise _problem(
                f"it needs at least {MIN_JWT_SECRET_BYTES} bytes; make one with "
                '`python -c "import secrets; print(secrets.token_urlsafe(48))"`'
            )
        return value

    @field_validator("jwt_jwks_url")
    @classmethod
    def _one_kind_of_key(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None:
            return None
        parts = _split(value)
        if parts is None or parts.scheme != "https":
            raise _problem("give an https URL")
        if info.data.get("jwt_secret"):
            raise _problem("set either this or JWT_SECRET, not both")
        return value

    @field_validator("jwt_issuer", "jwt_audience")
    @classmethod
    def _required_with_key_set(cls, value: str | None, info: ValidationInfo) -> str | None:
        if info.data.get("jwt_jwks_url") and not value:
            raise _problem("it is missing: JWT_JWKS_URL needs it")
        return value

    @field_validator("jwt_access_claim")
    @classmethod
    def _name_and_value(cls, value: str) -> str:
        name, sign, wanted = value.partition("=")
        if value and not (name and sign and wanted):
            raise _problem("give it as `name=value`, such as `type=access`, or leave it empty")
        return value

    @field_validator("cors_origins", mode="before")
    @classmethod
    def _split_origins(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("cors_origins")
    @classmethod
    def _origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for origin in value:
            parts = _split(origin)
            if origin != "*" and (
                parts is None or origin != f"{parts.scheme}://{parts.netloc}" or "@" in origin
            ):
                raise _problem("an origin is a scheme and a host, such as `https://example.com`")
        return value

    @property
    def is_development(self) -> bool:
        """Whether the service may run without sign-in."""
        return self.app_env in {"development", "test"}

    def with_changes(self, **changes: object) -> Self:
        """Return a checked copy with some keys changed, reading no environment."""
        values = {name: getattr(self, name) for name in type(self).model_fields}
        return type(self)(_env_file=None, **(values | changes))


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """Return the settings of this process, read once; ``cache_clear()`` forgets them."""
    return Settings()


def describe(error: ValidationError) -> str:
    """Write a settings error for a terminal: one line a key, with what to do about it."""
    problems = [f"  {'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
    return "\n".join(["These settings are missing or unusable (see .env.example):", *problems])


def _plain(value: str | SecretStr) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else value


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises ValueError for a port that is no number
    except ValueError:
        return None
    return parts if parts.hostname else None


def _without_values(error: ValidationError) -> ValidationError:
    """Make the same error anew without the values: `errors()` would show a secret's."""
    details = [
        InitErrorDetails(
            type=PydanticCustomError("unusable_setting", "{message}", {"message": e["msg"]}),
            loc=tuple(str(part).upper() for part in e["loc"]),
            input=None,
        )
        for e in error.errors(include_input=False, include_url=False)
    ]
    return ValidationError.from_exception_data(error.title, details, hide_input=True)
