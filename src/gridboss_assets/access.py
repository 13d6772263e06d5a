"""Who may do what: one function decides from (caller, action, resource)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from gridboss_assets.jobs.model import Job
from gridboss_assets.keys import ObjectKey, owner_segment
from gridboss_assets.kinds import Kind
from gridboss_assets.reports import ReportRequest

Action = Literal[
    "sign",
    "complete",
    "complete_trusted",
    "download",
    "delete",
    "export",
    "read_job",
    "cancel_job",
]
"""What is asked for. ``complete_trusted`` is ``complete`` on a key that nobody owns.

``read_job`` covers the link to what the job wrote.
"""

Resource = Kind | ObjectKey | ReportRequest | Job
"""What it is asked for.

A kind for ``sign``, a report with its parameters for ``export``, a job for ``read_job`` and
``cancel_job``, a key for everything else.
"""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. ``subject`` is the token's ``sub``; ``claims`` the whole verified token."""

    subject: str
    claims: Mapping[str, Any] = field(default_factory=dict, repr=False)
    is_developer: bool = False
    """May do everything: the caller of a service without sign-in, in development alone."""

    @property
    def owner(self) -> str:
        """The OWNER segment of this caller's keys."""
        return owner_segment(self.subject)


Authorize = Callable[[Caller, Action, Resource], bool]


def authorize(caller: Caller, action: Action, resource: Resource) -> bool:
    """Decide by the default rules; embedders pass their own function to ``create_app``.

    Everyone signs for themselves; ``complete`` and ``delete`` are for the key's owner; pictures of
    a public kind are for any caller, other objects for their owner, and ownerless ones, which
    jobs wrote for everyone, for any caller. Nobody deletes or seals those over HTTP. A report that
    is available to any caller may be asked for by any; its job is for whoever asked.
    """
    if caller.is_developer:
        return True
    match resource:
        case Kind():
            return action == "sign"
        case ReportRequest():
            return action == "export" and resource.report.available_to == "any_caller"
        case Job():
            return action in {"read_job", "cancel_job"} and resource.subject == caller.subject
        case ObjectKey():
            return _may_use(caller, action, resource)


def _may_use(caller: Caller, action: Action, key: ObjectKey) -> bool:
    if action == "download" and (key.kind.is_public or not key.owner):
        return True
    return action in {"complete", "download", "delete"} and key.owner == caller.owner
