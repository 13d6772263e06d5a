"""Reads what the audit looks at, beside the sample of objects: calls, and no judgement.

Nothing here writes. What a caller may not read is kept as ``NotReadable``, so that one refusal
hides nothing else; only a server that stops answering ends the reading (OperationFailed).
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from gridboss_assets.buckets.audit.asking import asked, grants_to_others, strange
from gridboss_assets.buckets.audit.evidence import Answered, Evidence, Reached, Upload, Uploads
from gridboss_assets.buckets.audit.sampling import Sampler
from gridboss_assets.buckets.aws import Bucket
from gridboss_assets.buckets.desired import DesiredBucket
from gridboss_assets.buckets.plan import NotOffered
from gridboss_assets.calls import explained, status_of
from gridboss_assets.errors import OperationFailed

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

Tell = Callable[[str], None]

_NO_REPLICAS: Mapping[str, tuple[str, ...]] = {"ReplicationConfigurationNotFoundError": ()}


def reach(client: "S3Client", bucket: str) -> Reached:
    """Ask for the bucket; tells missing, refused and unreachable apart."""
    try:
        with explained(f"looking for the bucket {bucket}"):
            answer: Any = client.head_bucket(Bucket=bucket)
    except OperationFailed as error:
        cause = error.__cause__
        if not isinstance(cause, ClientError):
            return Reached(trouble=str(error))
        region = _region(cause.response)
        if status_of(cause) == HTTPStatus.NOT_FOUND:
            return Reached(region=region)
        refused = status_of(cause) == HTTPStatus.FORBIDDEN
        return Reached(region=region, trouble=str(error), refused=refused)
    return Reached(exists=True, region=_region(answer))


def read(  # noqa: PLR0913 - two clients, and how much to read
    client: "S3Client",
    stranger: "S3Client",
    wanted: DesiredBucket,
    *,
    sample: int,
    now: datetime,
    tell: Tell,
) -> Evidence:
    """Read a bucket that exists.

    ``stranger`` is a client that signs nothing. ``sample`` is how many objects are looked at
    under each prefix; 0 looks at none. ``tell`` hears of the progress.
    """
    name = wanted.bucket
    state = Bucket(client, name, wanted.region, wanted.provider).read()
    samples = None
    if sample:
        samples = Sampler(client, stranger, wanted, sample, tell).samples(state)
    return Evidence(
        state=state,
        now=now,
        acl=asked(
            f"reading the ACL of {name}",
            lambda: client.get_bucket_acl(Bucket=name),
            grants_to_others,
        ),
        policy_is_public=_policy_is_public(client, wanted),
        website=_website(client, name),
        replicas=_replicas(client, name),
        uploads=asked(
            f"listing unfinished multipart uploads of {name}",
            lambda: client.list_multipart_uploads(Bucket=name),
            _uploads,
        ),
        listing=strange(lambda: stranger.list_objects_v2(Bucket=name, MaxKeys=1)),
        samples=samples,
    )


def _region(response: Any) -> str | None:
    headers = response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    found: str | None = headers.get("x-amz-bucket-region")
    return found


def _policy_is_public(client: "S3Client", wanted: DesiredBucket) -> Answered[bool | None]:
    if not wanted.provider.judges_policies:
        return NotOffered(f"What {wanted.provider.name} calls a public policy may be none.")
    return asked(
        f"asking whether the policy of {wanted.bucket} is public",
        lambda: client.get_bucket_policy_status(Bucket=wanted.bucket),
        lambda answer: bool(answer["PolicyStatus"]["IsPublic"]),
        {"NoSuchBucketPolicy": None},
    )


def _website(client: "S3Client", name: str) -> Answered[bool]:
    def is_on(answer: Any) -> bool:
        # One of the two stands in every configuration (S3 API Reference, "GetBucketWebsite").
        if not {"IndexDocument", "RedirectAllRequestsTo"} & set(answer):
            raise KeyError
        return True

    return asked(
        f"reading the website configuration of {name}",
        lambda: client.get_bucket_website(Bucket=name),
        is_on,
        {"NoSuchWebsiteConfiguration": False},
    )


def _replicas(client: "S3Client", name: str) -> Answered[tuple[str, ...]]:
    def destinations(answer: Any) -> tuple[str, ...]:
        rules = answer["ReplicationConfiguration"]["Rules"]
        on = [rule["Destination"]["Bucket"] for rule in rules if rule.get("Status") == "Enabled"]
        return tuple(dict.fromkeys(on))

    return asked(
        f"reading the replication of {name}",
        lambda: client.get_bucket_replication(Bucket=name),
        destinations,
        _NO_REPLICAS,
    )


def _uploads(answer: Any) -> Uploads:
    return Uploads(
        tuple(Upload(each["Key"], each["Initiated"]) for each in answer.get("Uploads", [])),
        more=bool(answer.get("IsTruncated")),
    )
