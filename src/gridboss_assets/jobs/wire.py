"""Jobs as JSON, for stores outside of this process.

Python's own ``json``: it carries a lone surrogate, which a caller's ``sub`` or parameters may
hold, through escapes that stricter encoders refuse.
"""

import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from gridboss_assets.jobs.model import Fault, Job

_STATE = tuple(each.name for each in fields(Job) if each.name not in {"parameters", "fault"})


def pack(value: Mapping[str, Any]) -> str:
    """Write a JSON object."""
    return json.dumps(value, separators=(",", ":"))


def pack_state(job: Job) -> str:
    """Write a job without its parameters."""
    state = {name: getattr(job, name) for name in _STATE}
    fault = job.fault and {"code": job.fault.code, "message": job.fault.message}
    return pack(state | {"fault": fault})


def unpack(state: bytes, parameters: bytes = b"{}") -> Job:
    """Read a job. What a newer release has added is left out."""
    read = json.loads(state)
    known = {name: read[name] for name in _STATE if name in read}
    known["uploads"] = tuple(known.get("uploads", ()))
    fault = read.get("fault")
    return Job(
        **known,
        fault=fault and Fault(fault["code"], fault["message"]),
        parameters=json.loads(parameters),
    )
