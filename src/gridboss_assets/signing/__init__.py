"""AWS Signature Version 4 for what browsers do: POST forms and query-signed URLs.

Pure computation: no network, no client, no clock. The caller says what time it is. A caller works
out the :class:`BucketLocation` once and then signs as often as it likes::

    location = locate_bucket("my-bucket", "eu-west-1")
    form = presign_post(location, credentials, key="a.png", fields={"Content-Type": "image/png"},
                        size_range=(1, 2_097_152), expires_in=600, now=time.time())
    url = presign_url("GET", location, credentials, key="a.png", expires_in=3600, now=time.time())

``location`` says where a bucket is reached, ``sigv4`` holds what every signature needs,
``post_policy`` and ``query`` put the two kinds of signature together. ``cloudfront`` is a CDN's
own kind, made with a private key.
"""

from gridboss_assets.signing.cloudfront import CloudFrontSigner
from gridboss_assets.signing.location import AddressingStyle, BucketLocation, locate_bucket
from gridboss_assets.signing.post_policy import PresignedPost, presign_post
from gridboss_assets.signing.query import escape_key, presign_url
from gridboss_assets.signing.sigv4 import MAX_EXPIRES_IN

__all__ = [
    "MAX_EXPIRES_IN",
    "AddressingStyle",
    "BucketLocation",
    "CloudFrontSigner",
    "PresignedPost",
    "escape_key",
    "locate_bucket",
    "presign_post",
    "presign_url",
]
