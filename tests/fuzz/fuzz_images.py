"""Fuzz pictures for as long as one likes, guided by coverage: needs `pip install atheris`.

    python tests/fuzz/fuzz_images.py -max_total_time=3600 CORPUS [tests/fixtures/images]

CORPUS is a folder that grows; further folders are only read. The first byte of an input chooses
the type, so the seeds are written to CORPUS with it. All options are libFuzzer's. What it finds
goes to `crash-…` and `timeout-…` files, which run again when they are named instead of a folder.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

import atheris  # type: ignore[import-not-found,import-untyped,unused-ignore]  # noqa: E402

with atheris.instrument_imports(include=["gridboss_assets.inspection", "PIL"]):
    from gridboss_assets.errors import Rejection
    from gridboss_assets.inspection import images

from tests.support import mutations, verify_image  # noqa: E402

TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
NAMES = list(TYPES)


def check(data: bytes) -> None:
    """Clean one input; anything but a picture without metadata or a ``Rejection`` is a crash."""
    if not data:
        return
    content_type = TYPES[NAMES[data[0] % len(NAMES)]]
    try:
        weight = images.weight(data[1:], content_type)
        if weight > 1_000_000:
            return
        result = images.clean(data[1:], content_type)
    except Rejection:
        return
    found = verify_image.walk(result)  # type: ignore[no-untyped-call]
    if found:
        raise AssertionError(found)


def write_seeds(corpus: Path) -> None:
    """Write the small pictures that the property test changes, for a start."""
    corpus.mkdir(parents=True, exist_ok=True)
    for index, name in enumerate(NAMES):
        for number, data in enumerate(mutations.seeds(name)):
            (corpus / f"seed-{name}-{number}").write_bytes(bytes([index]) + data)


if __name__ == "__main__":
    folders = [Path(argument) for argument in sys.argv[1:] if not argument.startswith("-")]
    if folders and not folders[0].is_file():
        write_seeds(folders[0])
    atheris.Setup([*sys.argv, "-timeout=2"], check)
    atheris.Fuzz()
