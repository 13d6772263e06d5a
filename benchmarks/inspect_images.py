"""Time the inspection of pictures beside a bare Pillow decode-and-encode, and weigh its memory.

Time: both sides encode with the same settings, rounds alternate, and the figures are medians in
milliseconds. Memory (on Linux): how far the peak of a fresh process grows, VmHWM of
proc_pid_status(5), while one picture of the largest accepted size is inspected, beside what
``weight`` promises for admission. Nothing is asserted about the figures.
"""

import argparse
import json
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import PIL
from PIL import Image

from gridboss_assets.inspection import images

_PHOTOS = Path(__file__).parents[1] / "tests/fixtures/photos"
_SETTINGS: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 92},
    "PNG": {"compress_level": 3},
    "WEBP": {"quality": 85, "method": 1},
}
# The kernel's own record of the peak, for ru_maxrss begins at what the parent process had.
_IN_A_FRESH_PROCESS = """
import re, sys
from pathlib import Path
from gridboss_assets.inspection import images
data = Path(sys.argv[1]).read_bytes()
def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])
before = peak()
images.clean(data, sys.argv[2])
print(peak() - before)
"""


@dataclass(frozen=True, slots=True)
class Time:
    """Medians for one picture, in milliseconds."""

    name: str
    ours_ms: float
    bare_ms: float
    ratio: float


@dataclass(frozen=True, slots=True)
class Memory:
    """The growth of the peak for one picture, and what was promised, in MB."""

    name: str
    measured_mb: float
    weighed_mb: float


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of this sub-command."""
    parser.add_argument("--rounds", type=int, default=100, help="rounds of either side")
    parser.add_argument("--no-memory", action="store_true", help="only the times")
    parser.add_argument("--json", action="store_true", help="print the results as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Measure and print."""
    times = [_time(name, data, arguments.rounds) for name, data in _ordinary()]
    memories = (
        []
        if arguments.no_memory or sys.platform != "linux"
        else [_memory(*case) for case in _largest()]
    )
    if arguments.json:
        report = {
            "python": platform.python_version(),
            "pillow": PIL.__version__,
            "times": [asdict(row) for row in times],
            "memory": [asdict(row) for row in memories],
        }
        sys.stdout.write(json.dumps(report, indent=2) + "\n")
        return 0
    sys.stdout.write(f"{'milliseconds':<32}{'ours':>10}{'bare':>10}{'ratio':>10}\n")
    for row in times:
        line = f"{row.name:<32}{row.ours_ms:>10.2f}{row.bare_ms:>10.2f}{row.ratio:>9.2f}x\n"
        sys.stdout.write(line)
    sys.stdout.write(f"\n{'peak memory in MB':<32}{'measured':>10}{'weighed':>10}\n")
    for memory in memories:
        sys.stdout.write(
            f"{memory.name:<32}{memory.measured_mb:>10.0f}{memory.weighed_mb:>10.0f}\n"
        )
    return 0


def _ordinary() -> Iterator[tuple[str, bytes]]:
    photo = Image.open(_PHOTOS / "china.jpg").convert("RGB").resize((512, 512))
    yield "JPEG 512x512", _saved(photo, "JPEG", quality=85)
    yield "JPEG 512x512 progressive", _saved(photo, "JPEG", quality=85, progressive=True)
    srgb = _srgb()
    yield "JPEG 512x512 sRGB profile", _saved(photo, "JPEG", quality=85, icc_profile=srgb)
    yield "PNG 512x512", _saved(photo, "PNG")
    yield "WebP 512x512", _saved(photo, "WEBP", quality=80)
    yield "JPEG 4000x3000", _saved(photo.resize((4000, 3000)), "JPEG", quality=50)


def _largest() -> Iterator[tuple[str, bytes, str]]:
    photo = Image.open(_PHOTOS / "china.jpg").convert("RGB").resize((6000, 5000))
    jpeg: dict[str, Any] = {"quality": 25}
    yield "JPEG 30 MP", _saved(photo, "JPEG", **jpeg), "image/jpeg"
    turned = Image.Exif()
    turned[0x0112] = 6
    yield "JPEG 30 MP turned", _saved(photo, "JPEG", exif=turned, **jpeg), "image/jpeg"
    jpeg["progressive"] = True
    yield "JPEG 30 MP progressive", _saved(photo, "JPEG", **jpeg), "image/jpeg"
    full = _saved(photo, "JPEG", subsampling=0, **jpeg)
    yield "JPEG 30 MP progressive 4:4:4", full, "image/jpeg"
    grey = _saved(photo.convert("L"), "JPEG", quality=25)
    yield "JPEG 30 MP grey", grey, "image/jpeg"
    yield "JPEG 30 MP CMYK", _saved(photo.convert("CMYK"), "JPEG", quality=25), "image/jpeg"
    palette = photo.quantize(16)
    flat = palette.convert("RGB")
    yield "PNG 30 MP", _saved(flat, "PNG", compress_level=1), "image/png"
    palette_alpha = _saved(palette, "PNG", transparency=bytes(range(16)))
    yield "PNG 30 MP palette with alpha", palette_alpha, "image/png"
    alpha = flat.copy()
    alpha.putalpha(palette.convert("L").point([0] * 100 + list(range(156))))
    yield "PNG 30 MP with alpha", _saved(alpha, "PNG", compress_level=1), "image/png"
    small = photo.resize((4000, 3000))
    yield "WebP 12 MP", _saved(small, "WEBP", quality=40, method=1), "image/webp"
    alpha = small.copy()
    alpha.putalpha(small.convert("L"))
    yield "WebP 12 MP with alpha", _saved(alpha, "WEBP", quality=40, method=1), "image/webp"
    lossless: dict[str, Any] = {"lossless": True, "quality": 0, "method": 0}
    yield "WebP 12 MP lossless", _saved(small, "WEBP", **lossless), "image/webp"
    yield "WebP 12 MP lossless with alpha", _saved(alpha, "WEBP", **lossless), "image/webp"


def _time(name: str, data: bytes, rounds: int) -> Time:
    content_type = f"image/{name.split(maxsplit=1)[0].lower()}"

    def bare() -> None:
        with Image.open(BytesIO(data)) as image:
            _saved(image, str(image.format), **_SETTINGS[str(image.format)])

    ours: list[float] = []
    theirs: list[float] = []
    rounds = max(1, rounds // (1 + len(data) // 100_000))
    for _ in range(rounds):
        ours.append(_seconds(lambda: images.clean(data, content_type)))
        theirs.append(_seconds(bare))
    our_median, their_median = statistics.median(ours) * 1e3, statistics.median(theirs) * 1e3
    return Time(name, our_median, their_median, round(our_median / their_median, 2))


def _memory(name: str, data: bytes, content_type: str) -> Memory:
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        command = [sys.executable, "-c", _IN_A_FRESH_PROCESS, file.name, content_type]
        done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    weighed = images.weight(data, content_type) * 4
    return Memory(name, int(done.stdout) * 1024 / 1e6, weighed / 1e6)


def _seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def _saved(image: Image.Image, name: str, **settings: Any) -> bytes:
    out = BytesIO()
    image.save(out, name, **settings)
    return out.getvalue()


def _srgb() -> bytes:
    from PIL import ImageCms  # noqa: PLC0415

    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
