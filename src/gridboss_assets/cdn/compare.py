"""The distribution's own configuration, compared piece by piece; what is not ours stays: pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from gridboss_assets.cdn.configuration import ORIGIN_ID, pieces
from gridboss_assets.cdn.desired import DesiredDistribution
from gridboss_assets.cdn.parts import Piece, Ref, resolved, spelled
from gridboss_assets.cdn.shapes import fits, joined, narrowed
from gridboss_assets.cdn.state import StandingDistribution
from gridboss_assets.changes import Action, Change, Note
from gridboss_assets.errors import ConfigurationError

_Json = Any

# What names an element of a list; a host name is its own name.
_NAMES = {"Origins": "Id", "CacheBehaviors": "PathPattern", "Aliases": ""}

# Stricter than what is asked for, so nobody's choice of them is undone (CloudFront Developer
# Guide, "Supported protocols and ciphers between viewers and CloudFront").
_STRICTER = frozenset({"TLSv1.2_2025", "TLSv1.3_2025"})

# What others may have switched on; a person should see that it stays.
_EXTRAS = {
    "Logging": "access logs",
    "WebACLId": "firewall (AWS WAF)",
    "CustomErrorResponses": "error pages",
}


def compare(
    wanted: DesiredDistribution,
    standing: StandingDistribution | None,
    ids: Mapping[Ref, str],
) -> tuple[dict[str, _Json], list[Change], list[Note]]:
    """Return the whole configuration as it will be, what changes of it, and what is kept.

    Raises ConfigurationError for a distribution that is there for something else.
    """
    before = standing.config if standing else {}
    if standing:
        _refuse_somebody_elses(wanted, standing)
    target = dict(before)
    changes: list[Change] = []
    for piece in pieces(wanted):
        value = _with_stricter_tls(resolved(piece.value, ids), before, piece)
        old = _standing(before, piece)
        if old is not None and fits(value, old):
            continue
        changes.append(
            Change(
                Action.ADD if old is None else Action.CHANGE,
                piece.name,
                narrowed(old, value),
                spelled(value),
                piece.reason,
            )
        )
        _put(target, piece, value, old)
    changes += _removed(wanted, target)
    changes += _ordered(wanted, before, target)
    return target, changes, list(_kept(wanted, target))


def _refuse_somebody_elses(wanted: DesiredDistribution, standing: StandingDistribution) -> None:
    config = standing.config
    default = config["DefaultCacheBehavior"]["TargetOriginId"]
    domains = {each["Id"]: each["DomainName"] for each in config["Origins"]}
    if config["Comment"] == wanted.comment or _is_bucket(wanted, domains.get(default, "")):
        return
    raise ConfigurationError(
        f"The distribution {standing.id} serves something else: its default behavior leads to "
        f"{domains.get(default, default)}, and would answer 403 instead. Leave CDN_DISTRIBUTION_ID "
        "empty, for a distribution of the bucket's own."
    )


def _is_bucket(wanted: DesiredDistribution, domain: str) -> bool:
    """Tell whether an origin is this bucket, by its regional name or one of the others.

    S3 User Guide, "Methods for accessing a general purpose bucket".
    """
    return domain == wanted.origin or domain.startswith(f"{wanted.bucket}.s3")


def _with_stricter_tls(value: _Json, before: Mapping[str, _Json], piece: Piece) -> _Json:
    if piece.place != "ViewerCertificate":
        return value
    standing = before.get(piece.place, {}).get("MinimumProtocolVersion")
    return value | {"MinimumProtocolVersion": standing} if standing in _STRICTER else value


def _standing(config: Mapping[str, _Json], piece: Piece) -> _Json:
    if piece.place not in _NAMES:
        return config.get(piece.place)
    return next(
        (e for e in config.get(piece.place, ()) if _name(piece.place, e) == piece.name), None
    )


def _name(place: str, element: _Json) -> str:
    key = _NAMES[place]
    return str(element[key] if key else element)


def _put(target: dict[str, _Json], piece: Piece, value: _Json, old: _Json) -> None:
    # A certificate is one of several kinds, each with names of its own, so it is replaced as a
    # whole; of the others, what nobody speaks of stays.
    if isinstance(value, Mapping) and piece.place != "ViewerCertificate":
        value = joined(value, old)
    if piece.place not in _NAMES:
        target[piece.place] = value
        return
    others = [e for e in target.get(piece.place, ()) if _name(piece.place, e) != piece.name]
    target[piece.place] = [*others, value]


def _removed(wanted: DesiredDistribution, target: dict[str, _Json]) -> Iterator[Change]:
    """Take out every other way to the bucket."""
    ours = {each.path_pattern for each in wanted.behaviours}
    origins = {
        each["Id"] for each in target["Origins"] if _is_bucket(wanted, each["DomainName"])
    } | {ORIGIN_ID}
    groups = {
        each["Id"]
        for each in target.get("OriginGroups", ())
        if any(member["OriginId"] in origins for member in each.get("Members", ()))
    }
    for place, name, leads in (
        ("CacheBehaviors", "PathPattern", lambda e: e["TargetOriginId"] in origins | groups),
        ("OriginGroups", "Id", lambda e: e["Id"] in groups),
        ("Origins", "Id", lambda e: e["Id"] in origins and e["Id"] != ORIGIN_ID),
    ):
        for each in list(target.get(place, ())):
            if each[name] in ours or not leads(each):
                continue
            target[place] = [other for other in target[place] if other is not each]
            reason = (
                "without a key nothing is served that has an owner"
                if each[name] in wanted.unserved
                else "it leads to files of the bucket that only the paths above may lead to"
            )
            yield Change(Action.REMOVE, each[name], each, None, reason)


def _ordered(
    wanted: DesiredDistribution, before: Mapping[str, _Json], target: dict[str, _Json]
) -> Iterator[Change]:
    """Put our behaviours first: the first whose pattern fits a path decides about it."""
    ours = [each.path_pattern for each in wanted.behaviours]
    behaviours = target.get("CacheBehaviors", [])
    first = sorted(
        (each for each in behaviours if each["PathPattern"] in ours),
        key=lambda each: ours.index(each["PathPattern"]),
    )
    target["CacheBehaviors"] = [*first, *(e for e in behaviours if e not in first)]
    old = [each["PathPattern"] for each in before.get("CacheBehaviors", ())]
    new = [each["PathPattern"] for each in target["CacheBehaviors"]]
    if [name for name in old if name in new] != [name for name in new if name in old]:
        reason = "the first pattern that fits a path decides, so ours come first"
        yield Change(Action.CHANGE, "order of behaviors", old, new, reason)


def _kept(wanted: DesiredDistribution, target: Mapping[str, _Json]) -> Iterator[Note]:
    ours = {each.path_pattern for each in wanted.behaviours}
    for each in target["CacheBehaviors"]:
        if each["PathPattern"] not in ours:
            yield Note("behavior", each["PathPattern"])
    for each in target["Origins"]:
        if each["Id"] != ORIGIN_ID:
            yield Note("origin", each["DomainName"])
    for alias in target.get("Aliases", ()):
        if alias != wanted.host:
            yield Note("host name", alias)
    for place, text in _EXTRAS.items():
        extra = target.get(place)
        if extra and (not isinstance(extra, Mapping) or extra.get("Enabled")):
            yield Note("distribution", text)
