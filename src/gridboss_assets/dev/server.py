"""``gridboss-assets dev``: S3 server, bucket, API and page, started and stopped as one."""

import json
import os
import secrets
import signal
import socket
import sys
import threading
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

import uvicorn

from gridboss_assets.dev.bucket import REGION, connect, prepare_bucket
from gridboss_assets.dev.page import mount_page
from gridboss_assets.dev.ports import is_block_free
from gridboss_assets.dev.seaweed import PORTS, SeaweedFS
from gridboss_assets.errors import ConfigurationError
from gridboss_assets.web import create_app, log_config
from gridboss_assets.web.startup import has_sign_in, read_settings, refuse_anonymous
from gridboss_config import Settings

BUCKET = "gridboss-dev-assets"


def run_dev(*, host: str, port: int, data: Path, open_browser: bool, allow_anonymous: bool) -> None:
    """Run until Ctrl-C, SIGTERM or SIGHUP, and leave no process behind.

    Raises ConfigurationError for settings, ports and folders that can't be used.
    """
    settings = read_settings()
    listener = _listen(host, port)
    url = _url(host, listener)
    with listener, _stopping_cleanly():
        refuse_anonymous(settings, host, allowed=allow_anonymous)
        if settings.s3_enabled:
            _refuse_foreign_bucket(settings, allowed=allow_anonymous)
            _serve(settings.with_changes(app_env="development"), listener, url, open_browser)
            return
        with _embedded(data) as server:
            prepare_bucket(
                connect(server.endpoint, server.access_key, server.secret_key),
                BUCKET,
                origins=_origins(url, listener),
            )
            settings = settings.with_changes(
                app_env="development",
                s3_enabled=True,
                s3_region=REGION,
                s3_bucket=BUCKET,
                s3_endpoint=server.endpoint,
                s3_public_endpoint=None,
                s3_access_key=server.access_key,
                s3_secret_key=server.secret_key,
                s3_session_token=None,
            )
            _serve(settings, listener, url, open_browser)


def _refuse_foreign_bucket(settings: Settings, *, allowed: bool) -> None:
    if not has_sign_in(settings) and not allowed:
        raise ConfigurationError(
            f"The bucket {settings.s3_bucket} was not created by this command, and there is no "
            "sign-in, so anybody could empty it. Set JWT_SECRET or JWT_JWKS_URL, unset "
            "S3_ENABLED, or say --allow-anonymous."
        )


class _Server(uvicorn.Server):
    """Says when it is ready; signals are ours to handle."""

    def __init__(self, config: uvicorn.Config, ready: str, url: str | None) -> None:
        super().__init__(config)
        self._ready = ready
        self._open = url

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """End in order on the first signal, at once on the second."""

        def stop(_number: int, _frame: FrameType | None) -> None:
            self.force_exit = self.should_exit
            self.should_exit = True

        with _on_signals(stop):
            yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            print(self._ready, flush=True)  # noqa: T201 - the one line of the command's result
            if self._open:
                # On a thread: a browser in a terminal would stop the server until it is closed.
                threading.Thread(target=webbrowser.open, args=[self._open], daemon=True).start()


def _serve(settings: Settings, listener: socket.socket, url: str, open_browser: bool) -> None:  # noqa: FBT001
    app = create_app(settings)
    mount_page(app, settings)
    config = uvicorn.Config(
        app,
        log_config=log_config(settings.log_level),
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=3,
    )
    where = settings.s3_endpoint or f"AWS {settings.s3_region}"
    ready = f"ready: {url}  (S3 at {where}, bucket {settings.s3_bucket})"
    server = _Server(config, ready, url if open_browser else None)
    server.run(sockets=[listener])
    if not server.started:
        raise ConfigurationError("The API did not start; the log above says why.")


class _Stop(BaseException):
    """A signal asked us to end before the API was there to do it in order."""


@contextmanager
def _stopping_cleanly() -> Iterator[None]:
    """Leave the block on a signal, so that everything in it is cleaned up."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise _Stop

    with suppress(_Stop), _on_signals(stop):
        yield


@contextmanager
def _on_signals(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Handle the signals that end a program, a closed terminal's among them."""
    names = [signal.SIGINT, signal.SIGTERM]
    if sys.platform != "win32":
        names.append(signal.SIGHUP)
    before = {name: signal.signal(name, handler) for name in names}
    try:
        yield
    finally:
        for name, previous in before.items():
            signal.signal(name, previous)


@contextmanager
def _embedded(data: Path) -> Iterator[SeaweedFS]:
    """Run the S3 server with the keys and, where it is free, the port of the last time."""
    data.mkdir(parents=True, exist_ok=True)
    path = data / "server.json"
    known = json.loads(path.read_text()) if path.exists() else {}
    port = known.get("port")
    server = SeaweedFS(
        data / "seaweedfs",
        access_key=known.get("access_key") or secrets.token_hex(10),
        secret_key=known.get("secret_key") or secrets.token_urlsafe(30),
        # Links that were handed out before a restart live on.
        port=port if port and is_block_free(port, PORTS) else None,
    )
    with server:
        values = {
            "port": server.port,
            "access_key": server.access_key,
            "secret_key": server.secret_key,
        }
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(values, file)
        yield server


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        raise ConfigurationError(
            f"Can't listen on {host} port {port} ({error.strerror or error}). "
            "Choose another with --port; --port 0 picks a free one."
        ) from None
    return listener


def _url(host: str, listener: socket.socket) -> str:
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{listener.getsockname()[1]}"


def _origins(url: str, listener: socket.socket) -> list[str]:
    """Name every origin under which a browser on this machine may have opened the page."""
    port = listener.getsockname()[1]
    return sorted({url, f"http://localhost:{port}", f"http://127.0.0.1:{port}"})
