"""Tables and the very bytes that their CSV has: tests/fixtures/exports."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any
from uuid import UUID

from gridboss_assets.exports import Column
from gridboss_assets.exports.encode_csv import CsvOptions

FOLDER = Path(__file__).parents[2] / "fixtures" / "exports"


class Tyre(Enum):
    SOFT = "soft"
    HARD = 3


@dataclass(frozen=True)
class Golden:
    name: str
    columns: list[Any]
    rows: list[tuple[Any, ...]]
    options: CsvOptions = field(default_factory=CsvOptions)

    @property
    def data(self) -> bytes:
        return (FOLDER / f"{self.name}.csv").read_bytes()


_STANDINGS = [
    (1, "Zoë Castañeda", "Łódź Racing", 25),
    (2, "王小明", "Команда", 18),
    (3, "عمر", "🏎️ e\u0301quipe", 15),
]

GOLDEN = [
    Golden("unicode", ["position", "driver", Column("team", "Équipe"), "points"], _STANDINGS),
    Golden(
        "bom-semicolons",
        ["position", "driver", Column("team", "Équipe"), "points"],
        [*_STANDINGS, (4, "a;b", 'c,"d"', 0)],
        CsvOptions(bom=True, delimiter=";"),
    ),
    Golden(
        "quotes",
        ["text", "more"],
        [
            ('say "hi"', "a,b"),
            ("two\nlines", "two\r\nlines"),
            (" blanks ", "'"),
            ('"', ""),
            ("", None),
        ],
    ),
    Golden("one-column", ["note"], [("a",), ("",), (None,), ('"',), ("b",)]),
    Golden(
        "formulas",
        ["cell", "=title", "kept"],
        [
            ("=1+1", "+1+A1", "-5"),
            ("@SUM(A1)", "-2-cmd|' /C calc'!A0", "+12.345"),
            ("\t=1", "\r=1", "-"),
            ("\ttab", "\nline", "+49 30 901820"),
            ("=1,2", '="x"', "-1:23.456"),
            ("total;=A1", "a|@b", "a=b"),
            ("two\n=lines", "'=done", "a-b"),
        ],
    ),
    Golden(
        "formulas-kept",
        ["cell", "=title"],
        [("=1+1", "@x"), ("total;=A1", "-a")],
        CsvOptions(defuse_formulas=False),
    ),
    Golden(
        "numbers",
        ["integer", "float", "decimal", "truth"],
        [
            (0, 0.5, Decimal("1.50"), True),
            (-5, -12.345, Decimal("-1E-7"), False),
            (2**70, 1e-07, Decimal("0.00"), None),
            (None, float("nan"), Decimal("NaN"), True),
            (1, float("-inf"), Decimal("Infinity"), True),
            (3, 1e16, Decimal(10) ** 20, True),
        ],
    ),
    Golden(
        "dates",
        ["day", "moment", "clock", "lap"],
        [
            (
                date(2026, 3, 1),
                datetime(2026, 3, 1, 14, 0, tzinfo=UTC),
                time(14, 0),
                timedelta(minutes=1, seconds=23, milliseconds=456),
            ),
            (
                date(1, 1, 1),
                datetime(2026, 3, 1, 14, 0, 0, 5, tzinfo=timezone(timedelta(hours=-3))),
                time(23, 59, 59, 999_000),
                timedelta(seconds=-1.5),
            ),
            (None, datetime(2026, 3, 1, 14), None, timedelta(days=1, hours=1)),  # noqa: DTZ001
        ],
    ),
    Golden(
        "others",
        ["tyre", "uuid", "list", "mapping"],
        [
            (Tyre.SOFT, UUID(int=7), [1, -2.5, "x", None], {"a": [Tyre.HARD], "b": float("nan")}),
            (Tyre.HARD, None, (), {}),
        ],
    ),
    Golden("empty", ["driver", "points"], []),
    Golden("first-cell-id", ["ID", "name"], [(1, "Ana")]),
]
