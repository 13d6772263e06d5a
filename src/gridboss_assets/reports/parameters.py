"""From the parameters of a request to a season: everything that is refused is refused here."""

import re
from collections.abc import Callable, Collection, Mapping
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta, Struct

from gridboss_assets.errors import InvalidParameters
from gridboss_assets.reports import samples
from gridboss_assets.reports.season import (
    MAX_ROWS,
    MAX_TEXT,
    Part,
    Race,
    Round,
    Season,
    SingleRace,
)

Sample = Annotated[
    Annotated[str, Meta(max_length=MAX_TEXT)] | None,
    Meta(description=", ".join(f"`{name}`" for name in samples.NAMES)),
]

_T = TypeVar("_T", bound=Struct)


class StandingsParameters(Part, frozen=True):
    """Parameters of ``standings``: one of ``season`` and ``sample``."""

    season: Season | None = None
    sample: Sample = None
    round: Annotated[Round | None, Meta(description="The last that counts; null: all do.")] = None


class RaceParameters(Part, frozen=True):
    """Parameters of ``race-results``: one of ``race``, ``season`` and ``sample``."""

    race: SingleRace | None = None
    season: Season | None = None
    sample: Sample = None
    round: Annotated[Round | None, Meta(description="Null: the last, and in a ZIP every one.")] = (
        None
    )


def season_of(parameters: Mapping[str, Any]) -> Season:
    """Return the season that ``standings`` is asked about, up to the round asked for."""
    asked = _convert(parameters, StandingsParameters)
    _require_one(season=asked.season, sample=asked.sample)
    season = _given(asked.season, asked.sample)
    return msgspec.structs.replace(season, races=season.races[: _round(season, asked.round)])


def race_of(parameters: Mapping[str, Any]) -> tuple[Season, int]:
    """Return a season and the round of it that ``race-results`` is asked about, from 1."""
    asked = _convert(parameters, RaceParameters)
    _require_one(race=asked.race, season=asked.season, sample=asked.sample)
    if asked.race is None:
        season = _given(asked.season, asked.sample)
        return season, _round(season, asked.round)
    if asked.round is not None:
        raise InvalidParameters("`round`: give it with a season or a sample, not with one race.")
    season = _season_with(asked.race)
    _check(season, lambda _: "race")
    return season, 1


def _require_one(**given: object) -> None:
    count = sum(value is not None for value in given.values())
    if count != 1:
        *names, last = (f"`{name}`" for name in given)
        alone = {0: ".", 2: ", not both."}.get(count, ", not all.")
        raise InvalidParameters(f"Give one of {', '.join(names)} or {last}{alone}")


def _given(season: Season | None, sample: str | None) -> Season:
    if season is None:
        return samples.load(sample or "")
    _check(season, lambda number: f"season.races[{number}]")
    return season


def _season_with(race: SingleRace) -> Season:
    fields = {name: getattr(race, name) for name in Race.__struct_fields__}
    return Season(name=race.name, rules=race.rules, drivers=race.drivers, races=(Race(**fields),))


def _round(season: Season, asked: int | None) -> int:
    if asked is not None and asked > len(season.races):
        raise InvalidParameters(f"`round`: the season has {len(season.races)} races.")
    return asked or len(season.races)


def _check(season: Season, path_of: Callable[[int], str]) -> None:
    """Check what the types can't say: that each name is there once, and that names agree."""
    where = path_of(0).partition(".")[0]
    drivers: set[str] = set()
    for index, driver in enumerate(season.drivers):
        if driver.id in drivers:
            raise InvalidParameters(f"`{where}.drivers[{index}].id`: another driver has this ID.")
        drivers.add(driver.id)
    if sum(len(race.results) for race in season.races) > MAX_ROWS:
        raise InvalidParameters(f"`{where}.races`: more than {MAX_ROWS} results together.")
    for number, race in enumerate(season.races):
        _check_results(race, drivers, path_of(number))


def _check_results(race: Race, drivers: Collection[str], path: str) -> None:
    seen: set[str] = set()
    for index, result in enumerate(race.results):
        here = f"{path}.results[{index}]"
        if result.driver not in drivers:
            raise InvalidParameters(f"`{here}.driver`: no driver has this ID.")
        if result.driver in seen:
            raise InvalidParameters(f"`{here}.driver`: this driver has a result already.")
        if result.status == "finished" and result.time is None:
            raise InvalidParameters(f"`{here}.time`: a driver who finished has a time.")
        seen.add(result.driver)


def _convert(parameters: Mapping[str, Any], model: type[_T]) -> _T:
    try:
        return msgspec.convert(dict(parameters), model)
    except msgspec.ValidationError as error:
        raise InvalidParameters(_explain(str(error))) from None


# msgspec has its findings as text alone. A value is told in two of them, and stays out of ours.
_FINDING = re.compile(r"(?P<what>.*?)(?: - at (?:`key` in )?`\$\.?(?P<path>.*)`)?", re.DOTALL)
_FIELD = re.compile(r"Object contains unknown field `(?P<name>[A-Za-z_][A-Za-z0-9_]{0,39})`")


def _explain(finding: str) -> str:
    match = _FINDING.fullmatch(finding)
    what, path = (match["what"], match["path"]) if match else (finding, None)
    if what.startswith("Invalid enum value"):
        what = "this word may not stand here"
    elif what.startswith("Object contains unknown field"):
        known = _FIELD.fullmatch(what)
        what = f"there is no field `{known['name']}` here" if known else "a field is not known"
    elif "matching regex" in what:
        what = "this text holds control characters or can't be encoded"
    else:
        what = what[:1].lower() + what[1:]
    where = path or "parameters"
    return f"`{where}`: {what}."
