"""What a caller posts: every refusal names the place and not the value."""

from copy import deepcopy
from typing import Any

import pytest
from tests.support.seasons import race, result, season

from gridboss_assets.errors import InvalidParameters
from gridboss_assets.reports import default_reports
from gridboss_assets.reports import season as limits
from gridboss_assets.reports.parameters import race_of, season_of

POSTED = season(race("a", "b"), race("b", "a"))


def changed(path: str, value: Any) -> dict[str, Any]:
    """Return the parameters of a small season with another value at ``path``."""
    made: Any = {"season": deepcopy(POSTED)}
    *way, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    place = made
    for step in way:
        place = place[step]
    place[last] = value
    return dict(made)


def refusal(parameters: dict[str, Any]) -> str:
    with pytest.raises(InvalidParameters) as refused:
        season_of(parameters)
    return str(refused.value)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("season.name", 5, "`season.name`: expected `str`, got `int`."),
        ("season.name", "", "`season.name`: expected `str` of length >= 1."),
        ("season.name", "x" * 121, "`season.name`: expected `str` of length <= 120."),
        ("season.drivers", [], "`season.drivers`: expected `array` of length >= 1."),
        (
            "season.drivers.1.id",
            "a",
            "`season.drivers[1].id`: another driver has this ID.",
        ),
        (
            "season.drivers.0.number",
            -1,
            "`season.drivers[0].number`: expected `int` >= 0.",
        ),
        (
            "season.races.1.results.0.laps",
            1.5,
            "`season.races[1].results[0].laps`: expected `int`, got `float`.",
        ),
        (
            "season.races.1.results.0.laps",
            True,
            "`season.races[1].results[0].laps`: expected `int`, got `bool`.",
        ),
        (
            "season.races.1.results.0.time",
            float("nan"),
            "`season.races[1].results[0].time`: expected `float` > 0.0.",
        ),
        (
            "season.races.1.results.0.time",
            10**400,
            "`season.races[1].results[0].time`: number out of range.",
        ),
        (
            "season.races.0.results.0.driver",
            "nobody",
            "`season.races[0].results[0].driver`: no driver has this ID.",
        ),
        (
            "season.races.0.results.1.driver",
            "a",
            "`season.races[0].results[1].driver`: this driver has a result already.",
        ),
        (
            "season.races.0.results.1.time",
            None,
            "`season.races[0].results[1].time`: a driver who finished has a time.",
        ),
        (
            "season.races.0.results.1.status",
            "secret",
            "`season.races[0].results[1].status`: this word may not stand here.",
        ),
        (
            "season.races.0.results.1.fastest",
            True,
            "`season.races[0].results[1]`: there is no field `fastest` here.",
        ),
        (
            "season.races.0.results.1.<b>secret",
            True,
            "`season.races[0].results[1]`: a field is not known.",
        ),
        ("season.rules.countBest", 0, "`season.rules.countBest`: expected `int` >= 1."),
        ("season.rules.points", [1, "2"], "`season.rules.points[1]`: expected `float`, got `str`."),
        ("round", 3, "`round`: the season has 2 races."),
        ("round", 0, "`round`: expected `int` >= 1."),
        ("sample", "meridian-cup", "Give one of `season` or `sample`, not both."),
        ("race", {}, "`parameters`: there is no field `race` here."),
    ],
)
def test_a_refusal_names_the_place(path: str, value: Any, message: str) -> None:
    assert refusal(changed(path, value)) == message


@pytest.mark.parametrize("text", ["a\x00b", "a\nb", "\x85", "a\u2028b", "\ud800"])
def test_text_that_is_none_is_refused(text: str) -> None:
    assert refusal(changed("season.drivers.0.name", text)) == (
        "`season.drivers[0].name`: this text holds control characters or can't be encoded."
    )


def test_a_field_that_is_missing_is_named() -> None:
    posted = deepcopy(POSTED)
    del posted["drivers"][0]["name"]
    assert refusal({"season": posted}) == (
        "`season.drivers[0]`: object missing required field `name`."
    )


def test_nothing_at_all_says_what_to_give() -> None:
    assert refusal({}) == "Give one of `season` or `sample`."
    with pytest.raises(InvalidParameters, match="Give one of `race`, `season` or `sample`"):
        race_of({"round": 1})


def test_a_sample_that_there_is_not_names_those_that_there_are() -> None:
    assert refusal({"sample": "secret"}) == (
        "`sample`: there is no such sample. Use: harbour-sprint, meridian-cup."
    )


def test_standings_stop_at_the_round_that_is_asked_for() -> None:
    assert len(season_of({"season": POSTED, "round": 1}).races) == 1


def test_a_race_is_the_last_one_unless_a_round_is_named() -> None:
    assert race_of({"season": POSTED})[1] == 2
    assert race_of({"season": POSTED, "round": 1})[1] == 1


def test_a_single_race_brings_drivers_and_rules() -> None:
    alone = {**race("b", "a"), "drivers": POSTED["drivers"], "rules": {"points": [3]}}
    rows: Any = default_reports()["race-results"].function({"race": alone})
    assert [(row[0], row[2], row[10]) for row in rows] == [(1, "B", 3), (2, "A", 0)]


def test_a_single_race_has_no_other_round() -> None:
    alone = {**race("b", "a"), "drivers": POSTED["drivers"]}
    with pytest.raises(InvalidParameters, match="`round`: give it with a season"):
        race_of({"race": alone, "round": 1})


def test_a_mistake_in_a_single_race_is_named_there() -> None:
    alone = {**race("b", "a"), "drivers": POSTED["drivers"][:1]}
    with pytest.raises(InvalidParameters, match=r"`race\.results\[0\]\.driver`: no driver"):
        race_of({"race": alone})


def test_more_drivers_than_the_limit_are_refused() -> None:
    people = [{"id": str(n), "name": "x"} for n in range(limits.MAX_DRIVERS + 1)]
    assert refusal(changed("season.drivers", people)) == (
        "`season.drivers`: expected `array` of length <= 200."
    )


def test_more_races_than_the_limit_are_refused() -> None:
    races = [race("a")] * (limits.MAX_RACES + 1)
    assert refusal(changed("season.races", races)) == (
        "`season.races`: expected `array` of length <= 100."
    )


def test_more_results_than_the_limit_are_refused() -> None:
    people = [{"id": str(n), "name": "x"} for n in range(limits.MAX_DRIVERS)]
    every = {"name": "x", "results": [result(str(n)) for n in range(limits.MAX_DRIVERS)]}
    fits = {"name": "s", "drivers": people, "races": [every] * 50}
    assert len(season_of({"season": fits}).races) == 50
    assert refusal({"season": fits | {"races": [every] * 51}}) == (
        "`season.races`: more than 10000 results together."
    )
