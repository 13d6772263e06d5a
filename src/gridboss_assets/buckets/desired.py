"""What a bucket should be, as data: made from the settings and the kinds, without any network.

The plan is a difference from this, the audit measures against it, and the files for Terraform and
CloudFormation are written from it: START HERE. ``sides`` says what each side has to be, and
``notes`` what a person should know beside it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gridboss_assets.buckets import policies, sides
from gridboss_assets.buckets.notes import notes_on
from gridboss_assets.buckets.policies import Cdn
from gridboss_assets.buckets.principals import Principals
from gridboss_assets.buckets.shapes import Items, to_document
from gridboss_assets.buckets.sides import OWNED, Item
from gridboss_assets.changes import Note
from gridboss_assets.errors import ConfigurationError
from gridboss_assets.kinds import DEFAULT_KINDS, Kinds
from gridboss_assets.storage.providers import BucketFeature, Provider
from gridboss_config import Settings

__all__ = ["OWNED", "DesiredBucket", "Item", "desired"]


@dataclass(frozen=True, slots=True)
class DesiredBucket:
    """The whole desired state of one bucket."""

    bucket: str
    region: str
    provider: Provider
    principals: Principals | None
    cdn: Cdn | None
    versioned: bool
    """Whether old versions are kept, by setting or because the provider always does."""
    kms_key_arn: str | None
    iam_statements: tuple[str, ...]
    kinds: Kinds
    items: tuple[Item, ...]
    notes: tuple[Note, ...]

    def of(self, feature: BucketFeature) -> Mapping[str, Item]:
        """Return the wanted items of one side of the bucket, by name."""
        return {item.name: item for item in self.items if item.feature is feature}

    def document(self, feature: BucketFeature) -> Any:
        """Write one side as the S3 API has it; None where nothing is wanted of it.

        It is what ``bucket apply`` writes to a bucket where nobody else has configured anything.
        """
        items = {name: item.value for name, item in self.of(feature).items()}
        return to_document(feature, Items(items))

    def iam_policy(self) -> dict[str, Any]:
        """Write the application's IAM policy."""
        return policies.iam_policy(
            self.bucket,
            partition=self.principals.partition if self.principals else "aws",
            optional=self.iam_statements,
            kms_key_arn=self.kms_key_arn,
            distribution_arn=self.cdn.distribution_arn if self.cdn else None,
        )


def desired(
    settings: Settings,
    principals: Principals | None,
    *,
    provider: Provider,
    kinds: Kinds = DEFAULT_KINDS,
) -> DesiredBucket:
    """Say what the bucket of these settings should be.

    ``principals`` is None where the provider's policies can't tell callers apart. Nothing that
    the provider lacks is wanted: a note says what that means. Raises ConfigurationError for what
    can't be had there at all.
    """
    if settings.s3_kms_key_arn and not provider.iam:
        raise ConfigurationError(
            f"S3_KMS_KEY_ARN: {provider.name} has no AWS KMS. Leave it empty; objects are then "
            "encrypted with the storage's own keys where it offers that."
        )
    cdn = _cdn(settings, principals)
    versioned = settings.s3_versioning or provider.always_versioned
    wanted = [
        *sides.privacy(provider),
        sides.encryption(settings),
        *([sides.versioning()] if settings.s3_versioning and not provider.always_versioned else []),
        *sides.lifecycle(settings, provider, kinds, versioned=versioned),
        *sides.cors(settings, provider),
        *sides.tags(settings),
        *sides.policy(settings, principals, provider, cdn, kinds),
    ]
    return DesiredBucket(
        bucket=settings.s3_bucket,
        region=settings.s3_region,
        provider=provider,
        principals=principals,
        cdn=cdn,
        versioned=versioned,
        kms_key_arn=settings.s3_kms_key_arn,
        iam_statements=settings.s3_iam_statements,
        kinds=kinds,
        items=tuple(item for item in wanted if item.feature not in provider.lacks),
        notes=tuple(notes_on(settings, provider, principals)),
    )


def _cdn(settings: Settings, principals: Principals | None) -> Cdn | None:
    if settings.cdn_distribution_id is None or principals is None:
        return None
    return Cdn(
        f"arn:{principals.partition}:cloudfront::{principals.account}:distribution/"
        f"{settings.cdn_distribution_id}",
        signed=settings.cdn_key_pair_id is not None,
    )
