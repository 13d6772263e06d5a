"""What both formats are written from: the API's documents, and who the application is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gridboss_assets.buckets import policies
from gridboss_assets.buckets.desired import DesiredBucket
from gridboss_assets.buckets.principals import Principals, name_of
from gridboss_assets.errors import ConfigurationError
from gridboss_assets.storage.providers import BucketFeature, Provider

ADVICE = "Don't edit it: change the settings and write it anew."


@dataclass(frozen=True, slots=True)
class Application:
    """The IAM user or role that the application is."""

    arn: str

    @property
    def is_user(self) -> bool:
        """Whether it is a user, which is ours to make. A role's trust is not, so it must exist."""
        return name_of(self.arn)[0] == "user"

    @property
    def name(self) -> str:
        """Its name, without the path."""
        return name_of(self.arn)[1]

    @property
    def path(self) -> str:
        """Its path as IAM has it, from slash to slash (IAM User Guide, "IAM identifiers")."""
        between = self.arn.split(":", 5)[5].split("/")[1:-1]
        return "/".join(["", *between, ""])

    @property
    def keys(self) -> str:
        """Say where its access keys come from: in a file, or in a state, they would be read."""
        if self.is_user:
            return (
                "The user of the application. Its access keys are not made here, where many may "
                f"read them: `gridboss-assets iam rotate {self.name}` makes them."
            )
        return "The role of the application, which exists already. It needs no access keys."


def refuse_others(provider: Provider) -> None:
    """Raise ConfigurationError for a provider that is not AWS."""
    if not provider.iam:
        raise ConfigurationError(
            f"The files describe resources of AWS, and these settings are for {provider.name}. "
            "`gridboss-assets bucket apply` sets that bucket up; for a bucket on AWS leave "
            "S3_ENDPOINT and S3_PROVIDER empty."
        )


def principals_of(wanted: DesiredBucket) -> Principals:
    """Return whom the bucket admits; raises ConfigurationError where there can't be files."""
    refuse_others(wanted.provider)
    if wanted.principals is None:
        raise ConfigurationError(
            "Who is the application? Set S3_PRINCIPAL_ARN to the ARN of its IAM user or role."
        )
    if policies.INSECURE not in wanted.of(BucketFeature.POLICY):
        # A stand-in of AWS on this machine needs no TLS; the real bucket would lack the denial.
        raise ConfigurationError(
            "S3_ENDPOINT is plain http on this machine, so the policy would not deny what is not "
            "TLS. Leave S3_ENDPOINT empty for files that are meant for AWS."
        )
    return wanted.principals


def tags_of(wanted: DesiredBucket) -> Mapping[str, str]:
    """Return the tags of the bucket, which its application's user has too."""
    return {name: item.value for name, item in wanted.of(BucketFeature.TAGS).items()}


def api_documents(wanted: DesiredBucket) -> dict[BucketFeature, Any]:
    """Return the sides of the bucket, but for its tags, in the form of the API's PUT requests."""
    documents: dict[BucketFeature, Any] = {}
    for feature in dict.fromkeys(item.feature for item in wanted.items):
        if feature is not BucketFeature.TAGS:
            documents[feature] = _wrapped(feature, wanted.document(feature))
    return documents


def _wrapped(feature: BucketFeature, document: Any) -> Any:
    if feature is BucketFeature.OWNERSHIP:
        return {"Rules": [{"ObjectOwnership": document}]}
    if feature is BucketFeature.VERSIONING:
        return {"VersioningConfiguration": {"Status": document}}
    return document
