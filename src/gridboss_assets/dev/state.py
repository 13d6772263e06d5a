"""What ``gridboss-assets dev`` remembers between two runs: the S3 server's port and keys.

Links that were handed out before a restart live on as long as all three stay the same. Nothing
else hangs on them: the server is told its keys anew at every start.
"""

import logging
import os
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

log = logging.getLogger(__name__)


class State(BaseModel):
    """The content of ``server.json``."""

    model_config = ConfigDict(frozen=True, strict=True)

    port: int = Field(ge=1024, le=65_000)
    access_key: str = Field(pattern=r"^[!-~]{3,128}$")
    secret_key: str = Field(pattern=r"^[!-~]{8,128}$")

    @classmethod
    def load(cls, path: Path) -> Self | None:
        """Read the file; None if there is none, or none that can be used."""
        try:
            return cls.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            return None
        except ValidationError:
            log.warning(
                "%s is damaged and is written anew. No upload is lost, but links that were handed "
                "out before are no longer valid.",
                path,
            )
            return None

    def save(self, path: Path) -> None:
        """Write the file whole or not at all, readable by its owner alone."""
        unfinished = path.with_name(f"{path.name}.new")
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(self.model_dump_json())
            file.flush()
            os.fsync(descriptor)
        unfinished.replace(path)
