"""Ten thousand changed pictures of each type: refused or cleaned, and never anything else.

The same changes in every run. ``tests/fuzz/fuzz_images.py`` looks further.
"""

import faulthandler
import signal
import sys
from collections.abc import Iterator
from random import Random

import pytest
from tests.support import mutations, verify_image

from gridboss_assets.errors import Rejection
from gridboss_assets.inspection import images

TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
BATCHES, BATCH = 10, 1000
HANG_SECONDS = 2.0


@pytest.fixture
def watchdog() -> Iterator[None]:
    """Let the kernel end a process that spends 2 s of CPU time on one picture, with a traceback.

    Nothing gentler stops a decoder that loops in C; and CPU time doesn't depend on what else the
    machine is busy with.
    """
    if sys.platform == "win32":  # pragma: no cover - it has no such timer
        yield
        return
    previous = signal.signal(signal.SIGPROF, signal.SIG_DFL)
    faulthandler.register(signal.SIGPROF, file=2, chain=True)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        faulthandler.unregister(signal.SIGPROF)
        signal.signal(signal.SIGPROF, previous)


def arm() -> None:
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_PROF, HANG_SECONDS)


@pytest.mark.usefixtures("watchdog")
@pytest.mark.parametrize("batch", range(BATCHES))
@pytest.mark.parametrize("name", TYPES)
def test_a_changed_picture_is_refused_or_comes_out_clean(name: str, batch: int) -> None:
    seeds = mutations.seeds(name)
    random = Random(f"{name} {batch}")  # noqa: S311 - the same in every run, and no secret
    accepted = 0
    for number in range(BATCH):
        data, other = random.choice(seeds), random.choice(seeds)
        if number % 2:
            changed = mutations.blind(data, other, random)
        else:
            changed = mutations.structural(name, data, other, random)
        arm()
        try:
            result = images.clean(changed, TYPES[name])
        except Rejection:
            continue
        accepted += 1
        streams: list[bytes] = []
        assert verify_image.walk(result, streams) == []  # type: ignore[no-untyped-call]
        assert not any(mutations.CANARY in text for text in (result, *streams))
    # Changes that nothing survives would test nothing but the first check.
    assert accepted > BATCH // 20


@pytest.mark.parametrize("name", TYPES)
def test_the_seeds_themselves_are_accepted_and_carry_what_must_not_survive(name: str) -> None:
    for data in mutations.seeds(name):
        assert mutations.CANARY in data
        assert mutations.CANARY not in images.clean(data, TYPES[name])
