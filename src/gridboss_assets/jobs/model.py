"""What is known of one export job."""

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self

from gridboss_assets.exports import Format
from gridboss_assets.keys import owner_segment

JobState = Literal["queued", "running", "done", "failed", "cancelled"]
ENDED: frozenset[JobState] = frozenset({"done", "failed", "cancelled"})


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a job failed: a code of :mod:`gridboss_assets.errors`, and a sentence for a person."""

    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One export that somebody asked for. Times are POSIX seconds.

    ``id`` has 128 random bits in hex, and is the ID of the object's key as well: the same job
    writes the same key. ``subject`` is the ``sub`` of whoever asked. ``attempt`` counts how often
    a worker took the job up, and tells the worker that has it from one that had it. ``failures``
    counts how often that ended in an error that may pass, or with the worker's death.
    ``rows`` counts those written so far; ``total`` is what the report expects, where it knows.
    ``uploads`` are the IDs of multipart uploads that were begun and not yet finished. There is
    no link here: a link is made when somebody asks for one.
    """

    id: str
    report: str
    format: Format
    parameters: Mapping[str, Any] = field(repr=False)
    subject: str
    created_at: float
    state: JobState = "queued"
    attempt: int = 0
    failures: int = 0
    started_at: float | None = None
    ended_at: float | None = None
    rows: int = 0
    total: int | None = None
    object_key: str | None = None
    filename: str | None = None
    content_length: int | None = None
    fault: Fault | None = None
    uploads: tuple[str, ...] = ()

    @classmethod
    def new(cls, report: str, format: Format, parameters: Mapping[str, Any], subject: str) -> Self:  # noqa: A002 - the field's name
        """Make a job that nobody has taken up yet."""
        return cls(
            id=secrets.token_hex(16),
            report=report,
            format=format,
            parameters=parameters,
            subject=subject,
            created_at=time.time(),
        )

    @property
    def owner(self) -> str:
        """The OWNER segment of the object's key."""
        return owner_segment(self.subject)

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will happen to the job."""
        return self.state in ENDED
