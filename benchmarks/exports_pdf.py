"""Time a PDF export beside a bare loop over reportlab's canvas, and weigh its memory.

The bare loop draws the same text at the same places, in the same font and type size, with as many
rows a page and the same compression: ``drawString`` or ``drawRightString`` for each cell,
``showPage``, ``save``. It measures nothing, and has no rules, header, footer or total. Both sides
load the font and pull their rows from a generator; rounds alternate, and the figures are medians in
seconds. Memory (on Linux): how far the peak of a fresh process grows, VmHWM of
proc_pid_status(5), above what it is with everything imported and an export of one row behind it.
Nothing is asserted about the figures.
"""

import argparse
import json
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from io import BytesIO
from typing import Any

import pikepdf
import reportlab
from reportlab import rl_config
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from gridboss_assets.exports import Column, PdfOptions, Table
from gridboss_assets.exports.encode_pdf import encode
from gridboss_assets.exports.encode_pdf.file import PdfFile
from gridboss_assets.exports.encode_pdf.fonts import Faces
from gridboss_assets.exports.encode_pdf.measure import MARGIN, Plan, plan, side_of

COLUMNS = tuple(
    Column(name, name.title())
    for name in ("position", "driver", "team", "nation", "laps", "best", "gap", "points")
)
_FIRST = ("Zoë", "Łukasz", "Max", "Sofía", "Jørgen", "Ana", "Дмитрий", "Ειρήνη", "Noah", "Mia")
_LAST = ("Müller", "Nowak", "Verhoeven", "García", "Ødegård", "Silva", "Соколов", "Παππάς", "Lee")
_TEAMS = ("Apex Racing", "Scuderia Nord", "Night Owls", "Team Ostwind", "Pole (e) Sports", "Vela")
_NATIONS = ("DE", "PL", "NL", "ES", "NO", "PT", "UA", "GR", "GB", "US")
_ROUNDS = 7
_BARE = "Bare"
_FACE = "DejaVuSansCondensed.ttf"

_IN_A_FRESH_PROCESS = """
import re, sys
from pathlib import Path
from benchmarks.exports_pdf import ours
def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])
ours(1)
before = peak()
ours(int(sys.argv[1]))
print(peak() - before)
"""


@dataclass(frozen=True, slots=True)
class Time:
    """Medians for one number of rows, in seconds, and the sizes in bytes."""

    rows: int
    ours_s: float
    bare_s: float
    ratio: float
    ours_bytes: int
    bare_bytes: int


@dataclass(frozen=True, slots=True)
class Memory:
    """The growth of the peak for one number of rows, in MB."""

    rows: int
    grown_mb: float


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of this sub-command."""
    parser.add_argument("--rounds", type=int, default=_ROUNDS, help="rounds of either side")
    parser.add_argument(
        "--rows", type=int, nargs="+", default=[1_000, 10_000], help="how many rows"
    )
    parser.add_argument("--no-memory", action="store_true", help="only the times")
    parser.add_argument("--json", action="store_true", help="print the results as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Measure and print."""
    times = [_time(count, arguments.rounds) for count in arguments.rows]
    memories = (
        []
        if arguments.no_memory or sys.platform != "linux"
        else [_memory(count) for count in (1_000, 10_000, 100_000)]
    )
    if arguments.json:
        report = {
            "python": platform.python_version(),
            "reportlab": reportlab.__version__,
            "times": [asdict(row) for row in times],
            "memory": [asdict(row) for row in memories],
        }
        sys.stdout.write(json.dumps(report, indent=2) + "\n")
        return 0
    sys.stdout.write(
        f"{'rows':>10}{'ours s':>10}{'bare s':>10}{'ratio':>9}{'ours kB':>10}{'bare kB':>10}\n"
    )
    for row in times:
        sys.stdout.write(
            f"{row.rows:>10,}{row.ours_s:>10.3f}{row.bare_s:>10.3f}{row.ratio:>8.2f}x"
            f"{row.ours_bytes / 1e3:>10.0f}{row.bare_bytes / 1e3:>10.0f}\n"
        )
    for memory in memories:
        sys.stdout.write(f"{memory.rows:>10,} rows: peak grows by {memory.grown_mb:.1f} MB\n")
    return 0


def rows(count: int) -> Iterator[tuple[Any, ...]]:
    """Yield rows of a league's results: names come again, times don't."""
    for n in range(count):
        yield (
            n + 1,
            f"{_FIRST[n * 7 % len(_FIRST)]} {_LAST[n * 5 % len(_LAST)]}",
            _TEAMS[n % len(_TEAMS)],
            _NATIONS[n % len(_NATIONS)],
            40 + n % 17,
            f"1:{n * 37 % 60:02}.{n * 7919 % 1000:03}",
            f"+{n * 131 % 90}.{n * 6143 % 1000:03}",
            max(0, 25 - n % 30),
        )


def ours(count: int) -> int:
    """Export rows, and return how many bytes they came to."""
    options = PdfOptions(title="Results", subtitle="All rounds")
    return sum(map(len, encode(Table(COLUMNS, rows(count)), options)))


def bare(count: int, planned: Plan, per_page: int) -> int:
    """Draw the same with reportlab's canvas."""
    rl_config.useA85 = 0  # pages as bytes, as ours are; its default is a quarter longer
    data = (files("gridboss_assets.exports.encode_pdf") / "font_files" / _FACE).read_bytes()
    pdfmetrics.registerFont(TTFont(_BARE, BytesIO(data)))
    out = BytesIO()
    canvas = Canvas(out, (planned.width, planned.height), pageCompression=1, invariant=1)
    leading = (planned.height - 2 * MARGIN) / (per_page + 1)
    y = 0.0
    for n, row in enumerate(rows(count)):
        if n % per_page == 0:
            if n:
                canvas.showPage()
            canvas.setFont(_BARE, planned.type_size)
            y = planned.height - MARGIN
        y -= leading
        for place, value in zip(planned.places, row, strict=True):
            if place.side == "right":
                canvas.drawRightString(place.right, y, str(value))
            else:
                canvas.drawString(place.left, y, str(value))
    canvas.showPage()
    canvas.save()
    return len(out.getvalue())


def _planned() -> Plan:
    sample = list(rows(500))
    sides = [side_of(column, [row[at] for row in sample]) for at, column in enumerate(COLUMNS)]
    texts: Sequence[Sequence[str]] = [list(map(str, row)) for row in sample]
    return plan(
        COLUMNS,
        texts,
        sides,
        Faces(None, PdfFile()),
        page_size="A4",
        landscape=None,
        is_sample=True,
    )


def _time(count: int, rounds: int) -> Time:
    planned = _planned()
    whole = b"".join(encode(Table(COLUMNS, rows(count))))
    with pikepdf.open(BytesIO(whole)) as pdf:
        per_page = -(-count // len(pdf.pages))
    sides: tuple[tuple[Callable[[], int], list[float]], ...] = (
        (lambda: ours(count), []),
        (lambda: bare(count, planned, per_page), []),
    )
    sizes = [call() for call, _ in sides]
    for _ in range(rounds):
        for call, seconds in sides:
            start = time.perf_counter()
            call()
            seconds.append(time.perf_counter() - start)
    our_median, their_median = (statistics.median(seconds) for _, seconds in sides)
    return Time(count, our_median, their_median, round(our_median / their_median, 2), *sizes)


def _memory(count: int) -> Memory:
    command = [sys.executable, "-c", _IN_A_FRESH_PROCESS, str(count)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    return Memory(count, int(done.stdout) * 1024 / 1e6)
