"""Random starting states of a bucket, and how they are put there."""

import json
from typing import Any

from hypothesis import strategies as st

_PREFIXES = st.sampled_from(["", "pending/", "avatars/", "logs/"])
_IDS = st.sampled_from(["gridboss-pending", "gridboss-old", "logs", "other"])
_RULES = st.fixed_dictionaries(
    {
        "ID": _IDS,
        "Status": st.sampled_from(["Enabled", "Disabled"]),
        "Filter": st.fixed_dictionaries({"Prefix": _PREFIXES}),
        "Expiration": st.fixed_dictionaries({"Days": st.integers(1, 3)}),
    }
)
_CORS = st.fixed_dictionaries(
    {
        "ID": st.sampled_from(["gridboss-uploads", "open"]),
        "AllowedOrigins": st.sampled_from([["*"], ["https://a.example"], ["https://b.example"]]),
        "AllowedMethods": st.sampled_from(
            [["GET"], ["POST", "PUT"], ["HEAD", "GET", "PUT", "POST"]]
        ),
    }
)
_STATEMENTS = st.fixed_dictionaries(
    {
        "Sid": st.sampled_from(["DenyInsecureTransport", "AllowCloudFront", "Logs", "Open"]),
        "Effect": st.just("Allow"),
        "Principal": st.sampled_from(["*", {"Service": "logging.s3.amazonaws.com"}]),
        "Action": st.sampled_from(["s3:GetObject", ["s3:GetObject", "s3:PutObject"]]),
    }
)


def _unique(key: str, values: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(values, max_size=3, unique_by=lambda value: value[key])


def configurations() -> st.SearchStrategy[dict[str, Any]]:
    """Make states: rules, statements and tags of ours, of others, right and wrong."""
    return st.fixed_dictionaries(
        {
            "versioning": st.sampled_from([None, "Enabled", "Suspended"]),
            "ownership": st.sampled_from([None, "ObjectWriter", "BucketOwnerEnforced"]),
            "encryption": st.sampled_from([None, "AES256", "aws:kms"]),
            "access": st.sampled_from([None, True, False]),
            "lifecycle": _unique("ID", _RULES),
            "cors": _unique("ID", _CORS),
            "policy": _unique("Sid", _STATEMENTS),
            "tags": st.dictionaries(
                st.sampled_from(["app", "team"]), st.sampled_from(["gridboss", "x"]), max_size=2
            ),
        }
    )


def put(client: Any, bucket: str, state: dict[str, Any]) -> None:
    """Configure a bucket so; what is None or empty is left as it is."""
    on = {"Bucket": bucket}
    if state["ownership"]:
        rules = {"Rules": [{"ObjectOwnership": state["ownership"]}]}
        client.put_bucket_ownership_controls(**on, OwnershipControls=rules)
    if state["access"] is not None:
        names = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy")
        block = dict.fromkeys(names, state["access"])
        client.put_public_access_block(**on, PublicAccessBlockConfiguration=block)
    if state["encryption"]:
        default = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": state["encryption"]}}
        client.put_bucket_encryption(
            **on,
            ServerSideEncryptionConfiguration={"Rules": [default]},
        )
    if state["versioning"]:
        client.put_bucket_versioning(**on, VersioningConfiguration={"Status": state["versioning"]})
    if state["lifecycle"]:
        client.put_bucket_lifecycle_configuration(
            **on, LifecycleConfiguration={"Rules": state["lifecycle"]}
        )
    if state["cors"]:
        client.put_bucket_cors(**on, CORSConfiguration={"CORSRules": state["cors"]})
    if state["tags"]:
        tags = [{"Key": name, "Value": value} for name, value in state["tags"].items()]
        client.put_bucket_tagging(**on, Tagging={"TagSet": tags})
    if state["policy"]:
        resource = {"Resource": f"arn:aws:s3:::{bucket}/*"}
        statements = [statement | resource for statement in state["policy"]]
        document = {"Version": "2012-10-17", "Statement": statements}
        client.put_bucket_policy(**on, Policy=json.dumps(document))
