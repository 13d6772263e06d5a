"""What holds of every season: nothing is lost, and the order is the rule's."""

from functools import cmp_to_key
from itertools import combinations
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from tests.support.seasons import seasons

from gridboss_assets.reports.parameters import season_of
from gridboss_assets.reports.scoring import Standing, classify, standings
from gridboss_assets.reports.season import Season


def made(posted: dict[str, Any]) -> Season:
    return season_of({"season": posted})


@given(seasons())
def test_every_result_is_classified_once_and_positions_count_up(posted: dict[str, Any]) -> None:
    season = made(posted)
    for race in season.races:
        places = classify(race, season.drivers, season.rules)
        assert {p.driver.id for p in places} == {r.driver for r in race.results}
        assert len(places) == len(race.results)
        positions = [place.position for place in places]
        ranked = [position for position in positions if position is not None]
        assert ranked == list(range(1, len(ranked) + 1))
        assert positions[len(ranked) :] == [None] * (len(places) - len(ranked))


@given(seasons())
def test_a_race_gives_just_the_points_of_its_table(posted: dict[str, Any]) -> None:
    season = made(posted)
    for race in season.races:
        places = classify(race, season.drivers, season.rules)
        ranked = [place for place in places if place.position is not None]
        expected = sum(season.rules.points[: len(ranked)])
        top = season.rules.fastest_lap_top
        if any(p.fastest_lap and p.position is not None and p.position <= top for p in places):
            expected += season.rules.fastest_lap
        assert sum(place.points for place in places) == expected * race.points_factor * 1000


@given(seasons())
def test_no_point_is_lost_or_made_up(posted: dict[str, Any]) -> None:
    season = made(posted)
    given_out = sum(
        place.points
        for race in season.races
        for place in classify(race, season.drivers, season.rules)
    )
    assert sum(each.total + each.dropped for each in standings(season)) == given_out


@given(seasons())
def test_the_total_is_the_largest_that_so_many_rounds_can_make(posted: dict[str, Any]) -> None:
    season = made(posted)
    count = min(season.rules.count_best or len(season.races), len(season.races))
    for each in standings(season):
        points = [value or 0 for value in each.rounds]
        assert each.total == max(map(sum, combinations(points, count)))


@given(seasons())
def test_the_order_is_that_of_points_and_then_of_counting_back(posted: dict[str, Any]) -> None:
    season = made(posted)

    def ahead(one: Standing, other: Standing) -> int:
        """Compare two drivers as the regulations read: until one has more of a place."""
        if one.total != other.total:
            return other.total - one.total
        for place in range(1, 21):
            here, there = one.finishes.get(place, 0), other.finishes.get(place, 0)
            if here != there:
                return there - here
        return 0

    table = standings(season)
    assert sorted(table, key=cmp_to_key(ahead)) == table
    assert {each.driver.id for each in table} == {driver.id for driver in season.drivers}
    for number, each in enumerate(table):
        better = sum(ahead(other, each) < 0 for other in table)
        assert each.position == better + 1 <= number + 1


@given(seasons(), st.randoms(use_true_random=False))
def test_the_order_of_the_races_does_not_matter(posted: dict[str, Any], chance: Any) -> None:
    shuffled = posted | {"races": chance.sample(posted["races"], len(posted["races"]))}
    assert [
        (each.driver, each.position, each.total, each.dropped) for each in standings(made(posted))
    ] == [
        (each.driver, each.position, each.total, each.dropped) for each in standings(made(shuffled))
    ]
