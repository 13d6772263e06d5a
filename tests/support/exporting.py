"""Somebody who asks for exports, and reads the events of their jobs."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from tests.support.browser import Caller
from tests.support.tokens import token

_SECONDS = 60.0
ENDED = {"done", "failed", "cancelled"}

Job = dict[str, Any]
"""What the service tells of a job."""


def ask(caller: Caller, report: str = "standings", **changes: Any) -> requests.Response:
    """Ask for an export of a sample season, with fields of the request changed."""
    body = {"report": report, "format": "csv", "parameters": {"sample": "meridian-cup"}}
    return caller.post("/exports", body | changes)


def accepted(answer: requests.Response) -> str:
    """Return the ID of a job that has to be accepted."""
    assert answer.status_code == 202, answer.text
    job_id: str = answer.json()["jobId"]
    return job_id


def told(caller: Caller, job_id: str) -> Job:
    """Return a job as it stands."""
    answer = caller.call("GET", f"/exports/{job_id}")
    assert answer.status_code == 200, answer.text
    job: Job = answer.json()
    return job


def ended(caller: Caller, job_id: str) -> Job:
    """Wait for the end of a job."""
    deadline = time.monotonic() + _SECONDS
    while time.monotonic() < deadline:
        job = told(caller, job_id)
        if job["state"] in ENDED:
            return job
        time.sleep(0.02)
    raise AssertionError(f"the job {job_id} does not end")


@dataclass(frozen=True)
class Event:
    """One event of a stream."""

    name: str
    id: str
    data: Job


@contextmanager
def following(
    caller: Caller, job_id: str, authorization: str | None = None
) -> Iterator[Iterator[Event]]:
    """Open the stream of a job; the events come as they are read, the connection ends with it."""
    bearer = authorization or f"Bearer {token(caller.sub)}"
    with requests.Session() as session:
        session.trust_env = False
        with session.get(
            f"{caller.service}/exports/{job_id}/events",
            headers={"Authorization": bearer},
            stream=True,
            timeout=_SECONDS,
        ) as answer:
            assert answer.status_code == 200, answer.text
            assert answer.headers["Content-Type"].startswith("text/event-stream")
            yield _events(answer)


def _events(answer: requests.Response) -> Iterator[Event]:
    fields: dict[str, str] = {}
    for line in answer.iter_lines(chunk_size=1, decode_unicode=True):
        if line and not line.startswith(":"):
            name, _, value = line.partition(": ")
            fields[name] = value
        elif not line and "data" in fields:
            yield Event(fields["event"], fields["id"], json.loads(fields["data"]))
            fields = {}


class Gate:
    """Lets the report ``gated`` go on."""

    def __init__(self, folder: Path, name: str) -> None:
        self._path = folder / name
        self.parameters = {"gate": name, "rows": 500}

    def open(self) -> None:
        """Let it go on; again is fine."""
        self._path.touch()
