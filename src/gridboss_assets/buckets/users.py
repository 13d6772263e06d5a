"""The application's IAM user and its access keys: calls of IAM, and no decision.

What a new key's secret may touch is decided here: the object that holds it does not show it, and
no error that is raised, nor what caused one, holds it.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from pydantic import SecretStr

from gridboss_assets.calls import code_of, explained, status_of
from gridboss_assets.errors import AssetsError, OperationFailed

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

MAX_KEYS = 2
"""How many access keys a user may have, active or not (IAM User Guide, "IAM quotas")."""

_Json = Any


@dataclass(frozen=True, slots=True)
class Key:
    """An access key that exists. ``last_used`` is None where IAM knows of no use."""

    id: str
    active: bool
    created: datetime
    last_used: datetime | None = None
    service: str | None = None
    """Which service it was last used for, such as ``s3``."""


@dataclass(frozen=True, slots=True)
class NewKey:
    """An access key just made, with the secret that IAM tells this once."""

    id: str
    created: datetime
    secret: SecretStr = field(repr=False)


@dataclass(frozen=True, slots=True)
class User:
    """An IAM user as it is."""

    name: str
    arn: str
    path: str
    keys: tuple[Key, ...]
    """The oldest first."""
    policy: _Json
    """The inline policy of our name; None where there is none."""
    others: tuple[str, ...]
    """What else gives it permissions, or makes it a person's, such as ``the group admins``."""


