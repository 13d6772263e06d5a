"""Between CloudFront's API and plain data, and when what stands there is what is wanted.

The API wraps each list as ``{"Quantity": 2, "Items": [...]}``, leaves out what is empty, and
answers with defaults that nobody asked for. Here lists are plain, and only what is wanted counts.
"""

from collections.abc import Mapping
from typing import Any

_Json = Any

# What a cache policy says instead; CloudFront takes no behaviour that has both (CloudFront API
# Reference, "CacheBehavior", ForwardedValues).
BY_CACHE_POLICY = frozenset({"ForwardedValues", "MinTTL", "DefaultTTL", "MaxTTL"})


def from_api(value: _Json) -> _Json:
    """Unwrap the lists of an answer."""
    if isinstance(value, Mapping):
        rest = {
            name: from_api(inner)
            for name, inner in value.items()
            if name not in {"Quantity", "Items"}
        }
        if "Quantity" not in value:
            return rest | ({"Items": from_api(value["Items"])} if "Items" in value else {})
        items = from_api(value.get("Items") or [])
        return rest | {"Items": items} if rest else items
    return [from_api(each) for each in value] if isinstance(value, list) else value


def to_api(value: _Json) -> _Json:
    """Wrap the lists of a request, and leave out what has to be absent."""
    if isinstance(value, Mapping):
        wrapped = {
            name: to_api(inner)
            for name, inner in value.items()
            if inner is not None and name != "Items"
        }
        return wrapped | _wrapped(value["Items"]) if "Items" in value else wrapped
    return _wrapped(value) if isinstance(value, list) else value


def _wrapped(items: list[_Json]) -> dict[str, _Json]:
    # An empty `Items` is refused in some places and an absent one nowhere.
    inner = {"Items": [to_api(each) for each in items]} if items else {}
    return {"Quantity": len(items), **inner}


def fits(wanted: _Json, standing: _Json) -> bool:
    """Tell whether everything that is wanted stands there; more may stand beside it."""
    if isinstance(wanted, Mapping) and isinstance(standing, Mapping):
        return all(fits(inner, standing.get(name)) for name, inner in wanted.items())
    if _is_nothing(wanted) or _is_nothing(standing):
        return _is_nothing(wanted) and _is_nothing(standing)
    if isinstance(wanted, list):
        return (
            isinstance(standing, list)
            and len(wanted) == len(standing)
            # No list of the API has an order, but for that of behaviours, which `plan` keeps.
            and all(any(fits(each, other) for other in standing) for each in wanted)
        )
    if isinstance(wanted, str) and isinstance(standing, str):
        return wanted.strip() == standing.strip()  # XML loses a PEM's last line break
    return bool(wanted == standing)


def narrowed(standing: _Json, wanted: _Json) -> _Json:
    """Return that part of what stands there which the wanted value speaks of."""
    if not isinstance(standing, Mapping) or not isinstance(wanted, Mapping):
        return standing
    return {name: narrowed(standing[name], wanted[name]) for name in wanted if name in standing}


def joined(wanted: Mapping[str, _Json], standing: Mapping[str, _Json] | None) -> dict[str, _Json]:
    """Put what is wanted over what stands there; what nobody speaks of stays as it is."""
    gone = BY_CACHE_POLICY if "CachePolicyId" in wanted else frozenset()
    kept = {name: v for name, v in (standing or {}).items() if name not in gone}
    return kept | dict(wanted)


def _is_nothing(value: _Json) -> bool:
    """Tell whether a value says no more than an absent one."""
    if isinstance(value, Mapping):
        return all(_is_nothing(inner) for inner in value.values())
    return value is None or value is False or value in ("", [], 0)
