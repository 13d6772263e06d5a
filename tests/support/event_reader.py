"""Whoever follows an export job in the process of its test: reads the stream, and may leave."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

from fastapi import FastAPI


class Event(SimpleNamespace):
    """One event as its reader has it."""

    name: str
    id: str
    data: dict[str, Any]


def parsed(body: bytes) -> list[Event]:
    """Read a whole stream by the rules of WHATWG HTML §9.2.6, as far as ours needs them."""
    events = []
    for block in body.decode().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if line[0] != ":")
        if "data" in fields:
            data = json.loads(fields["data"])
            events.append(Event(name=fields["event"], id=fields["id"], data=data))
    return events


class Reader:
    """A client of the stream, on the event loop of its test, that may leave at any time."""

    def __init__(self, app: FastAPI, job_id: str, headers: dict[str, str] | None = None) -> None:
        self.body = b""
        self.status = 0
        self.headers: dict[str, str] = {}
        self.ended = False
        self._gone = asyncio.Event()
        self._heard = asyncio.Event()
        headers = {"authorization": "ada", **(headers or {})}
        path = f"/exports/{job_id}/events"
        self._scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": [(k.encode(), v.encode()) for k, v in headers.items()],
            "server": ("test", 80),
            "client": ("test", 1),
        }
        self._first = True
        self.task = asyncio.create_task(self._run(app))

    async def _run(self, app: FastAPI) -> None:
        await app(self._scope, self._receive, self._send)

    async def _receive(self) -> dict[str, Any]:
        if self._first:
            self._first = False
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {k.decode(): v.decode() for k, v in message["headers"]}
        else:
            self.body += message.get("body", b"")
            self.ended = not message.get("more_body", False)
        self._heard.set()

    def leave(self) -> None:
        self._gone.set()

    async def until(self, condition: Callable[["Reader"], bool]) -> None:
        while not condition(self):
            self._heard.clear()
            await self._heard.wait()

    async def event(self, name: str) -> Event:
        """Wait for an event of this name."""
        await self.until(lambda reader: any(e.name == name for e in parsed(reader.body)))
        return next(e for e in parsed(self.body) if e.name == name)


def in_loop(test: Callable[[], Awaitable[None]]) -> None:
    async def limited() -> None:
        await asyncio.wait_for(test(), 30)

    asyncio.run(limited())
