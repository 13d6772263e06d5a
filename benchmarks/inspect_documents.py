"""Time the document checks beside the least that anybody could do with the same file.

CSV and JSON are measured against a limit; a ZIP beside inflating it and summing it, a PDF beside
`pikepdf.open`. Both sides use CPU time, in alternating rounds, and the least of each counts. Memory
is the growth of the peak in a process of its own that checks one real file. Nothing is asserted.
"""

import argparse
import json
import os
import platform
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import pikepdf
from tests.support.documents import CSV, JSON, PDF, ZIP, pdf, stream

from gridboss_assets.inspection import documents

MIB = 1024 * 1024
_MEMORY = "--memory-of"


@dataclass(frozen=True, slots=True)
class Result:
    """Least CPU times in milliseconds; ``ratio`` to the bare work; memory in MiB."""

    name: str
    size_mib: float
    head_ms: float
    ours_ms: float
    bare_ms: float | None
    ratio: float | None
    target: str
    memory_mib: float


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of this sub-command."""
    parser.add_argument("--rounds", type=int, default=7, help="rounds of either side (default 7)")
    parser.add_argument("--json", action="store_true", help="print the results as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Make the files, measure, and print."""
    with tempfile.TemporaryDirectory() as folder:
        cases = _write_cases(Path(folder))
        results = [_measure(path, *case, arguments.rounds) for path, case in cases.items()]
    if arguments.json:
        report = {
            "python": platform.python_version(),
            "rounds": arguments.rounds,
            "results": [asdict(result) for result in results],
        }
        sys.stdout.write(json.dumps(report, indent=2) + "\n")
    else:
        sys.stdout.write(_table(results))
    return 0


def _write_cases(folder: Path) -> dict[Path, tuple[str, str, Callable[[Path], object] | None]]:
    rng = random.Random(7)  # noqa: S311 - the same files in every run
    rows = [
        f"{n},Katherine É.,Gdańsk,2026-{1 + n % 12:02}-{1 + n % 28:02},"
        f"{rng.uniform(-5e4, 5e4):.2f},"
        f'"note, {rng.randrange(10**9)}",driver{n}@example.com\r\n'
        for n in range(300_000)
    ]
    table = "".join(rows).encode()[: 20 * MIB]
    table = table[: table.rindex(b"\n") + 1]
    objects = [
        {
            "id": n,
            "name": f"Katherine É. {n}",
            "gap": rng.random(),
            "tags": ["a", "b"],
            "note": '"x"\n',
        }
        for n in range(184_000)
    ]
    text = json.dumps(objects, ensure_ascii=False, indent=None).encode()
    files = {
        "plain.csv": table,
        "quoted.csv": b"".join(
            b'"' + row.replace('"', "").strip().replace(",", '","').encode() + b'"\r\n'
            for row in rows[:240_000]
        )[: 20 * MIB],
        "objects.json": text,
        "escaped.json": json.dumps(objects, ensure_ascii=True).encode(),
        "8000-pages.pdf": _pages(8000, rng),
    }
    cases: dict[Path, tuple[str, str, Callable[[Path], object] | None]] = {}
    for name, data in files.items():
        (folder / name).write_bytes(data)
    cases[folder / "plain.csv"] = cases[folder / "quoted.csv"] = (CSV, "100 ms", None)
    cases[folder / "objects.json"] = cases[folder / "escaped.json"] = (JSON, "100 ms", None)
    for name, count in (("tables.zip", 6), ("5000-entries.zip", 5000)):
        with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as opened:
            for n in range(count):
                part = table if count < 10 else table[n * 4000 : n * 4000 + 4000]  # noqa: PLR2004
                opened.writestr(f"season/{n}.csv", part)
        cases[folder / name] = (ZIP, "1.3x", _inflate)
    with pikepdf.open(folder / "8000-pages.pdf") as opened_pdf:
        opened_pdf.save(
            folder / "8000-pages-packed.pdf",
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
        )
    for name in ("8000-pages.pdf", "8000-pages-packed.pdf"):
        cases[folder / name] = (PDF, "1.3x", _open)
    return cases


