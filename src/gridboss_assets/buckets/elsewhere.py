"""Where there is no AWS IAM: how the application gets keys of its own from other providers.

As data, a row each. SeaweedFS's commands were tried with 4.48, the others come from the providers'
documentation.
"""

from collections.abc import Mapping

from gridboss_assets.errors import ConfigurationError
from gridboss_assets.storage.providers import BACKBLAZE_B2, CLOUDFLARE_R2, Provider

_OBJECTS = "read, write, delete and list the objects of this one bucket"

# KEY and SECRET are chosen by the operator, and become S3_ACCESS_KEY and S3_SECRET_KEY.
_KEYS: Mapping[str, str] = {
    "minio": (
        "Save what `gridboss-assets iam policy` prints as policy.json, and make a user with it: "
        "`mc admin user add ALIAS KEY SECRET`, `mc admin policy create ALIAS {bucket} "
        "policy.json`, `mc admin policy attach ALIAS {bucket} --user KEY`. To rotate, add a second "
        "user, deploy its keys, and then `mc admin user disable ALIAS OLD_KEY`."
    ),
    "r2": (
        "What keys may do is decided by API tokens: make one in the dashboard (R2, Manage API "
        "tokens) with the permission Object Read & Write for the bucket {bucket} alone; it shows "
        "S3_ACCESS_KEY and S3_SECRET_KEY once. To rotate, make a second token, deploy its keys, "
        "and then delete the old one."
    ),
    "b2": (
        "What keys may do is decided by application keys and their capabilities: `b2 key create "
        "--bucket {bucket} NAME listBuckets,listFiles,readFiles,writeFiles,deleteFiles` prints "
        "S3_ACCESS_KEY and S3_SECRET_KEY once. To rotate, make a second key, deploy it, and then "
        "`b2 key delete OLD_KEY_ID`."
    ),
    "seaweedfs": (
        "Make an identity in `weed shell`: `s3.configure -user NAME -access_key KEY -secret_key "
        "SECRET -buckets {bucket} -actions Read,Write,List -apply`. To rotate, give the same user "
        "a second key, deploy it, and then take the old one away: `s3.configure -user NAME "
        "-access_key OLD_KEY -delete -apply`."
    ),
    "ceph": (
        "Make a user with `radosgw-admin user create --uid=NAME --display-name=NAME "
        "--max-buckets=-1`, which prints its keys, and let the bucket's policy allow it what "
        "`gridboss-assets iam policy` prints. To rotate, `radosgw-admin key create --uid=NAME "
        "--key-type=s3 --gen-access-key --gen-secret`, deploy, and then `radosgw-admin key rm "
        "--uid=NAME --key-type=s3 --access-key=OLD_KEY`."
    ),
}
_OTHERWISE = (
    f"Make the application's keys with the provider's own tool, and let them {_OBJECTS}, and "
    "nothing else."
)

# The others take the policy as it is, or say the same in words of their own.
_WITHOUT_POLICIES = frozenset({CLOUDFLARE_R2.id, BACKBLAZE_B2.id})


def keys_elsewhere(provider: Provider, bucket: str) -> str:
    """Say how the application's keys are made, and rotated, on a provider without AWS IAM."""
    return _KEYS.get(provider.id, _OTHERWISE).format(bucket=bucket)


def require_iam(provider: Provider, bucket: str) -> None:
    """Raise ConfigurationError, which says what to do instead, where there is no AWS IAM."""
    if not provider.iam:
        raise ConfigurationError(
            f"{provider.name} has no AWS IAM. {keys_elsewhere(provider, bucket)}"
        )


def require_policies(provider: Provider, bucket: str) -> None:
    """Raise ConfigurationError where no policy says what a key may do."""
    if provider.id in _WITHOUT_POLICIES:
        raise ConfigurationError(
            f"{provider.name} has no policies for keys. {keys_elsewhere(provider, bucket)} Such a "
            f"key may {_OBJECTS}, as the two statements of the policy say."
        )
