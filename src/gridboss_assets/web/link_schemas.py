"""The bodies of ``POST /uploads/download``: for one link, and for many in one request."""

from typing import ClassVar, Literal, Self

from pydantic import AliasChoices, Field, model_validator
from pydantic_core import PydanticCustomError

from gridboss_assets import models
from gridboss_assets.web.schemas import (
    EXAMPLE_KEY,
    EXAMPLE_URL,
    Answer,
    Body,
    ErrorDetail,
    ExpiresIn,
    object_key_alias,
)

MOST_LINKS = 500
"""How many links one request may ask for: more than a page shows at once."""

_BYTES_OF_A_KEY = 1024


class DownloadRequest(Body):
    """One object, ``objectKey``, or many, ``objectKeys``: one of the two has to be there.

    A ``kind`` that stands beside must agree with each key. ``disposition`` and ``filename`` are
    signed: they tell the storage how to serve, for every link of the answer.
    """

    # A key has at most 1 KiB, as plain JSON; the rest of the request is like any other.
    max_bytes: ClassVar[int] = Body.max_bytes + MOST_LINKS * _BYTES_OF_A_KEY

    object_key: str | None = Field(None, validation_alias=object_key_alias, examples=[EXAMPLE_KEY])
    object_keys: list[str] | None = Field(
        None,
        validation_alias=AliasChoices("objectKeys", "object_keys"),
        min_length=1,
        max_length=MOST_LINKS,
        fail_fast=True,
        examples=[[EXAMPLE_KEY]],
        description="Instead of `objectKey`: many links, answered in this order.",
    )
    kind: str | None = Field(None, examples=["avatar"])
    disposition: Literal["inline", "attachment"] | None = Field(
        None, description="Whether a browser shows the object or saves it, whatever is stored."
    )
    filename: str | None = Field(
        None,
        examples=["me.png"],
        description="The name of a saved file. It is cleaned like that of an upload.",
    )

    @model_validator(mode="after")
    def _one_or_many(self) -> Self:
        if (self.object_key is None) == (self.object_keys is None):
            raise PydanticCustomError("one_or_many", "name `objectKey` or `objectKeys`, not both")
        return self


class DownloadAnswer(Answer):
    """A link that reads the object."""

    object_key: str = Field(examples=[EXAMPLE_KEY])
    url: str = Field(examples=[EXAMPLE_URL])
    expires_in: ExpiresIn

    @classmethod
    def of(cls, link: models.DownloadLink) -> "DownloadAnswer":
        """Make the answer. Nothing is validated: every value is our own."""
        return cls.model_construct(
            object_key=link.object_key, url=link.url, expires_in=link.expires_in
        )


class RefusedLink(Answer):
    """What a request for this key alone would have been refused with."""

    object_key: str = Field(examples=[EXAMPLE_KEY], description="As it was sent.")
    detail: ErrorDetail


class DownloadsAnswer(Answer):
    """A link or an error for each key, in the order of the request."""

    links: list[DownloadAnswer | RefusedLink]
    expires_in: int = Field(
        description="Seconds until the first of the links expires; 0 where there is none."
    )
