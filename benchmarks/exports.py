"""Time CSV exports beside Python's csv module, and weigh every format from 10³ to 10⁶ rows.

Both sides write the same rows, which stand in memory: the csv module to /dev/null, ours through the
table, the encoder, SHA-256 and a temporary file. Rounds alternate between the sides, so that
whatever slows the machine down for a while slows all. Ratios are those of medians, by the clock and
by CPU time.

Each format is weighed in a fresh process that writes rows which are made one by one: its CPU time,
and (on Linux) how far the peak of its memory grows. Nothing is asserted.
"""

import argparse
import csv
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, cast, get_args

from benchmarks import _chart
from gridboss_assets.exports import Format, formats
from gridboss_assets.exports.encode_csv import CsvOptions
from gridboss_assets.exports.encode_pdf import MAX_PDF_ROWS
from gridboss_assets.exports.encode_zip import ZipEntry, encode
from gridboss_assets.exports.rows import table_of
from gridboss_assets.exports.spool import spooled

MIB = 1024 * 1024
COLUMNS = ["driver", "team", "lap", "position", "seconds", "gained", "day", "note"]
CHART = Path(__file__).parents[1] / "docs" / "images" / "exports.svg"
SIZES = [1000, 10_000, 100_000, 1_000_000]
_MOST_ROWS = {"pdf": MAX_PDF_ROWS}
_ONE = "--one"

_DRIVERS = ["Ana Lima", "Jörg Müller", "Zoë, the Quick", "O'Neill", "Łukasz 'Lu' Nowak"]
_TEAMS = [f"Team {number}" for number in range(10)]
_DAYS = [date(2026, 3, 1) + timedelta(days=7 * race) for race in range(24)]
_NOTES = [*[None] * 18, "Retired", "+1 lap"]

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """Medians in seconds, and ratios to the csv module."""

    name: str
    seconds: float
    cpu_seconds: float
    ratio: float
    cpu_ratio: float
    target: float | None


