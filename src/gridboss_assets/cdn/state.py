"""What stands in the account: as ``aws`` reads it, and ``plan`` compares it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gridboss_assets.cdn.parts import Ref

_Json = Any


@dataclass(frozen=True, slots=True)
class Standing:
    """A resource that exists; lists in ``value`` are plain."""

    id: str
    """What others name it by: its ID, a function's ARN."""
    value: Mapping[str, _Json]
    etag: str
    """The version that was read; a change of any other is refused by CloudFront."""


@dataclass(frozen=True, slots=True)
class StandingKey:
    """A public key of the account."""

    id: str
    name: str
    pem: str


@dataclass(frozen=True, slots=True)
class StandingDistribution:
    """A distribution that exists; lists in ``config`` are plain."""

    id: str
    domain: str
    """CloudFront's own name for it, such as ``d111111abcdef8.cloudfront.net``."""
    config: Mapping[str, _Json]
    etag: str
    deployed: bool
    """Whether its configuration has reached every edge."""


@dataclass(frozen=True, slots=True)
class CdnState:
    """Everything of it that there is."""

    resources: Mapping[Ref, Standing]
    keys: tuple[StandingKey, ...] = ()
    """All public keys of the account."""
    distribution: StandingDistribution | None = None
    others: tuple[str, ...] = ()
    """IDs of further distributions that read from the bucket."""
