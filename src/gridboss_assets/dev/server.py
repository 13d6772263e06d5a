"""``gridboss-assets dev``: S3 server, bucket, API and page, started and stopped as one."""

import logging
import os
import secrets
import socket
import threading
import webbrowser
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType

import uvicorn

from gridboss_assets.dev.bucket import REGION, connect, prepare_bucket
from gridboss_assets.dev.locks import lock_directory
from gridboss_assets.dev.page import mount_page
from gridboss_assets.dev.seaweed import SeaweedFS
from gridboss_assets.dev.signals import on_signals
from gridboss_assets.dev.state import State
from gridboss_assets.dev.weed import PORTS
from gridboss_assets.errors import ConfigurationError
from gridboss_assets.web import create_app, log_config
from gridboss_assets.web.startup import has_sign_in, read_settings, refuse_anonymous
from gridboss_config import Settings

BUCKET = "gridboss-dev-assets"

# Without a server for jobs, this process runs them: there is no worker that would.
_ON_THIS_MACHINE = {"app_env": "development", "redis_url": None, "amqp_url": None}

log = logging.getLogger(__name__)


def run_dev(
    listener: socket.socket,
    *,
    host: str,
    data: Path,
    open_browser: bool,
    allow_anonymous: bool,
) -> None:
    """Serve on ``listener`` until a signal asks to end, and leave no process behind.

    ``host`` is what the user called its address. Raises ConfigurationError for settings and
    folders that can't be used.
    """
    settings = read_settings()
    refuse_anonymous(settings, host, allowed=allow_anonymous)
    url = _url(host, listener)
    if settings.s3_enabled:
        _refuse_foreign_bucket(settings, allowed=allow_anonymous)
        log.warning(
            "Using the bucket %s of the settings as it is. For the page to upload to it, its "
            "CORS rules must let in %s.",
            settings.s3_bucket,
            " or ".join(_origins(url, listener)),
        )
        _serve(settings.with_changes(**_ON_THIS_MACHINE), listener, url, open_browser)
        return
    _keep_to_loopback()
    with _embedded(data) as server:
        prepare_bucket(
            connect(server.endpoint, server.access_key, server.secret_key),
            BUCKET,
            # A front end of one's own, such as Vite's development server, uploads here as well.
            origins=sorted({*_origins(url, listener), *settings.cors_origins}),
        )
        _serve(_with_bucket_of(server, settings), listener, url, open_browser)


def _with_bucket_of(server: SeaweedFS, settings: Settings) -> Settings:
    return settings.with_changes(
        **_ON_THIS_MACHINE,
        s3_enabled=True,
        s3_region=REGION,
        s3_bucket=BUCKET,
        s3_endpoint=server.endpoint,
        s3_public_endpoint=None,
        s3_access_key=server.access_key,
        s3_secret_key=server.secret_key,
        s3_session_token=None,
    )


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
        with on_signals(self.handle_exit):
            yield

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # A method, as uvicorn's own is: streams of events find the server by it, and end.
        del sig, frame
        self.force_exit = self.should_exit
        self.should_exit = True

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


@contextmanager
def _embedded(data: Path) -> Iterator[SeaweedFS]:
    """Run the S3 server with the keys and, where it is free, the port of the last time."""
    with ExitStack() as stack:
        try:
            server = _start(data, stack)
        except OSError as error:
            raise ConfigurationError(
                f"Can't keep data in {data} ({error.strerror or error}). "
                "Give a folder that you may write to with --data DIR."
            ) from None
        yield server


def _start(data: Path, stack: ExitStack) -> SeaweedFS:
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    stack.callback(os.close, lock_directory(data))
    path = data / "server.json"
    known = State.load(path)
    server = SeaweedFS(
        data / "seaweedfs",
        access_key=known.access_key if known else secrets.token_hex(10),
        secret_key=known.secret_key if known else secrets.token_urlsafe(30),
        preferred_port=known.port if known else None,
    )
    stack.enter_context(server)
    if known and known.port != server.port:
        log.warning(
            "The S3 server's last ports, %s to %s, are taken, so it has others now. No upload is "
            "lost, but links that were handed out before do not work.",
            known.port,
            known.port + PORTS - 1,
        )
    State(port=server.port, access_key=server.access_key, secret_key=server.secret_key).save(path)
    return server


def _keep_to_loopback() -> None:
    """Let no setting of the user's own cloud work or network reach the embedded server's clients.

    A profile that does not exist, a broken configuration file or a proxy would stop them.
    """
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
    for name in ("NO_PROXY", "no_proxy"):
        os.environ[name] = ",".join(filter(None, (os.environ.get(name), "127.0.0.1")))


def _url(host: str, listener: socket.socket) -> str:
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{listener.getsockname()[1]}"


def _origins(url: str, listener: socket.socket) -> list[str]:
    """Name every origin under which a browser on this machine may have opened the page."""
    port = listener.getsockname()[1]
    urls = {url, f"http://localhost:{port}", f"http://127.0.0.1:{port}"}
    # The origin of a page on the scheme's own port names no port (RFC 6454 §6.2).
    return sorted(found.removesuffix(":80") for found in urls)
