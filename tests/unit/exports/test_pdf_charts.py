"""Charts above the table."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from tests.support.pdf import exported, lines, pages

from gridboss_assets.errors import InvalidRows
from gridboss_assets.exports import BarChart, Column, LineChart

COLUMNS = [Column("driver", "Driver"), Column("points", "Points", format="{:.1f}".format)]


def bars(rows: list[list[Any]], **options: Any) -> list[str]:
    """Return the lines of a bar chart, without the table below it."""
    chart = BarChart("driver", "points", **options)
    first = lines(exported(COLUMNS, rows, chart=chart))[0]
    # What could be drawn last of all stands last in the content.
    return first[first.index("Points by Driver") :]


def test_bars_come_from_the_largest_down_with_label_and_value() -> None:
    found = bars([["Ada", 7], ["Bo", 25.5], ["Cy", 18]])
    assert found[-3:] == ["Bo 25.5", "Cy 18.0", "Ada 7.0"]


def test_the_axis_is_labelled() -> None:
    found = bars([["Ada", 7], ["Bo", 25.5]])
    assert " ".join(found[1:-2]).split() == ["0", "10", "20", "30", "Points"]


def test_only_the_largest_get_a_bar() -> None:
    found = bars([[f"Driver{n}", n % 700] for n in range(2000)], top=3)
    assert found[-3:] == ["Driver699 699.0", "Driver1399 699.0", "Driver698 698.0"]


def test_bars_of_rows_that_come_late_have_their_room_too() -> None:
    rows = [[f"Driver{n}", n if n > 550 else None] for n in range(600)]
    (page, *_) = pages(exported(COLUMNS, rows, chart=BarChart("driver", "points", top=10)))
    tops = sorted(
        word.top for word in page.words if word.text in {f"Driver{n}" for n in range(590, 600)}
    )
    assert len(tops) == 10
    assert all(below - above > 8 for above, below in pairwise(tops))


def test_rows_without_a_number_get_no_bar() -> None:
    found = bars([["Ada", 7], ["Bo", None], ["Cy", float("nan")]])
    assert found[-1] == "Ada 7.0"
    assert not any(line.startswith(("Bo", "Cy")) for line in found)


def test_a_bar_below_zero_is_labelled_too() -> None:
    found = bars([["Ada", 7], ["Bo", -3]])
    assert found[-2:] == ["Ada 7.0", "Bo -3.0"]
    assert set(" ".join(found).split()) >= {"-4", "8"}


def test_the_table_stands_below_the_chart() -> None:
    chart = BarChart("driver", "points")
    (page,) = pages(exported(COLUMNS, [["Ada", 7], ["Bo", 25]], chart=chart, title="Season"))
    below = max(word.bottom for word in page.words if word.text == "Ada")
    (first, *_) = [word for word in page.words if word.text == "by"]
    header = [word.top for word in page.words if word.text == "Driver"]
    assert first.bottom < max(header) < below


def rounds() -> Iterator[list[Any]]:
    for number in range(1, 6):
        for driver, pace in (("Ada", 25), ("Bo", 18), ("Cy", 10)):
            yield [number, driver, number * pace]


def test_a_line_for_each_of_a_series_has_its_name_at_its_end() -> None:
    chart = LineChart("round", "points", series="driver", title="The season")
    (page,) = pages(exported(["round", "driver", "points"], rounds(), chart=chart))
    names = {name: [w for w in page.words if w.text == name] for name in ("Ada", "Bo", "Cy")}
    ends = [max(words, key=lambda word: word.left) for words in names.values()]
    assert len({round(word.left) for word in ends}) == 1
    assert [word.top for word in ends] == sorted(word.top for word in ends)


def test_the_lines_that_end_highest_are_drawn() -> None:
    chart = LineChart("round", "points", series="driver", top=1, title="The season")
    found = lines(exported(["round", "driver", "points"], rounds(), chart=chart))[0]
    after = found[found.index("The season") :]
    assert "Ada" in " ".join(after)
    assert "Bo" not in " ".join(after)


def test_several_columns_are_a_line_each() -> None:
    chart = LineChart("round", ("Ada", "Bo"), title="The season")
    found = lines(exported(["round", "Ada", "Bo"], [[1, 25, 18], [2, 43, 36]], chart=chart))[0]
    assert found[found.index("The season") :][-2:] == ["Ada", "Bo"]


@pytest.mark.parametrize(
    ("chart", "message"),
    [
        (BarChart("nobody", "points"), "needs a column 'nobody', and the rows have driver, points"),
        (BarChart("driver", "driver"), "no Driver is a number"),
        (LineChart("driver", "driver"), "none of its values is a number"),
        (LineChart("points", "points", series="team"), "needs a column 'team'"),
    ],
)
def test_a_chart_that_can_not_be_drawn_says_why(chart: Any, message: str) -> None:
    with pytest.raises(InvalidRows, match=message):
        exported(COLUMNS, [["Ada", 7], ["Bo", 25]], chart=chart)


@pytest.mark.parametrize("count", [1, 2, 1000])
def test_a_line_may_have_one_place_or_a_thousand(count: int) -> None:
    chart = LineChart("n", "n", title="Chart")
    (page, *_) = pages(exported(["n"], [[n] for n in range(count)], chart=chart))
    assert all(word.left >= 0 and word.right <= page.width for word in page.words)


def test_a_line_of_more_places_than_can_be_drawn_is_refused() -> None:
    with pytest.raises(InvalidRows, match="at most 1000 values of n"):
        exported(["n"], [[n] for n in range(1001)], chart=LineChart("n", "n"))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: BarChart("a", "b", top=0), "top: give a number from 1 to 30"),
        (lambda: LineChart("a", "b", top=9), "top: give a number from 1 to 8"),
        (lambda: LineChart("a", ("b", "c"), series="d"), "value: give one column"),
        (lambda: LineChart("a", ()), "value: name a column"),
    ],
)
def test_a_chart_of_no_sense_is_refused_when_it_is_made(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


def test_the_largest_chart_leaves_room_for_the_table() -> None:
    rows = [[f"Driver {n}", n] for n in range(60)]
    chart = BarChart("driver", "points", top=30)
    found = pages(exported(COLUMNS, rows, chart=chart, landscape=True, title="Season"))
    assert all(word.bottom < page.height - 25 for page in found for word in page.words)
    (header,) = [word for word in found[0].words if word.text == "Points" and word.left > 700]
    assert header.bottom < found[0].height - 100
