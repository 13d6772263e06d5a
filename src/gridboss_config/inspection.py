"""How uploaded files are inspected."""

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator
from pydantic_settings import NoDecode

from gridboss_config.base import BaseGroup
from gridboss_config.values import problem


class InspectionSettings(BaseGroup):
    """Where files are inspected, what is refused, and whether an antivirus is asked."""

    inspection: Literal["sandbox", "in_process"] = Field(
        "sandbox",
        description="Where files are inspected: in confined processes, or in the process of the "
        "service itself.",
    )
    inspection_workers: int | None = Field(
        None,
        ge=1,
        description="How many files are inspected at once, each in a process of its own. Empty "
        "means one for each core, at least 2 and at most 4.",
    )
    inspection_policy: Annotated[dict[str, str], NoDecode] = Field(
        {},
        description="What is refused, warned about or accepted where the defaults don't fit, as "
        "`name=value` separated by commas, such as `csv_formulas=refuse,zip_office=accept`. The "
        "names stand in the table of the inspection policy.",
    )
    clamd_address: str | None = Field(
        None,
        description="A clamd that is asked about every file, such as "
        "`unix:///run/clamav/clamd.ctl` or `tcp://clamd:3310`. Empty means no antivirus.",
    )

    @field_validator("inspection_policy", mode="before")
    @classmethod
    def _split_policy(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        pairs = [part.partition("=") for part in value.split(",") if part.strip()]
        if not all(name.strip() and choice.strip() for name, _, choice in pairs):
            raise problem("give `name=value`, separated by commas, or leave it empty")
        return {name.strip().lower(): choice.strip().lower() for name, _, choice in pairs}

    @field_validator("clamd_address")
    @classmethod
    def _socket_address(cls, value: str | None) -> str | None:
        parts = urlsplit(value or "unix:///")
        if not (parts.scheme == "unix" and parts.path) and not (
            parts.scheme == "tcp" and parts.hostname
        ):
            raise problem("give unix:///run/clamav/clamd.ctl or tcp://HOST:3310")
        return value
