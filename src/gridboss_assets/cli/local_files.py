"""Files of this machine through the same inspection that uploads go through."""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO, Self

from gridboss_assets.errors import AssetsError, UnsupportedContentType
from gridboss_assets.inspection import Inspection
from gridboss_assets.inspection.configured import inspection_of, scanner_of
from gridboss_assets.inspection.scanner import Scanner
from gridboss_assets.intake import inspected
from gridboss_assets.kinds import DEFAULT_KINDS, ContentType, Kind, Kinds
from gridboss_assets.storage import Attributes, ObjectHead
from gridboss_config import Settings

_CHUNK = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of one file: ``error`` and ``message`` are None when it is accepted.

    ``size`` and ``sha256`` (hex) are of what would be stored.
    """

    file: str
    accepted: bool
    kind: str | None = None
    content_type: str | None = None
    size: int | None = None
    sha256: str | None = None
    warnings: tuple[str, ...] = ()
    error: str | None = None
    message: str | None = None

    def __str__(self) -> str:
        if not self.accepted:
            return f"refused   {self.file}: {self.error}: {self.message}"
        warnings = f" ({', '.join(self.warnings)})" if self.warnings else ""
        return f"accepted  {self.file}: {self.content_type}, {self.size} bytes{warnings}"

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as JSON has them."""
        return asdict(self)


class _Reader:
    """A file of this machine, read as an object of a bucket is."""

    def __init__(self, file: BinaryIO, content_type: str) -> None:
        size = os.fstat(file.fileno()).st_size
        self.head = ObjectHead(file.name, size, "", Attributes(content_type))
        self._file = file

    def chunks(self) -> Iterator[bytes]:
        while piece := self._file.read(_CHUNK):
            yield piece


class LocalFiles:
    """Inspects local files by the rules of one table of kinds."""

    def __init__(
        self, inspection: Inspection, *, scanner: Scanner | None, kinds: Kinds = DEFAULT_KINDS
    ) -> None:
        self._inspection = inspection
        self._scanner = scanner
        self._kinds = kinds

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """Make the inspection of these settings; raises ``Misconfigured``."""
        return cls(inspection_of(settings), scanner=scanner_of(settings))

    def inspect(
        self,
        path: Path,
        *,
        kind: str | None = None,
        content_type: str | None = None,
        out: Path | None = None,
    ) -> Verdict:
        """Inspect one file, and write what would be stored into the folder ``out``, if given."""
        try:
            wanted, found_type = self._type_of(path, kind, content_type)
            with path.open("rb") as file:
                reader = _Reader(file, found_type.name)
                with inspected(
                    reader,
                    wanted,
                    found_type,
                    None,
                    inspection=self._inspection,
                    scanner=self._scanner,
                ) as accepted:
                    if out is not None:
                        accepted.body.seek(0)
                        target = out / f"{path.stem}.{found_type.extension}"
                        target.write_bytes(accepted.body.read())
        except AssetsError as error:
            return Verdict(file=str(path), accepted=False, error=error.code, message=str(error))
        except OSError as error:
            return Verdict(
                file=str(path), accepted=False, error="unreadable", message=str(error.strerror)
            )
        return Verdict(
            file=str(path),
            accepted=True,
            kind=wanted.name,
            content_type=found_type.name,
            size=accepted.size,
            sha256=accepted.seal.sha256,
            warnings=accepted.seal.warnings,
        )

    def _type_of(
        self, path: Path, kind: str | None, content_type: str | None
    ) -> tuple[Kind, ContentType]:
        declared = content_type or ""
        if kind is not None:
            return self._kinds[kind], self._kinds[kind].content_type(declared, path.name)
        for candidate in self._kinds.values():
            with suppress(UnsupportedContentType):
                return candidate, candidate.content_type(declared, path.name)
        raise UnsupportedContentType("No kind of upload takes this type of file.")
