"""Who is where: races classified and seasons counted, as pure functions.

The rules are those of the FIA Formula One Sporting Regulations where ``Rules`` does not say
otherwise: article 7, "Dead heat", for drivers with equal points, and the article "Final
classification" for who is classified. Points are whole thousandths here, so that sums are exact.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from gridboss_assets.reports.season import MAX_DRIVERS, Driver, Race, Result, Rules, Season

_THOUSAND = 1000
_PODIUM = 3


@dataclass(frozen=True, slots=True)
class Place:
    """One driver in one race.

    ``position`` is None for who is not classified. ``time`` has the penalty in it; ``gap`` is
    that behind the winner in seconds, None where ``laps_behind`` is not 0 or there is no time.
    """

    driver: Driver
    result: Result
    position: int | None
    time: float | None
    gap: float | None
    laps_behind: int
    fastest_lap: bool
    points: int


@dataclass(frozen=True, slots=True)
class Standing:
    """One driver in the championship.

    ``rounds`` has the points of each round, None where the driver was not entered. ``total`` is
    the sum of those that count, ``dropped`` of the others; ``finishes`` counts positions.
    """

    position: int
    driver: Driver
    rounds: tuple[int | None, ...]
    total: int
    dropped: int
    gap: int
    finishes: Mapping[int, int]

    @property
    def wins(self) -> int:
        """How often the driver was first."""
        return self.finishes.get(1, 0)

    @property
    def podiums(self) -> int:
        """How often the driver was among the first three."""
        return sum(self.finishes.get(position, 0) for position in range(1, _PODIUM + 1))

    @property
    def best(self) -> int | None:
        """The best position of all rounds."""
        return min(self.finishes, default=None)


def shown(points: int) -> float:
    """Turn thousandths into points: an ``int`` where they are whole."""
    return points // _THOUSAND if points % _THOUSAND == 0 else points / _THOUSAND


def classify(race: Race, drivers: Sequence[Driver], rules: Rules) -> list[Place]:
    """Put the results of a race in order, those who are not classified last."""
    by_id = {driver.id: driver for driver in drivers}
    ordered = sorted(race.results, key=_rank)
    leader = next((result for result in ordered if _runs(result)), None)
    needed = max(1, leader.laps * rules.classified_percent // 100) if leader else 0
    fastest = _fastest(ordered)
    places = []
    position = 0
    for result in ordered:
        classified = _runs(result) and result.laps >= needed
        position += classified
        behind = leader.laps - result.laps if leader and _runs(result) else 0
        time = _time(result) if result.status == "finished" else None
        first = _time(leader) if leader and leader.status == "finished" else None
        level = None if time is None or first is None or behind else round(time - first, 3)
        places.append(
            Place(
                driver=by_id[result.driver],
                result=result,
                position=position if classified else None,
                time=time,
                gap=level,
                laps_behind=behind,
                fastest_lap=result is fastest,
                points=_points(
                    rules, race, position if classified else None, fastest=result is fastest
                ),
            )
        )
    return places


def standings(season: Season) -> list[Standing]:
    """Count a season: points, then most wins, most second places and so on.

    Drivers whom that does not separate share a position, in the order in which they stand in the
    season; the next position is left out.
    """
    rounds = [
        {place.driver.id: place for place in classify(race, season.drivers, season.rules)}
        for race in season.races
    ]
    counted = [_count(driver, rounds, season.rules) for driver in season.drivers]
    counted.sort(key=attrgetter("key"))
    table: list[Standing] = []
    for _, level in groupby(counted, key=attrgetter("key")):
        position = len(table) + 1
        table += [each.standing(position, counted[0].total) for each in level]
    return table


@dataclass(frozen=True, slots=True)
class _Counted:
    driver: Driver
    rounds: tuple[int | None, ...]
    total: int
    dropped: int
    finishes: Counter[int]

    @property
    def key(self) -> tuple[int, ...]:
        return (-self.total, *(-self.finishes[place] for place in range(1, MAX_DRIVERS + 1)))

    def standing(self, position: int, leader: int) -> Standing:
        gap = leader - self.total
        return Standing(
            position, self.driver, self.rounds, self.total, self.dropped, gap, self.finishes
        )


def _count(driver: Driver, rounds: Sequence[Mapping[str, Place]], rules: Rules) -> _Counted:
    places = [each.get(driver.id) for each in rounds]
    points = tuple(None if place is None else place.points for place in places)
    best = sorted((each or 0 for each in points), reverse=True)
    total = sum(best[: rules.count_best])
    finishes = Counter(place.position for place in places if place and place.position is not None)
    return _Counted(driver, points, total, sum(best) - total, finishes)


def _runs(result: Result) -> bool:
    return result.status in {"finished", "retired"}


def _time(result: Result) -> float | None:
    # Times are measured in thousandths, and floats are not.
    return None if result.time is None else round(result.time + result.penalty, 3)


_ORDER = {"finished": 0, "retired": 0, "disqualified": 1, "not_started": 2}


def _rank(result: Result) -> tuple[float, ...]:
    time = _time(result) if result.status == "finished" else None
    return _ORDER[result.status], -result.laps, float("inf") if time is None else time


def _fastest(ordered: Sequence[Result]) -> Result | None:
    timed = [each for each in ordered if _runs(each) and each.best_lap is not None]
    return min(timed, key=lambda each: each.best_lap or 0, default=None)


def _points(rules: Rules, race: Race, position: int | None, *, fastest: bool) -> int:
    if position is None:
        return 0
    points = rules.points[position - 1] if position <= len(rules.points) else 0.0
    if fastest and position <= rules.fastest_lap_top:
        points += rules.fastest_lap
    return round(points * race.points_factor * _THOUSAND)
