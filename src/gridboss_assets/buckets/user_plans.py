"""What is to be done with the application's user and its keys, or why not: pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from gridboss_assets.buckets.shapes import same
from gridboss_assets.buckets.users import MAX_KEYS, Key, User
from gridboss_assets.changes import leaves
from gridboss_assets.errors import ConfigurationError
from gridboss_assets.storage.providers import BucketFeature

RECENTLY = timedelta(hours=1)

_Json = Any


@dataclass(frozen=True, slots=True)
class Creation:
    """What `iam create-user` has to do."""

    creates: bool
    changes_policy: bool
    makes_key: bool
    taken: bool
    """Whether a key was wanted, and the user has one already; then nothing is done at all."""

    @property
    def is_empty(self) -> bool:
        """Whether everything is as desired."""
        return not (self.creates or self.changes_policy or self.makes_key)


def creation(user: User | None, wanted: _Json, *, path: str | None, key: bool) -> Creation:
    """Work out what makes the user, its policy, and with ``key`` its first key.

    Raises ConfigurationError for a user that is there for something else.
    """
    if user is None:
        return Creation(creates=True, changes_policy=True, makes_key=key, taken=False)
    if user.others:
        raise ConfigurationError(
            f"{user.name} exists and is there for something else, or may do more than the "
            f"application should: it has {', '.join(user.others)}. Nothing was changed. Choose "
            "another name, or take that away first."
        )
    if path not in {None, user.path}:
        raise ConfigurationError(
            f"{user.name} exists with the path {user.path}, not {path}. Leave --path out, or "
            "choose another name."
        )
    if key and user.keys:
        return Creation(creates=False, changes_policy=False, makes_key=False, taken=True)
    return Creation(
        creates=False,
        changes_policy=not same_policy(user.policy, wanted),
        makes_key=key,
        taken=False,
    )


def same_policy(one: _Json, other: _Json) -> bool:
    """Tell whether two policies allow the same, whatever their order and spelling."""
    ours, theirs = _statements(one), _statements(other)
    return ours.keys() == theirs.keys() and all(
        same(BucketFeature.POLICY, ours[sid], theirs[sid]) for sid in ours
    )


def policy_difference(one: _Json, other: _Json) -> list[str]:
    """List what a policy loses and gains, a line each: ``- `` or ``+ ``, statement, element."""
    before, after = _statements(one), _statements(other)
    lines = []
    for sid in dict.fromkeys([*before, *after]):
        if sid in before and sid in after and same(BucketFeature.POLICY, before[sid], after[sid]):
            continue
        old, new = leaves(before.get(sid, {})), leaves(after.get(sid, {}))
        for at in dict.fromkeys([*old, *new]):
            if at != "Sid" and old.get(at) != new.get(at):
                lines += [f"- {sid} {at}: {old[at]}"] if at in old else []
                lines += [f"+ {sid} {at}: {new[at]}"] if at in new else []
    return lines


def _statements(policy: _Json) -> dict[str, Mapping[str, _Json]]:
    found = (policy or {}).get("Statement", [])
    listed = found if isinstance(found, list) else [found]
    return {each.get("Sid") or f"statement {number}": each for number, each in enumerate(listed, 1)}


def require_application(user: User, application: str | None) -> None:
    """Raise ConfigurationError for a user that is not the application's.

    ``application`` is S3_PRINCIPAL_ARN: who is named there is, whatever else they may do. Else a
    mistyped name would print the keys of an administrator.
    """
    if user.others and user.arn != application:
        raise ConfigurationError(
            f"{user.name} may not be the application's user: it has {', '.join(user.others)}. "
            f"Nothing was changed. If it is, say so with S3_PRINCIPAL_ARN={user.arn}"
        )


def has_room(user: User) -> bool:
    """Tell whether one more key can be made."""
    return len(user.keys) < MAX_KEYS


def to_retire(user: User) -> Key:
    """Return the key that goes first: one that is off already, else the oldest."""
    return next((key for key in user.keys if not key.active), user.keys[0])


@dataclass(frozen=True, slots=True)
class Retirement:
    """What `iam rotate --retire` has to do."""

    key: Key
    deletes: bool
    """Whether it is deleted; else it is switched off, which can be undone."""
    warnings: tuple[str, ...]


def retirement(user: User, key_id: str, *, delete: bool, now: datetime) -> Retirement:
    """Work out how a key ends; raises ConfigurationError where it must not."""
    key = next((each for each in user.keys if each.id == key_id), None)
    if key is None:
        known = ", ".join(each.id for each in user.keys) or "none"
        raise ConfigurationError(f"{user.name} has no access key {key_id}. It has: {known}.")
    staying = [each for each in user.keys if each.active and each is not key]
    if key.active and not staying:
        raise ConfigurationError(
            f"{key.id} is the only active key of {user.name}: without it uploads and downloads "
            f"stop. Run `gridboss-assets iam rotate {user.name}` for a new one and deploy that "
            "first."
        )
    deletes = delete or not key.active
    return Retirement(key, deletes, tuple(_warnings(key, staying, now)))


def _warnings(key: Key, staying: list[Key], now: datetime) -> list[str]:
    found = []
    newer = [each for each in staying if each.created > key.created]
    if key.last_used is not None:
        service = key.service or "AWS"
        if now - key.last_used < RECENTLY:
            minutes = max(0, round((now - key.last_used) / timedelta(minutes=1)))
            found.append(f"{key.id} was used {minutes} min ago ({service}).")
        found += [
            f"{key.id} was used ({service}) after the newer key {each.id} was made: something may "
            "not have the new one yet."
            for each in newer
            if key.last_used > each.created
        ]
    if key.active:
        found += [
            f"{each.id}, which stays, is the older key." for each in staying if each not in newer
        ]
        found += [
            f"{each.id}, which stays, has never been used: is it deployed?"
            for each in staying
            if each.last_used is None
        ]
    return found
