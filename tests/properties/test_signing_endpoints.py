"""Our idea of where a bucket is reached equals botocore's, whatever the endpoint."""

import string
from typing import Literal
from urllib.parse import urlsplit

import botocore.session
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support import botocore_oracle as oracle

from gridboss_assets.models import Credentials
from gridboss_assets.signing import locate_bucket, presign_url

CREDENTIALS = Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
KEY = "avatars/driver 7/a+b.png"
NOW = 1_700_000_000.5

labels = st.from_regex(r"[a-z]([a-z0-9-]{0,10}[a-z0-9])?", fullmatch=True)
hosts = st.one_of(
    st.sampled_from(["localhost", "127.0.0.1", "[::1]", "[2001:DB8::7]", "S3.Example.COM"]),
    st.lists(labels, min_size=1, max_size=3).map(".".join),
)
ports = st.sampled_from(["", ":80", ":443"]) | st.integers(1, 65_535).map(lambda n: f":{n}")
prefixes = st.lists(st.text(string.ascii_letters + "-._~", min_size=1, max_size=6), max_size=2).map(
    lambda segments: "".join(f"/{segment}" for segment in segments)
)
endpoints = st.builds(
    "{}://{}{}{}{}".format,
    st.sampled_from(["http", "https"]),
    hosts,
    ports,
    prefixes,
    st.sampled_from(["", "/"]),
)
# No dots here: botocore puts a name with dots before an IP address too, which no client can reach.
buckets = st.one_of(
    st.from_regex(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]", fullmatch=True).filter(
        lambda name: not name.endswith("--x-s3")
    ),
    st.sampled_from(["Old_Bucket", "UPPER", "a" * 63, "a" * 64, "-ab", "ab-"]),
)


@settings(max_examples=60)  # each makes a client, which takes botocore tens of milliseconds
@given(buckets, endpoints, st.sampled_from(["path", "virtual"]))
def test_a_bucket_on_any_endpoint_is_reached_where_botocore_reaches_it(
    bucket: str, endpoint: str, style: Literal["path", "virtual"]
) -> None:
    location = locate_bucket(bucket, "eu-west-1", endpoint=endpoint, addressing_style=style)
    s3 = oracle.client(CREDENTIALS, "eu-west-1", endpoint, style)
    form = oracle.post(s3, bucket, key=KEY, fields={}, size_range=(1, 9), expires_in=60, now=NOW)
    url = oracle.url(s3, "get_object", Bucket=bucket, Key=KEY, expires_in=60, now=NOW)
    ours = presign_url("GET", location, CREDENTIALS, key=KEY, expires_in=60, now=NOW)
    assert (location.form_url, ours) == (form["url"], url)


def _regions() -> list[str]:
    """Every region in botocore's tables, old and new, without `aws-global` and its like."""
    session = botocore.session.Session()
    old = [
        region
        for partition in session.get_available_partitions()
        for region in session.get_available_regions("s3", partition_name=partition)
    ]
    table = session.get_component("data_loader").load_data("partitions")
    new = [region for partition in table["partitions"] for region in partition["regions"]]
    return sorted(region for region in {*old, *new} if not region.endswith("-global"))


@pytest.mark.parametrize("region", _regions())
def test_a_region_has_the_host_name_that_botocore_knows(region: str) -> None:
    s3 = oracle.client(CREDENTIALS, region, None, "virtual")
    url = oracle.url(s3, "get_object", Bucket="bucket", Key="key", expires_in=60, now=NOW)
    assert locate_bucket("bucket", region).host == urlsplit(url).netloc
