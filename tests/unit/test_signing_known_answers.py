"""The worked examples of the S3 API Reference, "Authenticating Requests (Signature Version 4)"."""

from base64 import b64encode
from datetime import UTC, datetime

from gridboss_assets.models import Credentials
from gridboss_assets.signing import locate_bucket, presign_url
from gridboss_assets.signing.sigv4 import signer_at

CREDENTIALS = Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")

POLICY = """\
{ "expiration": "2015-12-30T12:00:00.000Z",
  "conditions": [
    {"bucket": "sigv4examplebucket"},
    ["starts-with", "$key", "user/user1/"],
    {"acl": "public-read"},
    {"success_action_redirect": "http://sigv4examplebucket.s3.amazonaws.com/successful_upload.html"},
    ["starts-with", "$Content-Type", "image/"],
    {"x-amz-meta-uuid": "14365123651274"},
    {"x-amz-server-side-encryption": "AES256"},
    ["starts-with", "$x-amz-meta-tag", ""],

    {"x-amz-credential": "AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request"},
    {"x-amz-algorithm": "AWS4-HMAC-SHA256"},
    {"x-amz-date": "20151229T000000Z" }
  ]
}"""


def test_the_example_policy_has_the_documented_signature() -> None:
    now = int(datetime(2015, 12, 29, tzinfo=UTC).timestamp())
    encoded = b64encode(POLICY.replace("\n", "\r\n").encode())
    assert signer_at(CREDENTIALS, "us-east-1", now).sign(encoded) == (
        "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e"
    )


def test_the_example_get_has_the_documented_url() -> None:
    # The example signs the global host name of 2013, which is an endpoint like any other here.
    location = locate_bucket(
        "examplebucket",
        "us-east-1",
        endpoint="https://s3.amazonaws.com",
        addressing_style="virtual",
    )
    now = datetime(2013, 5, 24, tzinfo=UTC).timestamp()
    url = presign_url("GET", location, CREDENTIALS, key="test.txt", expires_in=86_400, now=now)
    assert url == (
        "https://examplebucket.s3.amazonaws.com/test.txt"
        "?X-Amz-Algorithm=AWS4-HMAC-SHA256"
        "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
        "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
        "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
    )