@dataclass(frozen=True, slots=True)
class Weight:
    """One export by a process of its own; ``memory_mib`` is what its peak grew by."""

    format: str
    rows: int
    cpu_seconds: float
    memory_mib: float
    size: int


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of this sub-command."""
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of CSV (1,000,000)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each side (5)")
    parser.add_argument("--json", action="store_true", help="print the results as JSON")
    parser.add_argument(
        "--chart", action="store_true", help=f"draw docs/images/{CHART.name} from all formats"
    )


def run(arguments: argparse.Namespace) -> int:
    """Measure, print, and draw the chart."""
    results = _times(arguments.rows, arguments.rounds)
    sizes = SIZES if arguments.chart else [arguments.rows]
    names = get_args(Format) if arguments.chart else ("csv",)
    weights = [
        _weigh(name, size) for name in names for size in sizes if size <= _MOST_ROWS.get(name, size)
    ]
    if arguments.json:
        report = {
            "python": platform.python_version(),
            "results": [asdict(result) for result in results],
            "weights": [asdict(weight) for weight in weights],
        }
        sys.stdout.write(json.dumps(report, indent=2) + "\n")
    else:
        sys.stdout.write(_table(results, weights, arguments))
    if arguments.chart:
        CHART.write_text(_drawn(weights), encoding="utf-8")
    return 0


def _rows(count: int) -> Iterator[Row]:
    """Make rows like those of a season: texts, figures, negative ones, days, and gaps."""
    for lap in range(count):
        yield (
            _DRIVERS[lap % 5],
            _TEAMS[lap % 10],
            lap,
            lap % 30 + 1,
            (lap * 7919 % 100_000) / 1000,
            -(lap % 17),
            _DAYS[lap % 24],
            _NOTES[lap % 20],
        )


def _times(count: int, rounds: int) -> list[Result]:
    rows = list(_rows(count))
    # Every tenth driver's name is a formula, so that every batch has some.
    hostile = [("=" + row[0], *row[1:]) if row[2] % 10 == 0 else row for row in rows]
    sides: list[tuple[str, Callable[[], object], float | None]] = [
        ("csv module to /dev/null", lambda: _by_csv_module(rows), None),
        ("CSV, defusing off", lambda: _spooled(_csv(rows, defuse=False)), 1.3),
        ("CSV, defusing on", lambda: _spooled(_csv(rows, defuse=True)), 2.0),
        ("CSV, a tenth formulas", lambda: _spooled(_csv(hostile, defuse=True)), None),
    ]
    clock: list[list[float]] = [[] for _ in sides]
    cpu: list[list[float]] = [[] for _ in sides]
    for _ in range(rounds):
        for (_, work, _), seconds, cpu_seconds in zip(sides, clock, cpu, strict=True):
            start, cpu_start = time.perf_counter(), time.process_time()
            work()
            seconds.append(time.perf_counter() - start)
            cpu_seconds.append(time.process_time() - cpu_start)
    medians = [
        (statistics.median(a), statistics.median(b)) for a, b in zip(clock, cpu, strict=True)
    ]
    base, cpu_base = medians[0]
    return [
        Result(name, round(s, 3), round(c, 3), round(s / base, 2), round(c / cpu_base, 2), target)
        for (name, _, target), (s, c) in zip(sides, medians, strict=True)
    ]


def _by_csv_module(rows: list[Row]) -> None:
    with Path(os.devnull).open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(rows)


def _csv(rows: Iterable[Row], *, defuse: bool) -> Iterator[bytes]:
    return formats.encode(table_of(rows, COLUMNS), "csv", CsvOptions(defuse_formulas=defuse))


def _spooled(chunks: Iterable[bytes]) -> int:
    """Do what is done before an upload: hash, and put into a temporary file."""
    with spooled(chunks, max_bytes=sys.maxsize) as file:
        return file.size


def _weigh(name: str, rows: int) -> Weight:
    command = [sys.executable, "-m", "benchmarks.exports", _ONE, name, str(rows)]
    found = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    return Weight(**json.loads(found.stdout))


def _write_one(name: str, rows: int) -> None:
    # What belongs to the idle process is loaded before.
    _spooled(_encoded(name, 10))
    before, start = _peak(), time.process_time()
    size = _spooled(_encoded(name, rows))
    seconds = time.process_time() - start
    weight = Weight(name, rows, round(seconds, 3), round(_peak() - before, 1), size)
    sys.stdout.write(json.dumps(asdict(weight)))


def _encoded(name: str, count: int) -> Iterator[bytes]:
    if name == "zip":
        return encode([ZipEntry("laps.csv", _rows(count), columns=COLUMNS)])
    table = table_of(_rows(count), COLUMNS)
    return formats.encode(table, cast("Format", name))


def _peak() -> float:
    """Return the peak of this process's memory in MiB: `ru_maxrss` would begin at its parent's."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def _table(results: list[Result], weights: list[Weight], arguments: argparse.Namespace) -> str:
    lines = [
        (
            f"{arguments.rows:,} rows x {len(COLUMNS)} columns, medians of {arguments.rounds} "
            f"alternating rounds; Python {platform.python_version()}, {os.cpu_count()} processors"
        ),
        f"{'':<26}{'seconds':>9}{'ratio':>8}{'CPU s':>9}{'ratio':>8}{'target':>9}",
    ]
    for each in results:
        target = "" if each.target is None else f"{each.target:.1f}x"
        lines.append(
            f"{each.name:<26}{each.seconds:>9.3f}{each.ratio:>7.2f}x"
            f"{each.cpu_seconds:>9.3f}{each.cpu_ratio:>7.2f}x{target:>9}"
        )
    lines += ["", f"{'format':<10}{'rows':>11}{'CPU s':>10}{'MiB file':>10}{'peak MiB':>10}"]
    lines += [
        f"{each.format:<10}{each.rows:>11,}{each.cpu_seconds:>10.3f}"
        f"{each.size / MIB:>10.1f}{each.memory_mib:>10.1f}"
        for each in weights
    ]
    return "\n".join(lines) + "\n"


def _drawn(weights: list[Weight]) -> str:
    series: dict[str, list[Weight]] = {}
    for each in weights:
        series.setdefault(each.format.upper(), []).append(each)
    seconds = {n: [(w.rows, w.cpu_seconds) for w in found] for n, found in series.items()}
    memory = {n: [(w.rows, w.memory_mib) for w in found] for n, found in series.items()}
    return _chart.draw(
        [
            _chart.Panel("Seconds of CPU time", seconds, is_logarithmic=True),
            _chart.Panel("MiB above the idle process", memory, limit=(64, "target: 64 MiB")),
        ]
    )


if __name__ == "__main__" and sys.argv[1:2] == [_ONE]:
    _write_one(sys.argv[2], int(sys.argv[3]))
