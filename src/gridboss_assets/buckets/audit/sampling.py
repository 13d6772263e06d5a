"""Looks at some of the objects: who may read them, how they are encrypted, what marks them.

No body is ever fetched: a HEAD tells everything, and a HEAD without a signature is refused or
answered as a GET would be.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from itertools import islice
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from gridboss_assets.buckets.audit.asking import asked, grants_to_others, strange
from gridboss_assets.buckets.audit.evidence import Head, Listed, Looked, Sample
from gridboss_assets.buckets.desired import DesiredBucket
from gridboss_assets.buckets.plan import BucketState, NotOffered, NotReadable
from gridboss_assets.buckets.shapes import Items
from gridboss_assets.calls import explained
from gridboss_assets.errors import OperationFailed
from gridboss_assets.keys import PENDING_PREFIX
from gridboss_assets.storage.providers import BucketFeature

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ELSEWHERE = "elsewhere"

# One answer holds at most so many keys (S3 API Reference, "ListObjectsV2").
_PAGE = 1000
# How many listings the rest of the bucket may cost, where it has many folders.
_LISTINGS = 20
# Each object costs two or three short requests; botocore's pool has ten connections.
_AT_ONCE = 8

Tell = Callable[[str], None]


@dataclass
class _Budget:
    """How many keys and calls are left for one place; ``spent`` once something was left out."""

    keys: int
    calls: int = _LISTINGS
    spent: bool = False


class Sampler:
    """Takes samples of one bucket's objects; ``size`` objects of each place are looked at."""

    def __init__(
        self,
        client: "S3Client",
        stranger: "S3Client",
        wanted: DesiredBucket,
        size: int,
        tell: Tell,
    ) -> None:
        self._client, self._stranger = client, stranger
        self._bucket, self._size, self._tell = wanted.bucket, size, tell
        self._prefixes = [PENDING_PREFIX, *(kind.prefix for kind in wanted.kinds.values())]

    def samples(self, state: BucketState) -> tuple[Sample, ...] | NotReadable:
        """Take all samples; raises OperationFailed where the server stops answering."""
        with_acls = not _acls_are_off(state)
        taken: list[Sample] = []
        for place in (*self._prefixes, ELSEWHERE):
            self._tell(f"Looking at objects: {place} …")
            budget = _Budget(max(_PAGE, self._size))
            found = asked(
                f"listing objects of {self._bucket}",
                partial(self._listed, place, budget),
                tuple,
            )
            if isinstance(found, NotOffered | NotReadable):
                return NotReadable(found.detail)
            chosen = _spread(found, self._size)
            with ThreadPoolExecutor(_AT_ONCE) as pool:
                looked = pool.map(lambda each: self._look(each.key, with_acls), chosen)
                taken.append(Sample(place, found, budget.spent, tuple(looked)))
        return tuple(taken)

    def _listed(self, place: str, budget: _Budget) -> list[Listed]:
        return list(self._outside("", budget) if place == ELSEWHERE else self._under(place, budget))

    def _under(self, prefix: str, budget: _Budget) -> Iterator[Listed]:
        for page in self._pages(prefix, "", budget):
            yield from _taken(page, budget)

    def _outside(self, prefix: str, budget: _Budget) -> Iterator[Listed]:
        """Go through what stands under none of our prefixes, folder by folder."""
        folders: list[str] = []
        for page in self._pages(prefix, "/", budget):
            yield from _taken(page, budget)
            folders += [each["Prefix"] for each in page.get("CommonPrefixes", [])]
        for folder in folders:
            if folder in self._prefixes:
                continue
            if any(ours.startswith(folder) for ours in self._prefixes):
                yield from self._outside(folder, budget)
            else:
                yield from self._under(folder, budget)

    def _pages(self, prefix: str, delimiter: str, budget: _Budget) -> Iterator[Any]:
        more: dict[str, Any] = {}
        while True:
            if not budget.keys or not budget.calls:
                budget.spent = True
                return
            budget.calls -= 1
            page = self._client.list_objects_v2(
                Bucket=self._bucket, Prefix=prefix, Delimiter=delimiter, **more
            )
            yield page
            if not page.get("IsTruncated"):
                return
            more = {"ContinuationToken": page["NextContinuationToken"]}

    def _look(self, key: str, with_acls: bool) -> Looked:  # noqa: FBT001 - internal
        where: dict[str, Any] = {"Bucket": self._bucket, "Key": key}
        head = self._head(where)
        grants = None
        if with_acls and head is not None:
            grants = asked(
                "reading an object's ACL",
                lambda: self._client.get_object_acl(**where),
                grants_to_others,
            )
        return Looked(key, head, grants, strange(lambda: self._stranger.head_object(**where)))

    def _head(self, where: dict[str, Any]) -> Head | NotReadable | None:
        try:
            with explained("looking at an object"):
                answer: Any = self._client.head_object(**where)
        except OperationFailed as error:
            if not isinstance(error.__cause__, ClientError):
                raise
            status = error.__cause__.response["ResponseMetadata"]["HTTPStatusCode"]
            return None if status == HTTPStatus.NOT_FOUND else NotReadable(str(error))
        return Head(
            answer.get("ServerSideEncryption"), answer.get("SSEKMSKeyId"), answer["Metadata"]
        )


def _acls_are_off(state: BucketState) -> bool:
    ownership = state.side(BucketFeature.OWNERSHIP)
    return isinstance(ownership, Items) and "BucketOwnerEnforced" in ownership.by_name.values()


def _taken(page: Any, budget: _Budget) -> Iterator[Listed]:
    """Take objects of a page as far as the budget goes."""
    contents = page.get("Contents", [])
    for each in islice(contents, budget.keys):
        yield Listed(each["Key"], each["LastModified"])
    budget.spent |= len(contents) > budget.keys
    budget.keys = max(0, budget.keys - len(contents))


def _spread(listed: tuple[Listed, ...], size: int) -> list[Listed]:
    """Choose some that stand far apart, so that not all are of one owner."""
    if len(listed) <= size:
        return list(listed)
    return [listed[index * len(listed) // size] for index in range(size)]
