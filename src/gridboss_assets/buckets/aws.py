"""Reads what a bucket is and writes what the plan says: calls of the S3 API, and no decision."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from gridboss_assets.buckets.plan import (
    ORDER,
    BucketState,
    NotOffered,
    NotReadable,
    Plan,
    Reading,
    Step,
)
from gridboss_assets.buckets.shapes import to_document, to_items
from gridboss_assets.calls import (
    code_of,
    explained,
    is_denied,
    is_not_offered,
    status_of,
)
from gridboss_assets.errors import ConfigurationError, OperationFailed
from gridboss_assets.storage.providers import BucketFeature, Provider

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_Json = Any

# Another change of the same bucket is under way (S3 API Reference, "Error responses",
# OperationAborted); botocore does not try these again.
_CONFLICTS = frozenset({"OperationAborted", "ConflictException"})
_CONFLICT_TRIES = 4


@dataclass(frozen=True, slots=True)
class _Get:
    operation: str
    absent: frozenset[str]
    """The error codes that mean "not configured" (S3 API Reference, each call's errors)."""
    document: Callable[[Any], _Json]


def _without_metadata(answer: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in answer.items() if k != "ResponseMetadata" and v is not None}


_GETS: Mapping[BucketFeature, _Get] = {
    BucketFeature.PUBLIC_ACCESS_BLOCK: _Get(
        "get_public_access_block",
        frozenset({"NoSuchPublicAccessBlockConfiguration"}),
        lambda answer: answer["PublicAccessBlockConfiguration"],
    ),
    BucketFeature.OWNERSHIP: _Get(
        "get_bucket_ownership_controls",
        frozenset({"OwnershipControlsNotFoundError"}),
        # A server that does not know the call may answer another one, without any rule.
        lambda answer: next(
            (rule["ObjectOwnership"] for rule in answer["OwnershipControls"].get("Rules", ())), None
        ),
    ),
    BucketFeature.ENCRYPTION: _Get(
        "get_bucket_encryption",
        frozenset({"ServerSideEncryptionConfigurationNotFoundError"}),
        lambda answer: answer["ServerSideEncryptionConfiguration"],
    ),
    BucketFeature.VERSIONING: _Get(
        "get_bucket_versioning", frozenset(), lambda answer: answer.get("Status")
    ),
    BucketFeature.LIFECYCLE: _Get(
        "get_bucket_lifecycle_configuration",
        frozenset({"NoSuchLifecycleConfiguration"}),
        lambda answer: _without_metadata(answer) if answer.get("Rules") else None,
    ),
    BucketFeature.CORS: _Get(
        "get_bucket_cors",
        frozenset({"NoSuchCORSConfiguration"}),
        lambda answer: _without_metadata(answer) if answer.get("CORSRules") else None,
    ),
    BucketFeature.TAGS: _Get(
        "get_bucket_tagging",
        frozenset({"NoSuchTagSet", "NoSuchTagSetError"}),
        _without_metadata,
    ),
    BucketFeature.POLICY: _Get(
        "get_bucket_policy",
        frozenset({"NoSuchBucketPolicy"}),
        lambda answer: json.loads(answer["Policy"]) if answer.get("Policy") else None,
    ),
}


_PUTS: Mapping[BucketFeature, tuple[str, str]] = {
    BucketFeature.PUBLIC_ACCESS_BLOCK: (
        "put_public_access_block",
        "PublicAccessBlockConfiguration",
    ),
    BucketFeature.OWNERSHIP: ("put_bucket_ownership_controls", "OwnershipControls"),
    BucketFeature.ENCRYPTION: ("put_bucket_encryption", "ServerSideEncryptionConfiguration"),
    BucketFeature.VERSIONING: ("put_bucket_versioning", "VersioningConfiguration"),
    BucketFeature.LIFECYCLE: ("put_bucket_lifecycle_configuration", "LifecycleConfiguration"),
    BucketFeature.CORS: ("put_bucket_cors", "CORSConfiguration"),
    BucketFeature.TAGS: ("put_bucket_tagging", "Tagging"),
    BucketFeature.POLICY: ("put_bucket_policy", "Policy"),
}
_DELETES = {
    BucketFeature.LIFECYCLE: "delete_bucket_lifecycle",
    BucketFeature.CORS: "delete_bucket_cors",
    BucketFeature.POLICY: "delete_bucket_policy",
}


class Bucket:
    """One bucket and the client of an operator.

    Raises OperationFailed for what the server refuses and ConfigurationError where the settings
    don't fit what is there.
    """

    def __init__(self, client: "S3Client", name: str, region: str, provider: Provider) -> None:
        self.client = client
        self.name = name
        self.region = region
        self.provider = provider

    def read(self) -> BucketState:
        """Read everything that the desired state speaks of."""
        if not self._exists():
            return BucketState(exists=False, sides={})
        sides = {f: self._read(f) for f in ORDER if f not in self.provider.lacks}
        shared = BucketFeature.OWNERSHIP in sides and self._grants_to_others()
        return BucketState(exists=True, sides=sides, grants_to_others=shared)

    def apply(self, planned: Plan) -> Iterator[str]:
        """Execute a plan step by step; yields the name of each step once it is done.

        Where a step fails nothing after it is tried, and what was done stays: it is safe at every
        point, and the next plan holds only the rest.
        """
        if planned.creates:
            self.create()
            yield "bucket"
        for step in planned.steps:
            self._write(step)
            yield step.feature.value

    def create(self) -> None:
        """Create the bucket, private from its first moment."""
        options: dict[str, Any] = {}
        if self.provider.iam:
            options["ObjectOwnership"] = "BucketOwnerEnforced"
            if self.region != "us-east-1":
                # us-east-1 is no location constraint (S3 API Reference, "CreateBucket").
                options["CreateBucketConfiguration"] = {"LocationConstraint": self.region}
        try:
            with explained(f"creating the bucket {self.name}"):
                self.client.create_bucket(Bucket=self.name, **options)
        except OperationFailed as error:
            if isinstance(error.__cause__, ClientError) and (
                code_of(error.__cause__) == "BucketAlreadyExists"
            ):
                raise ConfigurationError(
                    f"Somebody else has a bucket named {self.name}; names are unique in all of "
                    f"{self.provider.name}. Choose another S3_BUCKET."
                ) from error
            raise

    def _exists(self) -> bool:
        try:
            with explained(f"looking for the bucket {self.name}"):
                answer = self.client.head_bucket(Bucket=self.name)
        except OperationFailed as error:
            cause = error.__cause__
            if not isinstance(cause, ClientError):
                raise
            status = status_of(cause)
            headers = cause.response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
            if status == HTTPStatus.NOT_FOUND:
                return False
            self._check_region(headers)
            if status == HTTPStatus.FORBIDDEN:
                raise OperationFailed(
                    f"The bucket {self.name} exists, and these credentials may not reach it. "
                    "Either it belongs to somebody else (choose another S3_BUCKET), or its "
                    "policy or your permissions shut you out: use an operator's profile, or the "
                    "account's root user to mend the policy."
                ) from error
            raise
        self._check_region(answer["ResponseMetadata"].get("HTTPHeaders", {}))
        return True

    def _check_region(self, headers: Mapping[str, str]) -> None:
        actual = headers.get("x-amz-bucket-region")
        if self.provider.iam and actual and actual != self.region:
            raise ConfigurationError(
                f"The bucket {self.name} is in {actual}, not in {self.region}: set "
                f"S3_REGION={actual}, or choose another S3_BUCKET."
            )

    def _read(self, feature: BucketFeature) -> Reading:
        get = _GETS[feature]
        doing = f"reading the {feature.value} of {self.name}"
        try:
            with explained(doing):
                answer = getattr(self.client, get.operation)(Bucket=self.name)
        except OperationFailed as error:
            cause = error.__cause__
            if not isinstance(cause, ClientError):
                raise
            if code_of(cause) in get.absent:
                return to_items(feature, None)
            if is_not_offered(cause):
                return NotOffered(
                    f"The server does not have it ({status_of(cause)} {code_of(cause)})."
                )
            if is_denied(cause):
                return NotReadable(str(error))
            raise
        return to_items(feature, get.document(answer))

    def _grants_to_others(self) -> bool:
        try:
            acl = self.client.get_bucket_acl(Bucket=self.name)
        except ClientError:
            return False  # then switching ACLs off says so, if it has to
        owner = acl.get("Owner", {}).get("ID")
        return any(grant.get("Grantee", {}).get("ID") != owner for grant in acl.get("Grants", []))

    def _write(self, step: Step) -> None:
        document = to_document(step.feature, step.target)
        hint = self.provider.hints.get(step.feature, "")
        with explained(f"setting the {step.feature.value} of {self.name}", hint):
            if step.resets_acl:
                # BucketOwnerEnforced is refused while the ACL admits others (S3 User Guide,
                # "Prerequisites for disabling ACLs").
                self._again_on_conflict(self.client.put_bucket_acl, ACL="private")
            operation, arguments = _put(step.feature, document)
            self._again_on_conflict(getattr(self.client, operation), **arguments)

    def _again_on_conflict(self, call: Callable[..., Any], **arguments: Any) -> None:
        for left in reversed(range(_CONFLICT_TRIES)):
            try:
                call(Bucket=self.name, **arguments)
            except ClientError as error:
                if code_of(error) not in _CONFLICTS or not left:
                    raise
                time.sleep(2 ** (_CONFLICT_TRIES - left) / 4)
            else:
                return


def _put(feature: BucketFeature, document: _Json) -> tuple[str, dict[str, Any]]:
    """Return the operation that writes a side of a bucket, and its arguments."""
    if document is None:
        return _DELETES[feature], {}
    if feature is BucketFeature.LIFECYCLE:
        # What S3 keeps beside the rules is a parameter of its own.
        extras = {k: v for k, v in document.items() if k != "Rules"}
        document, more = {"Rules": document["Rules"]}, extras
    else:
        more = {}
    if feature is BucketFeature.POLICY:
        document = json.dumps(document)
    elif feature is BucketFeature.OWNERSHIP:
        document = {"Rules": [{"ObjectOwnership": document}]}
    elif feature is BucketFeature.VERSIONING:
        document = {"Status": document}
    operation, parameter = _PUTS[feature]
    return operation, {parameter: document, **more}
