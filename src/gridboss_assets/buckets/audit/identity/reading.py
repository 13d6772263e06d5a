"""What IAM knows of the application's user or role: read-only calls, and no decision.

Each call that is refused leaves its subject unread, with the permission that is missing. The rest
is read all the same.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Literal

from botocore.exceptions import ClientError

from gridboss_assets.buckets.users import Key, Users
from gridboss_assets.calls import code_of, explained, is_denied
from gridboss_assets.errors import AssetsError

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

Kind = Literal["user", "role"]

_Json = Any


class Subject(Enum):
    """What a failed call leaves unknown."""

    IDENTITY = "whether it exists, and under which ARN"
    PERMISSIONS = "what it may do"
    BOUNDARY = "its permissions boundary"
    GROUPS = "its groups"
    PASSWORD = "whether it has a password for the console"  # noqa: S105 - no password
    KEYS = "its access keys"


POLICIES = (Subject.PERMISSIONS, Subject.GROUPS)
"""What has to be known to know what it may do: a group's policies count as well."""


@dataclass(frozen=True, slots=True)
class Document:
    """A policy that gives the identity permissions, or bounds them.

    ``name`` is an inline policy's name or a managed policy's ARN; ``group`` is whose it is, where
    it is not the identity's own.
    """

    name: str
    policy: Mapping[str, _Json]
    managed: bool = False
    group: str | None = None

    @property
    def where(self) -> str:
        """Say which policy this is, for a sentence."""
        kind = "managed" if self.managed else "inline"
        return f"the {kind} policy {self.name}{f' of the group {self.group}' * bool(self.group)}"


@dataclass(frozen=True, slots=True)
class Unread:
    """What could not be read, why, and what would help."""

    subject: Subject
    why: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Identity:
    """An IAM user or role as it is; ``arn`` is None where IAM does not tell."""

    kind: Kind
    name: str
    arn: str | None = None
    documents: tuple[Document, ...] = ()
    boundary: Document | None = None
    groups: tuple[str, ...] = ()
    password: bool = False
    trust: Mapping[str, _Json] | None = None
    """A role's trust policy: who may assume it."""
    keys: tuple[Key, ...] = ()
    """A user's access keys, the oldest first."""
    unread: tuple[Unread, ...] = ()

    def missing(self, *subjects: Subject) -> list[Unread]:
        """Return what was not read of these subjects."""
        return [each for each in self.unread if each.subject in subjects]


NO_USERS = "IAM names no user for it"
"""What IAM says of the key of an account's root user."""


def read_identity(client: "IAMClient", kind: Kind, name: str) -> Identity | None:
    """Read a user or role; None where there is none of this name."""
    return _Reader(client, kind, name).read()


def key_owner(client: "IAMClient", key: str) -> tuple[str | None, str]:
    """Return which user has an access key, or None and what IAM says instead."""
    try:
        with explained("asking IAM whose access key S3_ACCESS_KEY is"):
            owner = client.get_access_key_last_used(AccessKeyId=key).get("UserName")
    except AssetsError as error:
        return None, _unread(Subject.KEYS, error).why
    return owner, "" if owner else NO_USERS


class _Reader:
    """Reads one identity; what fails is noted and passed over."""

    def __init__(self, client: "IAMClient", kind: Kind, name: str) -> None:
        self._client, self._kind, self._name = client, kind, name
        self._of: dict[str, str] = {f"{kind.title()}Name": name}
        self._unread: list[Unread] = []

    def read(self) -> Identity | None:
        found = self._itself()
        if found is None:
            return None
        documents = self._documents(self._kind, self._of)
        groups: list[str] = []
        password = False
        keys: tuple[Key, ...] = ()
        if self._kind == "user":
            groups = [each["GroupName"] for each in self._listed(Subject.GROUPS, *_GROUPS)]
            for group in groups:
                documents += self._documents("group", {"GroupName": group}, group)
            password = self._has_password()
            keys = self._keys()
        boundary = found.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
        return Identity(
            kind=self._kind,
            name=self._name,
            arn=found.get("Arn"),
            documents=tuple(documents),
            boundary=self._managed(Subject.BOUNDARY, boundary, None) if boundary else None,
            groups=tuple(groups),
            password=password,
            trust=found.get("AssumeRolePolicyDocument"),
            keys=keys,
            unread=tuple(self._unread),
        )

    def _itself(self) -> _Json:
        """Return GetUser's or GetRole's answer; None where there is no such identity."""
        try:
            with explained(f"looking for the {self._kind} {self._name}"):
                answer: _Json = self._call(f"get_{self._kind}", **self._of)
                return answer[self._kind.title()]
        except AssetsError as error:
            cause = error.__cause__
            if isinstance(cause, ClientError) and code_of(cause) == "NoSuchEntity":
                return None
            # The same answer would have told the boundary.
            self._unread += [
                _unread(subject, error) for subject in (Subject.IDENTITY, Subject.BOUNDARY)
            ]
            return {}

    def _documents(self, kind: str, of: dict[str, str], group: str | None = None) -> list[Document]:
        subject, found = Subject.PERMISSIONS, []
        for name in self._listed(subject, f"list_{kind}_policies", "PolicyNames", of):
            with self._part(subject, f"reading the inline policy {name}"):
                answer = self._call(f"get_{kind}_policy", **of, PolicyName=name)
                found.append(Document(name, answer["PolicyDocument"], group=group))
        for each in self._listed(subject, f"list_attached_{kind}_policies", "AttachedPolicies", of):
            managed = self._managed(subject, each["PolicyArn"], group)
            found += [managed] if managed else []
        return found

    def _managed(self, subject: Subject, arn: str, group: str | None) -> Document | None:
        with self._part(subject, f"reading the managed policy {arn}"):
            version = self._client.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
            answer: _Json = self._client.get_policy_version(PolicyArn=arn, VersionId=version)
            policy = answer["PolicyVersion"]["Document"]
            return Document(arn, policy, managed=True, group=group)
        return None

    def _has_password(self) -> bool:
        with self._part(Subject.PASSWORD, "asking for a password"):
            try:
                self._client.get_login_profile(UserName=self._name)
            except self._client.exceptions.NoSuchEntityException:
                return False
            return True
        return False

    def _keys(self) -> tuple[Key, ...]:
        with self._part(Subject.KEYS, "reading the access keys"):
            return Users(self._client, "").keys(self._name)
        return ()

    def _listed(
        self, subject: Subject, operation: str, field: str, of: dict[str, str] | None = None
    ) -> list[_Json]:
        with self._part(subject, f"{operation.replace('_', ' ')} of {self._name}"):
            paginator: _Json = self._client.get_paginator(operation)  # type: ignore[call-overload]
            pages = paginator.paginate(**(of or self._of))
            return [each for page in pages for each in page[field]]
        return []

    def _call(self, operation: str, **parameters: str) -> _Json:
        return getattr(self._client, operation)(**parameters)

    @contextmanager
    def _part(self, subject: Subject, doing: str) -> Iterator[None]:
        """Note what fails inside; what follows the block is then reached."""
        try:
            with explained(doing):
                yield
        except AssetsError as error:
            self._unread.append(_unread(subject, error))


_GROUPS = ("list_groups_for_user", "Groups")


def _unread(subject: Subject, error: AssetsError) -> Unread:
    cause = error.__cause__
    if isinstance(cause, ClientError) and is_denied(cause):
        permission = f"iam:{cause.operation_name}"
        return Unread(
            subject,
            f"these credentials may not call {permission}",
            f"Allow the auditor {permission}, or run the audit as somebody who has it.",
        )
    return Unread(subject, str(error), "Mend that and run the audit again.")