def _pages(count: int, rng: random.Random) -> bytes:
    contents = [
        stream(
            zlib.compress(
                b"\n".join(
                    b"BT /F1 9 Tf 40 %d Td (%.9f points) Tj ET" % (780 - 12 * line, rng.random())
                    for line in range(40)
                )
            ),
            b"/Filter /FlateDecode",
        )
        for _ in range(count)
    ]
    return pdf(*contents, pages=count, contents=10)


def _inflate(path: Path) -> None:
    data = path.read_bytes()
    with zipfile.ZipFile(path) as opened:
        for info in opened.infolist():
            start = info.header_offset + 30 + len(info.filename)
            zlib.crc32(zlib.decompress(data[start : start + info.compress_size], -15))


def _open(path: Path) -> None:
    with pikepdf.open(path):
        pass


def _check(path: Path, content_type: str) -> None:
    with path.open("rb") as file:
        documents.check(file, content_type, size=path.stat().st_size)


def _cpu_ms(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return (time.process_time() - start) * 1000


def _measure(
    path: Path,
    content_type: str,
    target: str,
    bare: Callable[[Path], object] | None,
    rounds: int,
) -> Result:
    head = path.read_bytes()[: documents.HEAD_BYTES]
    ours: list[float] = []
    theirs: list[float] = []
    heads: list[float] = []
    for _ in range(rounds):
        ours.append(_cpu_ms(lambda: _check(path, content_type)))
        if bare is not None:
            theirs.append(_cpu_ms(lambda: bare(path)))
        heads.append(_cpu_ms(lambda: documents.check_head(head, content_type)))
    least = min(theirs, default=None)
    return Result(
        name=path.name,
        size_mib=round(path.stat().st_size / MIB, 1),
        head_ms=round(statistics.median(heads), 3),
        ours_ms=round(min(ours), 1),
        bare_ms=None if least is None else round(least, 1),
        ratio=None if least is None else round(min(ours) / least, 2),
        target=target,
        memory_mib=_memory(path, content_type),
    )


def _memory(path: Path, content_type: str) -> float:
    command = [
        sys.executable,
        "-m",
        "benchmarks.inspect_documents",
        _MEMORY,
        str(path),
        content_type,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    return float(done.stdout)


def _print_memory(path: Path, content_type: str) -> None:
    for kind, small in ((CSV, b"a,b\n"), (JSON, b"{}"), (PDF, pdf())):
        with tempfile.TemporaryFile() as file:  # whatever is loaded once is no cost of this file
            file.write(small)
            file.seek(0)
            documents.check(file, kind, size=len(small))
    before = _peak_mib()
    _check(path, content_type)
    sys.stdout.write(f"{_peak_mib() - before:.1f}\n")


def _peak_mib() -> float:
    # Linux passes ru_maxrss on from the process that started this one; VmHWM is this one's own.
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MIB


def _table(results: list[Result]) -> str:
    columns = ("MiB", 7), ("head", 8), ("check", 9), ("bare", 9), ("ratio", 8), ("target", 9)
    lines = [
        f"Least CPU time in ms, Python {platform.python_version()}, {os.cpu_count()} processors",
        " " * 24 + "".join(f"{name:>{width}}" for name, width in columns) + f"{'peak MiB':>10}",
    ]
    for result in results:
        bare = "" if result.bare_ms is None else f"{result.bare_ms:.1f}"
        ratio = "" if result.ratio is None else f"{result.ratio:.2f}x"
        lines.append(
            f"{result.name:<24}{result.size_mib:>7.1f}{result.head_ms:>8.3f}{result.ours_ms:>9.1f}"
            f"{bare:>9}{ratio:>8}{result.target:>9}{result.memory_mib:>10.1f}"
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__" and sys.argv[1:2] == [_MEMORY]:
    _print_memory(Path(sys.argv[2]), sys.argv[3])
