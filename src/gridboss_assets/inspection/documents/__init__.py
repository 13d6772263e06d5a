"""Documents: CSV, JSON, PDF and ZIP are what their type says, and hold nothing that acts.

``check_head`` sees the first 64 KiB and refuses most wrong files; ``check`` sees everything. The
bytes are never changed: what passes is stored as it is.
"""

from typing import IO

from gridboss_assets.errors import EmptyObject, Misconfigured
from gridboss_assets.inspection.documents import csv_text, json_text, pdf, zip_archive
from gridboss_assets.inspection.documents.findings import Findings
from gridboss_assets.inspection.policy import DEFAULT_POLICY, InspectionPolicy

__all__ = ["HEAD_BYTES", "check", "check_head"]

HEAD_BYTES = 64 * 1024

_BY_TYPE = {
    "text/csv": csv_text,
    "application/json": json_text,
    "application/pdf": pdf,
    "application/zip": zip_archive,
}


def check_head(
    head: bytes,
    content_type: str,
    *,
    is_whole: bool = False,
    policy: InspectionPolicy = DEFAULT_POLICY,
) -> None:
    """Check up to 64 KiB from the start of a document; costs less than a millisecond.

    ``is_whole``: there is nothing after ``head``. Raises a ``Rejection``: ``ContentMismatch`` for
    another type, ``InvalidDocument`` for a damaged file, ``UnsafeDocument`` for a hostile one or
    for what the policy refuses.
    """
    if is_whole and not head:
        raise EmptyObject
    module = _BY_TYPE.get(content_type)
    if module is None:
        raise Misconfigured(detail=f"no inspection for documents of type {content_type!r}")
    module.check_head(head, is_whole=is_whole, findings=Findings(policy))


def check(
    file: IO[bytes],
    content_type: str,
    *,
    size: int,
    policy: InspectionPolicy = DEFAULT_POLICY,
) -> tuple[str, ...]:
    """Check ``size`` bytes from the file's position; returns warnings as sorted stable codes.

    A code is the name of the policy's field that says ``warn``. Memory stays under 64 MiB for
    files of 25 MiB: a real file is mapped, never copied. Raises what ``check_head`` raises.
    """
    start = file.tell()
    check_head(
        file.read(min(size, HEAD_BYTES)), content_type, is_whole=size <= HEAD_BYTES, policy=policy
    )
    file.seek(start)
    findings = Findings(policy)
    _BY_TYPE[content_type].check(file, size=size, findings=findings)
    return findings.warnings
