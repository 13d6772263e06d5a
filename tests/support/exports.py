"""A small stand-in for ``write_export``, reports for it, and a storage with multipart uploads."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from gridboss_assets.exports import Column
from gridboss_assets.keys import owner_segment
from gridboss_assets.reports import Report, Reports
from gridboss_assets.storage import Attributes, MemoryStorage


@dataclass(frozen=True)
class Written:
    """What a real export would answer, as far as jobs need it."""

    object_key: str
    filename: str
    content_length: int
    rows: int


class Storage(MemoryStorage):
    """Notes which uploads were aborted."""

    def __init__(self) -> None:
        super().__init__()
        self.aborted: list[tuple[str, str]] = []
        self.may_abort = True

    def abort_multipart(self, key: str, upload_id: str) -> bool:
        self.aborted.append((key, upload_id))
        return self.may_abort


def write(rows: Any, **how: Any) -> Written:
    """Write rows as lines, tell the progress after each, and put them only when all are there."""
    key = f"exports/{owner_segment(how['owner'])}/{how['id']}.{how['format']}"
    lines = []
    for row in rows:
        lines.append(str(row))
        how["progress"](len(lines))
    data = "\n".join(lines).encode()
    how["storage"].put(key, BytesIO(data), Attributes("text/csv"))
    return Written(key, how["filename"], len(data), len(lines))


def report(name: str, function: Any) -> Report:
    return Report(name=name, function=function, columns=(Column("n"),), title=name)


def numbers(parameters: Mapping[str, Any]) -> Iterator[tuple[int]]:
    for n in range(parameters.get("rows", 3)):
        yield (n,)


REPORTS = Reports(report("numbers", numbers))