class Users:
    """The users of an account, through an operator's client.

    ``policy`` names the inline policy that is ours. Raises OperationFailed for what IAM refuses.
    """

    def __init__(self, client: "IAMClient", policy: str) -> None:
        self.policy = policy
        self._client = client
        # A lost answer is a lost secret: a second try would leave a key that nobody holds. What
        # answers first is heeded, and the more specific event is asked first.
        events: Any = client.meta.events
        events.register_first("needs-retry.iam.CreateAccessKey", _never)

    def read(self, name: str) -> User | None:
        """Read a user with keys and permissions; None where there is no such user."""
        try:
            with explained(f"looking for the user {name}"):
                user = self._client.get_user(UserName=name)["User"]
        except OperationFailed as error:
            if _is_missing(error):
                return None
            raise
        policy, others = self._permissions(name)
        return User(name, user["Arn"], user["Path"], self.keys(name), policy, others)

    def keys(self, name: str) -> tuple[Key, ...]:
        """Read a user's access keys, the oldest first, each with its last use."""
        found = []
        with explained(f"reading the access keys of {name}"):
            pages = self._client.get_paginator("list_access_keys").paginate(UserName=name)
            for each in (key for page in pages for key in page["AccessKeyMetadata"]):
                id_ = each["AccessKeyId"]
                used = self._client.get_access_key_last_used(AccessKeyId=id_)["AccessKeyLastUsed"]
                at, active = used.get("LastUsedDate"), each["Status"] == "Active"
                service = used["ServiceName"] if at else None
                found.append(Key(id_, active, each["CreateDate"], at, service))
        return tuple(sorted(found, key=lambda key: (key.created, key.id)))

    def create(self, name: str, path: str, tags: Mapping[str, str]) -> str:
        """Create a user, and return its ARN once IAM knows it everywhere that we ask."""
        listed: list[Any] = [{"Key": key, "Value": value} for key, value in tags.items()]
        # Beside iam:CreateUser, tags need a permission of their own.
        hint = "With tags it needs iam:TagUser too." if tags else ""
        with explained(f"creating the user {name}", hint):
            answer = self._client.create_user(UserName=name, Path=path, Tags=listed)
            self._client.get_waiter("user_exists").wait(UserName=name)
        return answer["User"]["Arn"]

    def put_policy(self, name: str, document: _Json) -> None:
        """Write the user's inline policy."""
        with explained(f"writing the policy of {name}"):
            self._client.put_user_policy(
                UserName=name, PolicyName=self.policy, PolicyDocument=json.dumps(document)
            )

    def make_key(self, name: str, hand_over: Callable[[NewKey], None]) -> NewKey:
        """Make an access key and hand it over; where that fails the key is deleted again.

        ``hand_over`` gives the secret to whoever will hold it, and raises where it can't. Whatever
        it raises, OperationFailed says what became of the key.
        """
        known = self.keys(name)
        key, failure = self._create_key(name)
        if key is None:
            raise OperationFailed(f"{failure} {self._lost(name, known)}".strip())
        try:
            hand_over(key)
        except BaseException as error:  # noqa: BLE001 - a key that nobody holds must not stay
            reason = _without_secret(error)
        else:
            return key
        # Raised out here, what went wrong above hangs on no error: it may hold the text.
        raise OperationFailed(f"{reason} {self._taken_back(name, key.id)}")

    def deactivate(self, name: str, key: str) -> None:
        """Switch an access key off."""
        with explained(f"deactivating the access key {key}"):
            self._client.update_access_key(UserName=name, AccessKeyId=key, Status="Inactive")

    def delete(self, name: str, key: str) -> None:
        """Delete an access key."""
        with explained(f"deleting the access key {key}"):
            self._client.delete_access_key(UserName=name, AccessKeyId=key)

    def _permissions(self, name: str) -> tuple[_Json, tuple[str, ...]]:
        policy, others = None, []
        with explained(f"reading the permissions of {name}"):
            pages = self._client.get_paginator("list_user_policies").paginate(UserName=name)
            for inline in (each for page in pages for each in page["PolicyNames"]):
                if inline == self.policy:
                    found = self._client.get_user_policy(UserName=name, PolicyName=inline)
                    policy = found["PolicyDocument"]
                else:
                    others.append(f"the inline policy {inline}")
            attached = self._client.get_paginator("list_attached_user_policies")
            for page in attached.paginate(UserName=name):
                others += [f"the policy {each['PolicyName']}" for each in page["AttachedPolicies"]]
            groups = self._client.get_paginator("list_groups_for_user")
            for answer in groups.paginate(UserName=name):
                others += [f"the group {each['GroupName']}" for each in answer["Groups"]]
            if self._has_password(name):
                others.append("a password for the console")
        return policy, tuple(others)

    def _has_password(self, name: str) -> bool:
        try:
            self._client.get_login_profile(UserName=name)
        except self._client.exceptions.NoSuchEntityException:
            return False
        return True

    def _create_key(self, name: str) -> tuple[NewKey | None, str]:
        """Return a key, or why nobody can tell whether there is one."""
        with explained(f"creating an access key of {name}"):
            try:
                made = self._client.create_access_key(UserName=name)["AccessKey"]
                secret = SecretStr(made["SecretAccessKey"])
                return NewKey(made["AccessKeyId"], made["CreateDate"], secret), ""
            except ClientError as error:
                if status_of(error) < HTTPStatus.INTERNAL_SERVER_ERROR:
                    raise  # IAM said no
                failure = code_of(error)
            except Exception as error:  # noqa: BLE001 - whatever it is, its text stays here
                # An answer that can't be parsed stands in there whole, secret and all.
                failure = type(error).__name__
        return None, f"Creating an access key of {name} failed without a good answer ({failure})."

    def _lost(self, name: str, known: tuple[Key, ...]) -> str:
        """Name the keys that came to be although no answer did."""
        try:
            lost = [key.id for key in self.keys(name) if key.id not in {old.id for old in known}]
        except AssetsError as error:
            return f"Whether a key was made after all is not known: {error}"
        if not lost:
            return "No key was made. Try again."
        return (
            f"{' and '.join(lost)} was made all the same, and nobody has its secret, unless a "
            f"colleague made it this moment. Run `gridboss-assets iam rotate {name}`, and then "
            f"`gridboss-assets iam rotate {name} --retire {lost[0]} --delete`."
        )

    def _taken_back(self, name: str, key: str) -> str:
        try:
            self.delete(name, key)
        except AssetsError as error:
            return (
                f"The new key {key} could not be deleted again, so it exists although nobody "
                f"holds it: {error} Once that is mended, `gridboss-assets iam rotate {name}` and "
                f"`gridboss-assets iam rotate {name} --retire {key} --delete` end it."
            )
        return f"So the new key {key} was deleted again, and nothing is left of it."


def _is_missing(error: OperationFailed) -> bool:
    cause = error.__cause__
    return isinstance(cause, ClientError) and code_of(cause) == "NoSuchEntity"


def _never(**_: object) -> bool:
    return False


def _without_secret(error: BaseException) -> str:
    """Say why a key was not handed over. Only the system's own words are sure to hold no secret."""
    why = error.strerror if isinstance(error, OSError) else type(error).__name__
    return f"The new key could not be handed over ({why or type(error).__name__})."
