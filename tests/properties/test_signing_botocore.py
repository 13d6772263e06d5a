"""Our signatures equal botocore's, byte for byte, whatever is signed."""

import string
from dataclasses import dataclass
from typing import Any, Literal

from hypothesis import given
from hypothesis import strategies as st
from tests.support import botocore_oracle as oracle

from gridboss_assets.models import Credentials
from gridboss_assets.signing import (
    MAX_EXPIRES_IN,
    BucketLocation,
    locate_bucket,
    presign_post,
    presign_url,
)


@dataclass(frozen=True)
class Place:
    """One bucket, signed for by one set of credentials."""

    bucket: str
    region: str
    endpoint: str | None
    style: Literal["path", "virtual"]
    credentials: Credentials

    @property
    def location(self) -> BucketLocation:
        """The bucket as we reach it."""
        return locate_bucket(
            self.bucket, self.region, endpoint=self.endpoint, addressing_style=self.style
        )

    @property
    def s3(self) -> Any:
        """The bucket's client as botocore makes it."""
        return oracle.client(self.credentials, self.region, self.endpoint, self.style)


CREDENTIALS = (
    Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
    Credentials("ASIA+1/odd key", "another secret", session_token="FwoGZX/+=token//=="),
)
BUCKETS: list[tuple[str, str, str | None, Literal["path", "virtual"]]] = [
    ("assets-bucket", "us-east-1", None, "virtual"),
    ("assets-bucket", "eu-central-1", None, "path"),
    ("assets.example.com", "ap-southeast-2", None, "virtual"),
    ("assets-bucket", "cn-north-1", None, "virtual"),
    ("Old_Bucket", "us-east-1", None, "virtual"),
    ("assets-bucket", "us-east-1", "http://localhost:9000", "path"),
    ("assets-bucket", "us-east-1", "http://localhost:9000", "virtual"),
    ("assets.bucket", "us-east-1", "http://localhost:80", "virtual"),
    ("assets-bucket", "auto", "https://account.r2.cloudflarestorage.com", "path"),
    ("assets-bucket", "eu-west-2", "https://S3.Example.com:443/a/prefix/", "virtual"),
    ("assets-bucket", "garage", "http://[::1]:3900", "path"),
]
PLACES = [Place(*bucket, credentials) for bucket in BUCKETS for credentials in CREDENTIALS]
places = st.sampled_from(PLACES)

# Any text that UTF-8 can hold, and more of what URLs treat in a way of its own.
keys = st.text(
    st.one_of(st.sampled_from(" +~/%&=?#;:@$,'\"()*!é漢🏁"), st.characters(codec="utf-8")),
    min_size=1,
    max_size=60,
).filter(lambda key: "${filename}" not in key)
moments = st.fixed_dictionaries(
    {
        "expires_in": st.integers(1, MAX_EXPIRES_IN),
        "now": st.floats(0, 4_102_444_800),  # 1970 to 2100
    }
)

content_types = st.sampled_from(["image/png", "text/csv; charset=utf-8", "application/zip"])
header_values = st.text(string.printable, max_size=40).map(str.strip)
filenames = st.text(string.ascii_letters + string.digits + "%.-_~ ", min_size=1, max_size=40)
form_fields = st.dictionaries(
    st.one_of(
        st.sampled_from(["Content-Type", "Cache-Control", "x-amz-server-side-encryption"]),
        st.text(string.ascii_lowercase, min_size=1, max_size=12).map("x-amz-meta-".__add__),
    ),
    st.text(max_size=30).filter(lambda value: "${filename}" not in value),
    max_size=5,
)
sizes = st.tuples(st.integers(0, 10**6), st.integers(0, 10**10)).map(
    lambda pair: (pair[0], pair[0] + pair[1])
)


@given(places, keys, form_fields, sizes, moments)
def test_a_form_has_botocores_url_fields_policy_and_signature(
    place: Place,
    key: str,
    fields: dict[str, str],
    size_range: tuple[int, int],
    moment: dict[str, Any],
) -> None:
    form: dict[str, Any] = {"key": key, "fields": fields, "size_range": size_range, **moment}
    ours = presign_post(place.location, place.credentials, **form)
    theirs = oracle.post(place.s3, place.bucket, **form)
    assert ours.url == theirs["url"]
    assert list(ours.fields.items()) == list(theirs["fields"].items())


@given(
    places,
    keys,
    st.fixed_dictionaries(
        {},
        optional={
            "response-content-disposition": st.text(max_size=40),
            "response-content-type": content_types,
            "versionId": st.text(max_size=12),
            "partNumber": st.integers(1, 10_000).map(str),
        },
    ),
    moments,
)
def test_a_get_url_with_any_response_overrides_is_botocores(
    place: Place, key: str, query: dict[str, str], moment: dict[str, Any]
) -> None:
    ours = presign_url("GET", place.location, place.credentials, key=key, query=query, **moment)
    # Its parameters are ours in CamelCase, and it wants the number as one.
    params: dict[str, Any] = {
        "".join(word[0].upper() + word[1:] for word in name.split("-")): value
        for name, value in query.items()
    }
    if "PartNumber" in params:
        params["PartNumber"] = int(params["PartNumber"])
    theirs = oracle.url(place.s3, "get_object", Bucket=place.bucket, Key=key, **params, **moment)
    assert ours == theirs


@given(
    places,
    keys,
    st.fixed_dictionaries(
        {
            "ContentType": content_types | header_values.filter(bool),
            "ContentLength": st.integers(0, 5 * 2**30),
            "Metadata": st.fixed_dictionaries({"filename": filenames}),
        },
        optional={"IfNoneMatch": st.just("*")},
    ),
    moments,
)
def test_a_put_url_with_its_signed_headers_is_botocores(
    place: Place, key: str, params: dict[str, Any], moment: dict[str, Any]
) -> None:
    headers = {
        "X-Amz-Meta-Filename": params["Metadata"]["filename"],
        "Content-Type": params["ContentType"],
        "Content-Length": str(params["ContentLength"]),
    }
    if "IfNoneMatch" in params:
        headers["If-None-Match"] = params["IfNoneMatch"]
    ours = presign_url("PUT", place.location, place.credentials, key=key, headers=headers, **moment)
    theirs = oracle.url(place.s3, "put_object", Bucket=place.bucket, Key=key, **params, **moment)
    assert ours == theirs


@given(places, keys, st.sampled_from(["HEAD", "DELETE"]), moments)
def test_head_and_delete_urls_are_botocores(
    place: Place, key: str, method: Literal["HEAD", "DELETE"], moment: dict[str, Any]
) -> None:
    ours = presign_url(method, place.location, place.credentials, key=key, **moment)
    operation = f"{method.lower()}_object"
    theirs = oracle.url(place.s3, operation, Bucket=place.bucket, Key=key, **moment)
    assert ours == theirs


@given(
    places,
    st.dictionaries(
        st.text(min_size=1, max_size=8).filter(lambda name: not name.startswith("X-Amz-")),
        st.text(max_size=8),
        max_size=5,
    ),
    moments,
)
def test_parameters_of_any_name_are_sorted_as_botocore_sorts_them(
    place: Place, query: dict[str, str], moment: dict[str, Any]
) -> None:
    ours = presign_url("GET", place.location, place.credentials, key="key", query=query, **moment)
    plain_url = f"{place.location.base_url}{place.location.path}/key"
    theirs = oracle.url_of_any_query(
        plain_url, query, place.credentials, region=place.region, **moment
    )
    assert ours == theirs
