"""Where the bucket is, with whose keys it is reached, and how browsers upload to it."""

import re
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from gridboss_config.base import BaseGroup
from gridboss_config.values import Lower, problem, split_url

# The longest life of a SigV4 query signature: seven days (S3 API Reference, "Authenticating
# Requests: Using Query Parameters", X-Amz-Expires).
MAX_PRESIGN_TTL = 604_800

# S3 User Guide, "Bucket naming rules".
_BUCKET_NAME = re.compile(r"(?!xn--)(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


class StorageSettings(BaseGroup):
    """``S3_ENABLED`` and what the service needs then."""

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
    s3_upload_method: Annotated[Literal["auto", "post", "put"], Lower] = Field(
        "auto",
        description="How browsers upload: a signed POST form or a signed PUT. `auto` takes POST, "
        "and PUT for Cloudflare R2 and Backblaze B2, which refuse forms.",
    )
    s3_addressing_style: Annotated[Literal["auto", "path", "virtual"], Lower] = Field(
        "auto",
        description="Where the bucket's name stands in a URL. `auto` takes the host name on AWS "
        "and the path on custom endpoints.",
    )
    s3_provider: Annotated[
        Literal["auto", "aws", "minio", "r2", "b2", "seaweedfs", "ceph"], Lower
    ] = Field(
        "auto",
        description="Whose storage it is. `auto` knows AWS, Cloudflare R2 and Backblaze B2 by "
        "their host names and takes any other endpoint for a full S3 server.",
    )
    s3_checksums: Annotated[Literal["auto", "when_supported", "when_required"], Lower] = Field(
        "auto",
        description="When requests carry the SDK's checksums. `auto` takes `when_supported` on "
        "AWS and `when_required` elsewhere.",
    )

    @field_validator("s3_region", "s3_bucket", "s3_access_key", "s3_secret_key")
    @classmethod
    def _required_when_enabled(cls, value: str | SecretStr, info: ValidationInfo) -> object:
        if info.data.get("s3_enabled") and not _plain(value):
            raise problem("it is missing: S3_ENABLED=true needs it")
        return value

    @field_validator("s3_bucket")
    @classmethod
    def _bucket_name(cls, value: str) -> str:
        if value.startswith("s3://"):
            raise problem("give the bucket's name alone, without `s3://`")
        if value and not _BUCKET_NAME.fullmatch(value):
            raise problem("a bucket's name has 3 to 63 of a-z, 0-9, `.` and `-`, and no path")
        return value

    @field_validator("s3_region")
    @classmethod
    def _region_name(cls, value: str) -> str:
        if value and not re.fullmatch(r"[a-z0-9-]{1,64}", value):
            raise problem("a region looks like `us-east-1` (or `auto` on Cloudflare R2)")
        return value

    @field_validator("s3_endpoint", "s3_public_endpoint")
    @classmethod
    def _http_url(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = split_url(value)
        if parts is None or parts.scheme not in {"http", "https"}:
            raise problem("give an http(s) URL such as `http://localhost:9000`, or leave it empty")
        if parts.username is not None or parts.query or parts.fragment:
            raise problem("give the URL without user, password, query or fragment")
        return value.rstrip("/")

    @field_validator("s3_presign_ttl")
    @classmethod
    def _ttl(cls, value: int) -> int:
        if not 1 <= value <= MAX_PRESIGN_TTL:
            raise problem(f"give whole seconds from 1 to {MAX_PRESIGN_TTL} (seven days)")
        return value


def _plain(value: str | SecretStr) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else value
