"""What a person should know beside what is wanted of the distribution."""

from collections.abc import Iterator

from gridboss_assets.cdn.desired import DesiredDistribution
from gridboss_assets.cdn.state import CdnState
from gridboss_assets.changes import Note


def notes_on(
    wanted: DesiredDistribution, state: CdnState, gone: tuple[str, ...] = ()
) -> Iterator[Note]:
    """Say what these settings leave out or open, and what else has to be done for them."""
    named = state.distribution and state.distribution.config.get("Aliases")
    yield from notes_on_settings(wanted, has_name=bool(named))
    if state.others:
        yield Note(
            "other distributions",
            f"{', '.join(state.others)} read from the bucket too, as far as its policy lets them. "
            "To have one of them changed instead, set CDN_DISTRIBUTION_ID.",
        )
    known = {key.id for key in state.keys}
    for key in gone:
        if key not in known:
            yield Note(f"public key {key}", "It is gone already.")


def notes_on_settings(wanted: DesiredDistribution, *, has_name: bool = False) -> Iterator[Note]:
    """Say the part of it that the settings tell.

    ``has_name``: somebody gave the distribution a host name already.
    """
    if wanted.unserved:
        yield Note(
            "key",
            f"There is no key, so {', '.join(wanted.unserved)} is not served: its links are the "
            "bucket's own. Set CDN_PUBLIC_KEY to have it served with signatures.",
        )
    if wanted.host is None and not has_name:
        yield Note(
            "certificate",
            "Under CloudFront's own host name viewers may use TLS 1.0 as well, which can't be "
            "changed. For TLS 1.2 and newer alone set CDN_BASE_URL to a host name of your own, "
            "and CDN_CERTIFICATE_ARN.",
        )
    if wanted.kms_key_arn:
        yield Note(
            "kms",
            "The bucket is encrypted with a KMS key. Its key policy has to allow "
            "cloudfront.amazonaws.com kms:Decrypt for this distribution (aws:SourceArn), or the "
            "edge gets no file.",
        )
