"""What a file for Terraform or CloudFormation makes, in the API's words; and whether it is wanted.

The two readers beside this share no table with the code that writes the files.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gridboss_assets.buckets.desired import DesiredBucket
from gridboss_assets.buckets.plan import ORDER, BucketState, plan
from gridboss_assets.buckets.shapes import to_items
from gridboss_assets.storage.providers import BucketFeature


@dataclass
class ReadBack:
    """A bucket with its sides, and who the application is."""

    bucket: str
    sides: dict[BucketFeature, Any]
    application: str
    """The end of its ARN, without the path where the file does not know it."""
    tags: dict[str, str] | None
    """The tags of the application's user; None for a role."""
    policy_name: str
    policy: dict[str, Any]


def assert_makes(made: ReadBack, wanted: DesiredBucket) -> None:
    """Fail unless it is just what is wanted: nothing is left to do, and nothing is too much."""
    sides = {side: to_items(side, made.sides.get(side)) for side in ORDER}
    planned = plan(wanted, BucketState(exists=True, sides=sides))
    assert (planned.steps, planned.kept) == ((), ())
    assert made.bucket == wanted.bucket
    assert wanted.principals
    kind, *path, name = wanted.principals.application.split(":", 5)[5].split("/")
    known = path if kind == "user" else []
    assert made.application == "/".join([kind, *known, name])
    tags = {item.name: item.value for item in wanted.of(BucketFeature.TAGS).values()}
    assert made.tags == (tags if kind == "user" else None)
    assert made.policy_name == f"gridboss-assets-{wanted.bucket}"
    assert made.policy == wanted.iam_policy()


def put(value: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Give each part the API's name; fail on a part that has none."""
    assert value.keys() <= names.keys()
    return {names[name]: part for name, part in value.items()}


def one(values: Any) -> Any:
    """Return the single value of a list."""
    (value,) = values
    return value
