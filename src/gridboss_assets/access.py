"""Who may do what: one function decides from (caller, action, resource)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from gridboss_assets.keys import ObjectKey, owner_segment
from gridboss_assets.kinds import Kind

Action = Literal["sign", "complete", "complete_trusted", "download", "delete"]
"""What is asked for. ``complete_trusted`` is ``complete`` on a key that nobody owns."""

Resource = Kind | ObjectKey
"""What it is asked for: a kind for ``sign``, a key for everything else."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. ``subject`` is the token's ``sub``; ``claims`` the whole verified token."""

    subject: str
    claims: Mapping[str, Any] = field(default_factory=dict, repr=False)
    is_developer: bool = False
    """May act on every key: the caller of a service without sign-in, in development alone."""

    @property
    def owner(self) -> str:
        """The OWNER segment of this caller's keys."""
        return owner_segment(self.subject)


Authorize = Callable[[Caller, Action, Resource], bool]


def authorize(caller: Caller, action: Action, resource: Resource) -> bool:
    """Decide by the default rules; embedders pass their own function to ``create_app``.

    Everyone signs for themselves; ``complete`` and ``delete`` are for the key's owner; pictures of
    a public kind are for any caller, other objects for their owner, and ownerless ones, which
    jobs wrote for everyone, for any caller. Nobody deletes or seals those over HTTP.
    """
    if caller.is_developer or isinstance(resource, Kind):
        return caller.is_developer or action == "sign"
    if action == "download" and (resource.kind.readable_by == "any_caller" or not resource.owner):
        return True
    return action in {"complete", "download", "delete"} and resource.owner == caller.owner
