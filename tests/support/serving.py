"""The service in this process, with a bucket that nobody reaches: links are pure computation."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from starlette.testclient import TestClient
from tests.support.tokens import SECRET, token

from gridboss_assets.web import create_app
from gridboss_config import Settings

BUCKET = "https://gridboss-assets.s3.eu-west-1.amazonaws.com"
CDN = "https://cdn.example.com"

_SETTINGS = {
    "APP_ENV": "test",
    "S3_ENABLED": True,
    "S3_BUCKET": "gridboss-assets",
    "S3_REGION": "eu-west-1",
    "S3_ACCESS_KEY": "AKIAEXAMPLE",
    "S3_SECRET_KEY": "secret",
    "JWT_SECRET": SECRET,
}

Parts = dict[str, Any]
"""What an embedder passes to ``create_app``."""


def app_of(parts: Parts | None = None, **settings: Any) -> FastAPI:
    """Make the service, with settings changed."""
    return create_app(Settings(_env_file=None, **_SETTINGS | settings), **parts or {})


def browser(parts: Parts | None = None, **settings: Any) -> TestClient:
    """Open a browser in front of the service, nobody signed in. It follows no redirect."""
    return TestClient(app_of(parts, **settings), follow_redirects=False)


def signed_in(sub: str = "driver-7") -> dict[str, str]:
    """Return the header of somebody who is signed in."""
    return {"Authorization": f"Bearer {token(sub)}"}


@dataclass(frozen=True)
class Answer:
    """An answer as it goes to the server."""

    status: int
    headers: dict[str, str]
    body: bytes


async def answer_of(  # noqa: PLR0913 - a request has this many sides
    app: Callable[..., Any],
    path: str,
    *,
    method: str = "GET",
    client: tuple[str, int] | None = ("127.0.0.1", 1),
    headers: dict[str, str] | None = None,
    body: bytes = b"",
) -> Answer:
    """Ask with a path as servers decode it: ``TestClient`` would decode it twice."""
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "http",
        "method": method,
        "path": path,
        "raw_path": None,
        "root_path": "",
        "query_string": b"",
        "server": ("127.0.0.1", 80),
        "client": client,
        "headers": [(k.lower().encode(), v.encode()) for k, v in (headers or {}).items()],
    }
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await app(scope, receive, send)
    answered = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Answer(sent[0]["status"], answered, b"".join(m.get("body", b"") for m in sent))


def ask(app: Callable[..., Any], path: str, **how: Any) -> Answer:
    """Do the same where no event loop runs."""
    return asyncio.run(answer_of(app, path, **how))
