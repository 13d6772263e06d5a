"""The sandbox with real processes: what hostile files can do to it, and what they can't."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import IO

import pytest
from PIL import Image

from gridboss_assets.errors import (
    InspectionBusy,
    InspectionFailed,
    InspectionUnavailable,
    InvalidImage,
)
from gridboss_assets.inspection import InProcess, images
from gridboss_assets.inspection.sandbox import Sandbox, SandboxLimits

MIB = 1024 * 1024

LIMITS = SandboxLimits(workers=2, cpu_seconds=1, wall_seconds=1, wall_seconds_alone=3)

# Loaded by the forkserver at its start, before it forks: pictures that begin with a word do to
# their worker what a decoder that was taken over could do.
HOSTILE = """
import ctypes, os, socket, time
from gridboss_assets.errors import InvalidImage
from gridboss_assets.inspection import images

decode = images.clean

def clean(data, content_type):
    word = data.split(b" ")[0].decode("latin-1")
    return globals()[word](data) if word in WORDS else decode(data, content_type)

def die(data): ctypes.string_at(0)
def leave(data): os._exit(0)
def loop(data):
    while True: pass
def sleep(data): time.sleep(3600)
def eat(data): return bytes(10**12)
def grow(data):
    kept = []
    while True: kept.append(bytearray(16 * 1024 * 1024))
def fault(data): raise RuntimeError("a bug of ours")
def tell(data): raise InvalidImage(f"{os.getpid()}")
def flood(data): return bytes(300 * 1024 * 1024)

def truncated(descriptor):
    try:
        os.ftruncate(descriptor, 0)
        return True
    except OSError:
        return False

def attempt(data):
    code = data.partition(b" ")[2].decode()
    try:
        exec(code)
    except BaseException as error:
        raise InvalidImage(f"{type(error).__name__} {getattr(error, 'errno', None)}")
    raise InvalidImage("it worked")

