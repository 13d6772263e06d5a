"""The seal: metadata that marks an object as inspected, and by what.

It holds nothing that differs between two inspections of the same bytes, so that two parallel
``complete`` calls write the same seal and a later one can answer from it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from gridboss_assets.filenames import decode, encode
from gridboss_assets.kinds import ContentType

_SHA256 = re.compile(r"[0-9a-f]{64}")
_WARNINGS = re.compile(r"[a-z0-9_-]+(?:,[a-z0-9_-]+)*")


@dataclass(frozen=True, slots=True)
class Seal:
    """What ``complete`` found. ``sha256`` (hex) is of the bytes that are served."""

    inspector: str
    sha256: str
    filename: str | None
    warnings: tuple[str, ...] = ()

    def to_metadata(self) -> dict[str, str]:
        """Write the seal as S3 user metadata: lower-case names, ASCII values."""
        metadata = {"inspector": self.inspector, "sha256": self.sha256}
        if self.filename is not None:
            metadata["filename"] = encode(self.filename)
        if self.warnings:
            metadata["warnings"] = ",".join(self.warnings)
        return metadata

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, str], content_type: ContentType) -> Self | None:
        """Read a seal; None when the object carries none."""
        inspector, sha256 = metadata.get("inspector"), metadata.get("sha256", "")
        if not inspector or not _SHA256.fullmatch(sha256):
            return None
        warnings = metadata.get("warnings", "")
        return cls(
            inspector,
            sha256,
            decode(metadata.get("filename"), content_type),
            tuple(warnings.split(",")) if _WARNINGS.fullmatch(warnings) else (),
        )
