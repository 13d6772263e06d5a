"""The bodies of requests and answers, as JSON has them.

Requests take both spellings of a name (``content_type`` and ``contentType``); answers are in
camel case. What a browser says of size and type is only ever a wish: keys, signatures and the
bucket's own word decide.
"""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, JsonValue
from pydantic.alias_generators import to_camel

from gridboss_assets import errors, models
from gridboss_assets.kinds import Kind

EXAMPLE_KEY = "avatars/driver-7/9f86d081884c7d659a2feaa0c55ad015.png"
EXAMPLE_URL = (
    f"https://BUCKET.s3.REGION.amazonaws.com/{EXAMPLE_KEY}?X-Amz-Algorithm=AWS4-HMAC-SHA256&…"
)

object_key_alias = AliasChoices("objectKey", "object_key")
ExpiresIn = Annotated[int, Field(description="Seconds until this answer's links expire.")]


class Body(BaseModel):
    """What all request bodies have in common."""

    # Keys have at most 1 KiB and file names are refused far below this.
    max_bytes: ClassVar[int] = 64 * 1024

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Answer(BaseModel):
    """What all answers have in common."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class SignRequest(Body):
    """What a browser wants to upload."""

    kind: str = Field(examples=["avatar"])
    filename: str = Field(examples=["me.png"])
    content_type: str = Field(
        "",
        validation_alias=AliasChoices("contentType", "content_type"),
        examples=["image/png"],
        description="As the browser reports it; may be empty, then the file name's ending counts.",
    )
    size: int | None = Field(
        None,
        examples=[48213],
        description="Size in bytes. Required where the storage takes uploads by PUT.",
    )


class SignAnswer(Answer):
    """A signed upload: send the file with ``method`` to ``url``.

    POST: a form with all ``fields`` first and the file last, as ``file``. PUT: the bare file with
    exactly these ``headers``.
    """

    method: Literal["POST", "PUT"] = Field(examples=["POST"])
    url: str = Field(examples=["https://BUCKET.s3.REGION.amazonaws.com/"])
    fields: dict[str, str] = Field(examples=[{"key": f"pending/{EXAMPLE_KEY}", "policy": "…"}])
    headers: dict[str, str] = Field(examples=[{}])
    object_key: str = Field(examples=[EXAMPLE_KEY])
    bucket: str = Field(examples=["gridboss-prod-assets"])
    max_size: int = Field(examples=[2_097_152], description="Bytes.")
    content_type: str = Field(examples=["image/png"])
    expires_in: ExpiresIn

    @classmethod
    def of(cls, signed: models.SignedUpload) -> "SignAnswer":
        """Make the answer. Nothing is validated: every value is our own."""
        return cls.model_construct(
            method=signed.method,
            url=signed.url,
            fields=dict(signed.fields),
            headers=dict(signed.headers),
            object_key=signed.object_key,
            bucket=signed.bucket,
            max_size=signed.max_size,
            content_type=signed.content_type,
            expires_in=signed.expires_in,
        )


class KeyRequest(Body):
    """An object. A ``kind`` may stand beside its key and must then agree with it."""

    object_key: str = Field(validation_alias=object_key_alias, examples=[EXAMPLE_KEY])
    kind: str | None = Field(None, examples=["avatar"])


class DeleteRequest(Body):
    """An object to delete; both may stand in the query instead."""

    object_key: str | None = Field(None, validation_alias=object_key_alias, examples=[EXAMPLE_KEY])
    kind: str | None = Field(None, examples=["avatar"])


class CompleteAnswer(Answer):
    """The sealed object and a link to it."""

    object_key: str = Field(examples=[EXAMPLE_KEY])
    content_type: str = Field(examples=["image/png"])
    content_length: int = Field(examples=[47105], description="Bytes, as they are served.")
    sha256: str = Field(description="Hex digest of the bytes that are served.")
    filename: str | None = Field(examples=["me.png"])
    warnings: list[str] = Field(description="What inspection noticed but accepted, as codes.")
    url: str = Field(examples=[EXAMPLE_URL])
    expires_in: ExpiresIn

    @classmethod
    def of(cls, done: models.CompletedUpload) -> Self:
        """Make the answer."""
        return cls(
            object_key=done.object_key,
            content_type=done.content_type,
            content_length=done.content_length,
            sha256=done.sha256,
            filename=done.filename,
            warnings=list(done.warnings),
            url=done.url,
            expires_in=done.expires_in,
        )


class DeleteAnswer(Answer):
    """The object is gone from the bucket; links to it are dead, but for what a CDN still keeps."""

    object_key: str = Field(examples=[EXAMPLE_KEY])
    deleted: Literal[True] = True
    cdn_may_serve_for: int = Field(
        0,
        examples=[0],
        description="Seconds for which an edge of the CDN may still answer with the object. 0 "
        "without a CDN, and where the CDN was told to forget it, which takes a minute or so.",
    )
    expires_in: ExpiresIn = 0

    @classmethod
    def of(cls, deleted: models.DeletedObject) -> Self:
        """Make the answer."""
        return cls(object_key=deleted.object_key, cdn_may_serve_for=deleted.cdn_may_serve_for)


class KindAnswer(Answer):
    """The limits of one kind."""

    name: str = Field(examples=["avatar"])
    max_size: int = Field(examples=[2_097_152], description="Bytes.")
    content_types: dict[str, list[str]] = Field(
        examples=[{"image/png": [".png"]}],
        description="Accepted content types, each with the endings of file names it goes with.",
    )
    aliases: dict[str, list[str]] = Field(
        examples=[{"image/png": ["", "image/x-png"]}],
        description=(
            "What browsers are known to say instead of each content type, which counts where the "
            "file name's ending fits. Empty: the browser knows no type."
        ),
    )

    @classmethod
    def of(cls, kind: Kind) -> Self:
        """Make the answer."""
        types = {t.name: [f".{e}" for e in t.extensions] for t in kind.content_types}
        aliases = {t.name: list(t.aliases) for t in kind.content_types}
        return cls(name=kind.name, max_size=kind.max_size, content_types=types, aliases=aliases)


class KindsAnswer(Answer):
    """Every limit of this service. It may be kept for ``expiresIn`` seconds."""

    method: Literal["POST", "PUT"] | None = Field(
        description="How files are uploaded; null while uploads are switched off."
    )
    kinds: list[KindAnswer]
    expires_in: ExpiresIn = 3600


class HealthAnswer(Answer):
    """The process answers."""

    status: Literal["ok"] = "ok"


class ReadyAnswer(Answer):
    """Which checks passed, by name: ``ok`` or a stable error code."""

    status: Literal["ready", "not_ready"]
    checks: dict[str, str] = Field(examples=[{"settings": "ok", "storage": "ok"}])


# Two codes belong to HTTP and not to the tree of errors: no such address, and another method.
_CODES = sorted({*errors.codes(), "not_found", "method_not_allowed"})


class ErrorDetail(BaseModel):
    """A stable code for programs and a message for people."""

    error: str = Field(json_schema_extra={"enum": list[JsonValue](_CODES)})
    message: str


class ErrorAnswer(BaseModel):
    """The form of every error."""

    detail: ErrorDetail
