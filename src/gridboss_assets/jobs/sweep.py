"""Remove uploads that nobody completed: what stands under ``pending/`` for too long.

Nobody refers to a pending object, nobody can download one, and no form that could write to its
key is still valid. Only objects are removed, only there, and whatever they are.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from gridboss_assets.errors import PreconditionFailed, StorageError
from gridboss_assets.keys import PENDING_PREFIX
from gridboss_assets.storage import ListedObject, Storage
from gridboss_assets.uploads import MAX_UPLOAD_TTL

DEFAULT_AGE = 2 * MAX_UPLOAD_TTL
"""Seconds. An age counts from the upload's arrival, so its form has ended after one such life.

The second one is for ``complete``: a page that slept, a service that was down, an upload that was
slow (servers differ in whether its begin or its end is its time).
"""

_HOPELESS = 10
"""Failures in a row after which the rest is left for another time: nothing will be different."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SweepResult:
    """What a sweep did, or would do in a dry run.

    ``removed`` and ``bytes`` count objects and their size, ``kept`` those that are younger or were
    replaced meanwhile, ``failed`` those that could not be removed, and ``fault`` says why the
    first could not. ``finished``: whether all were looked at.
    """

    removed: int = 0
    bytes: int = 0
    kept: int = 0
    failed: int = 0
    fault: str | None = None
    finished: bool = True


def sweep(
    storage: Storage,
    *,
    older_than: float = DEFAULT_AGE,
    dry_run: bool = False,
    limit: int | None = None,
    on_removed: Callable[[ListedObject], None] | None = None,
) -> SweepResult:
    """Remove pending uploads that are older than ``older_than`` seconds, by the storage's clock.

    Safe to repeat, and beside ``complete`` and other sweeps. An upload that replaces one between
    its listing and its removal survives, where the storage has conditional deletes. ``limit`` is
    the number that one call removes at most; ``on_removed`` hears of each. What can't be removed
    is counted and left; a listing that fails raises ``StorageError``, and ``ValueError`` a
    negative age.
    """
    if older_than < 0:
        msg = "older_than is a number of seconds, 0 or more"
        raise ValueError(msg)
    removed = size = kept = failed = in_a_row = 0
    fault: str | None = None
    for each in storage.list_objects(PENDING_PREFIX):
        if removed == limit or in_a_row == _HOPELESS:
            return SweepResult(removed, size, kept, failed, fault, finished=False)
        # The prefix again, although it was asked for: what stands elsewhere can't be had back.
        if each.age <= older_than or not each.key.startswith(PENDING_PREFIX):
            kept += 1
            continue
        try:
            if not dry_run:
                storage.delete(each.key, only_if_etag=each.etag)
        except PreconditionFailed:
            kept += 1
            continue
        except StorageError as error:
            failed += 1
            in_a_row += 1
            fault = fault or error.detail or str(error)
            _log.warning("could not remove a pending upload: %s", error.detail or error)
            continue
        in_a_row = 0
        removed += 1
        size += each.size
        if on_removed is not None:
            on_removed(each)
    return SweepResult(removed, size, kept, failed, fault)
