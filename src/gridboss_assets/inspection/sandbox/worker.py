"""A worker: inspects one file after the other, each by the descriptor that it is handed."""

import os
import resource
import socket
import sys

from gridboss_assets.errors import Rejection
from gridboss_assets.inspection import inspect
from gridboss_assets.inspection.policy import InspectionPolicy
from gridboss_assets.inspection.sandbox import wire
from gridboss_assets.inspection.sandbox.confinement import allow_cpu

# ru_maxrss counts KiB on Linux and bytes on macOS (getrusage(2) of each).
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024


def serve(channel: socket.socket, *, jobs: int, retire_above: int) -> None:
    """Answer jobs until the parent hangs up, ``jobs`` are done, or memory has grown.

    A worker whose peak memory has grown by more than ``retire_above`` bytes is replaced rather than
    kept: the memory of one large picture would stay with it.
    """
    receiver = wire.Receiver(channel)
    at_start = _peak_memory()
    for number in range(1, jobs + 1):
        try:
            job, _, descriptor = receiver.receive()
        except wire.Closed:
            return
        if descriptor is None:
            return
        answer, body = _answer(job, descriptor)
        last = number == jobs or _peak_memory() - at_start > retire_above or "fault" in answer
        try:
            wire.send(channel, answer | {"last": last}, body)
        except wire.Closed:
            return
        if last:
            return


def _answer(job: dict[str, object], descriptor: int) -> tuple[dict[str, object], bytes]:
    allow_cpu(float(str(job["cpu_seconds"])))
    try:
        with os.fdopen(descriptor, "rb") as file:
            file.seek(0)
            found = inspect(
                str(job["inspector"]),  # type: ignore[arg-type]
                file,
                str(job["content_type"]),
                size=int(str(job["size"])),
                policy=InspectionPolicy(**job["policy"]),  # type: ignore[arg-type]
            )
    except Rejection as rejection:
        return {"rejection": type(rejection).__name__, "message": str(rejection)}, b""
    except MemoryError:
        return {"fault": "MemoryError"}, b""
    except Exception as error:  # noqa: BLE001 - whatever a decoder raises is the file's doing or ours
        return {"fault": type(error).__name__}, b""
    return {"warnings": found.warnings, "has_body": found.body is not None}, found.body or b""


def _peak_memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _RSS_UNIT
