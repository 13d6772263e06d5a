"""Every setting, with what is required and what is refused.

The fields stand in a file for each subject. Each checks itself against the fields above it, so
pydantic collects *every* problem and the process stops once, with one message that names them all.
"""

from functools import lru_cache
from typing import Any, Self

from pydantic import ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

from gridboss_config.bucket import BucketSettings
from gridboss_config.callers import CallerSettings
from gridboss_config.delivery import DeliverySettings
from gridboss_config.exports import ExportSettings
from gridboss_config.inspection import InspectionSettings
from gridboss_config.storage import StorageSettings


# Pydantic lists the fields of the last base first, and so do the table and `.env.example`.
class Settings(
    ExportSettings,
    CallerSettings,
    InspectionSettings,
    DeliverySettings,
    BucketSettings,
    StorageSettings,
):
    """The settings of one deployment, frozen. Keys are the environment's, in any case.

    Raises pydantic's ``ValidationError`` (a ``ValueError``) that names every key that is missing
    or unusable and says how to mend it; neither its text nor its details hold a value.
    """

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise _without_values(error) from None

    def with_changes(self, **changes: object) -> Self:
        """Return a checked copy with some keys changed, reading no environment."""
        values = {name: getattr(self, name) for name in type(self).model_fields}
        return type(self)(_env_file=None, **(values | changes))


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """Return the settings of this process, read once; ``cache_clear()`` forgets them."""
    return Settings()


def describe(error: ValidationError) -> str:
    """Write a settings error for a terminal: one line a key, with what to do about it."""
    problems = [f"  {'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
    return "\n".join(["These settings are missing or unusable (see .env.example):", *problems])


def _without_values(error: ValidationError) -> ValidationError:
    """Make the same error anew without the values: `errors()` would show a secret's."""
    details = [
        InitErrorDetails(
            type=PydanticCustomError("unusable_setting", "{message}", {"message": e["msg"]}),
            loc=tuple(str(part).upper() for part in e["loc"]),
            input=None,
        )
        for e in error.errors(include_input=False, include_url=False)
    ]
    return ValidationError.from_exception_data(error.title, details, hide_input=True)
