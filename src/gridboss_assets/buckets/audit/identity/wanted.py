"""What the application should be allowed, and how its policies become so."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gridboss_assets.buckets.audit.identity.reading import Document, Identity
from gridboss_assets.kinds import Kinds

_Json = Any
_PRINT = "`gridboss-assets iam policy` prints all that the application needs"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the application should be allowed: ``policy`` as :func:`application_policy` writes it.

    ``optional`` are policies with each optional statement, by its name, where it can be written at
    all; ``ours`` is the name of the inline policy that is ours.
    """

    policy: Mapping[str, _Json]
    optional: Mapping[str, Mapping[str, _Json]]
    ours: str
    kinds: Kinds


def to_take_away(identity: Identity, document: Document, wanted: Wanted) -> str:
    """Say how a policy that allows too much is taken away, or put in step."""
    who = f"--{identity.kind}-name {identity.name}"
    if document.group is not None:
        return (
            f"{_PRINT}. Take the user out of the group: `aws iam remove-user-from-group {who} "
            f"--group-name {document.group}`."
        )
    if document.managed:
        return (
            f"{_PRINT}. Detach the rest: `aws iam detach-{identity.kind}-policy {who} "
            f"--policy-arn {document.name}`."
        )
    if document.name == wanted.ours:
        return to_mend(identity, wanted)
    return (
        f"{_PRINT}. Delete the rest: `aws iam delete-{identity.kind}-policy {who} "
        f"--policy-name {document.name}`."
    )


def to_mend(identity: Identity, wanted: Wanted) -> str:
    """Say how the policy is put in step; `create-user` refuses who has others, or a password."""
    others = [each for each in identity.documents if each.name != wanted.ours or each.managed]
    if identity.kind == "user" and not (others or identity.groups or identity.password):
        return f"`gridboss-assets iam create-user {identity.name} --no-key` puts it in step."
    return (
        f"{_PRINT}: save that as policy.json and run `aws iam put-{identity.kind}-policy "
        f"--{identity.kind}-name {identity.name} --policy-name {wanted.ours} --policy-document "
        "file://policy.json`."
    )
