"""What the audit has read of a bucket, frozen: the checks look at this and at nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias, TypeVar

from gridboss_assets.buckets.plan import BucketState, NotOffered, NotReadable

_T = TypeVar("_T")
Answered: TypeAlias = _T | NotOffered | NotReadable
"""What a call brought: its content, or why there is none."""


@dataclass(frozen=True, slots=True)
class Reached:
    """What asking for the bucket brought."""

    exists: bool = False
    region: str | None = None
    """The region that the server names as the bucket's own, if it names one."""
    trouble: str = ""
    """Why nobody can tell whether it is there: a refusal, or no answer."""
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Grant:
    """One line of an ACL that gives somebody other than the owner something."""

    grantee: str
    """An account's canonical ID, or the last part of a group's URI, such as ``AllUsers``."""
    permission: str
    group: bool = False
    """Whether a group is meant: everybody, or everybody with an AWS account."""

    def __str__(self) -> str:
        """Say who gets what, such as ``AllUsers: READ``."""
        return f"{self.grantee}: {self.permission}"


class Outcome(StrEnum):
    """How a request without a signature ended."""

    REFUSED = "refused"
    OPEN = "open"
    GONE = "gone"
    """The object was not there any more."""
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Stranger:
    """What somebody without a signature got; ``answer`` is the HTTP status, or why none came."""

    outcome: Outcome
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Upload:
    """A multipart upload that nobody has finished."""

    key: str
    initiated: datetime


@dataclass(frozen=True, slots=True)
class Listed:
    """An object as a listing names it."""

    key: str
    modified: datetime


@dataclass(frozen=True, slots=True)
class Head:
    """What a HEAD says of an object; no body is ever read."""

    encryption: str | None
    """``AES256``, ``aws:kms``, ``aws:kms:dsse``; None where the server names none."""
    kms_key: str | None
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Looked:
    """An object of the sample."""

    key: str
    head: Head | NotReadable | None
    """None where the object was not there any more."""
    grants: Answered[tuple[Grant, ...]] | None
    """None where ACLs are switched off, or the object was not there any more."""
    stranger: Stranger


@dataclass(frozen=True, slots=True)
class Sample:
    """Some objects of one place in the bucket."""

    place: str
    """A prefix, or ``elsewhere``."""
    listed: tuple[Listed, ...]
    more: bool
    """Whether there are more objects than were listed."""
    looked: tuple[Looked, ...]


@dataclass(frozen=True, slots=True)
class Uploads:
    """Unfinished multipart uploads: those that were listed, and whether there are more."""

    listed: tuple[Upload, ...] = ()
    more: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that was read of a bucket that exists.

    ``policy_is_public`` is None where the bucket has no policy. ``samples`` is None where none
    was asked for.
    """

    state: BucketState
    now: datetime
    acl: Answered[tuple[Grant, ...]] = ()
    policy_is_public: Answered[bool | None] = None
    website: Answered[bool] = False
    replicas: Answered[tuple[str, ...]] = ()
    uploads: Answered[Uploads] = field(default_factory=Uploads)
    listing: Stranger = Stranger(Outcome.REFUSED, "403")
    samples: tuple[Sample, ...] | NotReadable | None = None
