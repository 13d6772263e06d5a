"""Where everything stands on a page, as pdftotext measures it."""

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.support.pdf import Page, exported, lines, pages

from gridboss_assets.exports import Column

A4 = (595.28, 841.89)
# 15 mm in points, less what a glyph may stand over its own width.
MARGIN = 42 - 1


def inside(page: Page) -> bool:
    """Tell whether every word stands within the margins."""
    return all(
        word.left >= MARGIN
        and word.right <= page.width - MARGIN
        and word.top >= MARGIN - 12
        and word.bottom <= page.height - MARGIN + 12
        for word in page.words
    )


def standings(count: int) -> Iterator[list[Any]]:
    for n in range(count):
        yield [n + 1, f"Driver {n}", f"Team {n % 7}", 3000 - n, f"+{n}.{n % 1000:03}"]


def test_the_header_is_repeated_on_each_page() -> None:
    found = lines(exported(["pos", "driver", "team", "points", "gap"], standings(200)))
    assert len(found) > 3
    assert all(page[0] == "pos driver team points gap" for page in found)


def test_figures_end_at_one_edge_and_text_begins_at_one() -> None:
    (page,) = pages(exported(["driver", "points"], [["Ada", 7], ["Bo", 1234], ["Cy", 99.5]]))
    names = [page.find(name) for name in ("driver", "Ada", "Bo", "Cy")]
    figures = [page.find(text) for text in ("points", "7", "1234", "99.5")]
    assert max(w.left for w in names) - min(w.left for w in names) < 0.1
    assert max(w.right for w in figures) - min(w.right for w in figures) < 0.1


@pytest.mark.parametrize(
    ("values", "is_right"),
    [
        ([1, 2.5, None], True),
        (["+12.345", "1:23.456", "37 %"], True),
        (["25", "DNF", "18"], True),
        (["2026-03-01", "2026-03-08"], False),
        (["Ada", "Bo", "3"], False),
        ([True, False], False),
        ([None, None], False),
    ],
)
def test_most_values_of_a_column_decide_its_side(values: list[Any], *, is_right: bool) -> None:
    (page,) = pages(exported(["x", "heading"], [["text", value] for value in values]))
    heading, whole = page.find("heading"), page.find("x").left
    assert (heading.right > page.width - whole - 2) is is_right


@pytest.mark.parametrize("align", ["left", "center", "right"])
def test_a_column_may_name_its_side(align: Any) -> None:
    columns = [Column("a"), Column("b", "heading", align=align)]
    (page,) = pages(exported(columns, [["x", 7]]))
    heading, value = page.find("heading"), page.find("7")
    edges = {
        "left": (heading.left, value.left),
        "center": (heading.left + heading.right, value.left + value.right),
        "right": (heading.right, value.right),
    }
    assert edges[align][0] == pytest.approx(edges[align][1], abs=0.1)


def test_few_columns_stand_upright_and_many_lie() -> None:
    few = pages(exported(["a", "b"], [["x", 1]]))
    many = pages(exported([f"column {n}" for n in range(16)], [["value"] * 16]))
    assert (few[0].width, few[0].height) == A4
    assert (many[0].height, many[0].width) == A4


@pytest.mark.parametrize("landscape", [True, False])
def test_the_caller_may_say_how_the_page_stands(*, landscape: bool) -> None:
    (page,) = pages(exported(["a"], [["x"]], landscape=landscape, page_size="letter"))
    assert (page.width, page.height) == ((792, 612) if landscape else (612, 792))


def many_columns(count: int) -> bytes:
    return exported([f"c{n}" for n in range(count)], [[n * 12345] * count for n in range(60)])


def long_texts() -> bytes:
    draw = random.Random(7)  # noqa: S311 - the same texts in every run
    texts = [" ".join("x" * draw.randrange(1, 90) for _ in range(40)) for _ in range(40)]
    return exported(["a", "b", "c"], [[text, text[::-1], n] for n, text in enumerate(texts)])


CASES: dict[str, Callable[[], bytes]] = {
    "ordinary": lambda: exported(["n", "driver", "team", "points", "gap"], standings(120)),
    "twenty columns": lambda: many_columns(20),
    "forty columns": lambda: many_columns(40),
    "long texts": long_texts,
    "wide letters": lambda: exported(["a", "b"], [["W" * 300, "Щ" * 300]] * 20),
    "later rows are wider": lambda: exported(
        ["a", "b"], [[n if n < 550 else "W" * 500, 10**n if n > 550 else n] for n in range(580)]
    ),
    "long title": lambda: exported(["a"], [[1]], title="Title " * 200, subtitle="Sub " * 300),
    "long label": lambda: exported([Column("a", "Label " * 90), "b"], [[1, 2]] * 200),
    "long format": lambda: exported(
        ["a"], [[1]], page_label="Page {page} of {pages}", title="W" * 400
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_nothing_stands_over_the_margins(case: str) -> None:
    found = pages(CASES[case]())
    assert found
    assert all(inside(page) for page in found)


def test_columns_do_not_run_into_each_other() -> None:
    names = ["Alexandros Papadopoulos-Konstantinidis", "W" * 40, "i" * 90]
    (page,) = pages(exported(["one", "two", "three"], [[name, name, name] for name in names]))
    starts = [page.find(name).left for name in ("one", "two", "three")]
    for word in page.words:
        after = [start for start in starts if start > word.left + 0.1]
        assert not after or word.right < min(after)


def test_rows_stand_below_each_other_without_touching() -> None:
    (page,) = pages(exported(["a", "b"], [["Ág", "word " * 60], ["Ág", "x"], ["Ág", "y"]]))
    tops = [word.top for word in page.words if word.text == "Ág"]
    bottom = max(word.bottom for word in page.words if word.text == "word")
    assert tops == sorted(tops)
    assert tops[1] > bottom - 1
    assert tops[2] - tops[1] > 9


def test_figures_grow_beyond_the_sample_without_a_break() -> None:
    found = lines(exported(["n", "text"], [[n, "some text " * 12] for n in range(1200)]))
    assert "1199" in {line.split()[0] for line in found[-1]}


def test_forty_columns_hold_five_figures_on_one_line() -> None:
    (page, *_) = pages(many_columns(40))
    assert {word.text for word in page.words} >= {"12345", "24690"}