WORDS = {"die", "leave", "loop", "sleep", "eat", "grow", "fault", "tell", "flood", "attempt"}
images.clean = clean
"""


@pytest.fixture
def hostile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sitecustomize.py").write_text(HOSTILE)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(images, "weight", lambda _data, _content_type: 1_000_000)


@pytest.fixture
def sandbox(hostile: None) -> Iterator[Sandbox]:  # noqa: ARG001 - it has to come first
    with Sandbox(limits=LIMITS) as made:
        yield made


def file_of(data: bytes) -> IO[bytes]:
    file = tempfile.TemporaryFile()  # noqa: SIM115 - it ends with the test
    file.write(data)
    return file


def inspect(sandbox: Sandbox, data: bytes) -> bytes | None:
    with file_of(data) as file:
        return sandbox.inspect("image", file, "image/jpeg", size=len(data)).body


def worker_pid(sandbox: Sandbox) -> int:
    with pytest.raises(InvalidImage) as told:
        inspect(sandbox, b"tell me")
    return int(str(told.value))


def picture(side: int = 64) -> bytes:
    out = BytesIO()
    Image.effect_noise((side, side), 80).convert("RGB").save(out, "JPEG")
    return out.getvalue()


def test_the_result_is_the_same_as_in_process(sandbox: Sandbox) -> None:
    data = picture()
    with file_of(data) as file:
        own = InProcess().inspect("image", file, "image/jpeg", size=len(data))
    assert inspect(sandbox, data) == own.body


def test_a_worker_is_used_again(sandbox: Sandbox) -> None:
    assert worker_pid(sandbox) == worker_pid(sandbox) != os.getpid()


@pytest.mark.parametrize("deed", ["die", "leave", "loop", "sleep", "eat", "grow", "fault", "flood"])
def test_a_file_that_brings_its_worker_down_is_refused_and_no_other(
    sandbox: Sandbox, deed: str
) -> None:
    with pytest.raises(InspectionFailed):
        inspect(sandbox, deed.encode() + b" ")
    assert inspect(sandbox, picture()) is not None


def test_others_are_inspected_while_one_file_brings_workers_down(sandbox: Sandbox) -> None:
    with ThreadPoolExecutor(8) as pool:
        bad = [pool.submit(inspect, sandbox, b"die ") for _ in range(4)]
        good = [pool.submit(inspect, sandbox, picture()) for _ in range(12)]
        assert all(future.result() for future in good)
        assert all(isinstance(future.exception(), InspectionFailed) for future in bad)


def test_a_worker_that_was_killed_while_idle_costs_nobody_anything(sandbox: Sandbox) -> None:
    os.kill(worker_pid(sandbox), signal.SIGKILL)
    assert inspect(sandbox, picture()) is not None


def test_a_forkserver_that_was_killed_is_started_again(sandbox: Sandbox) -> None:
    worker_pid(sandbox)
    forkserver = sandbox._forkserver  # noqa: SLF001 - there is no other way to its process
    assert forkserver is not None
    forkserver._process.kill()  # noqa: SLF001
    forkserver._process.wait()  # noqa: SLF001
    assert inspect(sandbox, picture()) is not None


@pytest.mark.usefixtures("hostile")
def test_a_worker_is_replaced_after_its_share_of_jobs() -> None:
    with Sandbox(limits=SandboxLimits(workers=1, jobs_per_worker=2)) as sandbox:
        pids = [worker_pid(sandbox) for _ in range(4)]
    assert pids[0] == pids[1] != pids[2] == pids[3]


@pytest.mark.usefixtures("hostile")
def test_a_worker_whose_memory_has_grown_is_replaced() -> None:
    with Sandbox(limits=SandboxLimits(workers=1, retire_above=8 * MIB)) as sandbox:
        before = worker_pid(sandbox)
        inspect(sandbox, picture(side=3000))
        assert worker_pid(sandbox) != before


@pytest.mark.parametrize(
    "code",
    [
        "open('/etc/passwd').read()",
        "open('/tmp/out', 'w')",
        "os.listdir('/')",
        "socket.socket()",
        "socket.socketpair()",
        "os.fork()",
        "os.execv('/bin/true', ['true'])",
        "os.kill(os.getppid(), 9)",
        "os.kill(os.getpid(), 0)",
        "os.write(2, b'x')",
        "__import__('threading').Thread(target=print).start()",
        "__import__('resource').prlimit(os.getppid(), 7)",
    ],
)
def test_a_worker_can_do_nothing_but_inspect(sandbox: Sandbox, code: str) -> None:
    with pytest.raises(InvalidImage) as told:
        inspect(sandbox, f"attempt {code}".encode())
    assert str(told.value) in {"PermissionError 1", "RuntimeError None"}


def test_a_worker_has_none_of_our_environment(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("S3_SECRET_KEY", "very-secret")
    with pytest.raises(InvalidImage) as told:
        inspect(sandbox, b"attempt raise OSError(len([k for k in os.environ if 'S3_' in k]), 'n')")
    assert str(told.value) == "OSError 0"


def test_a_worker_can_not_write_to_the_file_that_it_reads(sandbox: Sandbox) -> None:
    code = b"attempt [done for n in range(16) if (done := truncated(n))][0]"
    with file_of(code) as file:
        with pytest.raises(InvalidImage, match="IndexError"):
            sandbox.inspect("image", file, "image/jpeg", size=len(code))
        file.seek(0)
        assert file.read() == code


def test_a_worker_that_can_not_confine_itself_sees_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "from gridboss_assets.inspection.sandbox import confinement\n"
        "def confine(*_, **__): raise OSError('no seccomp here')\n"
        "confinement.confine = confine\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    with Sandbox() as sandbox, pytest.raises(InspectionUnavailable):
        inspect(sandbox, picture())


@pytest.mark.usefixtures("hostile")
def test_nothing_is_imported_from_the_folder_that_the_service_runs_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "somewhere"
    folder.mkdir()
    (folder / "json.py").write_text("raise SystemExit")
    monkeypatch.chdir(folder)
    with Sandbox() as sandbox:
        assert inspect(sandbox, picture()) is not None


@pytest.mark.usefixtures("hostile")
def test_closing_leaves_no_process() -> None:
    with Sandbox() as sandbox:
        pid = worker_pid(sandbox)
        assert Path(f"/proc/{pid}").exists()
    for _ in range(500):
        if not Path(f"/proc/{pid}").exists():
            return
        threading.Event().wait(0.01)
    pytest.fail("the worker still runs")


def test_a_parent_that_is_killed_leaves_no_process() -> None:
    code = (
        "import tempfile, time\n"
        "from gridboss_assets.inspection.sandbox import Sandbox\n"
        "sandbox = Sandbox()\n"
        "file = tempfile.TemporaryFile(); file.write(b'a,b'); file.flush()\n"
        "sandbox.inspect('document', file, 'text/csv', size=3)\n"
        "print(sandbox._forkserver._process.pid, sandbox._idle[0]._pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:  # noqa: S603
        assert parent.stdout is not None
        pids = parent.stdout.readline().split()
        parent.kill()
    for _ in range(1000):
        if not any(Path(f"/proc/{pid}").exists() for pid in pids):
            return
        threading.Event().wait(0.01)
    pytest.fail("a process still runs")


@pytest.mark.usefixtures("hostile")
def test_too_many_waiting_files_are_told_to_come_back() -> None:
    limits = SandboxLimits(workers=1, max_waiting=1, wall_seconds=1, wall_seconds_alone=1)
    with Sandbox(limits=limits) as sandbox, ThreadPoolExecutor(8) as pool:
        slow = [pool.submit(inspect, sandbox, b"sleep ") for _ in range(6)]
        refused = [f for f in slow if isinstance(f.exception(), InspectionBusy)]
    assert refused
