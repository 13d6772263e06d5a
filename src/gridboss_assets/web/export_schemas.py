"""The bodies of export requests and their answers, as JSON has them."""

from datetime import UTC, datetime
from typing import Any, ClassVar, Self

from pydantic import Field, JsonValue

from gridboss_assets import errors
from gridboss_assets.exports import Format
from gridboss_assets.jobs.model import Fault, Job, JobState
from gridboss_assets.models import DownloadLink
from gridboss_assets.web.schemas import Answer, Body, ExpiresIn

# Rows may be posted as parameters: some thousands of them, where other requests hold one key.
MAX_EXPORT_BODY_BYTES = 1024 * 1024

_ID = "9f86d081884c7d659a2feaa0c55ad015"
_KEY = f"exports/driver-7/{_ID}.csv"


class ExportRequest(Body):
    """A report that is to be written, and as what."""

    max_bytes: ClassVar[int] = MAX_EXPORT_BODY_BYTES

    report: str = Field(examples=["standings"])
    format: str = Field(examples=["csv"], description="`csv`, `json`, `pdf` or `zip`.")
    parameters: dict[str, Any] = Field(
        default_factory=dict,
        examples=[{"season": "2025"}],
        description="What the report is about, as the report wants it.",
    )


class ExportProgress(Answer):
    """How far a job is."""

    rows: int = Field(examples=[12_000], description="Rows written so far.")
    total: int | None = Field(
        examples=[40_000], description="Rows that are expected; null where nobody knows."
    )


class ExportFault(Answer):
    """Why a job failed: a stable code for programs and a message for people."""

    code: str = Field(json_schema_extra={"enum": list[JsonValue](sorted(errors.codes()))})
    message: str

    @classmethod
    def of(cls, fault: Fault) -> Self:
        """Make the answer."""
        return cls(code=fault.code, message=fault.message)


class ExportAnswer(Answer):
    """One export job. What it does not have yet is null; ``expiresIn`` is 0 without a link."""

    job_id: str = Field(examples=[_ID])
    state: JobState
    report: str = Field(examples=["standings"])
    format: Format
    created_at: datetime = Field(description="When it was asked for, in UTC.")
    ended_at: datetime | None
    progress: ExportProgress
    error: ExportFault | None = Field(description="Why it is `failed`.")
    object_key: str | None = Field(examples=[_KEY], description="Of what is `done`.")
    filename: str | None = Field(examples=["Standings.csv"])
    content_length: int | None = Field(examples=[48_213], description="Bytes.")
    url: str | None = Field(examples=[f"https://BUCKET.s3.REGION.amazonaws.com/{_KEY}?…"])
    expires_in: ExpiresIn

    @classmethod
    def of(cls, job: Job, link: DownloadLink | None = None) -> Self:
        """Make the answer; ``link`` is made for this answer alone and kept nowhere."""
        return cls(
            job_id=job.id,
            state=job.state,
            report=job.report,
            format=job.format,
            created_at=_utc(job.created_at),
            ended_at=None if job.ended_at is None else _utc(job.ended_at),
            progress=ExportProgress(rows=job.rows, total=job.total),
            error=ExportFault.of(job.fault) if job.fault else None,
            object_key=job.object_key,
            filename=job.filename,
            content_length=job.content_length,
            url=link.url if link else None,
            expires_in=link.expires_in if link else 0,
        )


class ExportsAnswer(Answer):
    """The caller's own jobs, newest first."""

    exports: list[ExportAnswer]
    before: str | None = Field(
        examples=[_ID], description="Send this as `before` for older ones; null: there are none."
    )
    expires_in: ExpiresIn


def _utc(seconds: float) -> datetime:
    return datetime.fromtimestamp(round(seconds, 3), UTC)
