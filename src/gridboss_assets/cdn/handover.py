"""What a distribution means for the settings once it is set up, and what is left to do: pure."""

from collections.abc import Iterator, Mapping

from gridboss_assets.cdn.desired import DesiredDistribution
from gridboss_assets.cdn.keys import fingerprint
from gridboss_assets.cdn.parts import Part, Ref
from gridboss_assets.cdn.plan import known_ids
from gridboss_assets.cdn.state import CdnState, StandingDistribution


def settings_of(
    wanted: DesiredDistribution, state: CdnState, standing: StandingDistribution
) -> Mapping[str, str]:
    """Return the settings that the application needs to use it, by name."""
    found = {
        "CDN_DISTRIBUTION_ID": standing.id,
        "CDN_BASE_URL": f"https://{wanted.host or standing.domain}",
    }
    key = key_id(wanted, state)
    return found | {"CDN_KEY_PAIR_ID": key} if key else found


def key_id(wanted: DesiredDistribution, state: CdnState) -> str | None:
    """Return the ID of the newest key that the settings name."""
    if not wanted.keys:
        return wanted.key_pair_id
    newest = Ref(Part.PUBLIC_KEY, f"key-{fingerprint(wanted.keys[0])}")
    return known_ids(wanted, state).get(newest)


def next_steps(
    wanted: DesiredDistribution, state: CdnState, standing: StandingDistribution
) -> Iterator[str]:
    """Say what is left for a person to do, in order."""
    if not standing.deployed:
        yield (
            "CloudFront takes some minutes to bring this to every edge; "
            f"`aws cloudfront wait distribution-deployed --id {standing.id}` waits for it."
        )
    if wanted.host:
        yield (
            f"DNS: {wanted.host} has to be a CNAME of {standing.domain} (in Route 53 rather an "
            "alias, A and AAAA)."
        )
    key = key_id(wanted, state)
    if key is not None and key != wanted.key_pair_id:
        yield f"Give the application CDN_KEY_PAIR_ID={key} together with its CDN_PRIVATE_KEY."
    yield (
        "`gridboss-assets bucket apply` with these settings then lets this distribution, and no "
        f"other, read {' and '.join(each.path_pattern for each in wanted.behaviours)}."
    )
