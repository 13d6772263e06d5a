"""Single questions to a server, whose refusal is an answer too."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from gridboss_assets.buckets.audit.evidence import Answered, Grant, Outcome, Stranger
from gridboss_assets.buckets.plan import NotOffered, NotReadable
from gridboss_assets.calls import code_of, explained, is_not_offered, status_of
from gridboss_assets.errors import OperationFailed

_T = TypeVar("_T")

# What a server says to who signs nothing: S3's 403, Backblaze B2's 401, Cloudflare R2's 400.
_REFUSALS = {HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}


def asked(
    doing: str,
    call: Callable[[], Any],
    value: Callable[[Any], _T],
    absent: Mapping[str, _T] | None = None,
) -> Answered[_T]:
    """Make a call and take its answer apart.

    ``absent`` says which value an error code stands for, such as that of "not configured". A
    refusal, or another error of this one call, is NotReadable. Raises OperationFailed where no
    answer comes at all.
    """
    try:
        with explained(doing):
            answer = call()
    except OperationFailed as error:
        cause = error.__cause__
        if not isinstance(cause, ClientError):
            raise
        code = code_of(cause)
        if absent and code in absent:
            return absent[code]
        if is_not_offered(cause):
            return NotOffered(f"The server does not have it ({status_of(cause)} {code}).")
        return NotReadable(str(error))
    try:
        return value(answer)
    except KeyError:
        # Some servers answer a question that they don't know as if another had been asked.
        return NotOffered("The server does not have it: its answer is about something else.")


def strange(call: Callable[[], Any]) -> Stranger:
    """See how a request without a signature ends."""
    try:
        call()
    except ClientError as error:
        status = status_of(error)
        if status in _REFUSALS:
            return Stranger(Outcome.REFUSED, str(status))
        if status == HTTPStatus.NOT_FOUND:
            return Stranger(Outcome.GONE, str(status))
        return Stranger(Outcome.UNCLEAR, str(status))
    except BotoCoreError as error:
        return Stranger(Outcome.UNCLEAR, type(error).__name__)
    return Stranger(Outcome.OPEN, "200")


def grants_to_others(answer: Mapping[str, Any]) -> tuple[Grant, ...]:
    """Return what an ACL gives to anybody but its owner."""
    owner = answer["Owner"].get("ID")
    found = []
    for grant in answer.get("Grants", []):
        grantee, permission = grant.get("Grantee", {}), grant.get("Permission", "?")
        if uri := grantee.get("URI"):
            found.append(Grant(uri.rpartition("/")[2], permission, group=True))
        elif grantee.get("ID") != owner:
            name = grantee.get("ID") or grantee.get("EmailAddress") or "somebody unnamed"
            found.append(Grant(name, permission))
    return tuple(found)
