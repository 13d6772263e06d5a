"""What all settings have in common: where they are read from, and how a value is tidied."""

from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from gridboss_config.values import Lower, Upper


class BaseGroup(BaseSettings):
    """The ground of every group of settings, with those two that belong to no group."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8",
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        alias_generator=str.upper,
        populate_by_name=True,
        validate_default=True,
    )

    app_env: Annotated[Literal["production", "staging", "development", "test"], Lower] = Field(
        "production",
        description="The environment. `development` and `test` serve without sign-in when no "
        "JWT key is set.",
    )
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], Upper] = Field(
        "INFO", description="How much is logged, as JSON lines on standard error."
    )

    @field_validator("*", mode="before")
    @classmethod
    def _strip(cls, value: object, info: ValidationInfo) -> object:
        if not isinstance(value, str):
            return value
        # A value pasted into a dashboard often brings a blank or a line end along.
        value = value.strip()
        if value or info.field_name == "jwt_access_claim":
            return value
        # Compose and dashboards pass variables that nobody set as empty ones.
        return cls.model_fields[str(info.field_name)].default

    @property
    def is_development(self) -> bool:
        """Whether the service may run without sign-in."""
        return self.app_env in {"development", "test"}
