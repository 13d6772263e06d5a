"""Races classified and seasons counted, on cases that a person can check."""

from typing import Any

import pytest
from tests.support.seasons import race, result, season

from gridboss_assets.reports.parameters import season_of
from gridboss_assets.reports.scoring import Place, Standing, classify, shown, standings


def classified(*results: dict[str, Any], **rules: Any) -> list[Place]:
    posted = season({"name": "A race", "results": list(results)}, rules=rules)
    made = season_of({"season": posted})
    return classify(made.races[0], made.drivers, made.rules)


def order(places: list[Place]) -> list[tuple[str, int | None]]:
    return [(place.driver.id, place.position) for place in places]


def table(*races: dict[str, Any], **rules: Any) -> list[Standing]:
    return standings(season_of({"season": season(*races, rules=rules)}))


def ranks(found: list[Standing]) -> list[tuple[int, str]]:
    return [(each.position, each.driver.id) for each in found]


def test_more_laps_come_before_less_time() -> None:
    found = classified(result("a", laps=9, time=500.0), result("b", laps=10, time=600.0))
    assert order(found) == [("b", 1), ("a", 2)]


def test_a_penalty_is_added_to_the_time() -> None:
    found = classified(result("a", time=600.0, penalty=5), result("b", time=604.0))
    assert order(found) == [("b", 1), ("a", 2)]
    assert [place.time for place in found] == [604.0, 605.0]
    assert [place.gap for place in found] == [0.0, 1.0]


def test_who_is_level_stays_in_the_order_of_the_results() -> None:
    assert order(classified(result("b"), result("a"))) == [("b", 1), ("a", 2)]


def test_a_lap_behind_is_told_in_laps() -> None:
    first, second = classified(result("a"), result("b", laps=9))
    assert (first.laps_behind, second.laps_behind, second.gap) == (0, 1, None)


def test_times_are_compared_in_thousandths() -> None:
    # 600.1 + 0.2 is 600.3000000000001 as a float.
    found = classified(result("a", time=600.1, penalty=0.2), result("b", time=600.3))
    assert order(found) == [("a", 1), ("b", 2)]
    assert [place.gap for place in found] == [0.0, 0.0]


@pytest.mark.parametrize(("laps", "position"), [(18, 2), (17, None)])
def test_nine_tenths_of_the_winners_laps_are_needed_rounded_down(
    laps: int, position: int | None
) -> None:
    found = classified(result("a", laps=21), result("b", laps=laps))
    assert order(found)[1] == ("b", position)


def test_who_retired_late_is_classified_behind_who_went_as_far() -> None:
    retired = result("b", laps=10, time=None, status="retired")
    found = classified(retired, result("a", laps=10), result("c", laps=9))
    assert order(found) == [("a", 1), ("b", 2), ("c", 3)]
    assert (found[1].time, found[1].gap) == (None, None)


def test_disqualified_drivers_lose_position_and_fastest_lap() -> None:
    cheat = result("a", time=1.0, bestLap=1.0, status="disqualified")
    found = classified(cheat, result("b", bestLap=60.0), fastestLap=1)
    assert order(found) == [("b", 1), ("a", None)]
    assert [place.points for place in found] == [26_000, 0]


def test_who_did_not_start_comes_last() -> None:
    found = classified(
        result("a", laps=0, time=None, status="not_started"),
        result("b", time=1.0, status="disqualified"),
        result("c", laps=1, time=None, status="retired"),
        result("d"),
    )
    assert order(found) == [("d", 1), ("c", None), ("b", None), ("a", None)]


def test_a_race_that_nobody_began_has_no_winner() -> None:
    stopped = [result(name, laps=0, time=None, status="retired") for name in "ab"]
    assert [place.position for place in classified(*stopped)] == [None, None]


def test_points_are_those_of_formula_one_without_rules() -> None:
    names = "abcdefghijk"
    found = classified(*[result(name, time=600.0 + ord(name)) for name in names])
    assert [shown(place.points) for place in found] == [25, 18, 15, 12, 10, 8, 6, 4, 2, 1, 0]


def test_the_fastest_lap_counts_among_the_first_alone() -> None:
    results = [result("a", bestLap=61), result("b", time=601.0, bestLap=60)]
    assert [p.points for p in classified(*results, fastestLap=1)] == [25_000, 19_000]
    top = classified(*results, fastestLap=1, fastestLapTop=1)
    assert [p.points for p in top] == [25_000, 18_000]
    assert [p.fastest_lap for p in top] == [False, True]


def test_half_points_are_halves() -> None:
    posted = season(race("a", "b", pointsFactor=0.5))
    found = standings(season_of({"season": posted}))
    assert [shown(each.total) for each in found] == [12.5, 9]


def test_most_points_come_first_and_the_gap_is_to_the_leader() -> None:
    found = table(race("b", "a", "c"), race("b", "c", "a"))
    assert ranks(found) == [(1, "b"), (2, "a"), (2, "c")]
    assert [each.gap for each in found] == [0, 17_000, 17_000]


def test_equal_points_go_to_who_has_more_wins() -> None:
    # Both have 6 points: a once 4 and twice 1, b three times 2.
    found = table(race("a", "b"), race("c", "b", "a"), race("c", "b", "a"), points=[4, 2, 1])
    assert ranks(found) == [(1, "c"), (2, "a"), (3, "b")]
    assert [each.total for each in found] == [8_000, 6_000, 6_000]


def test_equal_wins_go_to_who_has_more_second_places() -> None:
    races = (race("a", "c", "d", "b"), race("b", "d", "c", "a"), race("c", "a", "b", "d"))
    found = table(*races, points=[1])
    assert ranks(found) == [(1, "c"), (2, "a"), (3, "b"), (4, "d")]


def test_a_worse_place_more_is_better_than_none() -> None:
    found = table(race("a", "b", "c"), race("b", "a"), points=[1])
    assert ranks(found)[2] == (3, "c")
    found = table(race("b", "x", "a"), race("a", "x"), points=[1])
    assert ranks(found)[:2] == [(1, "a"), (2, "b")]


def test_who_cannot_be_told_apart_shares_a_position_and_the_next_is_left_out() -> None:
    found = table(race("b", "a", "c"), race("a", "b", "c"))
    assert ranks(found) == [(1, "a"), (1, "b"), (3, "c")]


def test_only_the_best_rounds_count() -> None:
    found = table(race("a", "b"), race("b", "a"), race("b", "a"), countBest=2)
    by_id = {each.driver.id: each for each in found}
    assert (by_id["b"].total, by_id["b"].dropped) == (50_000, 18_000)
    assert (by_id["a"].total, by_id["a"].dropped) == (43_000, 18_000)


def test_a_round_that_was_missed_is_no_result_and_is_dropped_first() -> None:
    found = table(race("a", "b"), race("b"), countBest=1)
    by_id = {each.driver.id: each for each in found}
    assert by_id["a"].rounds == (25_000, None)
    assert (by_id["a"].total, by_id["a"].dropped) == (25_000, 0)


def test_wins_podiums_and_the_best_place_are_counted() -> None:
    found = table(race("a", "b", "c", "d"), race("a", "c", "b", "d"))
    assert [(each.wins, each.podiums, each.best) for each in found] == [
        (2, 2, 1),
        (0, 2, 2),
        (0, 2, 2),
        (0, 0, 4),
    ]
