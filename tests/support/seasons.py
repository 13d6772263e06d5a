"""Seasons for tests: as a caller posts them, small, and at random."""

from typing import Any

from hypothesis import strategies as st

STATUSES = ["finished", "finished", "finished", "retired", "disqualified", "not_started"]


def result(driver: str, laps: int = 10, time: float | None = 600.0, **more: Any) -> dict[str, Any]:
    """Write one result; ``time`` None leaves it out."""
    return {"driver": driver, "laps": laps, **({} if time is None else {"time": time}), **more}


def race(*order: str, **more: Any) -> dict[str, Any]:
    """Write a race in which these drivers finished in this order, a second apart."""
    results = [result(each, time=600.0 + place) for place, each in enumerate(order)]
    return {"name": "A race", "results": results, **more}


def season(*races: dict[str, Any], rules: dict[str, Any] | None = None) -> dict[str, Any]:
    """Write a season of all drivers who stand in its races, in the order of the alphabet."""
    names = sorted({each["driver"] for one in races for each in one["results"]})
    drivers = [{"id": name, "name": name.upper()} for name in names]
    return {"name": "A season", "rules": rules or {}, "drivers": drivers, "races": list(races)}


@st.composite
def results(draw: st.DrawFn, driver: str) -> dict[str, Any]:
    """Draw a result of a driver; few laps and times, so that there are ties."""
    status = draw(st.sampled_from(STATUSES))
    time = draw(st.integers(100, 106))
    return {
        "driver": driver,
        "status": status,
        "laps": draw(st.integers(7, 10)) if status != "not_started" else 0,
        **({"time": time + 0.125} if status == "finished" else {}),
        **draw(st.sampled_from([{}, {"bestLap": 9.5}, {"bestLap": 9.75, "penalty": 5}])),
    }


@st.composite
def seasons(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a season of up to eight drivers and six races."""
    names = [f"d{number}" for number in range(draw(st.integers(1, 8)))]
    races = []
    for number in range(draw(st.integers(1, 6))):
        entered = draw(st.lists(st.sampled_from(names), unique=True))
        made = [draw(results(name)) for name in entered]
        factor = draw(st.sampled_from([1, 1, 0.5, 2]))
        races.append({"name": f"Race {number}", "pointsFactor": factor, "results": made})
    rules: dict[str, Any] = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "points": st.sampled_from([[25, 18, 15], [2, 1.5, 1], [1], []]),
                "fastestLap": st.sampled_from([1, 0.5]),
                "fastestLapTop": st.integers(1, 4),
                "countBest": st.integers(1, 6),
                "classifiedPercent": st.sampled_from([0, 75, 90, 100]),
            },
        )
    )
    people = [{"id": name, "name": name.upper()} for name in names]
    return {"name": "A season", "rules": rules, "drivers": people, "races": races}
